//! What the READMEs show of PHP runs.

use std::fs;

use support::processes::output;

use super::account::Host;
use super::extension::EXTENSION;

/// The blocks of PHP in bindings/php/README.md.
fn blocks() -> Vec<String> {
    let readme = fs::read_to_string("bindings/php/README.md").unwrap();
    let blocks = readme.split("```php\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// What PHP prints, where the host's files are.
fn run(host: &Host, code: &str) -> String {
    let script = host.directory.write("script.php", format!("<?php\n{code}"));
    let mut php = EXTENSION.php();
    php.arg(script)
        .current_dir(host.directory.path())
        .env("XDG_RUNTIME_DIR", host.directory.path());
    output(&mut php, "")
}

#[test]
fn the_php_example_is_the_one_that_the_demo_runs() {
    let readme = fs::read_to_string("README.md").unwrap();
    let example = fs::read_to_string("bindings/php/example.php").unwrap();
    assert!(
        readme.contains(&format!("```php\n{example}```")),
        "README.md shows another example.php"
    );
}

#[test]
fn the_client_of_the_first_lines_has_a_token_and_an_apis_headers() {
    let host = Host::new();
    let said = run(&host, &format!("{}\necho implode(\"\\n\", $headers);", blocks()[0]));
    let headers: Vec<&str> = said.lines().collect();
    assert!(headers[0].starts_with("Authorization: Bearer ey"), "{said}");
    assert_eq!(headers[1..], ["x-api-key: sandbox-client", "x-gw-ims-org-id: SANDBOX@AdobeOrg"]);
}

#[test]
fn the_steps_of_a_migrated_script_sign_and_exchange() {
    let host = Host::new();
    let steps = blocks()[1].replace("https://...", &format!("{}/token", host.sandbox.url()));
    // The sandbox instead of Adobe, for the last of them.
    let url = format!("tokenUrl: '{}/ims/token/v3', scope:", host.sandbox.url());
    let steps = steps.replace("scope:", &url);
    let given = "$privateKey = 'private.key'; $iss = 'SANDBOX@AdobeOrg'; $sub = 'sandbox@techacct.adobe.com';\
        $passphrase = null; $id = 'sandbox-client'; $secret = 'sandbox-secret';";
    let given = format!("{given} $aud = '{}/token';", host.sandbox.url());
    let said = run(&host, &format!("{given}\n{steps}\necho $token->tokenType;"));
    assert_eq!(said, "bearer");
}

#[test]
fn errors_are_caught_by_their_class() {
    let host = Host::new();
    let refused = "$client = Ims\\Client::fromArray(['client_secret' => 'wrong'] + json_decode(\
        file_get_contents('service_token.json'), true)); ini_set('error_log', 'log.txt');";
    run(&host, &format!("{refused}\n{}", blocks()[2]));
    let log = fs::read_to_string(host.path("log.txt")).unwrap();
    assert!(log.contains("invalid_client: the token server refused: HTTP 401"), "{log}");
    assert!(log.contains("; the client secret is wrong"), "{log}");
}

#[test]
fn the_clients_of_guzzle_and_psr_18_are_made() {
    let host = Host::new();
    let package = env!("CARGO_MANIFEST_DIR").to_owned() + "/bindings/php/http/src";
    let libraries =
        ["Psr/Http/Client", "GuzzleHttp", "Symfony/Component/HttpClient", "Nyholm/Psr7"];
    let mut given: String =
        libraries.iter().map(|name| format!("require '{name}/autoload.php';\n")).collect();
    given += &format!("foreach (glob('{package}/*.php') as $file) require $file;\n");
    let said =
        run(&host, &format!("{given}{}{}\necho get_class($http);", blocks()[3], blocks()[4]));
    assert_eq!(said, r"Ims\Http\Psr18Client");
}

#[test]
fn a_client_asks_the_sandbox() {
    let host = Host::new();
    let code = blocks().pop().unwrap();
    assert!(code.contains("'http://127.0.0.1:8400'"));
    let said = run(&host, &code.replace("http://127.0.0.1:8400", host.sandbox.url()));
    assert!(said.starts_with("ey"), "{said}");
}
