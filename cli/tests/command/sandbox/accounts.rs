//! Accounts from credentials, and from a configuration file.

use std::fs;
use std::process::Command;
use std::time::Duration;

use ims::{Cache, Client, Credentials, CredentialsOptions, Error, Status};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;

use super::*;

/// libims's own form, of an account with a key.
fn own() -> Value {
    json!({
        "client_id": "client",
        "client_secret": "s3cret",
        "org_id": "ORG@AdobeOrg",
        "technical_account_id": "ID@techacct.adobe.com",
        "metascopes": ["ent_a", "/s/ent_b"],
        "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(),
    })
}

fn read(document: &Value, ims: Option<&Sandbox>) -> Credentials {
    let mut options = CredentialsOptions::default();
    options.ims = ims.map(|sandbox| sandbox.url().parse().unwrap());
    Credentials::from_json(document.to_string().as_bytes(), &options).unwrap()
}

/// A token by these very credentials, of the account that they make.
fn round_trip(document: &Value) -> Result<Value, Error> {
    let sandbox = serve(Account::from_credentials(&read(document, None)).unwrap());
    let client =
        Client::new(read(document, Some(&sandbox)), &Cache::None, transport(None)).unwrap();
    client.token().map(|token| decoded(&json!(token.access_token())))
}

#[test]
fn credentials_make_the_account_that_they_get_tokens_from() {
    let pem = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let aem = json!({ "ok": true, "statusCode": 200, "integration": {
        "imsEndpoint": "ims-na1.adobelogin.com",
        "metascopes": "ent_a,ent_b",
        "technicalAccount": { "clientId": "client", "clientSecret": "s3cret" },
        "id": "ID@techacct.adobe.com",
        "org": "ORG@AdobeOrg",
        "privateKey": pem,
        "publicKey": "",
    }});
    for document in [own(), aem] {
        let token = round_trip(&document).unwrap();
        assert_eq!(token["client_id"], "client");
        assert_eq!(token["user_id"], "ID@techacct.adobe.com");
        assert_eq!(token["scope"], "ent_a,ent_b");
    }
    let server_to_server = json!({
        "client_id": "client",
        "client_secret": "s3cret",
        "org_id": "ORG@AdobeOrg",
        "scope": "openid,AdobeID",
    });
    assert_eq!(round_trip(&server_to_server).unwrap()["scope"], "openid,AdobeID");
}

#[test]
fn credentials_of_the_bearer_grant_make_an_account_too() {
    let document = |url: &str| {
        json!({
            "grant": "jwt_bearer",
            "token_url": format!("{url}/token"),
            "iss": "issuer",
            "sub": "user",
            "private_key": own()["private_key"],
        })
    };
    let credentials = read(&document("https://example.com"), None);
    let sandbox = serve(Account::from_credentials(&credentials).unwrap());
    let credentials = read(&document(sandbox.url()), None);
    let client = Client::new(credentials, &Cache::None, transport(None)).unwrap();
    let token = decoded(&json!(client.token().unwrap().access_token()));
    assert_eq!((&token["client_id"], &token["user_id"]), (&json!("issuer"), &json!("user")));
}

/// A client of an MCP server's issuer, as its recipe has it, with two keys.
fn mcp(changes: Value) -> Value {
    let ec = keys::ec_pem();
    let mut account = json!({
        "grant": "client_credentials", "client_auth": "private_key_jwt",
        "issuer": "https://auth.example.com", "client_id": "client",
        "private_keys": [{ "private_key": own()["private_key"], "kid": "1" }, ec],
        "resource": "https://mcp.example.com/mcp",
    });
    account.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    account.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    account
}

fn token_at(sandbox: &Sandbox, document: &Value) -> Result<Value, Error> {
    let client = Client::new(read(document, None), &Cache::None, transport(None)).unwrap();
    let token = client.token().map(|token| decoded(&json!(token.access_token())));
    let exchanges = sandbox.exchanges("client").unwrap();
    assert!(token.is_err() || exchanges.issued > 0);
    token
}

