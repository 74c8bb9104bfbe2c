use std::time::SystemTime;

use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::keys;

use super::formats::matching;
use super::{Credentials, CredentialsOptions, Format, Source};
use crate::error::{Error, Status};
use crate::grant::{Grant, GrantType};
use crate::key::Key;

fn pem() -> String {
    String::from_utf8(keys::pkcs8_pem()).unwrap()
}

fn own(changes: Value) -> Credentials {
    let mut document = json!({
        "client_id": "c", "client_secret": "s", "org_id": "X@AdobeOrg",
        "technical_account_id": "D@techacct.adobe.com", "metascopes": "ent_x, /s/ent_y",
        "private_key": pem(),
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    read(&document.to_string())
}

fn read(json: &str) -> Credentials {
    Credentials::from_json(json.as_bytes(), &CredentialsOptions::default()).unwrap()
}

fn grant(credentials: &Credentials) -> Grant {
    let now = SystemTime::now();
    let key = credentials.checked_key(now).unwrap();
    credentials.grant(key.as_ref(), now).unwrap()
}

/// The header and claims of the grant's JWT.
fn decoded(grant: &Grant) -> [Value; 2] {
    json_of(grant.assertion().unwrap().expose())
}

#[test]
fn an_account_of_adobe_becomes_the_claims_that_ims_wants() {
    let credentials = own(json!({ "ims": "https://ims-na1-stg1.adobelogin.com/" }));
    let grant = grant(&credentials);
    let url = "https://ims-na1-stg1.adobelogin.com/ims/exchange/jwt";
    assert_eq!(credentials.token_url().as_str(), url);
    let [_, claims] = decoded(&grant);
    assert_eq!(claims["iss"], "X@AdobeOrg");
    assert_eq!(claims["sub"], "D@techacct.adobe.com");
    assert_eq!(claims["aud"], "https://ims-na1-stg1.adobelogin.com/c/c");
    assert_eq!(claims["https://ims-na1-stg1.adobelogin.com/s/ent_x"], true);
    assert_eq!(claims["https://ims-na1-stg1.adobelogin.com/s/ent_y"], true);
    assert_eq!(claims.as_object().unwrap().len(), 7);
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    assert_eq!(credentials.secret(), key.unchecked().secret());
}

#[test]
fn a_service_account_of_google_becomes_a_bearer_grant() {
    let credentials = read(
        &json!({
            "type": "service_account", "client_email": "a@b.example", "private_key_id": "k",
            "private_key": pem(), "token_uri": "https://oauth2.example/token",
        })
        .to_string(),
    );
    let grant = grant(&credentials);
    assert_eq!(grant.grant_type(), GrantType::JwtBearer);
    assert_eq!(credentials.token_url().as_str(), "https://oauth2.example/token");
    let [header, claims] = decoded(&grant);
    assert_eq!(header["kid"], "k");
    assert_eq!([&claims["iss"], &claims["sub"]], ["a@b.example", "a@b.example"]);
    assert_eq!(claims["aud"], "https://oauth2.example/token");
}

#[test]
fn each_attempt_has_a_jti_of_its_own_where_one_is_asked_for() {
    let jti = |credentials: &Credentials| decoded(&grant(credentials))[1]["jti"].clone();
    assert_eq!(jti(&own(json!({}))), Value::Null);
    let (uuid, integer) = (own(json!({ "jti": "uuid" })), own(json!({ "jti": "integer" })));
    assert_eq!(jti(&uuid).as_str().map(str::len), Some(36));
    assert!(jti(&integer).is_u64());
    assert!(jti(&uuid) != jti(&uuid) && jti(&integer) != jti(&integer));
}

#[test]
fn further_claims_stay_as_they_are_written() {
    let text = own_text(r#"{"z": 1.50, "a": 12345678901234567890123}"#);
    let grant = grant(&read(&text));
    let claims = crate::jwt::decode(grant.assertion().unwrap().expose()).unwrap().claims;
    assert!(claims.ends_with(r#","z":1.50,"a":12345678901234567890123}"#), "{claims}");
}

fn own_text(claims: &str) -> String {
    let key = json!(pem());
    format!(
        r#"{{"grant":"jwt_bearer","token_url":"https://h/t","iss":"i","private_key":{key},
        "claims":{claims}}}"#
    )
}

/// Returns what is said of the settings of a file that no one knows.
fn unknown(text: &str) -> String {
    let directory = support::directory::Directory::new();
    let file = directory.write("x", text);
    let options = CredentialsOptions::default();
    let inspection = Credentials::inspect(Source::File(&file), &options).unwrap();
    match inspection.unknown.is_empty() {
        true => String::new(),
        false => inspection.unknown.to_string(),
    }
}

#[test]
fn an_unknown_setting_is_named_with_its_path_and_the_name_that_was_meant() {
    for (text, expected) in [
        (
            r#"{"integration":{"technicalAccount":{"clientID":"c"},"x":1},"ok":true}"#,
            "the unknown settings integration.technicalAccount.clientID (did you mean clientId?), \
             integration.x",
        ),
        (
            r#"{"project":{"org":{},"workspace":{"details":{"credentials":[{"id":"1",
            "oauth_server_to_server":{"client_secret":"s","token_kind":"u"}}]}}}}"#,
            "the unknown setting oauth_server_to_server.token_kind",
        ),
        (
            r#"{"values":[{"key":"IMS_CLIENT_ID","value":"c"},{"key":"IMS_SCOPE","value":"a"},
            {"key":"OTHER","value":["x"]},{"key":"IMS_OFF","value":"a","enabled":false}]}"#,
            "the unknown setting IMS_SCOPE (did you mean IMS_SCOPES?)",
        ),
        (
            r#"{"type":"service_account","private_key_ids":"k","client_id":"1"}"#,
            "the unknown setting private_key_ids (did you mean private_key_id?)",
        ),
        (
            r#"{"clientId":"c","orgId":"o","metascopes":"m"}"#,
            "the unknown setting metascopes (did you mean metaScopes?)",
        ),
        (
            r#"{"org_id":"o","secret":"s","api_key":"c","client_id":"c","tech_idd":"t","//":"x"}"#,
            "the unknown setting tech_idd (did you mean tech_id?)",
        ),
        (
            "enterprise:\n  org_id: o\n  clientid: c\nserver:\n  host: h\nlogging: {a: b}\n",
            "the unknown settings enterprise.clientid (did you mean client_id?), logging",
        ),
        (
            "enterprise: {org_id: o, client_secret:s3cret}\n",
            "the unknown setting enterprise.client_secret (did you mean client_secret?)",
        ),
        (
            "PATH=/bin\nIMS_CLIENT_ID=c\nIMS_CLIENT_SECERT=s\nIMS_CACHE=none\nIMS_FOO=\n",
            "the unknown setting IMS_CLIENT_SECERT (did you mean IMS_CLIENT_SECRET?)",
        ),
        (
            r#"{"clientId":"c","orgId":"o","\u001b[2J":1,"a1":1,"a2":1,"a3":1,"a4":1,"a5":1}"#,
            "the unknown settings [2J, a1, a2, a3, a4, and 1 more",
        ),
    ] {
        assert_eq!(unknown(text), expected, "{text}");
    }
}

