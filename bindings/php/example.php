<?php
// From a credentials file to an access token that is always fresh.
//
//     php example.php service_token.json

use Ims\Client;

[, $path] = $argv + [1 => 'service_token.json'];
try {
    $client = Client::fromFile($path, cache: 'file:'); // shared by all processes of this user
    $token = $client->token(); // as often as you like
    printf("%s token %.12s..., %d s left\n", $token->tokenType, $token->accessToken, $token->expiresIn());
} catch (Ims\Exception $e) {
    fwrite(STDERR, "error: {$e->getMessage()}\n" . ($e->hint === null ? '' : "hint: $e->hint\n"));
    exit(1);
}
