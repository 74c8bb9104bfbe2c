--TEST--
A script that PHP ends for its memory, in whatever call, leaves nothing behind
--ENV--
USE_ZEND_ALLOC=1
--FILE--
<?php
$php = escapeshellarg(getenv('TEST_PHP_EXECUTABLE')) . ' ' . getenv('TEST_PHP_EXTRA_ARGS');
foreach ([
    ['in_calls', 0], ['in_calls', 100], ['in_calls', 1000], ['in_calls', 5000], ['in_calls', 30000],
    ['in_throw', 5_000], ['in_open_basedir', 1_000_000],
] as [$where, $size]) {
    echo shell_exec("$php " . escapeshellarg(__DIR__ . '/memory_limit.inc') . " $where $size 2>&1");
}
?>
--EXPECTF--
little is left

Fatal error: Allowed memory size%s
afterwards: bearer 1
little is left

Fatal error: Allowed memory size%s
afterwards: bearer 1
little is left

Fatal error: Allowed memory size%s
afterwards: bearer 1
little is left

Fatal error: Allowed memory size%s
afterwards: bearer 1
little is left

Fatal error: Allowed memory size%s
afterwards: bearer 1
little is left

Fatal error: Allowed memory size%A
afterwards: bearer 1
little is left

Fatal error: Allowed memory size%s
afterwards: bearer 1
