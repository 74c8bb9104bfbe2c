--TEST--
A key file that changed is read again, and one that is gone is not used
--FILE--
<?php
require 'account.inc';
function new_key(): string
{
    openssl_pkey_export(openssl_pkey_new(['private_key_bits' => 2048, 'config' => '/dev/null']), $pem);
    return $pem;
}
function signs(string $path, string $pem): bool
{
    [$header, $claims, $signature] = explode('.', ims_generate_jwt($path, 'i', 's', 'a'));
    $public_key = openssl_pkey_get_details(openssl_pkey_get_private($pem))['key'];
    $signature = base64_decode(strtr($signature, '-_', '+/'));
    return openssl_verify("$header.$claims", $signature, $public_key, 'sha256') === 1;
}
$old = new_key();
do {
    $new = new_key();
} while (strlen($new) !== strlen($old));
$path = file_of('rotated.key', $old);
touch($path, 1_700_000_000);
$held = Ims\Key::fromFile($path);
var_dump(signs($path, $old));
// In its place, as large, and by its time as old.
file_put_contents($path, $new);
touch($path, 1_700_000_000);
var_dump(signs($path, $new));
// By a rename, as large and as old.
$other = file_of('other.key', $old);
touch($other, 1_700_000_000);
rename($other, $path);
var_dump(signs($path, $old));
unlink($path);
show(fn() => ims_generate_jwt($path, 'i', 's', 'a'));
echo "what is held goes on\n";
var_dump(strlen(ims_generate_jwt($held, 'i', 's', 'a')) > 300);
echo "the same text signs by its own passphrase alone\n";
$text = file_get_contents(getenv('ENCRYPTED_KEY'));
for ($round = 0; $round < 2; $round++) {
    show(fn() => ims_generate_jwt($text, 'i', 's', 'a', passphrase: 'passphrase'));
    show(fn() => ims_generate_jwt($text, 'i', 's', 'a', passphrase: 'other'));
    show(fn() => ims_generate_jwt($text, 'i', 's', 'a'));
}
$text = file_get_contents(getenv('KEY'));
ims_generate_jwt($text, 'i', 's', 'a');
ims_generate_jwt($text, 'i', 's', 'a');
$text[200] = $text[200] === 'A' ? 'B' : 'A';
show(fn() => ims_generate_jwt($text, 'i', 's', 'a'));
echo "a client is kept for a key, whichever way the key is given: ";
$account = account();
unset($account['private_key']);
$token = fn($key) => Ims\Client::fromArray($account, key: $key)->token()->accessToken;
$text = file_get_contents(getenv('KEY'));
$first = $token($text);
var_dump($token("$text\n") === $first, $token(getenv('KEY')) === $first, $token(Ims\Key::fromString($text)) === $first);
?>
--EXPECTF--
bool(true)
bool(true)
bool(true)
Ims\KeyException: key file %srotated.key cannot be read: No such file or directory
what is held goes on
bool(true)
the same text signs by its own passphrase alone
nothing thrown
Ims\PassphraseException: the private key cannot be decrypted: the passphrase is wrong
Ims\PassphraseException: the private key is encrypted, and no passphrase is given
nothing thrown
Ims\PassphraseException: the private key cannot be decrypted: the passphrase is wrong
Ims\PassphraseException: the private key is encrypted, and no passphrase is given
Ims\KeyException: %s
a client is kept for a key, whichever way the key is given: bool(true)
bool(true)
bool(true)
