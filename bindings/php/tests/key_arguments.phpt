--TEST--
A key that cannot sign is refused, saying why, with no secret in the text
--FILE--
<?php
require 'account.inc';
$jwt = fn($key, $passphrase = null) => show(fn() => ims_generate_jwt($key, 'i', 's', 'a', passphrase: $passphrase));
$pem = file_get_contents(getenv('KEY'));
$jwt('');
$jwt("private\0.key");
$jwt('/no/such.key');
$jwt(__DIR__);
$jwt('/dev/zero');
$jwt("-----BEGIN PRIVATE KEY-----\ngarbage\n-----END PRIVATE KEY-----\n");
$jwt(substr($pem, 0, 800));
$jwt(str_repeat("x\n", 40000));
$jwt(openssl_pkey_get_details(openssl_pkey_get_private($pem))['key']);
$jwt(getenv('ENCRYPTED_KEY'));
$jwt(getenv('ENCRYPTED_KEY'), 'wrong');
$jwt(getenv('ENCRYPTED_KEY'), "pass\0phrase");
$jwt(getenv('ENCRYPTED_KEY'), []);
show(fn() => Ims\Key::fromFile(''));
show(fn() => Ims\Key::fromFile("a\0b"));
show(fn() => Ims\Key::fromFile([]));
show(fn() => Ims\Key::fromString(''));
show(fn() => Ims\Key::fromString("\0"));
show(fn() => Ims\Key::fromString('private.key'));
echo "and one that can, does\n";
$jwt(getenv('ENCRYPTED_KEY'), 'passphrase');
$jwt('file://' . getenv('KEY'));
$jwt('FILE:' . getenv('KEY'));
$jwt($pem);
$jwt(str_replace("\n", '\n', $pem));
$der = base64_decode(implode('', array_slice(explode("\n", trim($pem)), 1, -1)));
$jwt($der);
$jwt(base64_encode($der));
$jwt(Ims\Key::fromFile(getenv('ENCRYPTED_KEY'), passphrase: 'passphrase'));
$jwt(Ims\Key::fromString($pem));
chdir(dirname(getenv('KEY')));
$jwt(basename(getenv('KEY')));
?>
--EXPECT--
ValueError: ims_generate_jwt(): Argument #1 ($key) cannot be empty
ValueError: ims_generate_jwt(): Argument #1 ($key) must not contain any null bytes
Ims\KeyException: key file /no/such.key cannot be read: No such file or directory
Ims\KeyException: key file DIR is a directory
Ims\KeyException: key file /dev/zero is not a regular file
Ims\KeyException: the private key is damaged: what stands between BEGIN and END is not base64
Ims\KeyException: the private key is cut off: its -----END line is missing
Ims\ArgumentError: ims_generate_jwt(): Argument #1 ($key) is over 64 KiB
Ims\KeyException: the private key is a public key
Ims\PassphraseException: key file ENCRYPTED_KEY is encrypted, and no passphrase is given
Ims\PassphraseException: key file ENCRYPTED_KEY cannot be decrypted: the passphrase is wrong
ValueError: ims_generate_jwt(): Argument #13 ($passphrase) must not contain any null bytes
TypeError: ims_generate_jwt(): Argument #13 ($passphrase) must be of type ?string, array given
ValueError: Ims\Key::fromFile(): Argument #1 ($path) cannot be empty
ValueError: Ims\Key::fromFile(): Argument #1 ($path) must not contain any null bytes
TypeError: Ims\Key::fromFile(): Argument #1 ($path) must be of type string, array given
Ims\KeyException: the private key is empty
Ims\KeyException: the private key is neither PEM nor DER, nor base64 of one
Ims\KeyException: the private key is neither PEM nor DER, nor base64 of one
and one that can, does
nothing thrown
nothing thrown
nothing thrown
nothing thrown
nothing thrown
nothing thrown
nothing thrown
nothing thrown
nothing thrown
nothing thrown
