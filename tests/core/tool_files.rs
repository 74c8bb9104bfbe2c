//! The files of other tools, as their users have them: each gets a token from a played host that
//! compares the request with what the tool itself would have sent. The sources are in the parsers.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ims::{Client, ClientBuilder, Credentials, CredentialsOptions, Proxy, Status};
use serde_json::{Map, Value, json};
use support::directory::Directory;
use support::host::Host;
use support::hostile::Connection;
use support::keys;
use support::signatures::is_signed;

use crate::exchanges::{json as response, transport};

const TOKEN: &str = "token-of-the-tool";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PRODUCTION: &str = "ims-na1.adobelogin.com";
const STAGE: &str = "ims-na1-stg1.adobelogin.com";

/// A file, and the request that its tool would have sent.
struct Case {
    name: &'static str,
    file: String,
    options: fn(ClientBuilder) -> ClientBuilder,
    host: &'static str,
    path: &'static str,
    /// Every field of the form but the JWT.
    form: Value,
    /// Header and claims of the JWT, without its times; `*` is any text.
    jwt: Option<[Value; 2]>,
}

/// Plays the host, and returns whether a token was got, with the request that it saw.
fn seen(case: &Case) -> (Result<String, String>, Value) {
    let request = Arc::new(Mutex::new(Value::Null));
    let (store, host) = (Arc::clone(&request), case.host);
    let expected = expected(case);
    let played = Host::play(host, move |connection: &mut Connection| {
        let text = connection.read_request()?;
        if text.starts_with("GET ") {
            let endpoint = format!("https://{host}/oauth/v2/token");
            let metadata =
                json!({ "issuer": format!("https://{host}"), "token_endpoint": endpoint });
            return connection.send(response("200 OK", metadata.to_string()));
        }
        let found = read(&text);
        let is_expected = found == expected;
        *store.lock().unwrap() = found;
        connection.send(match is_expected {
            true => response(
                "200 OK",
                json!({ "access_token": TOKEN, "token_type": "bearer", "expires_in": 3600 })
                    .to_string(),
            ),
            false => response("400 Bad Request", json!({ "error": "invalid_request" }).to_string()),
        })
    });
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let mut transport = transport();
    transport.proxy = Proxy::Url(format!("http://{}", played.proxy()).into());
    transport.ca_file = Some(directory.write("root.pem", played.root()));
    let builder = (case.options)(Client::builder().transport(transport));
    let token = builder
        .from_file(directory.write("credentials", &case.file))
        .and_then(|client| client.token())
        .map(|token| token.access_token().to_owned())
        .map_err(|error| format!("{error}; {:?}", error.hint()));
    let request = request.lock().unwrap().clone();
    (token, request)
}

fn expected(case: &Case) -> Value {
    let mut expected = json!({ "path": case.path, "form": case.form });
    if let Some([header, claims]) = &case.jwt {
        (expected["header"], expected["claims"]) = (header.clone(), claims.clone());
    }
    expected
}

/// Reads a request as [`Case`] describes it.
fn read(request: &str) -> Value {
    let path = request.split(' ').nth(1).unwrap_or_default();
    let form = request.split_once("\r\n\r\n").map_or("", |(_, form)| form);
    let mut form: Map<String, Value> = form_urlencoded::parse(form.as_bytes())
        .map(|(name, value)| (name.into_owned(), json!(value)))
        .collect();
    let names = ["jwt_token", "assertion", "client_assertion"];
    let jwt = names.iter().find_map(|name| form.remove(*name));
    let mut read = json!({ "path": path, "form": form });
    if let Some(jwt) = jwt {
        let decoded = ims::decode_jwt(jwt.as_str().unwrap()).unwrap();
        let header: Value = serde_json::from_str(&decoded.header).unwrap();
        assert!(is_signed(jwt.as_str().unwrap(), keys::rsa(), header["alg"].as_str().unwrap()));
        let mut claims: Map<String, Value> = serde_json::from_str(&decoded.claims).unwrap();
        for time in ["iat", "exp"] {
            assert!(claims.remove(time).is_some_and(|time| time.is_i64()), "{time}");
        }
        if let Some(jti) = claims.get_mut("jti") {
            assert!(jti.as_str().is_some_and(|jti| !jti.is_empty()));
            *jti = json!("*");
        }
        (read["header"], read["claims"]) = (header, json!(claims));
    }
    read
}

fn pem() -> String {
    String::from_utf8(keys::pkcs8_pem()).unwrap()
}

