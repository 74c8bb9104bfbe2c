<?php
/* Gets a token by each credentials file, or signs with each key file:
 *
 *     files.php (credentials|keys) PROXY CA_FILE
 *
 * A line of the input is a file and its options, such as name=B, with tabs between them. */
[, $kind, $proxy, $caFile] = $argv;
while (($line = fgets(STDIN)) !== false) {
    $options = explode("\t", rtrim($line, "\n"));
    $file = array_shift($options);
    $named = [];
    foreach ($options as $option) {
        [$name, $value] = explode('=', $option, 2);
        $named[$name] = $value;
    }
    try {
        if ($kind === 'keys') {
            $key = Ims\Key::fromFile($file, ...$named);
            $jwt = ims_generate_jwt($key, iss: 'iss', sub: 'sub', aud: 'aud');
            echo "jwt\t", $jwt, "\n";
        } else {
            $client = Ims\Client::fromFile($file, ...$named, cache: 'none', proxy: $proxy, caFile: $caFile);
            $token = $client->token();
            echo "token\t", $token->accessToken, "\n";
        }
    } catch (Ims\Throwable $error) {
        echo implode("\t", ['error', $error->status, $error->field, $error->getMessage(), $error->hint]), "\n";
    }
}
