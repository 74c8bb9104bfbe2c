--TEST--
A client is kept for its own settings alone, and for what they are in the environment and on disk
--FILE--
<?php
require 'account.inc';
use Ims\Client;

$account = account(['private_key' => getenv('ENCRYPTED_KEY')]);
$settings = ['passphrase' => 'passphrase', 'cache' => 'memory', 'timeout' => 9.0];
$token = fn(...$different) => Client::fromArray(...$different + $settings + ['credentials' => $account])->token()->accessToken;
$first = $token();
$is_kept = fn(...$different) => var_dump($token(...$different) === $first);

echo "kept: ";
$is_kept();
echo "other settings, another client:\n";
foreach ([
    'cache' => 'none', 'timeout' => 8.0, 'maxAttempts' => 2, 'proxy' => 'none',
    'caFile' => '/etc/ssl/certs/ca-certificates.crt', 'credentials' => ['sandbox_name' => 'other'] + $account,
] as $name => $value) {
    $is_kept(...[$name => $value]);
}
show(fn() => $token(passphrase: 'other'));
$credential = fn($name) => ['id' => $name, 'name' => $name, 'oauth_server_to_server' => [
    'client_id' => "client-$name", 'client_secrets' => ['s'], 'technical_account_id' => 'id', 'scopes' => ['openid'],
]];
$project = ['project' => [
    'org' => ['ims_org_id' => 'ORG@AdobeOrg'],
    'workspace' => ['details' => ['credentials' => [$credential('a'), $credential('b')]]],
]];
foreach (['a', 'b', 'a'] as $name) {
    echo Client::fromArray($project, name: $name)->clientId, "\n";
}
echo "another environment, another client:\n";
foreach ([
    'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'XDG_RUNTIME_DIR',
    'XDG_CACHE_HOME', 'HOME', 'CACHE_DIRECTORY',
] as $name) {
    $before = getenv($name);
    putenv("$name=http://127.0.0.1:9");
    $is_kept();
    putenv($before === false ? $name : "$name=$before");
}
putenv('UNRELATED=1');
$is_kept();
echo "other CA certificates, another client: ";
$ca_file = file_of('ca.pem', $pem = file_get_contents('/etc/ssl/certs/ca-certificates.crt'));
$first = $token(caFile: $ca_file);
var_dump($token(caFile: $ca_file) === $first);
file_put_contents($ca_file, "$pem\n");
var_dump($token(caFile: $ca_file) === $first);
?>
--EXPECT--
kept: bool(true)
other settings, another client:
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
Ims\PassphraseException: private_key ENCRYPTED_KEY cannot be decrypted: the passphrase is wrong
client-a
client-b
client-a
another environment, another client:
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
other CA certificates, another client: bool(true)
bool(false)