#[test]
fn credentials_of_any_server_make_an_account_that_is_as_strict_as_they_are() {
    let mut document = mcp(json!({}));
    let start = |document: &Value| serve(Account::from_credentials(&read(document, None)).unwrap());
    let sandbox = start(&document);
    document["issuer"] = json!(sandbox.url());
    for (changes, problem) in [
        (json!({ "typ": "JWT" }), "its typ is missing or wrong"),
        (json!({ "aud": format!("{}/oauth/token", sandbox.url()) }), "its aud is missing or wrong"),
        (json!({ "lifetime": 600 }), "its exp is missing or wrong"),
        (
            json!({ "client_auth": "body", "client_secret": "s", "private_keys": null }),
            "The client authentication is missing, or not allowed",
        ),
        (
            json!({ "grant": "jwt_bearer", "iss": "client" }),
            "The client may not use this grant_type",
        ),
    ] {
        let mut other = document.clone();
        other.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        other.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let error = token_at(&sandbox, &other).unwrap_err();
        assert!(error.message().contains(problem), "{changes}: {error}");
    }
    let resource = json!(["https://mcp.example.com/mcp"]);
    assert_eq!(token_at(&sandbox, &document).unwrap()["aud"], resource);
    // Each key is registered.
    document["private_keys"].as_array_mut().unwrap().remove(0);
    token_at(&sandbox, &document).unwrap();

    // Credentials that set typ and aud are for a server that asks for them.
    let profile = json!({ "typ": "JWT", "aud": "https://api.example.com/token" });
    let sandbox = start(&mcp(profile.clone()));
    let url = format!("{}/oauth/token", sandbox.url());
    let at_url = |changes: Value| {
        let keys = json!([own()["private_key"]]);
        let mut document = mcp(json!({ "issuer": null, "token_url": url, "private_keys": keys }));
        document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        token_at(&sandbox, &document)
    };
    let error = at_url(json!({ "typ": "JWT" })).unwrap_err();
    assert!(error.to_string().contains("its aud is missing or wrong"), "{error}");
    at_url(profile).unwrap();
}

#[test]
fn a_certificate_in_the_credentials_is_what_is_registered() {
    let other = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    for (key, validity, accepted) in [
        (keys::rsa(), Validity::now(), true),
        (keys::rsa(), Validity::expired(), false),
        (&other, Validity::now(), false),
    ] {
        let certificate = self_signed(key, validity).to_pem().unwrap();
        let mut document = own();
        document["certificate"] = json!(String::from_utf8(certificate).unwrap());
        let account = Account::from_credentials(&read(&document, None)).unwrap();
        let sandbox = serve(account);
        let mut claims = claims();
        claims["iss"] = json!("ORG@AdobeOrg");
        claims["sub"] = json!("ID@techacct.adobe.com");
        claims["aud"] = json!(format!("{IMS}/c/client"));
        claims.as_object_mut().unwrap().remove(&format!("{IMS}/s/ent_sandbox"));
        claims[format!("{IMS}/s/ent_a")] = json!(true);
        let client = [("client_id", "client"), ("client_secret", "s3cret")];
        let fields = [client[0], client[1], ("jwt_token", &jwt(&claims))];
        let answer = post(&sandbox, "/ims/exchange/jwt", &fields);
        assert_eq!(answer.status == 200, accepted, "{:?}", answer.refusal());
    }
}

/// A directory with a key, its certificate, and credentials that name the key.
pub fn directory() -> Directory {
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let certificate = self_signed(keys::rsa(), Validity::now()).to_pem().unwrap();
    directory.write("certificate.pem", certificate);
    let mut credentials = own();
    credentials["private_key"] = json!("private.key");
    directory.write("credentials.json", credentials.to_string());
    directory
}