fn lines() -> Vec<String> {
    pem().lines().map(str::to_owned).collect()
}

/// A JWT exchange at IMS.
fn exchange(name: &'static str, file: impl ToString, host: &'static str, scope: &str) -> Case {
    Case {
        name,
        file: file.to_string(),
        options: |builder| builder,
        host,
        path: "/ims/exchange/jwt",
        form: json!({ "client_id": "c", "client_secret": "s3cret" }),
        jwt: Some([
            json!({ "typ": "JWT", "alg": "RS256" }),
            json!({
                "iss": "A@AdobeOrg", "sub": "B@techacct.adobe.com", "aud": format!("https://{host}/c/c"),
                format!("https://{host}/s/{scope}"): true,
            }),
        ]),
    }
}

/// OAuth Server-to-Server. Some tools still use version 2 of the path.
fn oauth(name: &'static str, file: impl ToString, host: &'static str, scope: &str) -> Case {
    Case {
        name,
        file: file.to_string(),
        options: |builder| builder,
        host,
        path: "/ims/token/v3",
        form: json!({
            "grant_type": "client_credentials", "client_id": "c", "client_secret": "s3cret",
            "org_id": "A@AdobeOrg", "scope": scope,
        }),
        jwt: None,
    }
}

fn aio() -> Vec<Case> {
    let jwt = json!({
        "client_id": "c", "client_secret": "s3cret", "technical_account_id": "B@techacct.adobe.com",
        "technical_account_email": "x@techacct.adobe.com", "ims_org_id": "A@AdobeOrg",
        "meta_scopes": ["ent_adobeio_sdk"], "private_key": lines(),
    });
    let oauth_context = json!({
        "client_id": "c", "client_secrets": ["s3cret"],
        "technical_account_id": "B@techacct.adobe.com",
        "technical_account_email": "x@techacct.adobe.com", "ims_org_id": "A@AdobeOrg",
        "scopes": ["openid", "AdobeID"],
    });
    let mut cloud_manager = oauth_context.clone();
    (cloud_manager["client_secret"], cloud_manager["oauth_enabled"]) =
        (json!("s3cret"), json!(true));
    let mut staged = jwt.clone();
    staged["env"] = json!("stage");
    let login = json!({ "access_token": { "token": "t", "expiry": 1 }, "cli.bare-output": false });
    let contexts = json!({
        "ims": {
            "contexts": { "cli": login, "one": staged, "two": oauth_context },
            "config": { "current": "one" },
        },
    });
    let hjson = "{\n  ims: {\n    contexts: {\n      cli: {\n        cli.bare-output: false\n      },\n      my-ctx: {\n        \
        client_id: \"c\",\n        client_secrets: [\n          \"s3cret\"\n        ],\n        \
        technical_account_id: \"B@techacct.adobe.com\",\n        ims_org_id: \"A@AdobeOrg\",\n        \
        scopes: [\n          \"openid\",\n          \"AdobeID\"\n        ]\n      }\n    }\n  }\n}";
    let yaml = "# ~/.config/aio\nims:\n  config:\n    current: two\n  contexts:\n    one:\n      \
        client_id: d\n      ims_org_id: D@AdobeOrg\n    two:\n      client_id: c\n      \
        client_secret: s3cret\n      technical_account_id: B@techacct.adobe.com\n      \
        ims_org_id: A@AdobeOrg\n      meta_scopes: [ent_adobeio_sdk]\n      private_key: private.key\n";
    let payload = json!({
        "client_id": "c", "client_secret": "s3cret",
        "jwt_payload": {
            "exp": 1_795_937_433, "iss": "A@AdobeOrg", "sub": "B@techacct.adobe.com",
            "https://ims-na1.adobelogin.com/s/ent_cloudmgr_sdk": true,
            "aud": "https://ims-na1.adobelogin.com/c/c",
        },
        "jwt_private_key": pem(),
        "token_exchange_url": "https://ims-na1.adobelogin.com/ims/exchange/jwt",
    });
    let env = "AIO_runtime_namespace=n\nAIO_ims_contexts_my__ctx_client__id=c\n\
        AIO_ims_contexts_my__ctx_client__secrets='[\"s3cret\"]'\n\
        AIO_ims_contexts_my__ctx_technical__account__email=x@techacct.adobe.com\n\
        AIO_ims_contexts_my__ctx_technical__account__id=B@techacct.adobe.com\n\
        AIO_ims_contexts_my__ctx_scopes='[\"openid\",\"AdobeID\"]'\n\
        AIO_ims_contexts_my__ctx_ims__org__id=A@AdobeOrg\n";
    vec![
        exchange("aio: config.json", jwt, PRODUCTION, "ent_adobeio_sdk"),
        oauth("aio: Cloud Manager's config.json", cloud_manager, PRODUCTION, "openid,AdobeID"),
        exchange("aio: the current context, at stage", contexts, STAGE, "ent_adobeio_sdk"),
        oauth("aio: .aio in Hjson", hjson, PRODUCTION, "openid,AdobeID"),
        exchange("aio: in YAML", yaml, PRODUCTION, "ent_adobeio_sdk"),
        exchange("aio: jwt_payload", &payload, PRODUCTION, "ent_cloudmgr_sdk"),
        exchange("aio: jwt-auth", json!({ "jwt-auth": payload }), PRODUCTION, "ent_cloudmgr_sdk"),
        oauth("aio: .env", env, PRODUCTION, "openid,AdobeID"),
    ]
}