#[test]
fn an_unknown_setting_that_may_say_where_the_secret_goes_is_an_error() {
    for (text, expected) in [
        (
            r#"{"project":{"org":{},"workspace":{"details":{"credentials":[{"id":"1",
            "oauth_server_to_server":{"client_secret":"s","token_uri":"u"}}]}}}}"#,
            "oauth_server_to_server.token_uri is unknown, and may say where the secret goes",
        ),
        (
            r#"{"type":"service_account","token_url":"https://h/t","client_id":"1"}"#,
            "token_url is unknown, and may say where the secret goes",
        ),
        ("enterprise: {org_id: o}\nserver: {auth_hots: h}\n", "server.auth_hots is unknown"),
        ("enterprise: {org_id: o}\nservers: {host: h}\n", "servers is unknown"),
        ("enterprise: {org_id: o}\nims_host: h\n", "ims_host is given, but libims does not"),
        ("IMS_CLIENT_ID=c\nIMS_ENV=stage\n", "IMS_ENV is unknown"),
    ] {
        let directory = support::directory::Directory::new();
        let file = directory.write("x", text);
        let read = Credentials::from_file(&file, &CredentialsOptions::default());
        let error = read.unwrap_err();
        assert!(error.message().contains(expected), "{text}: {error}");
    }
}

