//! Credentials of every format that people have are read by their shape, and what is wrong with one
//! is said by the user's own names.

use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};
use std::{fs, process::Command};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ims::{
    Claims, Credentials, CredentialsOptions, Error, Expiry, Grant, Key, MayRead, Secret, Signer,
    Status,
};
use openssl::rsa::Rsa;
use serde_json::json;
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;

const SECRET: &str = "s3cret-of-the-client";

fn pem() -> String {
    String::from_utf8(keys::pkcs8_pem()).unwrap()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\n', "\\n"))
}

fn options() -> CredentialsOptions {
    CredentialsOptions::default()
}

fn with_key() -> CredentialsOptions {
    let mut options = options();
    options.key = Some(Key::from_bytes(&keys::pkcs8_pem(), None).unwrap());
    options
}

fn named(name: &str) -> CredentialsOptions {
    let mut options = options();
    options.name = Some(name.into());
    options
}

fn read(text: impl AsRef<[u8]>, options: &CredentialsOptions) -> Result<Credentials, Error> {
    let directory = Directory::new();
    fs::write(directory.path().join("key.pem"), keys::pkcs8_pem()).unwrap();
    let result = Credentials::from_file(directory.write("x", text), options);
    if let Err(error) = &result {
        let shown = format!("{error:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("BEGIN PRIV"), "{shown}");
    }
    result
}

fn failure(text: impl AsRef<[u8]>) -> String {
    let error = read(text, &options()).unwrap_err();
    assert_eq!(error.status(), Status::Credentials, "{error}");
    assert!(error.message().starts_with("credentials file "), "{error}");
    format!("{error} | {}", error.hint().unwrap_or_default())
}

fn aem() -> String {
    format!(
        r#"{{"ok":true,"integration":{{"imsEndpoint":"ims-na1.adobelogin.com","metascopes":"ent_aem_cloud_api,ent_cloudmgr_sdk","technicalAccount":{{"clientId":"c","clientSecret":"{SECRET}"}},"email":"u@techacct.adobe.com","id":"D@techacct.adobe.com","org":"X@AdobeOrg","privateKey":{},"publicKey":""}},"statusCode":200}}"#,
        quoted(&pem().replace('\n', "\\r\n"))
    )
}

fn console(credentials: &str) -> String {
    format!(
        r#"{{"project":{{"name":"P","org":{{"ims_org_id":"X@AdobeOrg"}},"workspace":{{"details":{{"credentials":[{credentials}]}}}}}}}}"#
    )
}

const API_KEY: &str =
    r#"{"id":"3","name":"A","integration_type":"apikey","api_key":{"client_id":"a"}}"#;
const JWT: &str = r#"{"id":"4","name":"B","integration_type":"service","jwt":{"client_id":"cb","client_secret":"s3cret-of-the-client","technical_account_id":"i@techacct.adobe.com","meta_scopes":["ent_adobeio_sdk"]}}"#;
const OAUTH: &str = r#"{"id":"5","name":"C","integration_type":"oauth_server_to_server","oauth_server_to_server":{"client_id":"c","client_secrets":["s3cret-of-the-client"],"scopes":["openid","AdobeID"]}}"#;

fn postman(values: &[(&str, &str)]) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|(key, value)| format!(r#"{{"key":"{key}","value":{value},"enabled":true}}"#))
        .collect();
    format!(
        r#"{{"name":"x","values":[{},{{"key":"SCOPES","value":"off","enabled":false}}]}}"#,
        values.join(",")
    )
}

/// A `.env` file of an account with a key, with `changes` instead of lines.
fn dot_env(changes: &[(&str, &str)]) -> String {
    [
        ("API_KEY", "c"),
        ("CLIENT_SECRET", SECRET),
        ("IMS_ORG", "X@AdobeOrg"),
        ("TECHNICAL_ACCOUNT_ID", "D@techacct.adobe.com"),
        ("META_SCOPE", "ent_x"),
        ("PRIVATE_KEY", "key.pem"),
        ("SANDBOX_NAME", "prod"),
        ("IMS", "ims-na1.adobelogin.com"),
    ]
    .iter()
    .map(|(name, value)| {
        let change = changes.iter().find(|(changed, _)| changed == name);
        format!("{name}={}\n", change.map_or(*value, |(_, value)| value))
    })
    .collect()
}

#[test]
fn every_format_is_recognised_by_its_shape() {
    let oauth_env = format!(
        "IMS_CLIENT_ID=c\nIMS_CLIENT_SECRETS=[\"{SECRET}\"]\nIMS_ORG_ID=X@AdobeOrg\n\
         IMS_SCOPES=[\"openid\",\"AdobeID\"]\n"
    );
    let postman = postman(&[
        ("API_KEY", "\"c\""),
        ("CLIENT_SECRET", &quoted(SECRET)),
        ("IMS_ORG", "\"X@AdobeOrg\""),
        ("TECHNICAL_ACCOUNT_ID", "\"D@techacct.adobe.com\""),
        ("META_SCOPE", r#"["ent_x","ent_y"]"#),
        ("PRIVATE_KEY", &quoted(&pem())),
        ("SANDBOX_NAME", "\"prod\""),
    ]);
    let jwt_auth = format!(
        r#"{{"clientId":"c","clientSecret":"{SECRET}","technicalAccountId":"D@techacct.adobe.com","orgId":"X@AdobeOrg","metaScopes":["/s/ent_x"],"privateKey":"key.pem"}}"#
    );
    let aepp = format!(
        r#"{{"org_id":"X@AdobeOrg","client_id":"c","secret":"{SECRET}","tech_id":"D@techacct.adobe.com","pathToKey":"key.pem","environment":"prod","scopes":""}}"#
    );
    let aepp_oauth = format!(
        r#"{{"org_id":"X@AdobeOrg","client_id":"c","client_secrets":["{SECRET}"],"scopes":"openid, AdobeID"}}"#
    );
    let own = format!(
        r#"{{"client_id":"c","client_secret":"{SECRET}","org_id":"X@AdobeOrg","technical_account_id":"D@techacct.adobe.com","metascopes":"ent_x","private_key":"key.pem","sandbox_name":"prod"}}"#
    );
    let user_sync = format!(
        "server:\n  ims_host: ims-na1.adobelogin.com\nenterprise:\n  org_id: X@AdobeOrg\n  client_id: c\n  client_secret: {SECRET}\n  tech_acct_id: D@techacct.adobe.com\n  priv_key_path: key.pem\n"
    );
    let forms = [
        ("AEM", aem(), None),
        ("Console", console(&format!("{API_KEY},{OAUTH}")), None),
        ("Postman", postman, Some("prod")),
        (".env", format!("\u{feff}{}", dot_env(&[])), Some("prod")),
        (".env of OAuth", oauth_env, None),
        ("jwt-auth", jwt_auth, None),
        ("aepp", aepp, None),
        ("aepp OAuth", aepp_oauth, None),
        ("own", own, Some("prod")),
        ("user-sync", user_sync, None),
    ];
    for (form, text, sandbox) in forms {
        let credentials =
            read(text, &options()).unwrap_or_else(|error| panic!("{form}: {error:?}"));
        assert_eq!(credentials.client_id(), Some("c"), "{form}");
        assert_eq!(credentials.org_id(), Some("X@AdobeOrg"), "{form}");
        assert_eq!(credentials.sandbox_name(), sandbox, "{form}");
        let shown = format!("{credentials:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("BEGIN"), "{shown}");
    }
    let google = format!(
        r#"{{"type":"service_account","client_email":"a@b.example","private_key_id":"k","private_key":{},"token_uri":"https://oauth2.example/token"}}"#,
        quoted(&pem())
    );
    let google = Credentials::from_json(google.as_bytes(), &options()).unwrap();
    assert_eq!((google.client_id(), google.org_id()), (None, None));
}

#[test]
fn each_secret_that_a_file_has_is_tried() {
    let secrets = format!(r#"["{SECRET}-old","{SECRET}",""]"#);
    let of_console = OAUTH.replace(r#"["s3cret-of-the-client"]"#, &secrets);
    let of_jwt = JWT.replace(
        r#""client_secret":"s3cret-of-the-client""#,
        &format!(r#""client_secrets":{secrets}"#),
    );
    let aepp = format!(
        r#"{{"org_id":"X@AdobeOrg","client_id":"c","secret":{secrets},"scopes":["openid"]}}"#
    );
    let env = format!("IMS_CLIENT_ID=c\nIMS_CLIENT_SECRETS={secrets}\nIMS_SCOPES=openid\n");
    let postman = postman(&[
        ("IMS_CLIENT_ID", "\"c\""),
        ("IMS_CLIENT_SECRETS", &quoted(&secrets.replace('"', "\\\""))),
        ("IMS_SCOPES", "\"openid\""),
    ]);
    let with_key = with_key();
    let none = options();
    for (text, options) in [
        (console(&of_console), &none),
        (console(&of_jwt), &with_key),
        (aepp, &none),
        (env, &none),
        (postman, &none),
    ] {
        let credentials = read(&text, options).unwrap_or_else(|error| panic!("{text}: {error}"));
        let tried: Vec<_> =
            credentials.each().map(|one| one.client_secret().unwrap().expose().clone()).collect();
        assert_eq!(tried, [format!("{SECRET}-old"), SECRET.to_owned()], "{text}");
    }
    let nine = format!(
        "IMS_CLIENT_ID=c\nIMS_CLIENT_SECRETS={:?}\n",
        ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    );
    assert!(failure(nine).contains("IMS_CLIENT_SECRETS holds over 8"));
}

#[test]
fn an_environment_of_aepp_that_is_not_production_is_stage() {
    for (environment, host) in [
        ("", "ims-na1.adobelogin.com"),
        ("prod", "ims-na1.adobelogin.com"),
        ("support", "ims-na1.adobelogin.com"),
        ("stage", "ims-na1-stg1.adobelogin.com"),
        ("int", "ims-na1-stg1.adobelogin.com"),
    ] {
        let text = format!(
            r#"{{"org_id":"X@AdobeOrg","client_id":"c","secret":"s","scopes":"a","environment":"{environment}"}}"#
        );
        let url = read(text, &options()).unwrap().token_url().to_string();
        assert_eq!(url, format!("https://{host}/ims/token/v3"), "{environment}");
    }
}

#[test]
fn a_key_is_taken_in_every_form() {
    let own = |key: &str, more: &str| {
        format!(
            r#"{{"client_id":"c","client_secret":"s","org_id":"X@AdobeOrg","technical_account_id":"D@t","metascopes":"ent_x","private_key":{key}{more}}}"#
        )
    };
    let encrypted = String::from_utf8(keys::encrypted_pem(b"pass")).unwrap();
    let lines: Vec<String> = pem().lines().map(quoted).collect();
    for key in [
        quoted(&pem()),
        quoted("key.pem"),
        format!("[{}]", lines.join(",")),
        quoted(&pem().replace('\n', "\\\\n")),
        quoted(&pem().replace('\n', "\\r\n")),
        quoted(&STANDARD.encode(keys::pkcs8_der())),
    ] {
        read(own(&key, ""), &options()).unwrap_or_else(|error| panic!("{error:?}"));
    }
    read(own(&quoted(&encrypted), r#","passphrase":"pass""#), &options()).unwrap();
    let mut wins = options();
    wins.passphrase = Some(Secret::new(b"pass".to_vec()));
    read(own(&quoted(&encrypted), r#","passphrase":"wrong""#), &wins).unwrap();
    let error = read(own(&quoted(&encrypted), ""), &options()).unwrap_err();
    assert_eq!(error.status(), Status::Passphrase);
    assert!(error.message().contains(" private_key is encrypted"), "{error}");
    let error = read(own("\"no.pem\"", ""), &options()).unwrap_err();
    assert_eq!(error.status(), Status::Key);
    assert!(error.message().contains("no.pem cannot be read"), "{error}");
    let error = read(own("\"key.pem\"", ""), &with_key()).unwrap_err();
    assert_eq!(error.status(), Status::Argument);
    assert!(error.message().starts_with("key is given, but"), "{error}");
}

#[test]
fn of_several_credentials_one_is_picked_by_name_id_or_client_id() {
    let file = console(&[API_KEY, JWT, OAUTH].join(","));
    for name in ["C", "5", "c"] {
        assert_eq!(read(&file, &named(name)).unwrap().client_id(), Some("c"), "{name}");
    }
    let mut options = with_key();
    options.name = Some("B".into());
    assert_eq!(read(&file, &options).unwrap().client_id(), Some("cb"));
    assert!(failure(&file).contains("has several credentials: B, C"));
    let error = read(&file, &named("A")).unwrap_err();
    assert!(error.message().contains("holds no credential A; it holds: B, C"), "{error}");
    let error = read(&file, &named("B")).unwrap_err();
    assert!(error.message().ends_with("the private key is missing"), "{error}");
    assert!(failure(console(API_KEY)).contains("holds no service account's credential"));
    read(aem(), &named("u@techacct.adobe.com")).unwrap();
    let error = read(aem(), &named("other")).unwrap_err();
    assert!(error.message().contains("holds no credential other"), "{error}");
}

/// Client credentials of another server than Adobe's, with a further setting.
fn other(setting: &str) -> String {
    format!(
        r#"{{"grant":"client_credentials","token_url":"https://h/t","client_id":"c",
        "client_secret":"s3cret-of-the-client",{setting}}}"#
    )
}

/// A client with these secrets.
fn secrets(list: &str) -> String {
    other("").replace(
        r#""client_secret":"s3cret-of-the-client","#,
        &format!(r#""client_secrets":{list}"#),
    )
}

/// A client that one of these keys proves.
fn proven_by(list: &str) -> String {
    proven("").replace(r#""private_key":"k.pem","#, &format!(r#""private_keys":{list}"#))
}

/// A client that its key proves, with further settings.
fn proven(settings: &str) -> String {
    format!(
        r#"{{"client_auth":"private_key_jwt","client_id":"c","token_url":"https://h/t",
        "private_key":"k.pem",{settings}}}"#
    )
}

#[test]
fn what_is_no_credentials_file_is_refused_by_what_it_is() {
    let directory = Directory::new();
    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let begun = Instant::now();
    for (path, problem) in [
        (directory.path().to_owned(), "is a directory"),
        (directory.path().join("none"), "cannot be read"),
        (fifo, "is not a regular file"),
        ("/dev/zero".into(), "is not a regular file"),
        (directory.write("large", vec![b' '; 300_000]), "is over 256 KiB"),
    ] {
        let error = Credentials::from_file(&path, &options()).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().contains(&path.display().to_string()), "{error}");
        assert!(error.message().contains(problem) && error.hint().is_some(), "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
    for (text, problem) in [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("hello", "is of no known format | known are the files of AEM"),
        ("{}", "is of no known format"),
        ("{\"client_id\":\n}", "is not JSON: see line 2 column 1"),
        (r#"{"accessToken":"s3cret-of-the-client"}"#, "local development token"),
        (&pem(), "is a private key"),
        ("-----BEGIN CERTIFICATE-----\nx", "is a certificate"),
        (
            r#"{"client_idd":"x","client_id":"c"}"#,
            "holds the unknown setting client_idd | did you mean client_id?",
        ),
        (r#"{"client_id":1}"#, "client_id must be a string"),
        (r#"{"client_id":"c","lifetime":"300"}"#, "lifetime must be an integer"),
        (
            r#"{"client_id":"c","grant":"client_credential"}"#,
            "grant is client_credential, yet must be jwt_exchange or jwt_bearer or \
             client_credentials or token_exchange, or a full grant_type | did you mean \
             client_credentials?",
        ),
        (
            r#"{"client_id":"c","client_auth":"x"}"#,
            "client_auth must be body or basic or private_key_jwt or client_secret_jwt or none",
        ),
        (&other(r#""resource":"api""#), "resource is not an absolute URI, such as https://"),
        (&other(r#""resource":["urn:a","https://h/#b"]"#), "resource has a fragment (#...)"),
        (&other(r#""resource":[1]"#), "resource must be a list of strings"),
        (&other(r#""parameters":[]"#), "parameters must be an object"),
        (&other(r#""parameters":{"a":1}"#), "parameters must be a string or a list of strings"),
        (&other(r#""parameters":{"a":""}"#), "parameters holds a, whose value is missing or empty"),
        (
            &other(r#""parameters":{"client_assertion":"x"}"#),
            "parameters holds client_assertion, which has a setting of its own",
        ),
        (
            &other(r#""parameters":{"scope":["a","b"]}"#),
            "parameters holds scope, which has a setting of its own",
        ),
        (
            &other(r#""parameters":{"a":"1","a":"2"}"#),
            "holds the setting parameters.a twice | give it once",
        ),
        (&other(r#""kid":"1","kid":"2""#), "holds the setting kid twice"),
        // A setting that says where the secret goes, or what is sent, is never ignored.
        (
            r#"{"org_id":"o","secret":"s","auth_code":"x"}"#,
            "auth_code is an authorization code, which works once",
        ),
        (
            r#"{"org_id":"o","secret":"s","scopes":"a","proxy":"http://p:3128"}"#,
            "proxy is given, but libims does not follow it | remove it here, and give --proxy",
        ),
        (
            r#"{"org_id":"o","secret":"s","tokenEndpoint":"https://h/t"}"#,
            "tokenEndpoint is given, but libims does not follow it | aepp takes the host from environment",
        ),
        (
            r#"{"type":"service_account","universe_domain":"u.example"}"#,
            "universe_domain is given, but libims does not follow it | in this universe",
        ),
        (
            "IMS_CLIENT_ID=c\nIMS_HOST=h.example\n",
            "IMS_HOST is given, but libims does not follow it | set IMS to the host",
        ),
        (
            &proven_by(r#"["a.pem",{"private_key":"b.pem","kid":"1","kid":"2"}]"#),
            "holds the setting private_keys[1].kid twice",
        ),
        (&proven(r#""iss":"another""#), "iss is not the client id"),
        (&proven(r#""sub":"another""#), "sub is not the client id"),
        (&other(r#""body":"xml""#), "body must be form or json"),
        (&other(r#""scope_claim":"yes""#), "scope_claim must be true or false"),
        (&other(r#""iat_leeway":-1"#), "iat_leeway must be an integer, in seconds, 0 to 86400"),
        (
            &proven(r#""iat_leeway":600,"lifetime":86000"#),
            "iat_leeway and the lifetime are over 86400 seconds (24 h) together",
        ),
        (
            &proven(r#""alg":"ES256""#).replace("\"k.pem\"", &quoted(&pem())),
            "alg is ES256, but the key is an RSA key",
        ),
        (&proven(r#""claims":{"jti":"x"}"#), "claims repeats the claim jti"),
        (&other(r#""default_lifetime":0"#), "default_lifetime must be an integer, in seconds, 1"),
        (
            &other(r#""client_secrets":["a","b"]"#),
            "client_secrets and client_secret are both given: give one",
        ),
        (&secrets(r#"[1]"#), "client_secrets must be a list of strings"),
        (&secrets(r#"[{}]"#), "client_secrets must be a list of strings"),
        (&secrets(r#"["a"," "]"#), "client_secrets[1] is missing or empty"),
        (&secrets(r#"["a","b\u0000"]"#), "client_secrets[1] holds a control character"),
        (&proven_by(r#"[1]"#), "private_keys must be a list of strings or objects"),
        (&proven_by(r#"[{}]"#), "private_keys[0].private_key is missing or empty"),
        (
            &proven_by(r#"["a.pem",{"key":"b.pem"}]"#),
            "private_keys[1] holds the unknown setting key",
        ),
        (
            &proven_by(r#"[{"private_key":"a.pem","kid":1}]"#),
            "private_keys[0].kid must be a string",
        ),
        (&other(r#""subject":"u""#), "subject is given, but the grant has no JWT that names whom"),
        (
            &other(r#""subject_token_type":"jwt""#),
            "subject_token_type is given, but only a token exchange takes it",
        ),
        (
            &other(r#""client_auth":"private_key_jwt","private_key":"k.pem""#),
            "client_secret is given, but with client_auth private_key_jwt none is sent",
        ),
        (
            r#"{"client_auth":"private_key_jwt","client_id":"c","token_url":"https://h/t"}"#,
            "private_key is missing",
        ),
        (
            r#"{"client_auth":"client_secret_jwt","client_id":"c","token_url":"https://h/t"}"#,
            "client_secret is missing",
        ),
        (
            r#"{"client_auth":"private_key_jwt","token_url":"https://h/t","private_key":"k"}"#,
            "client_id is missing",
        ),
        (&other(r#""issuer":"https://h/?a=b""#), "issuer has a query (?...)"),
        (&other(r#""alg":"none""#), "alg "),
        (&other(r#""alg":"RS1""#), "alg "),
        (&other(r#""x5t":"S512""#), "x5t must be S256 or S1"),
        (&other(r#""x5c":true"#), "certificate is missing: x5t and x5c are made of it"),
        (&other(r#""header":[]"#), "header must be an object"),
        (&other(r#""aud":[1]"#), "aud must be a list of strings"),
        (&other(r#""aud":[]"#), "aud is an empty list"),
        (
            &proven(r#""issuer":"https://h","aud":["https://h"]"#),
            "aud is a list, but a client assertion names the issuer alone, as one text",
        ),
        (&proven(r#""header":{"alg":"none"}"#), "header repeats the member alg"),
        (
            &other(r#""client_auth":"client_secret_jwt""#),
            "client_secret has 20 bytes; HS256 needs 32",
        ),
        (&other(r#""issuer":"http://h.example""#), "issuer is http://, which would send secrets"),
        (
            r#"{"grant":"token_exchange","client_id":"c","client_secret":"s"}"#,
            "token_url is missing",
        ),
        (r#"{"client_id":"c","claims":[]}"#, "claims must be an object"),
        (r#"{"integration":"x"}"#, "integration must be an object"),
        (r#"{"integration":{}}"#, "integration.technicalAccount is missing"),
        (r#"{"values":{}}"#, "values must be a list of objects"),
        (r#"{"values":[]}"#, "without credentials"),
        (&"[".repeat(1000), "is of no known format"),
        (&format!("{{\"a\":{}", "[".repeat(1000)), "ends before its JSON object does"),
    ] {
        let failed = failure(text);
        assert!(failed.contains(problem), "{text}: {failed}");
    }
    assert!(failure(b"{\"a\":\n\xe9}").contains("is not UTF-8 text: see line 2"));
    assert!(failure(b"\xff\xfe{\0").contains("ends before its JSON object does"));
    let error = Credentials::from_file(aem(), &options()).unwrap_err();
    assert!(!error.message().contains(SECRET), "{error}");
}

#[test]
fn what_is_wrong_is_called_as_the_user_calls_it() {
    for (name, value, problem) in [
        (
            "IMS_ORG",
            "12345",
            "IMS_ORG is \"12345\": it must look like ORG@AdobeOrg | the Developer",
        ),
        ("IMS_ORG", "", "IMS_ORG is missing: it must be ORG@AdobeOrg"),
        (
            "TECHNICAL_ACCOUNT_ID",
            "x",
            "TECHNICAL_ACCOUNT_ID is \"x\": it must look like ID@techacct",
        ),
        ("API_KEY", "", "API_KEY is missing"),
        ("CLIENT_SECRET", "", "CLIENT_SECRET is missing"),
        ("CLIENT_SECRET", "'s3cret-of-the-client\x07'", "CLIENT_SECRET holds a control character"),
        ("META_SCOPE", "", "META_SCOPE is missing"),
        ("META_SCOPE", "a b", "META_SCOPE holds one that is empty or malformed"),
        (
            "META_SCOPE",
            "https://other.example/s/ent_x",
            "META_SCOPE holds https://other.example/s/ent_x, which belongs to another host",
        ),
        ("META_SCOPE", "[1]", "META_SCOPE is not a JSON array"),
        ("PRIVATE_KEY", "", "PRIVATE_KEY is missing"),
        (
            "IMS",
            "https://h/ims",
            "IMS has more than a host and a port | IMS should be a host such as",
        ),
        ("IMS", "http://ims.example", "IMS is http://"),
    ] {
        let failed = failure(dot_env(&[(name, value)]));
        assert!(failed.contains(problem), "{name}={value}: {failed}");
    }
    // OAuth Server-to-Server is the successor of JWT: nothing of JWT's is looked at.
    read(
        format!("{}SCOPES=openid\n", dot_env(&[("IMS_ORG", ""), ("PRIVATE_KEY", "no")])),
        &options(),
    )
    .unwrap();
    let generated = failure("IMS_CLIENT_ID=c\nIMS_CLIENT_SECRETS=[\"s\"]\n");
    assert!(generated.contains("IMS_SCOPES is missing"), "{generated}");
    let org = failure(aem().replace("X@AdobeOrg", "X"));
    assert!(org.contains("integration.org is \"X\""), "{org}");
}

#[test]
fn the_setting_at_fault_has_one_name_whatever_the_file_calls_it() {
    for (text, field) in [
        (dot_env(&[("CLIENT_SECRET", "")]), "client_secret"),
        (dot_env(&[("IMS_ORG", "12345")]), "org_id"),
        (dot_env(&[("IMS", "http://ims.example")]), "ims"),
        (dot_env(&[("META_SCOPE", "a b")]), "metascopes"),
        (dot_env(&[("PRIVATE_KEY", "none.pem")]), "private_key"),
        (aem().replace("X@AdobeOrg", "X"), "org_id"),
        (r#"{"client_id":1}"#.to_owned(), "client_id"),
    ] {
        let error = read(&text, &options()).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(error.message().ends_with(&*error.problem()), "{error}");
    }
    assert_eq!(read("hello", &options()).unwrap_err().field(), None);
}

#[test]
fn the_environment_is_read_by_the_same_names() {
    const CHILD: &str = "IMS_TEST_CHILD";
    match std::env::var(CHILD).as_deref() {
        Ok("full") => {
            let credentials = Credentials::from_env(&options()).unwrap();
            assert_eq!(credentials.client_id(), Some("c"));
            assert_eq!(credentials.org_id(), Some("X@AdobeOrg"));
        }
        Ok(_) => {
            let error = Credentials::from_env(&options()).unwrap_err();
            assert_eq!(error.status(), Status::Credentials);
            assert_eq!(error.message(), "the environment holds no credentials");
            assert!(error.hint().unwrap().starts_with("set API_KEY"));
        }
        // A process of its own, for a test cannot change the environment of all.
        Err(_) => {
            let account = [
                ("IMS_CLIENT_ID", "c"),
                ("IMS_CLIENT_SECRET", SECRET),
                ("IMS_SCOPES", "openid"),
                ("IMS_ORG_ID", "X@AdobeOrg"),
            ];
            for (kind, account) in [("full", &account[..]), ("empty", &[])] {
                let status = Command::new(std::env::current_exe().unwrap())
                    .arg("the_environment_is_read_by_the_same_names")
                    .env_clear()
                    .env(CHILD, kind)
                    .envs(account.iter().copied())
                    .status();
                assert!(status.unwrap().success(), "{kind}");
            }
        }
    }
}

#[test]
fn values_are_checked_by_name_before_anything_is_sent() {
    let key = || with_key().key.unwrap();
    let url = || "https://h/ims/exchange/jwt".parse::<ims::TokenUrl>().unwrap();
    let claims = || Claims::new("X@AdobeOrg", "D@t", "https://h/c/c");
    let new = |claims: Claims| {
        let signer = Signer { key: key().into(), assertion: claims.into() };
        Credentials::new(url(), Grant::jwt_exchange("c", SECRET, signer))
    };
    assert_eq!(new(claims()).unwrap().org_id(), Some("X@AdobeOrg"));
    let (mut exp, mut iat, mut jti, mut empty) = (claims(), claims(), claims(), claims());
    exp.expiry = Expiry::At(UNIX_EPOCH);
    iat.iat = Some(UNIX_EPOCH);
    jti.jti = Some(1.into());
    empty.sub = Some(String::new());
    let oauth = |client_id: &str| {
        Credentials::new(url(), Grant::client_credentials(client_id, SECRET, "openid"))
    };
    oauth("c").unwrap();
    for (name, refused) in [
        ("exp", new(exp)),
        ("iat", new(iat)),
        ("jti", new(jti)),
        ("sub", new(empty)),
        ("client_id", oauth("")),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        assert!(error.message().starts_with(&format!("{name} ")), "{error}");
    }
}

#[test]
fn yaml_that_grows_or_is_none_is_refused_without_its_text() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    let begun = Instant::now();
    for (yaml, expected) in [
        (format!("{bomb}enterprise:\n  org_id: X@AdobeOrg\n"), "is too long with its aliases"),
        (
            format!("enterprise:\n  client_secret: [{SECRET}]\n"),
            "enterprise.client_secret must be a string",
        ),
        (format!("enterprise:\n  client_secret: \"{SECRET}\n"), "is not YAML: see line"),
        (format!("enterprise:\n  org_id: {}\n", "[".repeat(100_000)), "is not YAML: see line"),
    ] {
        let failed = failure(yaml);
        assert!(failed.contains(expected), "{failed}");
    }
    assert!(begun.elapsed() < Duration::from_secs(2));
    let failed = failure("enterprise:\n  org_id: 12345\n  client_id: c\n  client_secret: s\n");
    assert!(failed.contains("enterprise.org_id is \"12345\""), "{failed}");
}

#[test]
fn a_program_is_asked_about_each_file_by_its_absolute_path_before_it_is_read() {
    let directory = Directory::new();
    let key = directory.write("key.pem", keys::pkcs8_pem());
    let json = r#"{"client_id":"c","client_secret":"s","org_id":"X@AdobeOrg",
        "technical_account_id":"D@t","metascopes":"ent_x","private_key":"key.pem"}"#;
    let file = directory.write("file.json", json);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let allow = |count: usize| {
        asked.lock().unwrap().clear();
        let asked = Arc::clone(&asked);
        let mut options = CredentialsOptions::default();
        options.may_read = Some(MayRead::new(move |path| {
            asked.lock().unwrap().push(path.to_owned());
            asked.lock().unwrap().len() <= count
        }));
        options
    };
    Credentials::from_file(&file, &allow(2)).unwrap();
    assert_eq!(*asked.lock().unwrap(), [file.clone(), key.clone()]);
    for (count, refused) in [(0, &file), (1, &key)] {
        let error = Credentials::from_file(&file, &allow(count)).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        let named = format!("{} is refused: this program may not read it", refused.display());
        assert!(error.message().ends_with(&named), "{error}");
    }
    let error = Credentials::from_json(json.as_bytes(), &allow(0)).unwrap_err();
    assert!(error.message().contains("private_key key.pem is refused"), "{error}");
}

#[test]
fn files_are_allowed_below_a_directory_whatever_links_lead_there() {
    let (inside, outside) = (Directory::new(), Directory::new());
    let json = |key: &str| {
        format!(
            r#"{{"client_id":"c","client_secret":"s","org_id":"X@AdobeOrg",
            "technical_account_id":"D@t","metascopes":"ent_x","private_key":{}}}"#,
            quoted(key)
        )
    };
    let stranger = outside.write("key.pem", keys::pkcs8_pem());
    inside.write("key.pem", keys::pkcs8_pem());
    symlink(&stranger, inside.path().join("link.pem")).unwrap();
    symlink(inside.path(), outside.path().join("way")).unwrap();
    let mut options = CredentialsOptions::default();
    options.may_read = Some(MayRead::below(&[outside.path().join("way")]).unwrap());
    let read = |key: &str| {
        let file = inside.write("file.json", json(key));
        Credentials::from_file(file, &options).map(drop)
    };
    read("key.pem").unwrap();
    read(&outside.path().join("way/key.pem").display().to_string()).unwrap();
    let up = format!("../{}/key.pem", outside.path().file_name().unwrap().to_str().unwrap());
    for key in [stranger.to_str().unwrap(), "link.pem", "/dev/null", &up] {
        let error = read(key).unwrap_err();
        assert!(error.message().contains("is refused"), "{key}: {error}");
    }
    let error = read("missing.pem").unwrap_err();
    assert!(error.message().contains("missing.pem cannot be read"), "{error}");
    for directory in ["missing", "key.pem"] {
        let error = MayRead::below(&[inside.path().join(directory)]).unwrap_err();
        assert_eq!(error.status(), Status::Argument, "{error}");
    }
}

#[test]
fn each_key_of_a_list_must_do_what_it_may_be_asked_for() {
    let ec = String::from_utf8(keys::ec().private_key_to_pem_pkcs8().unwrap()).unwrap();
    let small = Rsa::generate(1024).unwrap().private_key_to_pem().unwrap();
    let small = String::from_utf8(small).unwrap();
    let certificate = self_signed(keys::rsa(), Validity::a_year()).to_pem().unwrap();
    let certificate = String::from_utf8(certificate).unwrap();
    for (second, changes, status, problem) in [
        (
            &ec,
            json!({ "alg": "RS256" }),
            Status::Credentials,
            "alg is RS256, but private_keys[1] is",
        ),
        (&small, json!({}), Status::Key, "private_keys[1] "),
        (
            &ec,
            json!({ "x5t": "S256", "certificate": certificate }),
            Status::Credentials,
            "the key is private_keys[1]: give it a certificate of its own",
        ),
    ] {
        let mut account = json!({
            "client_auth": "private_key_jwt", "client_id": "c", "token_url": "https://h/t",
            "private_keys": [pem(), second],
        });
        account.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let error = Credentials::from_json(account.to_string().as_bytes(), &options()).unwrap_err();
        let text = format!("{error} | {}", error.hint().unwrap_or_default());
        assert_eq!(error.status(), status, "{text}");
        assert!(text.contains(problem), "{text}");
    }
}

#[test]
fn a_call_tries_no_more_than_eight_pairs_of_secret_and_key() {
    let list = |what: &str| json!([what, what, what]);
    let account = json!({
        "grant": "jwt_bearer", "iss": "i", "token_url": "https://h/t", "client_id": "c",
        "client_secrets": list("s"), "private_keys": list("k.pem"),
    });
    let error = Credentials::from_json(account.to_string().as_bytes(), &options()).unwrap_err();
    let problem = "private_keys and client_secrets make over 8 pairs that may be tried";
    assert_eq!(error.status(), Status::Credentials);
    assert!(error.message().contains(problem), "{error}");
}

#[test]
fn each_secret_of_a_list_is_tried() {
    let secrets = r#"["one","two"]"#;
    for file in [
        format!(
            r#"{{"client_id":"c","client_secrets":{secrets},"ims_org_id":"A@AdobeOrg","scopes":["a"]}}"#
        ),
        format!(
            r#"{{"ims":{{"contexts":{{"x":{{"client_id":"c","client_secrets":{secrets},"ims_org_id":"A@AdobeOrg","scopes":["a"]}}}}}}}}"#
        ),
        format!(
            r#"{{"clientId":"c","clientSecrets":{secrets},"imsOrgId":"A@AdobeOrg","scopes":["a"]}}"#
        ),
        format!(
            r#"{{"org_id":"A@AdobeOrg","client_id":"c","client_secrets":{secrets},"scopes":"a"}}"#
        ),
        format!(
            r#"{{"project":{{"org":{{"ims_org_id":"A@AdobeOrg"}},"workspace":{{"details":{{"credentials":[
            {{"id":"1","name":"n","oauth_server_to_server":{{"client_id":"c","client_secrets":{secrets},
            "scopes":["a"]}}}}]}}}}}}}}"#
        ),
        format!(
            "IMS_CLIENT_ID=c\nIMS_CLIENT_SECRETS={secrets}\nIMS_ORG_ID=A@AdobeOrg\nIMS_SCOPES=a\n"
        ),
        format!("OAUTH_CLIENT_ID=c\nOAUTH_CLIENT_SECRETS={secrets}\nOAUTH_ORG_ID=A@AdobeOrg\n"),
        format!(
            "AIO_COMMERCE_AUTH_IMS_CLIENT_ID=c\nAIO_COMMERCE_AUTH_IMS_CLIENT_SECRETS={secrets}\n\
             AIO_COMMERCE_AUTH_IMS_ORG_ID=A@AdobeOrg\nAIO_COMMERCE_AUTH_IMS_SCOPES=[\"a\"]\n"
        ),
    ] {
        let credentials = read(&file, &options()).unwrap();
        let tried: Vec<&str> =
            credentials.each().map(|one| one.client_secret().unwrap().expose().as_str()).collect();
        assert_eq!(tried, ["one", "two"], "{file}");
    }
}
