--TEST--
Objects are made by their factories, and neither copied, stored, changed nor compared
--FILE--
<?php
require 'account.inc';
use Ims\{Client, Grant, Key};

$key = Key::fromFile(getenv('KEY'));
$client = Client::fromArray(account());
$objects = [$key, $client, $client->token()];
foreach ($objects as $object) {
    $class = get_class($object);
    echo "$class\n";
    show(fn() => new $class);
    show(fn() => (new ReflectionClass($class))->newInstance());
    show(fn() => (new ReflectionClass($class))->newInstanceWithoutConstructor());
    show(fn() => clone $object);
    show(fn() => serialize($object));
    show(fn() => unserialize('O:' . strlen($class) . ":\"$class\":0:{}"));
    show(fn() => $object->dynamic = 1);
    var_dump((new ReflectionClass($class))->isFinal(), method_exists($object, '__construct'), count((array) $object));
    var_export($object);
    echo "\n";
}
echo "properties are for reading\n";
show(fn() => $client->clientId = 'other');
show(function () use ($client) {
    unset($client->clientId);
});
$token = $client->token();
show(fn() => $token->accessToken = 'other');
show(fn() => (new ReflectionProperty($token, 'accessToken'))->setValue($token, 'other'));
show(function () use ($token) {
    unset($token->accessToken);
});
show(function () use ($token) {
    $reference = &$token->accessToken;
});
show(fn() => $token->scope[] = 'more');
var_dump(@$token->other, (new ReflectionProperty($token, 'tokenType'))->getValue($token));
var_dump($token == $client->token(), $key == Key::fromFile(getenv('KEY')));
var_dump(Grant::from('jwt_bearer'), Grant::tryFrom('password'));
show(fn() => clone Grant::JwtBearer);

?>
--EXPECTF--
Ims\Key
Error: Cannot construct Ims\Key: factory methods and functions make it
Error: Cannot construct Ims\Key: factory methods and functions make it
ReflectionException: Class Ims\Key is an internal class marked as final that cannot be instantiated without invoking its constructor
Error: Trying to clone an uncloneable object of class Ims\Key
Exception: Serialization of 'Ims\Key' is not allowed
Exception: Unserialization of 'Ims\Key' is not allowed
Error: Cannot create dynamic property Ims\Key::$dynamic
bool(true)
bool(false)
int(0)
\Ims\Key::__set_state(array(
))
Ims\Client
Error: Cannot construct Ims\Client: factory methods and functions make it
Error: Cannot construct Ims\Client: factory methods and functions make it
ReflectionException: Class Ims\Client is an internal class marked as final that cannot be instantiated without invoking its constructor
Error: Trying to clone an uncloneable object of class Ims\Client
Exception: Serialization of 'Ims\Client' is not allowed
Exception: Unserialization of 'Ims\Client' is not allowed
Error: Cannot create dynamic property Ims\Client::$dynamic
bool(true)
bool(false)
int(3)
\Ims\Client::__set_state(array(
   'clientId' => 'sandbox-client',
   'orgId' => 'SANDBOX@AdobeOrg',
   'sandboxName' => NULL,
))
Ims\Token
Error: Cannot construct Ims\Token: factory methods and functions make it
Error: Cannot construct Ims\Token: factory methods and functions make it
ReflectionException: Class Ims\Token is an internal class marked as final that cannot be instantiated without invoking its constructor
Error: Trying to clone an uncloneable object of class Ims\Token
Exception: Serialization of 'Ims\Token' is not allowed
Exception: Unserialization of 'Ims\Token' is not allowed
Error: Cannot create dynamic property Ims\Token::$dynamic
bool(true)
bool(false)
int(0)
\Ims\Token::__set_state(array(
))
properties are for reading
Error: Cannot modify %Sreadonly property Ims\Client::$clientId%S
Error: Cannot unset %Sreadonly property Ims\Client::$clientId%S
Error: Cannot modify readonly property Ims\Token::$accessToken
Error: Cannot modify readonly property Ims\Token::$accessToken
Error: Cannot unset readonly property Ims\Token::$accessToken
Error: Cannot indirectly modify %Sreadonly property Ims\Token::$accessToken%S
Error: Cannot indirectly modify %Sreadonly property Ims\Token::$scope%S
NULL
string(6) "bearer"
bool(false)
bool(false)
enum(Ims\Grant::JwtBearer)
NULL
Error: Trying to clone an uncloneable object of class Ims\Grant