fn adobes() -> Vec<Case> {
    let core_auth = json!({
        "clientId": "c", "clientSecret": "s3cret", "orgId": "A@AdobeOrg", "scopes": ["openid", "AdobeID"],
    });
    let commerce = json!({
        "clientId": "c", "clientSecrets": ["s3cret"], "technicalAccountId": "B@techacct.adobe.com",
        "technicalAccountEmail": "x@techacct.adobe.com", "imsOrgId": "A@AdobeOrg", "scopes": ["openid"],
        "environment": "stage", "context": "x",
    });
    let starter = "OAUTH_BASE_URL=https://ims-na1.adobelogin.com/ims/token/\nCOMMERCE_BASE_URL=\n\
        OAUTH_CLIENT_ID=c\nOAUTH_CLIENT_SECRET=s3cret\n\
        OAUTH_TECHNICAL_ACCOUNT_ID=B@techacct.adobe.com\n\
        OAUTH_TECHNICAL_ACCOUNT_EMAIL=x@techacct.adobe.com\nOAUTH_ORG_ID=A@AdobeOrg\n\
        OAUTH_SCOPES='[\"AdobeID\", \"openid\"]'\n";
    let checkout = "OAUTH_CLIENT_ID=c\nOAUTH_CLIENT_SECRETS=[\"s3cret\"]\nOAUTH_IMS_ORG_ID=A@AdobeOrg\n\
        OAUTH_SCOPES=[\"AdobeID\"]\n";
    let sdk = "AIO_COMMERCE_AUTH_IMS_CLIENT_ID=c\nAIO_COMMERCE_AUTH_IMS_CLIENT_SECRETS=[\"s3cret\"]\n\
        AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_ID=B@techacct.adobe.com\n\
        AIO_COMMERCE_AUTH_IMS_TECHNICAL_ACCOUNT_EMAIL=x@techacct.adobe.com\n\
        AIO_COMMERCE_AUTH_IMS_ORG_ID=A@AdobeOrg\nAIO_COMMERCE_AUTH_IMS_SCOPES=[\"AdobeID\"]\n";
    let pdf = json!({
        "client_credentials": { "client_id": "c", "client_secret": "s3cret" },
        "service_account_credentials": {
            "organization_id": "A@AdobeOrg", "account_id": "B@techacct.adobe.com",
            "private_key_file": "private.key",
        },
    });
    let pdf_oauth = json!({
        "client_credentials": { "client_id": "c", "client_secret": "s3cret" },
        "service_principal_credentials": { "organization_id": "A@AdobeOrg" },
    });
    let imscli = "clientID: c\nclientSecret: s3cret\norganization: A@AdobeOrg\n\
        account: B@techacct.adobe.com\nprivateKeyPath: private.key\nmetascopes:\n  - ent_x\ntimeout: 30\n\
        url: https://ims-na1-stg1.adobelogin.com\n";
    let imscli_oauth = json!({ "clientid": "c", "clientsecret": "s3cret", "scopes": ["a", "b"] });
    let mut without_org = oauth("imscli: scopes", imscli_oauth, PRODUCTION, "a,b");
    without_org.form.as_object_mut().unwrap().remove("org_id");
    vec![
        oauth("aio-lib-core-auth", core_auth, PRODUCTION, "openid,AdobeID"),
        oauth("aio-commerce-lib-auth", commerce, STAGE, "openid"),
        oauth("Commerce integration starter kit", starter, PRODUCTION, "AdobeID,openid"),
        oauth("Commerce checkout starter kit", checkout, PRODUCTION, "AdobeID"),
        oauth("Commerce SDK", sdk, PRODUCTION, "AdobeID"),
        exchange("PDF Services: service account", pdf, PRODUCTION, "ent_documentcloud_sdk"),
        Case {
            host: "pdf-services.adobe.io",
            path: "/token",
            form: json!({ "client_id": "c", "client_secret": "s3cret" }),
            ..oauth("PDF Services", pdf_oauth, PRODUCTION, "")
        },
        exchange("imscli: metascopes", imscli, STAGE, "ent_x"),
        without_org,
    ]
}

