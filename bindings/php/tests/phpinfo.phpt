--TEST--
phpinfo shows where the settings lead, and no secret of a URL, whatever characters it has
--FILE--
<?php
foreach ([
    'redis://user:secret@127.0.0.1:1/0', 'redis://127.0.0.1:1/0?password=secret', 'redis://127.0.0.1/?password=p@secret',
    'redis://user:secret?secret@127.0.0.1/', 'file:/var/lib/php/ims',
] as $cache) {
    $command = getenv('TEST_PHP_EXECUTABLE') . ' ' . getenv('TEST_PHP_EXTRA_ARGS');
    preg_match('/^ims.cache.*$/m', shell_exec("$command -d ims.cache=" . escapeshellarg("\"$cache\"") . ' --ri ims'), $shown);
    echo $shown[0], "\n";
}
?>
--EXPECT--
ims.cache => redis://(not shown)@127.0.0.1:1/0 => redis://(not shown)@127.0.0.1:1/0
ims.cache => redis://127.0.0.1:1/0?(not shown) => redis://127.0.0.1:1/0?(not shown)
ims.cache => redis://(not shown)?(not shown) => redis://(not shown)?(not shown)
ims.cache => redis://(not shown)?(not shown) => redis://(not shown)?(not shown)
ims.cache => file:/var/lib/php/ims => file:/var/lib/php/ims
