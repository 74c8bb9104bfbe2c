--TEST--
What editors and PHPStan read of the extension, ims.stub.php, declares exactly what it has
--FILE--
<?php
/** The declarations of functions and classes, a line each. */
function declarations(array $functions, array $classes): array
{
    $type = fn($of) => $of ? "$of" : 'untyped';
    $parameter = function (ReflectionParameter $of) use ($type): string {
        $default = $of->isDefaultValueAvailable() ? ' = ' . var_export($of->getDefaultValue(), true) : '';
        return $type($of->getType()) . ' ' . ($of->isVariadic() ? '...' : '') . "\${$of->getName()}$default";
    };
    $function = fn(ReflectionFunctionAbstract $of): string => $of->getName() . '('
        . implode(', ', array_map($parameter, $of->getParameters())) . '): ' . $type($of->getReturnType());
    $modifiers = fn($of) => implode(' ', Reflection::getModifierNames($of->getModifiers()));
    $lines = array_map($function, $functions);
    foreach ($classes as $class) {
        $name = $class->getName();
        $interfaces = $class->getInterfaceNames();
        sort($interfaces);
        $kind = $class->isEnum() ? 'enum' : ($class->isInterface() ? 'interface' : 'class');
        $parent = $class->getParentClass() ? $class->getParentClass()->getName() : '-';
        // PHP does not mark each internal enum as final.
        $final = $class->isEnum() ? '' : $modifiers($class);
        $lines[] = "$final $kind $name $parent " . implode(' ', $interfaces);
        foreach ($class->getReflectionConstants() as $constant) {
            $value = $constant->getValue();
            $lines[] = "$name::{$constant->getName()} " . ($value instanceof BackedEnum ? $value->value : $value);
        }
        foreach ($class->getProperties() as $property) {
            if ($property->getDeclaringClass()->getName() === $name) {
                $default = $property->hasDefaultValue() ? ' = ' . var_export($property->getDefaultValue(), true) : '';
                $lines[] = $modifiers($property) . " {$type($property->getType())} $name::\${$property->getName()}$default";
            }
        }
        foreach ($class->getMethods() as $method) {
            if ($method->getDeclaringClass()->getName() === $name) {
                $lines[] = $modifiers($method) . " $name::" . $function($method);
            }
        }
    }
    sort($lines);
    return $lines;
}

if (!extension_loaded('ims')) {
    $classes = fn() => [...get_declared_classes(), ...get_declared_interfaces()];
    [$before, $functions] = [$classes(), get_defined_functions()['user']];
    require __DIR__ . '/../ims.stub.php';
    $functions = array_values(array_diff(get_defined_functions()['user'], $functions));
    $classes = array_map(fn($name) => new ReflectionClass($name), array_values(array_diff($classes(), $before)));
    echo json_encode(declarations(array_map(fn($name) => new ReflectionFunction($name), $functions), $classes));
    exit;
}

$ims = new ReflectionExtension('ims');
$has = declarations(array_values($ims->getFunctions()), array_values($ims->getClasses()));
$php = getenv('TEST_PHP_EXECUTABLE');
$says = json_decode(shell_exec("$php -n " . escapeshellarg(__FILE__)), true);
var_dump(count($has) > 50);
print_r(['only in the stub' => array_values(array_diff($says, $has)), 'only in the extension' => array_values(array_diff($has, $says))]);
?>
--EXPECT--
bool(true)
Array
(
    [only in the stub] => Array
        (
        )

    [only in the extension] => Array
        (
        )

)
