<?php
// Asks for a token with a JWT that PHP signs by itself, as the credentials file on the command line says; prints "token", or
// the server's error.

$account = json_decode(file_get_contents($argv[1]), flags: JSON_THROW_ON_ERROR);
$encode = fn (string $bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
$header = ['typ' => 'client-authentication+jwt', 'alg' => $account->alg];
$claims = [
    'iss' => $account->client_id,
    'sub' => $account->client_id,
    'aud' => $account->issuer,
    'iat' => time(),
    'exp' => time() + 300,
    'jti' => bin2hex(random_bytes(16)),
];
$signed = $encode(json_encode($header)) . '.' . $encode(json_encode($claims));
openssl_sign($signed, $signature, $account->private_key, OPENSSL_ALGO_SHA256);

$form = [
    'grant_type' => 'client_credentials',
    'client_id' => $account->client_id,
    'client_assertion_type' => 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    'client_assertion' => $signed . '.' . $encode($signature),
];
$http = [
    'method' => 'POST',
    'header' => 'Content-Type: application/x-www-form-urlencoded',
    'content' => http_build_query($form),
    'ignore_errors' => true,
];
$response = json_decode(file_get_contents($account->token_url, context: stream_context_create(['http' => $http])));
echo isset($response->access_token) ? 'token' : $response->error, "\n";
