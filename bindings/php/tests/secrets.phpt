--TEST--
No dump, cast, export, exception, trace or phpinfo shows a secret
--INI--
display_errors=1
ims.proxy=http://user:proxy-password@127.0.0.1:9
ims.cache=redis://user:redis-password@127.0.0.1:1/0
--FILE--
<?php
require 'account.inc';
use Ims\{Client, Key};

// Since PHP 8.2, traces leave out secret arguments by themselves.
ini_set('zend.exception_ignore_args', PHP_VERSION_ID < 80200 ? '1' : '0');
$pem = file_get_contents(getenv('KEY'));
$key = Key::fromString($pem);
$client = Client::fromArray(account(['private_key' => $pem]), cache: 'memory', proxy: 'none');
$token = $client->token();
$jwt = sandbox_jwt();
$secrets = [
    'the key' => explode("\n", $pem)[5], 'the client secret' => 'sandbox-secret', 'the token' => $token->accessToken,
    'the JWT' => $jwt, 'a password' => '-password', 'the passphrase' => 'the-passphrase',
];
ob_start();
foreach ([$key, $client, $token] as $object) {
    var_dump($object);
    print_r($object);
    var_export($object);
    echo json_encode($object), print_r((array) $object, true), print_r(get_object_vars($object), true);
    foreach ($object as $name => $value) {
        echo "$name $value\n";
    }
    echo new ReflectionObject($object);
    var_dump(get_mangled_object_vars($object));
    debug_print_backtrace();
}
foreach ([
    fn() => ims_generate_jwt($pem, '', 's', 'a'),
    fn() => ims_generate_jwt(getenv('ENCRYPTED_KEY'), 'i', 's', 'a', passphrase: 'the-passphrase'),
    fn() => ims_exchange($jwt, clientId: 'c', clientSecret: 'sandbox-secret', tokenUrl: getenv('SERVER') . '/refused'),
    fn() => ims_exchange($jwt, clientId: 'c', clientSecret: 'sandbox-secret', tokenUrl: getenv('SERVER') . '/echo'),
    fn() => ims_exchange($jwt, clientSecret: 'sandbox-secret', proxy: 'http://u:proxy-password@127.0.0.1:1'),
    fn() => Key::fromString($pem . $pem, passphrase: 'the-passphrase'),
    fn() => Client::fromArray(account(['private_key' => $pem, 'unknown' => 1]), passphrase: 'the-passphrase'),
    fn() => Client::fromArray(account(), cache: 'redis://u:redis-password@'),
    fn() => Client::fromArray(account(['client_secret' => 'sandbox-secret ']), key: $pem)->token(),
    fn() => Client::fromFile('/no/such', key: $pem, passphrase: 'the-passphrase', proxy: 'x-password'),
    fn() => Client::fromFile($pem),
    fn() => Client::fromFile(json_encode(account(['private_key' => $pem]))),
    fn() => Key::fromFile($pem),
    fn() => Client::fromArray(account(), cache: 'memory', proxy: 'none', caFile: $pem),
    fn() => ims_exchange($jwt, clientId: 'c', clientSecret: 's', proxy: 'none', caFile: $pem),
    fn() => ims_exchange($jwt, clientId: 'c', clientSecret: 's', tokenUrl: 'https://user:url-password@127.0.0.1:1/?a=b'),
    fn() => Client::fromEnv(key: $pem, passphrase: 'the-passphrase', proxy: 'x-password'),
] as $call) {
    try {
        $call();
        echo "nothing thrown\n";
    } catch (Throwable $thrown) {
        echo $thrown;
        var_dump($thrown);
    }
}
phpinfo(INFO_MODULES | INFO_CONFIGURATION);
$shown = ob_get_clean();
foreach ($secrets as $what => $secret) {
    if (str_contains($shown, $secret)) {
        echo "$what shows: ", substr($shown, strpos($shown, $secret) - 400, 500), "\n";
    }
}
var_dump(strlen($shown) > 10000, str_contains($shown, 'nothing thrown'));
preg_match_all('/^(ims\.|Library version).*$/m', $shown, $lines);
echo implode("\n", $lines[0]), "\n";
var_dump($token);
?>
--EXPECTF--
bool(true)
bool(false)
Library version => 0.1.0
ims.allow_command => Off => Off
ims.ca_file => no value => no value
ims.cache => redis://(not shown)@127.0.0.1:1/0 => redis://(not shown)@127.0.0.1:1/0
ims.max_clients => 32 => 32
ims.proxy => http://(not shown)@127.0.0.1:9 => http://(not shown)@127.0.0.1:9
ims.timeout => 10 => 10
object(Ims\Token)#%d (5) {
  ["accessToken"]=>
  string(11) "(not shown)"
  ["tokenType"]=>
  string(6) "bearer"
  ["scope"]=>
  NULL
  ["expiresAt"]=>
  object(DateTimeImmutable)#%d (3) {
    ["date"]=>
    string(26) "%s"
    ["timezone_type"]=>
    int(3)
    ["timezone"]=>
    string(3) "UTC"
  }
  ["issuedTokenType"]=>
  NULL
}
