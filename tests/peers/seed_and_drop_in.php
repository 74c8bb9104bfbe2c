<?php
// Calls seed 002's function and the drop-in for it: a JSON object a line in, with their arguments; both JWTs a line out.

require __DIR__ . '/seed_generate_jwt.php';
require __DIR__ . '/../../bindings/php/generate_jwt.php';

while (($line = fgets(STDIN)) !== false) {
    $arguments = json_decode($line, true);
    echo json_encode([Seed\generate_jwt(...$arguments), generate_jwt(...$arguments)]), "\n";
}