fn google() -> Vec<Case> {
    let email = "svc@p-1.iam.gserviceaccount.com";
    let file = json!({
        "type": "service_account", "project_id": "p-1", "private_key_id": "f4", "private_key": pem(),
        "client_email": email, "client_id": "1030",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/svc",
        "universe_domain": "googleapis.com",
    });
    let case = |name, file: String, options, claims: Value| {
        let mut all =
            json!({ "iss": email, "sub": email, "aud": "https://oauth2.googleapis.com/token" });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        Case {
            name,
            file,
            options,
            host: "oauth2.googleapis.com",
            path: "/token",
            form: json!({ "grant_type": BEARER }),
            jwt: Some([json!({ "typ": "JWT", "alg": "RS256", "kid": "f4" }), all]),
        }
    };
    let scoped = |builder: ClientBuilder| builder.scope("https://a.example/x https://a.example/y");
    let both = json!({ "scope": "https://a.example/x https://a.example/y" });
    let mut old = file.clone();
    old.as_object_mut()
        .unwrap()
        .retain(|name, _| !["token_uri", "universe_domain"].contains(&&**name));
    (old["client_email"], old["project_id"]) =
        (json!("1030-compute@developer.gserviceaccount.com"), json!("1030"));
    let mut own_scope = file.clone();
    own_scope["scopes"] = json!(["https://a.example/x", "https://a.example/y"]);
    let response = json!({
        "name": "projects/p-1/serviceAccounts/svc/keys/f4",
        "privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE",
        "privateKeyData": STANDARD.encode(file.to_string()),
    });
    let mut cases = vec![
        case("Google: with a scope", file.to_string(), scoped, both.clone()),
        case(
            "Google: for a user of the domain",
            file.to_string(),
            |builder| builder.scope("https://a.example/x").subject("user@example.com"),
            json!({ "scope": "https://a.example/x", "sub": "user@example.com" }),
        ),
        case(
            "Google: an ID token",
            file.to_string(),
            |builder| builder.audience("https://run.example"),
            json!({ "target_audience": "https://run.example" }),
        ),
        case(
            "Google: with a scope of its own",
            own_scope.to_string(),
            |builder| builder,
            both.clone(),
        ),
        case("Google: the response of the API", response.to_string(), scoped, both.clone()),
        case("Google: an old file without token_uri", old.to_string(), scoped, both),
    ];
    let claims = &mut cases.last_mut().unwrap().jwt.as_mut().unwrap()[1];
    for name in ["iss", "sub"] {
        claims[name] = json!("1030-compute@developer.gserviceaccount.com");
    }
    cases
}

fn box_apps() -> Vec<Case> {
    let app = |private_key: Value, passphrase: &str| {
        json!({
            "clientID": "c", "clientSecret": "s3cret",
            "appAuth": { "publicKeyID": "k1", "privateKey": private_key, "passphrase": passphrase },
        })
    };
    let case = |name, file: Value, (kind, sub): (&str, &str)| Case {
        name,
        file: file.to_string(),
        options: |builder| builder,
        host: "api.box.com",
        path: "/oauth2/token",
        form: json!({ "grant_type": BEARER, "client_id": "c", "client_secret": "s3cret" }),
        jwt: Some([
            json!({ "typ": "JWT", "alg": "RS256", "kid": "k1" }),
            json!({
                "iss": "c", "sub": sub, "aud": "https://api.box.com/oauth2/token", "jti": "*",
                "box_sub_type": kind,
            }),
        ]),
    };
    let encrypted = String::from_utf8(keys::encrypted_pem(b"p4ss")).unwrap();
    let enterprise = ("enterprise", "12345");
    vec![
        case(
            "Box: as downloaded",
            json!({
                "boxAppSettings": app(json!(encrypted), "p4ss"), "enterpriseID": "12345",
                "webhooks": { "primaryKey": "", "secondaryKey": "" },
            }),
            enterprise,
        ),
        case(
            "Box: a user",
            json!({ "boxAppSettings": app(json!(pem()), ""), "userID": "678" }),
            ("user", "678"),
        ),
        case(
            "Box: both",
            json!({
                "boxAppSettings": app(json!(pem()), ""), "enterpriseID": "12345", "userID": "678",
            }),
            enterprise,
        ),
        case(
            "Box: out of a variable, with escapes twice",
            json!({
                "boxAppSettings": app(json!(encrypted.replace('\n', "\\n")), "p4ss"),
                "enterpriseID": "12345",
            }),
            enterprise,
        ),
        case(
            "Box: the key in a file",
            json!({ "boxAppSettings": app(json!("private.key"), ""), "enterpriseID": "12345" }),
            enterprise,
        ),
    ]
}

