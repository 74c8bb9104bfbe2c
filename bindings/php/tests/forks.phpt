--TEST--
Forked children use what their parent made, and keep what they make themselves
--EXTENSIONS--
pcntl
--FILE--
<?php
require 'account.inc';
$client = Ims\Client::fromArray(account());
$key = Ims\Key::fromFile(getenv('KEY'));
$token = $client->token()->accessToken;
$children = [];
for ($i = 0; $i < 8; $i++) {
    $child = pcntl_fork();
    if ($child === 0) {
        $works = $client->token()->accessToken === $token
            && strlen(ims_generate_jwt($key, 'i', 's', 'a')) > 300
            && Ims\Client::fromArray(account())->token()->accessToken !== $token;
        exit($works ? 0 : 1);
    }
    $children[] = $child;
}
foreach ($children as $child) {
    pcntl_waitpid($child, $status);
    echo pcntl_wexitstatus($status);
}
var_dump(Ims\Client::fromArray(account())->token()->accessToken === $token);
?>
--EXPECT--
00000000bool(true)
