--TEST--
The doctor finds out why there is no token, and reads only what open_basedir allows
--FILE--
<?php
require 'account.inc';
use Ims\{Check, Outcome};

/** The findings of this outcome, each in a line. */
function found(array $checks, Outcome $outcome): void
{
    foreach ($checks as $check) {
        if ($check->outcome === $outcome) {
            echo hidden("$check->name: $check->message -> $check->hint [$check->cause]\n");
        }
    }
}

$inside = sys_get_temp_dir() . '/ims-' . getmypid() . '-inside';
mkdir($inside);
copy(getenv('KEY'), "$inside/private.key");
file_put_contents("$inside/in.json", json_encode(account(['private_key' => 'private.key'])));
file_put_contents("$inside/out.json", json_encode(account()));
file_put_contents("$inside/cut.json", json_encode(account(['private_key' => substr(file_get_contents(getenv('KEY')), 0, 900)])));

echo "a sound account\n";
$checks = ims_doctor("$inside/in.json", online: true);
found($checks, Outcome::Error);
$last = end($checks);
var_dump(array_is_list($checks), $last);
echo "without a server\n";
found(ims_doctor("$inside/cut.json"), Outcome::Error);
echo "what cannot be used is found, too\n";
found(ims_doctor("$inside/in.json", cache: 'memcached:'), Outcome::Error);
found(ims_doctor("$inside/in.json", certificate: '/no/such.pem'), Outcome::Error);
found(ims_doctor("$inside/in.json", key: file_get_contents(getenv('KEY'))), Outcome::Error);
echo "what a client would ask for\n";
foreach (ims_doctor("$inside/in.json", scope: 'openid', subject: 'user@example.com', audience: 'https://api.example') as $check) {
    if ($check->name === 'scopes') {
        echo "$check->message\n";
    }
}
echo "the environment\n";
found(ims_doctor(), Outcome::Error);
echo "arguments are checked as a client's are\n";
show(fn() => ims_doctor(''));
show(fn() => ims_doctor("$inside/in.json", timeout: 0.0));
show(fn() => ims_doctor("$inside/in.json", key: '/no/such.key'));
echo "a check is for reading\n";
show(fn() => new Check);
show(fn() => $last->message = 'other');
show(fn() => $last->dynamic = 1);
echo json_encode($last), "\n";

ini_set('open_basedir', $inside);
echo "what a script names\n";
show(fn() => ims_doctor(getenv('KEY')));
show(fn() => ims_doctor("$inside/in.json", certificate: getenv('KEY')));
show(fn() => ims_doctor("$inside/in.json", cache: 'file:'));
echo "what its credentials name\n";
found(ims_doctor("$inside/out.json"), Outcome::Error);
found(ims_doctor("$inside/out.json"), Outcome::Warning);
exec('rm -r ' . escapeshellarg($inside));
?>
--EXPECTF--
a sound account
bool(true)
object(Ims\Check)#%d (5) {
  ["name"]=>
  string(10) "validation"
  ["outcome"]=>
  enum(Ims\Outcome::Ok)
  ["message"]=>
  string(32) "the server accepts the new token"
  ["hint"]=>
  NULL
  ["cause"]=>
  NULL
}
without a server
key: private_key is cut off: its -----END line is missing -> copy the whole key, from -----BEGIN to -----END, with its line breaks or with \n for them [unreadable-key]
what cannot be used is found, too
cache: cache is of an unknown kind -> write memory, none, file:, file:/DIRECTORY, redis://HOST:PORT/DATABASE, redis+sentinel://... or redis+cluster://..., over TLS rediss... []
certificate: certificate /no/such.pem cannot be read: No such file or directory -> check the path; a relative one counts from where the process runs []
key: key is given, but the credentials hold one too: private_key ->  []
what a client would ask for
openid
the environment
environment: the environment holds no credentials -> set API_KEY, CLIENT_SECRET, IMS_ORG, TECHNICAL_ACCOUNT_ID, META_SCOPE and PRIVATE_KEY, or IMS_CLIENT_ID, IMS_CLIENT_SECRETS, IMS_ORG_ID and IMS_SCOPES []
arguments are checked as a client's are
ValueError: ims_doctor(): Argument #1 ($file) cannot be empty
ValueError: ims_doctor(): Argument #8 ($timeout) must be more than 0 and at most 3600 seconds
Ims\KeyException: key file /no/such.key cannot be read: No such file or directory
a check is for reading
Error: Call to private Ims\Check::__construct() from global scope
Error: Cannot modify readonly property Ims\Check::$message
Error: Cannot create dynamic property Ims\Check::$dynamic
{"name":"validation","outcome":"ok","message":"the server accepts the new token","hint":null,"cause":null}
what a script names
ValueError: ims_doctor(): Argument #1 ($file) must be within open_basedir
ValueError: ims_doctor(): Argument #3 ($certificate) must be within open_basedir
ValueError: ims_doctor(): Argument #7 ($cache) must name a directory within open_basedir, as file:/DIRECTORY
what its credentials name
key: private_key KEY is refused: this program may not read it -> may_read, --allow-read DIR, or open_basedir of PHP, says which files may be read []
file's permissions: %s/out.json is open to other users of this machine (mode 644) -> chmod 600 %s/out.json []
grant: Adobe's JWT exchange, which Adobe has ended but for AEM: credentials were moved to OAuth Server-to-Server by March 2026 -> if the exchange fails, give the credential's scopes instead of metascopes and key, as the Developer Console lists them now; client id and secret stay [moved-to-oauth]
