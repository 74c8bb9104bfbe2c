--TEST--
A script's own generate_jwt stays where there is one
--FILE--
<?php
function generate_jwt()
{
    return 'own';
}
require __DIR__ . '/../generate_jwt.php';
var_dump(generate_jwt());
?>
--EXPECT--
string(3) "own"
