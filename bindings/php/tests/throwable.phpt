--TEST--
One interface catches all that the library throws, and field says which parameter or setting is at fault
--FILE--
<?php
foreach (get_declared_classes() as $class) {
    if (str_starts_with($class, 'Ims\\') && is_subclass_of($class, Throwable::class)
        && !is_subclass_of($class, Ims\Throwable::class)) {
        echo "$class is not an Ims\\Throwable\n";
    }
}
foreach ([
    fn () => ims_exchange('ey', clientId: 'c'),
    fn () => Ims\Client::fromArray(['client_id' => 'c', 'scope' => 'openid']),
    fn () => Ims\Key::fromString(str_repeat('a', 70000)),
    fn () => Ims\Key::fromString('no key'),
    fn () => Ims\Key::fromFile('/no/such.key'),
] as $call) {
    try {
        $call();
    } catch (Ims\Throwable $thrown) {
        echo get_class($thrown), ': ', $thrown->getMessage(), ' | ', var_export($thrown->field, true), "\n";
    }
}
?>
--EXPECT--
Ims\ArgumentError: ims_exchange(): Argument #4 ($clientSecret) is missing | 'client_secret'
Ims\CredentialsException: client_secret is missing: it must be the credential's client secret | 'client_secret'
Ims\ArgumentError: Ims\Key::fromString(): Argument #1 ($text) is over 64 KiB | 'key'
Ims\KeyException: the private key is neither PEM nor DER, nor base64 of one | 'key'
Ims\KeyException: key file /no/such.key cannot be read: No such file or directory | NULL
