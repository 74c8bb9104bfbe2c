--TEST--
A key that the credentials name by its path is read anew once it has changed, in whatever form they are
--FILE--
<?php
require 'account.inc';
use Ims\Client;

$key = file_of('named.key', file_get_contents(getenv('KEY')));
$name = basename($key);
$forms = [
    'json' => str_replace('/', '\/', json_encode(account(['private_key' => $name]), JSON_UNESCAPED_SLASHES)),
    'pretty.json' => json_encode(account(['private_key' => $key]), JSON_PRETTY_PRINT),
    'env' => "IMS=" . getenv('SANDBOX') . "\nAPI_KEY=sandbox-client\nCLIENT_SECRET=sandbox-secret\n" .
        "IMS_ORG=SANDBOX@AdobeOrg\nTECHNICAL_ACCOUNT_ID=sandbox@techacct.adobe.com\nMETA_SCOPE=ent_sandbox\n" .
        "PRIVATE_KEY=\"$name\"\n",
];
$makers = [fn() => Client::fromArray(account(['private_key' => $key]))];
foreach ($forms as $form => $text) {
    $path = file_of($form, $text);
    $makers[] = fn() => Client::fromFile($path);
}
foreach ($makers as $make) {
    $before = $make()->token()->accessToken;
    $kept = $make()->token()->accessToken === $before;
    touch($key, filemtime($key) + 1);
    clearstatcache();
    var_dump($kept && $make()->token()->accessToken !== $before);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
