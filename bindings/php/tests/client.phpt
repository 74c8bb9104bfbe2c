--TEST--
A client's token is fresh and shared, from whatever its credentials are made
--FILE--
<?php
require 'account.inc';
use Ims\Client;

$path = file_of('account.json', json_encode(account(['sandbox_name' => 'prod'])));
$client = Client::fromFile($path);
var_dump($client->clientId, $client->orgId, $client->sandboxName);
$token = $client->token()->accessToken;
var_dump($client->token()->accessToken === $token);

echo "the same settings are the same client, other settings another:\n";
$again = fn(...$settings) => Client::fromFile(...$settings + ['path' => $path])->token()->accessToken;
unset($client);
var_dump($again() === $token, $again(cache: 'none') === $token, $again(timeout: 7) === $token, $again() === $token);
chdir(dirname($path));
var_dump($again(path: basename($path)) === $token);

echo "a token that an API refused is dropped:\n";
$client = Client::fromFile($path);
$client->forget($client->token());
var_dump(($new = $client->token()->accessToken) === $token);
$client->forget($client->token());
var_dump($client->token()->accessToken === $new);

echo "a file that changed is read again:\n";
file_put_contents($path, json_encode(account(['sandbox_name' => 'stage'])));
var_dump(Client::fromFile($path)->sandboxName);

echo "from an array, with a key next to it:\n";
$without_key = account();
unset($without_key['private_key']);
$first = Client::fromArray($without_key, key: getenv('KEY'))->token()->accessToken;
var_dump(Client::fromArray($without_key, key: Ims\Key::fromFile(getenv('KEY')))->token()->accessToken === $first);
var_dump(Client::fromArray(account(['passphrase' => 'passphrase', 'private_key' => getenv('ENCRYPTED_KEY')]))
    ->token()->tokenType);

echo "from the environment:\n";
foreach ([
    'IMS' => getenv('SANDBOX'), 'API_KEY' => 'sandbox-client', 'CLIENT_SECRET' => 'sandbox-secret',
    'IMS_ORG' => 'SANDBOX@AdobeOrg', 'TECHNICAL_ACCOUNT_ID' => 'sandbox@techacct.adobe.com',
    'META_SCOPE' => 'ent_sandbox', 'PRIVATE_KEY' => getenv('KEY'),
] as $name => $value) {
    putenv("$name=$value");
}
$first = Client::fromEnv()->token()->accessToken;
var_dump(Client::fromEnv()->token()->accessToken === $first);
putenv('SANDBOX_NAME=other');
var_dump(Client::fromEnv()->sandboxName);
?>
--EXPECT--
string(14) "sandbox-client"
string(16) "SANDBOX@AdobeOrg"
string(4) "prod"
bool(true)
the same settings are the same client, other settings another:
bool(true)
bool(false)
bool(false)
bool(true)
bool(true)
a token that an API refused is dropped:
bool(false)
bool(true)
a file that changed is read again:
string(5) "stage"
from an array, with a key next to it:
bool(true)
string(6) "bearer"
from the environment:
bool(true)
string(5) "other"