fn others() -> Vec<Case> {
    let zitadel = json!({
        "type": "serviceaccount", "keyId": "k1", "key": pem(), "userId": "u1",
        "issuer": "https://instance.zitadel.cloud",
    });
    let okta = format!(
        "okta:\n  client:\n    connectionTimeout: 30 # seconds\n    orgUrl: \"https://org.okta.com\"\n    \
         proxy:\n      port: null\n      host: null\n      username: null\n      password: null\n    \
         authorizationMode: \"PrivateKey\"\n    clientId: \"c\"\n    kid: k1\n    scopes:\n      - a\n      \
         - b\n    privateKey: |\n{}    requestTimeout: 0\n    rateLimit:\n      maxRetries: 4\n",
        lines().iter().map(|line| format!("      {line}\n")).collect::<String>(),
    );
    let uaa = json!({
        "clientid": "c", "clientsecret": "s3cret", "url": "https://sub.authentication.eu10.hana.ondemand.com",
        "identityzone": "sub", "uaadomain": "authentication.eu10.hana.ondemand.com", "xsappname": "x",
        "credential-type": "binding-secret", "verificationkey": "-----BEGIN PUBLIC KEY-----...",
    });
    let sap = |name, file: Value| Case {
        host: "sub.authentication.eu10.hana.ondemand.com",
        path: "/oauth/token",
        form: json!({
            "grant_type": "client_credentials", "client_id": "c", "client_secret": "s3cret",
        }),
        ..oauth(name, file, PRODUCTION, "")
    };
    vec![
        Case {
            name: "Zitadel",
            file: zitadel.to_string(),
            options: |builder| builder.scope("openid"),
            host: "instance.zitadel.cloud",
            path: "/oauth/v2/token",
            form: json!({ "grant_type": BEARER, "scope": "openid" }),
            jwt: Some([
                json!({ "typ": "JWT", "alg": "RS256", "kid": "k1" }),
                json!({ "iss": "u1", "sub": "u1", "aud": "https://instance.zitadel.cloud" }),
            ]),
        },
        Case {
            name: "Okta",
            file: okta,
            options: |builder| builder,
            host: "org.okta.com",
            path: "/oauth2/v1/token",
            form: json!({
                "grant_type": "client_credentials", "client_id": "c", "scope": "a b",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            }),
            jwt: Some([
                json!({ "typ": "JWT", "alg": "RS256", "kid": "k1" }),
                json!({
                    "iss": "c", "sub": "c", "aud": "https://org.okta.com/oauth2/v1/token", "jti": "*",
                }),
            ]),
        },
        sap("SAP: XSUAA", uaa.clone()),
        sap(
            "SAP: another service",
            json!({ "uaa": uaa, "url": "https://api.example", "endpoints": {} }),
        ),
        sap("SAP: as cf shows it", json!({ "credentials": uaa })),
        sap(
            "SAP: Process Integration Runtime",
            json!({
                "oauth": {
                    "clientid": "c", "clientsecret": "s3cret", "url": "https://runtime.example",
                    "tokenurl": "https://sub.authentication.eu10.hana.ondemand.com/oauth/token",
                },
            }),
        ),
    ]
}

fn check(cases: Vec<Case>) {
    for case in cases {
        let (token, request) = seen(&case);
        assert_eq!(request, expected(&case), "{}: {token:?}", case.name);
        assert_eq!(token.as_deref(), Ok(TOKEN), "{}", case.name);
    }
}

#[test]
fn files_of_aio_send_what_aio_sends() {
    check(aio());
}

