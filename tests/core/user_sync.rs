//! The files of Adobe's User Sync Tool and of its library umapi-client get the token that the tool
//! would get: from the same place, by the same grant.

use ims::{Credentials, CredentialsOptions, Error};
use support::directory::Directory;
use support::keys;

fn read(text: &str) -> Result<Credentials, Error> {
    let directory = Directory::new();
    std::fs::write(directory.path().join("private.key"), keys::pkcs8_pem()).unwrap();
    Credentials::from_file(directory.write("file", text), &CredentialsOptions::default())
}

fn failure(text: &str) -> String {
    let error = read(text).unwrap_err();
    format!("{} | {}", error.message(), error.hint().unwrap_or_default())
}

/// The section of an account of OAuth, with further settings of the file around.
fn oauth(around: &str) -> String {
    format!(
        "{around}\nauthentication_method: oauth\nenterprise:\n  org_id: X@AdobeOrg\n  client_id: c\n  \
         client_secret: s\n"
    )
}

/// The section of an account with a key.
fn jwt(around: &str) -> String {
    format!(
        "{around}\nenterprise:\n  org_id: X@AdobeOrg\n  client_id: c\n  client_secret: s\n  \
         tech_acct_id: D@techacct.adobe.com\n  priv_key_path: private.key\n"
    )
}

#[test]
fn oauth_at_the_top_level_is_oauth_whatever_is_left_of_the_jwt() {
    let left_over = "  tech_acct_id: D@techacct.adobe.com\n  priv_key_path: gone.key\n";
    let in_section = oauth("").replace("authentication_method: oauth\n", "")
        + "  authentication_method: oauth\n";
    for text in [oauth(""), oauth("server:") + left_over, in_section] {
        let credentials = read(&text).unwrap();
        assert_eq!(credentials.grant_type(), Some("client_credentials"), "{text}");
        assert_eq!(credentials.scope(), Some("openid,AdobeID,user_management_sdk"));
        let url = "https://ims-na1.adobelogin.com/ims/token/v3";
        assert_eq!(credentials.token_url().as_str(), url);
        assert!(credentials.claims().is_none());
    }
    let wrong = oauth("").replace("method: oauth", "method: OAuth2");
    assert!(failure(&wrong).contains("must be jwt or oauth"), "{}", failure(&wrong));
}

#[test]
fn the_secret_goes_where_the_tool_sends_it() {
    for (server, url) in [
        ("", "https://ims-na1.adobelogin.com/ims/exchange/jwt"),
        ("server:\n  ims_host: ims.example", "https://ims.example/ims/exchange/jwt"),
        ("server:\n  auth_host: ims.example:8443", "https://ims.example:8443/ims/exchange/jwt"),
        (
            "server:\n  ims_host: ims.example\n  ims_endpoint_jwt: /ims/exchange/v1/jwt",
            "https://ims.example/ims/exchange/v1/jwt",
        ),
        // umapi_client 3 adds the slash (umapi_client/auth.py).
        (
            "server:\n  auth_host: ims.example\n  auth_endpoint: /custom/token",
            "https://ims.example/custom/token/",
        ),
        (
            "server:\n  auth_endpoint: //other.example/@x",
            "https://ims-na1.adobelogin.com/other.example/@x/",
        ),
    ] {
        let credentials = read(&jwt(server)).unwrap();
        assert_eq!(credentials.token_url().as_str(), url, "{server}");
        let host = url.split('/').nth(2).unwrap();
        let claims = credentials.claims().unwrap();
        assert_eq!(claims.aud.as_deref(), Some(&*format!("https://{host}/c/c")), "{server}");
        assert_eq!(claims.metascopes, [format!("https://{host}/s/ent_user_sdk")], "{server}");
    }
    let credentials = read(&oauth("server: {auth_host: h, auth_endpoint: ims/token/v2}")).unwrap();
    assert_eq!(credentials.token_url().as_str(), "https://h/ims/token/v2/");
}

#[test]
fn what_libims_does_not_follow_is_named_with_the_way_out() {
    for (around, problem) in [
        (
            "ssl_cert_verify: False",
            "ssl_cert_verify is given, but libims does not follow it | libims",
        ),
        ("server:\n  ssl_verify: no", "server.ssl_verify is given, but libims does not follow it"),
        ("server:\n  auth_endpoint: /a#b", "server.auth_endpoint has a fragment"),
    ] {
        let failed = failure(&jwt(around));
        assert!(failed.contains(problem), "{failed}");
    }
    read(&jwt("ssl_cert_verify: True\nserver:\n  ssl_verify: yes\n  timeout: 120")).unwrap();
    let secure =
        jwt("").replace("client_secret: s", "secure_client_secret_key: umapi_client_secret");
    let failed = failure(&secure);
    let problem = "enterprise.secure_client_secret_key is given, but libims does not follow it | \
                   user-sync reads the system's keyring";
    assert!(failed.contains(problem), "{failed}");
}

#[test]
fn files_of_older_releases_and_of_umapi_client_are_read() {
    let account = "org_id: X@AdobeOrg\napi_key: c\nclient_secret: s\n";
    let console = format!(
        "server:\nintegration:\n  {}\n  tech_acct: D@techacct.adobe.com\n  priv_key_path: private.key\n\
         identity_type_filter: all\n",
        account.trim().replace('\n', "\n  ")
    );
    let flat =
        format!("{account}tech_acct_id: D@techacct.adobe.com\nprivate_key_file: private.key\n");
    let config = "# usermanagement.config\n[server]\nhost = usermanagement.adobe.io\n\
                  endpoint = /v2/usermanagement\nims_host = ims-na1.adobelogin.com\n\
                  ims_endpoint_jwt = /ims/exchange/jwt\n\n[enterprise]\ndomain = my.domain.com\n\
                  org_id = X@AdobeOrg\napi_key: c\nclient_secret = s\n\
                  tech_acct = D@techacct.adobe.com\npriv_key_filename = private.key\n";
    for text in [&*console, &flat, config, &config.replace('\n', "\r\n")] {
        let credentials = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(credentials.client_id(), Some("c"));
        let url = "https://ims-na1.adobelogin.com/ims/exchange/jwt";
        assert_eq!(credentials.token_url().as_str(), url);
        assert_eq!(credentials.claims().unwrap().sub.as_deref(), Some("D@techacct.adobe.com"));
    }
}

#[test]
fn yaml_with_a_tag_of_its_own_is_named_for_it() {
    let failed = failure("enterprise:\n  org_id: !ENV ${ORG}\n");
    let problem = "has a tag (!NAME), which is not supported: see line 2 column 16";
    assert!(failed.contains(problem), "{failed}");
}
