--TEST--
A script that PHP ends for its memory, in whatever call, leaves nothing behind
--SKIPIF--
<?php
if (getenv('USE_ZEND_ALLOC') === '0') die('skip after a fatal error, PHP frees by its own allocator alone');
?>
--FILE--
<?php
$php = escapeshellarg(getenv('TEST_PHP_EXECUTABLE')) . ' ' . getenv('TEST_PHP_EXTRA_ARGS');
foreach ([0, 100, 1000, 5000, 30000] as $size) {
    echo shell_exec("$php " . escapeshellarg(__DIR__ . '/memory_limit.inc') . " 2097152 $size 2>&1");
}
?>
--EXPECTF--
Fatal error: Allowed memory size%s
afterwards: bearer 1

Fatal error: Allowed memory size%s
afterwards: bearer 1

Fatal error: Allowed memory size%s
afterwards: bearer 1

Fatal error: Allowed memory size%s
afterwards: bearer 1

Fatal error: Allowed memory size%s
afterwards: bearer 1