#[test]
fn files_of_adobes_other_tools_send_what_these_send() {
    check(adobes());
}

#[test]
fn files_of_google_send_what_its_clients_send() {
    check(google());
}

#[test]
fn files_of_box_send_what_its_sdk_sends() {
    check(box_apps());
}

#[test]
fn files_of_okta_sap_and_zitadel_send_what_their_sdks_send() {
    check(others());
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
        let directory = Directory::new();
        let path = directory.write("credentials", &file);
        let credentials = Credentials::from_file(path, &CredentialsOptions::default()).unwrap();
        let tried: Vec<&str> =
            credentials.each().map(|one| one.client_secret().unwrap().expose().as_str()).collect();
        assert_eq!(tried, ["one", "two"], "{file}");
    }
}

/// Message and hint of a file that is no account's, or lacks something.
fn failure(file: &str) -> String {
    let directory = Directory::new();
    let path = directory.write("credentials", file);
    let error = Credentials::from_file(path, &CredentialsOptions::default()).unwrap_err();
    assert_eq!(error.status(), Status::Credentials, "{error}");
    let text = format!("{error} | {}", error.hint().unwrap_or_default());
    assert!(!text.contains("s3cret") && !text.contains('\n'), "{text}");
    text
}

#[test]
fn a_file_that_gets_no_token_is_named_for_what_it_is() {
    for (file, expected) in [
        (
            r#"{"client_id":"7.apps","client_secret":"s3cret","refresh_token":"r","type":"authorized_user"}"#,
            "is the login of a user (authorized_user, by gcloud auth application-default login), not the \
             key of a service account | make a key of a service account",
        ),
        (
            r#"{"type":"external_account","audience":"a","subject_token_type":"t","token_url":"https://sts.googleapis.com/v1/token","credential_source":{"file":"/t"}}"#,
            "is a configuration of workload identity federation (external_account)",
        ),
        (
            r#"{"type":"external_account_authorized_user","client_id":"c","refresh_token":"r"}"#,
            "is the login of a user of workforce identity federation",
        ),
        (
            r#"{"type":"impersonated_service_account","source_credentials":{}}"#,
            "(impersonated_service_account), and holds no key of that account",
        ),
        (r#"{"type":"gdch_service_account","private_key":"k"}"#, "Google Distributed Cloud"),
        (
            r#"{"installed":{"client_id":"c","client_secret":"s3cret"}}"#,
            "OAuth client of a desktop app",
        ),
        (r#"{"web":{"client_id":"c","client_secret":"s3cret"}}"#, "OAuth client of a web app"),
        (
            r#"{"boxAppSettings":{"clientID":"c","clientSecret":"s3cret","appAuth":{"publicKeyID":"","privateKey":"","passphrase":""}},"enterpriseID":"1"}"#,
            "boxAppSettings.appAuth.privateKey is empty: the app had no key yet | in Box's Developer Console",
        ),
        (
            r#"{"type":"serviceaccount","keyId":"1","key":"k","userId":"u"}"#,
            "issuer is missing: it must be the instance's URL, such as https://INSTANCE.zitadel.cloud | \
             Zitadel's file does not say it: add \"issuer\" to the file",
        ),
        (r#"{"type":"application","keyId":"1","key":"k","appId":"a"}"#, "of a Zitadel application"),
        (
            "okta:\n  client:\n    orgUrl: https://o.okta.com\n    token: s3cret\n",
            "okta.client.authorizationMode must be PrivateKey",
        ),
        (
            r#"{"clientid":"c","url":"https://h","uaadomain":"u","credential-type":"x509","certificate":"k","key":"k"}"#,
            "is a service key with a certificate (x509), which needs mutual TLS",
        ),
        (
            r#"{"ims":{"contexts":{"cli":{"access_token":{"token":"t"}}}}}"#,
            "holds no context of a service account, only the login of a user",
        ),
        (
            r#"{"ims":{"contexts":{"a":{"ims_org_id":"o","client_id":"1"},"b":{"ims_org_id":"o","client_id":"2"}}}}"#,
            "has several credentials: a, b | pick one by its name, id or client id",
        ),
        (
            "clientID: c\norganization: A@AdobeOrg\nproxyUrl: http://p:1\n",
            "proxyUrl is given, but libims does not follow it",
        ),
        ("clientID: [c\norganization: o\n", "is not YAML"),
    ] {
        let found = failure(file);
        assert!(found.contains(expected), "{file}: {found}");
    }
}
