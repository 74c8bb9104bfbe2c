//! oidc-provider, asked by PHP: with the extension, and with what PHP has itself.

use support::directory::Directory;
use support::oidc_provider::OidcProvider;
use support::processes::{output, php};

use super::extension::EXTENSION;

/// Prints the access token for each credentials file; then the error for a JWT of the client that is sent twice.
const SCRIPT: &str = r#"
[, $issuer, $clientId, $key] = $argv;
foreach (array_slice($argv, 4) as $file) {
    echo Ims\Client::fromFile($file, cache: 'none')->token()->accessToken, "\n";
}
$jwt = ims_generate_jwt($key, $clientId, $clientId, $issuer, jti: 'once', typ: 'client-authentication+jwt');
$exchange = fn () => ims_exchange(
    grant: 'client_credentials', tokenUrl: "$issuer/token", clientId: $clientId, clientAuth: 'private_key_jwt',
    clientAssertion: $jwt,
);
$exchange();
try {
    $exchange();
} catch (Ims\RejectedException $refused) {
    echo $refused->oauthError, "\n";
}
"#;

#[test]
fn oidc_provider_verifies_every_algorithm_and_takes_no_assertion_twice() {
    let (server, folder) = (OidcProvider::start(), Directory::new());
    let mut php = EXTENSION.php();
    php.args(["-r", SCRIPT, "--"]).args(server.arguments(&folder));
    server.assert_printed(&output(&mut php, ""));
}

/// The signatures of openssl_sign are PKCS #1 v1.5 for an RSA key, and DER for an EC key: PS256 and ES256 have others.
#[test]
fn php_gets_a_token_with_ps256_and_es256_where_openssl_sign_does_not() {
    let (server, folder) = (OidcProvider::start(), Directory::new());
    for (alg, by_openssl_sign) in
        [("RS256", "token"), ("PS256", "invalid_client"), ("ES256", "invalid_client")]
    {
        let request = server.request(alg);
        let file = folder.write("credentials.json", request.credentials.to_string());
        let said = output(php("openssl_sign.php").arg(&file), "");
        assert_eq!(said.trim(), by_openssl_sign, "{alg}");

        let script = "echo Ims\\Client::fromFile($argv[1], cache: 'none')->token()->accessToken;";
        let token = output(EXTENSION.php().args(["-r", script, "--"]).arg(&file), "");
        request.assert_granted(&token);
    }
}
