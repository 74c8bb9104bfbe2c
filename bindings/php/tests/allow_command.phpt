--TEST--
A command of the credentials runs only where both the script and php.ini allow it
--FILE--
<?php
require 'account.inc';
use Ims\Client;

$account = [
    'grant' => 'token_exchange', 'client_id' => 'c', 'token_url' => getenv('SERVER') . '/token',
    'subject_token_type' => 'access_token', 'assertion_command' => ['echo', 'token-of-the-platform'],
];
$file = file_of('command.json', json_encode($account));
$by_assertion = ['grant' => 'client_credentials', 'client_auth' => 'private_key_jwt'] + $account;
unset($by_assertion['subject_token_type']);
$by_assertion = file_of('assertion.json', json_encode($by_assertion));

if (ini_get('ims.allow_command')) {
    echo Client::fromFile($file, allowCommand: true)->token()->accessToken, "\n";
    echo Client::fromArray($account, allowCommand: true)->token()->accessToken, "\n";
    $errors = array_filter(ims_doctor($by_assertion, allowCommand: true), fn($check) => $check->outcome === Ims\Outcome::Error);
    echo count($errors), " errors\n";
    show(fn() => Client::fromFile($file));
    exit;
}

show(fn() => Client::fromFile($file));
foreach ([
    fn() => Client::fromFile($file, allowCommand: true),
    fn() => Client::fromArray($account, allowCommand: true),
    fn() => Client::fromEnv(allowCommand: true),
    fn() => ims_doctor($by_assertion, allowCommand: true),
] as $call) {
    show($call);
}
try {
    Client::fromFile($file, allowCommand: true);
} catch (Ims\ArgumentError $e) {
    echo "$e->field, $e->status, $e->hint\n";
}
var_dump(ini_set('ims.allow_command', '1'));
echo "where php.ini allows it\n";
$php = getenv('TEST_PHP_EXECUTABLE') . ' ' . getenv('TEST_PHP_EXTRA_ARGS') . ' -d ims.allow_command=On';
echo shell_exec("$php " . escapeshellarg(__FILE__));
preg_match('/^ims.allow_command.*$/m', shell_exec("$php --ri ims"), $shown);
echo $shown[0], "\n";
?>
--EXPECTF--
Ims\CredentialsException: credentials file %scommand.json: assertion_command would run echo, but the program allows no command
Ims\ArgumentError: Ims\Client::fromFile(): Argument #13 ($allowCommand) is not allowed: ims.allow_command of php.ini is off
Ims\ArgumentError: Ims\Client::fromArray(): Argument #13 ($allowCommand) is not allowed: ims.allow_command of php.ini is off
Ims\ArgumentError: Ims\Client::fromEnv(): Argument #12 ($allowCommand) is not allowed: ims.allow_command of php.ini is off
Ims\ArgumentError: ims_doctor(): Argument #15 ($allowCommand) is not allowed: ims.allow_command of php.ini is off
allow_command, 1, set ims.allow_command=On in php.ini, or in a pool of FPM: php_admin_flag[ims.allow_command] = on
bool(false)
where php.ini allows it
the-access-token
the-access-token
0 errors
Ims\CredentialsException: credentials file %scommand.json: assertion_command would run echo, but the program allows no command
ims.allow_command => On => On
