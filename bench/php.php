<?php
// bench/php.sh runs this: a JWT by seed 002's function and by the extension, turn by turn, and a cached token.

require __DIR__ . '/../tests/peers/seed_generate_jwt.php';

const ROUNDS = 15;
const CALLS_A_ROUND = 40;
const CACHED_CALLS = 100_000;

[, $key_path, $credentials] = $argv;
$pem = file_get_contents($key_path);
$parsed = openssl_pkey_get_private($pem);
$key = Ims\Key::fromFile($key_path);

/** Seed 002's function, but for its first lines, which take a path or a text alone. */
$source = file_get_contents(__DIR__ . '/../tests/peers/seed_generate_jwt.php');
$source = preg_replace('/    if \(file_exists.*?\n    }\n/s', '', $source, 1, $replaced);
$source = preg_replace('/^<\?php/', '', str_replace('namespace Seed;', 'namespace SeedParsed;', $source));
assert($replaced === 1);
eval($source);

$ways = [
    "seed 002's function, the key's text each call" =>
        fn() => Seed\generate_jwt($pem, 'iss', 'sub', 'aud', null, null, 'jti'),
    "seed 002's function, the key parsed once" =>
        fn() => SeedParsed\generate_jwt($parsed, 'iss', 'sub', 'aud', null, null, 'jti'),
    "ims_generate_jwt, the key's text each call" =>
        fn() => ims_generate_jwt($pem, 'iss', 'sub', 'aud', jti: 'jti', lifetime: 1000),
    'ims_generate_jwt, the path each call' =>
        fn() => ims_generate_jwt($key_path, 'iss', 'sub', 'aud', jti: 'jti', lifetime: 1000),
    'ims_generate_jwt, an Ims\Key' =>
        fn() => ims_generate_jwt($key, 'iss', 'sub', 'aud', jti: 'jti', lifetime: 1000),
];
$times = [];
for ($round = 0; $round <= ROUNDS; $round++) {
    foreach ($ways as $way => $call) {
        $begin = hrtime(true);
        for ($i = 0; $i < CALLS_A_ROUND; $i++) {
            $call();
        }
        // The first round warms up.
        if ($round > 0) {
            $times[$way][] = (hrtime(true) - $begin) / CALLS_A_ROUND / 1000;
        }
    }
}
$medians = array_map(function (array $all): float {
    sort($all);
    return $all[intdiv(count($all), 2)];
}, $times);
foreach ($medians as $way => $microseconds) {
    printf("a JWT by %-46s %7.1f us\n", $way, $microseconds);
}
[$text, $parsed_once, $ours] = array_values($medians);
printf("ours with the key's text: %.2f times as fast as the seed's, %.3f times as its parsed key\n",
    $text / $ours, $parsed_once / $ours);

foreach (['memory', 'file:' . getcwd() . '/cache'] as $cache) {
    $client = Ims\Client::fromFile($credentials, cache: $cache);
    $client->token();
    $begin = hrtime(true);
    for ($i = 0; $i < CACHED_CALLS; $i++) {
        $client->token()->accessToken;
    }
    printf("\$client->token()->accessToken, cache %-40s %7.0f ns\n", strtok($cache, ':'), (hrtime(true) - $begin) / CACHED_CALLS);
    $begin = hrtime(true);
    for ($i = 0; $i < CACHED_CALLS / 10; $i++) {
        Ims\Client::fromFile($credentials, cache: $cache)->token()->accessToken;
    }
    printf("Client::fromFile(...)->token()->accessToken, as a request does, cache %-8s %7.0f ns\n", strtok($cache, ':'),
        (hrtime(true) - $begin) / CACHED_CALLS * 10);
}