#[test]
fn a_config_file_says_accounts_lifetimes_and_the_host_to_play() {
    let directory = directory();
    let document = json!({
        "ims": "ims-na1-stg1.adobelogin.com",
        "token_lifetime": 60,
        "accounts": [
            { "credentials": "credentials.json", "client_id": "renamed" },
            {
                "client_id": "by-value",
                "client_secret": "s3cret",
                "certificates": ["certificate.pem"],
                "scopes": ["openid"],
                "token_lifetime": 5,
                "migrated": true,
            },
        ],
    });
    let file = directory.write("sandbox.json", document.to_string());

    let config = Config::from_file(file, None).unwrap();

    assert_eq!(config.ims.to_string(), "ims-na1-stg1.adobelogin.com");
    let [first, second] = &config.accounts[..] else { panic!("{:?}", config.accounts) };
    assert_eq!(first.client_id, "renamed");
    assert_eq!(first.org_id, "ORG@AdobeOrg");
    assert_eq!(first.metascopes, ["ent_a", "ent_b"]);
    assert_eq!((first.public_keys.len(), second.public_keys.len()), (1, 1));
    assert_eq!(first.token_lifetime, Some(Duration::from_secs(60)));
    assert_eq!(second.token_lifetime, Some(Duration::from_secs(5)));
    assert_eq!(second.client_secret.expose(), "s3cret");
    assert_eq!(second.scopes, ["openid"]);
    assert!(second.migrated && !first.migrated);
}

#[test]
fn the_config_file_that_the_help_shows_is_one() {
    let help = Command::new(env!("CARGO_BIN_EXE_ims")).args(["sandbox", "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let (_, shown) = help.split_once("\n  {\n").unwrap();
    let (shown, _) = shown.split_once("\n  }\n").unwrap();
    let directory = directory();
    fs::copy(directory.path().join("certificate.pem"), directory.path().join("a.pem")).unwrap();
    let credentials = directory.path().join("credentials.json");
    fs::rename(credentials, directory.path().join("service_token.json")).unwrap();
    let file = directory.write("sandbox.json", format!("{{{shown}}}"));
    let config = Config::from_file(file, None).unwrap();
    let [_, _, workload, like_box] = &config.accounts[..] else { panic!("{:?}", config.accounts) };
    assert_eq!(workload.workload.as_ref(), Some(&config.platform.subject));
    assert!(like_box.lenient && like_box.requires.max_lifetime == Some(60));
    assert_eq!(config.faults.len(), 1);
    assert_eq!(config.platform.lifetime, Duration::from_secs(60));
    let folder = directory.path().join("pod/token");
    assert_eq!(config.platform.token_file, Some(folder));
}

#[test]
fn what_is_wrong_with_a_config_file_is_named_without_its_values() {
    let directory = directory();
    for (document, problem, hint) in [
        (json!({ "ims": "ims", "acounts": [] }), "unknown field `acounts` at line", "`accounts`"),
        (json!({ "accounts": [{ "metascope": "x" }] }), "unknown field `metascope`", "`scopes`"),
        (json!({ "platform": { "lifetime": 1 } }), "lifetime is not 2 to 86400 seconds", ""),
        (json!({ "token_lifetime": "s3cret" }), "expected u32 at line 1 column", ""),
        (json!({ "ims": "a b" }), "ims is not a host or URL", ""),
        (json!({ "accounts": [{}, { "certificates": ["private.key"] }] }), "account 2: ", ""),
        (json!({ "accounts": [{ "credentials": "none.json" }] }), "none.json cannot be read", ""),
        (json!({ "accounts": [{ "name": "x" }] }), "name is given, but no credentials", ""),
        (json!({ "accounts": [{ "client_secret": "" }] }), "client_secret is missing or empty", ""),
        (json!({ "accounts": [{ "token_lifetime": 1 }] }), "token_lifetime is under 2 s", ""),
        (json!({ "faults": [{ "status": 1 }] }), "fault: status is not within 200 to 599", ""),
    ] {
        let file = directory.write("sandbox.json", document.to_string());
        let error = Config::from_file(&file, None).err().unwrap();
        let named = format!("config file {}", file.display());
        assert!(error.message().starts_with(&named), "{error}");
        assert!(error.message().contains(problem), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{:?}", error.hint());
        assert!(!error.message().contains("s3cret"), "{error}");
    }
    let missing = Config::from_file(directory.path().join("none"), None).err().unwrap();
    assert_eq!(missing.status(), Status::Argument);
    fs::write(directory.path().join("large"), vec![b' '; 2 * 1024 * 1024]).unwrap();
    let large = Config::from_file(directory.path().join("large"), None).err().unwrap();
    assert!(large.message().ends_with("is over 1024 KiB"), "{large}");
}