#[test]
fn client_credentials_need_no_key_and_join_scopes_with_commas() {
    let credentials = read(
        r#"{"client_id":"c","client_secret":"s","scope":["openid","AdobeID"],
        "org_id":"X@AdobeOrg"}"#,
    );
    assert!(credentials.checked_key(SystemTime::now()).unwrap().is_none());
    let grant = grant(&credentials);
    assert_eq!(grant.scope(), Some("openid,AdobeID"));
    assert_eq!(grant.org_id(), Some("X@AdobeOrg"));
    assert_eq!((grant.assertion(), credentials.secret()), (None, &b"s"[..]));
}

/// The form of a request by an account of another server.
fn form(changes: &Value) -> String {
    let mut document = json!({
        "grant": "client_credentials", "token_url": "https://h/t", "client_id": "c",
        "client_secret": "s",
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    grant(&read(&document.to_string())).request().unwrap().body().expose().clone()
}

#[test]
fn every_setting_of_a_grant_is_sent_as_the_standards_say() {
    let client = "grant_type=client_credentials&client_id=c&client_secret=s";
    for (changes, expected) in [
        // RFC 6749 section 4.4.2: scope is optional; 3.3: blanks between.
        (json!({}), client.to_owned()),
        (json!({ "scope": ["a", "b"] }), format!("{client}&scope=a+b")),
        (json!({ "scope": "a,b" }), format!("{client}&scope=a%2Cb")),
        (
            json!({ "scope": "a, b c", "token_url": "https://ims-na1.adobelogin.com/ims/token/v3" }),
            format!("{client}&scope=a%2Cb%2Cc"),
        ),
        (
            json!({ "scope": ["a", "b"], "token_url": "http://127.0.0.1/ims/token/v3" }),
            format!("{client}&scope=a%2Cb"),
        ),
        // RFC 8707 section 2: repeatable.
        (
            json!({ "resource": ["https://a.example/", "urn:b"] }),
            format!("{client}&resource=https%3A%2F%2Fa.example%2F&resource=urn%3Ab"),
        ),
        (
            json!({ "audience": "api", "parameters": { "resource": "urn:b", "x": ["1", "2"] } }),
            format!("{client}&audience=api&resource=urn%3Ab&x=1&x=2"),
        ),
        (
            json!({ "client_auth": "none", "client_secret": null }),
            "grant_type=client_credentials&client_id=c".into(),
        ),
        (
            json!({ "client_auth": "basic", "grant": "account_credentials",
                    "parameters": { "account_id": "7" } }),
            "grant_type=account_credentials&account_id=7".into(),
        ),
        (
            json!({ "body": "json", "resource": ["urn:a", "urn:b"] }),
            r#"{"grant_type":"client_credentials","client_id":"c","client_secret":"s","resource":["urn:a","urn:b"]}"#.into(),
        ),
    ] {
        assert_eq!(form(&changes), expected, "{changes}");
    }
}

#[test]
fn a_private_key_proves_the_client_with_every_grant() {
    let url = "https://h/t";
    for (grant_name, jwts) in [
        ("client_credentials", 0),
        ("account_credentials", 0),
        ("jwt_bearer", 1),
        ("token_exchange", 1),
    ] {
        let mut account = json!({
            "grant": grant_name, "token_url": url, "client_id": "c",
            "client_auth": "private_key_jwt", "private_key": pem(), "kid": "k",
        });
        if jwts == 1 {
            (account["iss"], account["sub"]) = (json!("i"), json!("u"));
        }
        let credentials = read(&account.to_string());
        let grant = grant(&credentials);
        assert_eq!(usize::from(grant.assertion().is_some()), jwts, "{grant_name}");
        let form = grant.request().unwrap().body().expose().clone();
        let sent = "client_id=c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth\
                    %3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";
        assert!(form.contains(sent) && !form.contains("client_secret"), "{grant_name}: {form}");
        let [header, claims] = json_of(grant.client_assertion().unwrap().expose());
        assert_eq!(header["kid"], "k", "{grant_name}");
        assert_eq!([&claims["iss"], &claims["sub"], &claims["aud"]], ["c", "c", url]);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
        assert_eq!(claims["jti"].as_str().map(str::len), Some(36), "{grant_name}");
        if jwts == 1 {
            let [_, claims] = decoded(&grant);
            assert_eq!([&claims["iss"], &claims["sub"]], ["i", "u"], "{grant_name}");
        }
    }
}

#[test]
fn a_client_assertion_names_the_issuer_where_it_is_known() {
    let claims = |changes: Value| {
        let mut document = json!({
            "token_url": "https://h/t", "client_id": "c", "client_auth": "private_key_jwt",
            "private_key": pem(),
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        json_of(grant(&read(&document.to_string())).client_assertion().unwrap().expose())[1].clone()
    };
    assert_eq!(claims(json!({ "issuer": "https://h/" }))["aud"], "https://h/");
    assert_eq!(claims(json!({ "aud": ["x", "y"] }))["aud"], json!(["x", "y"]));
    assert_eq!(claims(json!({ "issuer": "https://h/", "aud": "x" }))["aud"], "x");
    let claimed = claims(json!({
        "scope": ["a", "b"], "scope_claim": true, "claims": { "z": 1 }, "iat_leeway": 60,
        "lifetime": 120,
    }));
    assert_eq!((&claimed["scope"], &claimed["z"]), (&json!("a b"), &json!(1)));
    let now = crate::unix_seconds(SystemTime::now());
    assert!((now - 65..=now - 60).contains(&claimed["iat"].as_i64().unwrap()), "{claimed}");
    assert_eq!(claimed["exp"].as_i64().unwrap() - claimed["iat"].as_i64().unwrap(), 180);
}

#[test]
fn no_leeway_of_iat_shortens_the_life_of_a_jwt() {
    let credentials = own(json!({ "iat_leeway": 600, "lifetime": 300 }));
    let [_, claims] = decoded(&grant(&credentials));
    let now = crate::unix_seconds(SystemTime::now());
    assert!((now + 295..=now + 300).contains(&claims["exp"].as_i64().unwrap()), "{claims}");
    assert!((now - 605..=now - 600).contains(&claims["iat"].as_i64().unwrap()), "{claims}");
}

#[test]
fn the_header_says_what_the_jwt_is_and_how_it_was_signed() {
    let certificate = self_signed(keys::rsa(), Validity::now()).to_pem().unwrap();
    let certificate = String::from_utf8(certificate).unwrap();
    let header = |changes: Value| {
        let mut document = json!({
            "token_url": "https://h/t", "client_id": "c", "client_auth": "private_key_jwt",
            "private_key": pem(), "certificate": certificate,
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        json_of(grant(&read(&document.to_string())).client_assertion().unwrap().expose())[0].clone()
    };
    assert_eq!(header(json!({})), json!({ "typ": "JWT", "alg": "RS256" }));
    // draft-ietf-oauth-rfc7523bis.
    let known = json!({ "issuer": "https://h", "alg": "PS256", "kid": "k" });
    let typ = "client-authentication+jwt";
    assert_eq!(header(known), json!({ "typ": typ, "alg": "PS256", "kid": "k" }));
    let fixed = json!({ "issuer": "https://h", "typ": "JWT", "header": { "a": [1] } });
    assert_eq!(header(fixed), json!({ "typ": "JWT", "alg": "RS256", "a": [1] }));
    assert_eq!(header(json!({ "x5t": "S256" }))["x5t#S256"].as_str().map(str::len), Some(43));
    assert_eq!(header(json!({ "x5t": "S1" }))["x5t"].as_str().map(str::len), Some(27));
    assert_eq!(header(json!({ "x5c": true }))["x5c"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_client_secret_signs_and_is_not_sent() {
    let secret = "a client secret of 32 bytes or so";
    let account = |changes: Value| {
        let mut document = json!({
            "grant": "client_credentials", "token_url": "https://h/t", "client_id": "c",
            "client_auth": "client_secret_jwt", "client_secret": secret,
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        read(&document.to_string())
    };
    let credentials = account(json!({}));
    assert_eq!(credentials.secret(), secret.as_bytes());
    let sent = grant(&credentials);
    let form = sent.request().unwrap().body().expose().clone();
    assert!(form.contains("client_assertion=") && !form.contains("client_secret="), "{form}");
    let [header, claims] = json_of(sent.client_assertion().unwrap().expose());
    assert_eq!((&header["alg"], &claims["iss"]), (&json!("HS256"), &json!("c")));
    // The algorithm is the secret's, and the key signs with its own.
    let both = account(json!({
        "grant": "jwt_bearer", "iss": "i", "private_key": pem(), "alg": "HS256",
    }));
    let sent = grant(&both);
    assert_eq!(decoded(&sent)[0]["alg"], "RS256");
    assert_eq!(json_of(sent.client_assertion().unwrap().expose())[0]["alg"], "HS256");
}

#[test]
fn google_s_form_has_scope_and_audience_as_claims_and_a_subject_to_act_for() {
    let file = json!({
        "type": "service_account", "client_email": "a@b.example", "private_key_id": "k",
        "private_key": pem(), "token_uri": "https://oauth2.example/token",
    })
    .to_string();
    let claims = |change: fn(&mut CredentialsOptions)| {
        let mut options = CredentialsOptions::default();
        change(&mut options);
        let grant = grant(&Credentials::from_json(file.as_bytes(), &options).unwrap());
        assert_eq!(grant.scope(), None);
        assert_eq!(grant.parameters.iter().count(), 0);
        decoded(&grant)[1].clone()
    };
    let scoped = claims(|options| {
        options.scope = Some("a b".into());
        options.subject = Some("user@b.example".into());
    });
    assert_eq!((&scoped["scope"], &scoped["sub"]), (&json!("a b"), &json!("user@b.example")));
    let identified = claims(|options| options.audience = Some("https://run.example".into()));
    assert_eq!(identified["target_audience"], "https://run.example");
    assert_eq!(identified["scope"], Value::Null);
}

fn json_of(jwt: &str) -> [Value; 2] {
    let jwt = crate::jwt::decode(jwt).unwrap();
    [jwt.header, jwt.claims].map(|json| serde_json::from_str(&json).unwrap())
}

#[test]
fn a_file_of_pdf_services_with_client_credentials_alone_has_pdf_services_own_endpoint() {
    let credentials =
        read(r#"{"client_credentials":{"client_id":"client","client_secret":"s3cret"}}"#);
    assert_eq!(credentials.token_url().to_string(), "https://pdf-services.adobe.io/token");
}

#[test]
fn a_host_of_the_caller_s_stands_in_for_that_of_the_file() {
    let ims = Some("http://127.0.0.1:8080".parse().unwrap());
    let options = CredentialsOptions { ims, ..CredentialsOptions::default() };
    let json = br#"{"client_id":"c","client_secret":"s","scope":"a","ims":"h.example"}"#;
    let credentials = Credentials::from_json(json, &options).unwrap();
    let url = "http://127.0.0.1:8080/ims/token/v3";
    assert_eq!(credentials.token_url().as_str(), url);
}

#[test]
fn a_certificate_is_matched_with_the_key_before_any_network() {
    let certificate =
        |validity| String::from_utf8(self_signed(keys::rsa(), validity).to_pem().unwrap()).unwrap();
    let other = self_signed(&keys::ec(), Validity::now()).to_pem().unwrap();
    let now = SystemTime::now();
    own(json!({ "certificate": certificate(Validity::now()) })).checked_key(now).unwrap();
    for (certificate, problem) in [
        (certificate(Validity::expired()), "has expired"),
        (certificate(Validity::not_yet()), "is not valid yet"),
        (String::from_utf8(other).unwrap(), "does not belong to the private key"),
        ("-----BEGIN CERTIFICATE-----\n".into(), "is cut off"),
    ] {
        let credentials = own(json!({ "certificate": certificate }));
        let error = credentials.checked_key(now).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert_eq!(error.field(), Some("certificate"));
        assert!(error.message().contains(problem), "{error}");
    }
}

#[test]
fn accounts_that_share_a_secret_are_told_apart() {
    let base = own(json!({})).identity();
    let mut seen = Vec::new();
    for change in [
        // A server may refuse the requests of one, and accept those of the other.
        json!({ "lifetime": 60 }),
        json!({ "ims": "ims-na1-stg1.adobelogin.com" }),
        json!({ "client_id": "d" }),
        json!({ "org_id": "Y@AdobeOrg" }),
        json!({ "technical_account_id": "E@techacct.adobe.com" }),
        json!({ "metascopes": "ent_x" }),
        json!({ "scope": "a" }),
        json!({ "claims": { "a": 1 } }),
        json!({ "jti": "uuid" }),
        json!({ "grant": "client_credentials", "scope": "a" }),
        json!({ "grant": "jwt_bearer", "token_url": "https://h/t" }),
        json!({ "grant": "token_exchange", "token_url": "https://h/t" }),
        json!({ "grant": "account_credentials", "token_url": "https://h/t" }),
        json!({ "grant": "password", "token_url": "https://h/t" }),
        json!({ "resource": "urn:a" }),
        json!({ "audience": "a" }),
        json!({ "subject": "a" }),
        json!({ "parameters": { "a": "1" } }),
        json!({ "parameters": { "a": "2" } }),
        json!({ "body": "json" }),
        json!({ "iat_leeway": 10 }),
        json!({ "typ": "x" }),
        json!({ "header": { "a": 1 } }),
        json!({ "aud": ["x"] }),
    ] {
        let other = own(change.clone()).identity();
        assert!(base != other && base.len() == other.len(), "{change}");
        assert!(!seen.contains(&other), "{change}");
        seen.push(other);
    }
}

#[test]
fn the_algorithm_tells_no_accounts_apart() {
    let with = |alg| own(json!({ "alg": alg })).identity();
    assert_eq!(with("RS256"), with("PS256"));
}

#[test]
fn the_issuer_tells_client_assertions_apart() {
    let identity = |issuer: &str| {
        let proven = json!({
            "issuer": issuer, "token_url": "https://h/t", "client_auth": "private_key_jwt",
            "client_secret": null, "grant": "client_credentials",
        });
        own(proven).identity()
    };
    assert_ne!(identity("https://a"), identity("https://b"));
}

#[test]
fn a_refusal_says_which_of_the_user_s_settings_to_look_at() {
    let variables = [
        ("API_KEY", "c"),
        ("CLIENT_SECRET", "s"),
        ("IMS_ORG", "X@AdobeOrg"),
        ("TECHNICAL_ACCOUNT_ID", "D@techacct.adobe.com"),
        ("META_SCOPE", "ent_x"),
        ("PRIVATE_KEY", &pem()),
    ]
    .map(|(name, value)| json!({ "key": name, "value": value }));
    let credentials = read(&json!({ "values": variables }).to_string());
    let hint = |status| {
        let error = Error::new(status, "no").with_hint("do");
        credentials.explain(error).hint().unwrap_or_default().to_owned()
    };
    assert_eq!(
        hint(Status::Rejected),
        "do; iss is IMS_ORG (ORG@AdobeOrg), sub is TECHNICAL_ACCOUNT_ID \
         (ID@techacct.adobe.com), the client id is API_KEY, the client secret is \
         CLIENT_SECRET, the metascopes are META_SCOPE"
    );
    assert_eq!(hint(Status::Connect), "do; IMS should be a host such as ims-na1.adobelogin.com");
    assert_eq!(hint(Status::Timeout), "do");
}

#[test]
fn a_file_of_one_tool_has_the_marks_of_no_other() {
    let adobes = r#""client_id":"c","client_secret":"s","technical_account_id":"i""#;
    for (format, file) in [
        (Format::Aem, r#"{"ok":true,"integration":{},"statusCode":200}"#.to_owned()),
        (Format::Aem, r#"{"accessToken":"t"}"#.into()),
        (Format::Aio, r#"{"ims":{"contexts":{"c":{}},"config":{}},"project":{}}"#.into()),
        (Format::Aio, r#"{"$ims":{"$current":"c","c":{}}}"#.into()),
        (Format::Aio, format!(r#"{{{adobes},"ims_org_id":"o","meta_scopes":["m"]}}"#)),
        (Format::Aio, format!(r#"{{{adobes},"ims_org_id":"o","scopes":[],"oauth_enabled":true}}"#)),
        (Format::Aio, r#"{"client_id":"c","client_secret":"s","jwt_payload":{}}"#.into()),
        (Format::Console, r#"{"project":{"org":{"ims_org_id":"o"}}}"#.into()),
        (Format::Postman, r#"{"id":"1","name":"n","values":[]}"#.into()),
        (Format::Google, r#"{"type":"service_account","client_id":"1","project_id":"p"}"#.into()),
        (
            Format::Google,
            r#"{"type":"authorized_user","client_id":"1","refresh_token":"r"}"#.into(),
        ),
        (
            Format::ExternalAccount,
            r#"{"type":"external_account","audience":"a","token_url":"u"}"#.into(),
        ),
        (Format::Google, r#"{"type":"gdch_service_account","project":"p","name":"n"}"#.into()),
        (Format::Google, r#"{"installed":{"client_id":"c","client_secret":"s"}}"#.into()),
        (Format::Google, r#"{"name":"n","privateKeyType":"t","privateKeyData":"d"}"#.into()),
        (Format::Box, r#"{"boxAppSettings":{"clientID":"c"},"enterpriseID":"1"}"#.into()),
        (Format::Zitadel, r#"{"type":"serviceaccount","keyId":"k","key":"p","userId":"u"}"#.into()),
        (Format::Zitadel, r#"{"type":"application","keyId":"k","key":"p","clientId":"c"}"#.into()),
        (Format::Okta, r#"{"okta":{"client":{"orgUrl":"u","clientId":"c","scopes":[]}}}"#.into()),
        (Format::Sap, r#"{"clientid":"c","clientsecret":"s","url":"u","xsappname":"x"}"#.into()),
        (Format::Sap, r#"{"uaa":{"clientid":"c","clientsecret":"s","url":"u"},"url":"v"}"#.into()),
        (Format::Sap, r#"{"oauth":{"clientid":"c","clientsecret":"s","tokenurl":"t"}}"#.into()),
        (Format::Sap, r#"{"credentials":{"uaa":{"clientid":"c"}}}"#.into()),
        (Format::PdfServices, r#"{"client_credentials":{"client_id":"c"}}"#.into()),
        (Format::AioAuth, r#"{"clientId":"c","clientSecret":"s","orgId":"o","scopes":[]}"#.into()),
        (
            Format::AioAuth,
            r#"{"clientId":"c","clientSecrets":["s"],"technicalAccountId":"i","imsOrgId":"o",
                "scopes":["a"],"environment":"prod"}"#
                .into(),
        ),
        (
            Format::JwtAuth,
            r#"{"clientId":"c","technicalAccountId":"i","orgId":"o","metaScopes":[]}"#.into(),
        ),
        (Format::ImsCli, r#"{"clientID":"c","organization":"o","metascopes":[]}"#.into()),
        (Format::ImsCli, r#"{"clientID":"c","clientSecret":"s","scopes":["a"]}"#.into()),
        (Format::Aepp, r#"{"org_id":"o","client_id":"c","secret":"s","tech_id":"i"}"#.into()),
        (Format::Aepp, r#"{"org_id":"o","client_id":"c","client_secret":"s","scopes":"a"}"#.into()),
        (Format::Own, format!(r#"{{{adobes},"org_id":"o","metascopes":"m","private_key":"k"}}"#)),
        (Format::Own, r#"{"issuer":"i","client_id":"c","client_auth":"private_key_jwt"}"#.into()),
    ] {
        // Files of other tools may have a project or libims's own names, too: their own marks count before.
        let also = [Format::Console, Format::Own];
        let mut found = matching(&file);
        found.retain(|one| *one == format || !also.contains(one));
        assert_eq!(found, [format], "{file}");
    }
    for file in [
        r#"{"clientId":"c","clientSecret":"s","scopes":["a"],"tokenUrl":"u"}"#,
        r#"{"clientID":"c","clientSecret":"s","scopes":["a"],"tokenURL":"u"}"#,
        r#"{"credentials":{"access_key":"a"}}"#,
        r#"{"oauth":true,"web":{"url":"u"}}"#,
    ] {
        assert_eq!(matching(file), [], "{file}");
    }
}

#[test]
fn an_account_of_google_or_zitadel_without_a_scope_is_told_before_the_network() {
    let google = json!({
        "type": "service_account", "client_email": "a@b.example", "private_key_id": "k",
        "private_key": pem(), "token_uri": "https://oauth2.googleapis.com/token",
    });
    let zitadel = json!({
        "type": "serviceaccount", "keyId": "k", "key": pem(), "userId": "u",
        "issuer": "https://a.zitadel.cloud",
    });
    let advice = |file: &Value, change: fn(&mut CredentialsOptions)| {
        let mut options = CredentialsOptions::default();
        change(&mut options);
        let json = file.to_string();
        let inspection = Credentials::inspect(Source::Json(json.as_bytes()), &options).unwrap();
        inspection.parts.into_iter().find_map(|part| part.doubt.filter(|_| part.name == "scopes"))
    };
    let is_told = |file: &Value| advice(file, |_| ()).is_some_and(|text| text.contains("--scope"));
    assert!(is_told(&google) && is_told(&zitadel));
    assert_eq!(advice(&google, |options| options.scope = Some("a".into())), None);
    assert_eq!(advice(&google, |options| options.audience = Some("a".into())), None);
    let mut elsewhere = google;
    elsewhere["token_uri"] = json!("https://auth.example.com/token");
    assert_eq!(advice(&elsewhere, |_| ()), None);
}
