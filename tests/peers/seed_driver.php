<?php
// Runs seed 002's function: a JSON object a line in, with its arguments and `now`; a JWT a line out.

namespace Seed;

require __DIR__ . '/seed_generate_jwt.php';

// Unqualified calls look here first.
function time()
{
    global $now;
    return $now;
}

while (($line = fgets(STDIN)) !== false) {
    $given = json_decode($line);
    $now = $given->now;
    echo generate_jwt($given->key, $given->iss, $given->sub, $given->aud, $given->exp, $given->nbf, $given->jti), "\n";
}
