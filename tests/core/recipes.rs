//! Each recipe of `ims new`, as it is, gets a token from its vendor's host, which checks what the vendor's documents
//! ask for; with a wrong setting, it gets the hint that names it. A proxy leads to that host: a server of this test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use ims::{Cache, Client, Credentials, CredentialsOptions, Error, Proxy, Token};
use ims_sandbox::{Account, Config, Sandbox};
use serde_json::{Value, json};
use support::certificates::{Authority, Validity, self_signed};
use support::directory::Directory;
use support::hostile::{Connection, Hostile};
use support::keys;
use support::signatures::is_signed;

use crate::exchanges::{json as response, transport};

/// Those whose server is Adobe's.
const ADOBES: [&str; 2] = ["adobe", "adobe-oauth"];
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a server asks for.
#[derive(Clone)]
struct Recipe {
    server: &'static str,
    /// Every field of the form but the JWT.
    form: Value,
    /// Every member of the JWT's header; `*` is any text.
    header: Value,
    /// Every claim but the times.
    claims: Value,
    /// The longest life of the JWT, in seconds.
    max_lifetime: i64,
}

fn recipes() -> Vec<Recipe> {
    let bearer = |server, header, claims, max_lifetime| Recipe {
        server,
        form: json!({ "grant_type": BEARER }),
        header,
        claims,
        max_lifetime,
    };
    let client = |server, alg: &str, aud: &str, scope: Option<&str>| {
        let mut form = json!({
            "grant_type": "client_credentials", "client_id": "CLIENT_ID",
            "client_assertion_type": ASSERTION,
        });
        if let Some(scope) = scope {
            form["scope"] = json!(scope);
        }
        Recipe {
            server,
            form,
            header: json!({ "typ": "JWT", "alg": alg, "kid": "KEY_ID" }),
            claims: json!({ "iss": "CLIENT_ID", "sub": "CLIENT_ID", "aud": aud, "jti": "*" }),
            max_lifetime: 300,
        }
    };
    let header = |kid: &str| json!({ "typ": "JWT", "alg": "RS256", "kid": kid });
    let plain = json!({ "typ": "JWT", "alg": "RS256" });
    let mut all = vec![
        bearer(
            "google",
            header("PRIVATE_KEY_ID"),
            json!({
                // RFC 7523 section 3 requires a subject; an account may be its own.
                "iss": "NAME@PROJECT.iam.gserviceaccount.com",
                "sub": "NAME@PROJECT.iam.gserviceaccount.com",
                "aud": "https://oauth2.googleapis.com/token",
                "scope": "https://www.googleapis.com/auth/cloud-platform",
            }),
            3600,
        ),
        bearer(
            "salesforce",
            plain.clone(),
            json!({
                "iss": "CONSUMER_KEY", "sub": "USER@EXAMPLE.COM",
                "aud": "https://login.salesforce.com",
            }),
            180,
        ),
        bearer(
            "docusign",
            plain,
            json!({
                "iss": "INTEGRATION_KEY", "sub": "USER_ID", "aud": "account-d.docusign.com",
                "scope": "signature impersonation",
            }),
            3600,
        ),
        Recipe {
            form: json!({
                "grant_type": BEARER, "client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET",
            }),
            ..bearer(
                "box",
                header("PUBLIC_KEY_ID"),
                json!({
                    "iss": "CLIENT_ID", "sub": "ENTERPRISE_ID", "jti": "*",
                    "aud": "https://api.box.com/oauth2/token", "box_sub_type": "enterprise",
                }),
                60,
            )
        },
        client("okta", "RS256", "https://ORG.okta.com/oauth2/v1/token", Some("okta.users.read")),
        client("auth0", "RS256", "https://TENANT.auth0.com/", None),
        client("keycloak", "RS256", "https://HOST/realms/REALM", None),
        client(
            "entra",
            "PS256",
            "https://login.microsoftonline.com/TENANT_ID/oauth2/v2.0/token",
            Some("https://graph.microsoft.com/.default"),
        ),
        client(
            "smart",
            "RS384",
            "https://FHIR.EXAMPLE.COM/oauth2/token",
            Some("system/Patient.read"),
        ),
        client("nhs", "RS512", "https://api.service.nhs.uk/oauth2/token", None),
        client(
            "netsuite",
            "PS256",
            "https://ACCOUNT.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token",
            Some("rest_webservices"),
        ),
        bearer(
            "maskinporten",
            header("KEY_ID"),
            json!({
                "iss": "CLIENT_ID", "sub": "CLIENT_ID", "aud": "https://maskinporten.no/", "jti": "*",
                "scope": "PREFIX:SCOPE",
            }),
            120,
        ),
        Recipe {
            form: json!({
                "grant_type": BEARER, "scope": "openid urn:zitadel:iam:org:project:id:zitadel:aud",
            }),
            ..bearer(
                "zitadel",
                header("KEY_ID"),
                json!({
                    "iss": "USER_ID", "sub": "USER_ID", "aud": "https://INSTANCE.zitadel.cloud",
                }),
                300,
            )
        },
        client("mcp", "RS256", "https://AUTH.EXAMPLE.COM", None),
    ];
    for recipe in &mut all {
        match recipe.server {
            "auth0" => recipe.form["audience"] = json!("https://API.EXAMPLE.COM/"),
            "mcp" => {
                recipe.form["resource"] = json!("https://MCP.EXAMPLE.COM/mcp");
                // RFC 7523 as it is revised, for a client that knows the issuer.
                recipe.header["typ"] = json!("client-authentication+jwt");
            }
            "entra" => recipe.header = json!({ "typ": "JWT", "alg": "PS256", "x5t#S256": "*" }),
            "nhs" => {
                recipe.form["client_id"] = json!("API_KEY");
                recipe.claims["iss"] = json!("API_KEY");
                recipe.claims["sub"] = json!("API_KEY");
            }
            "netsuite" => {
                recipe.header["kid"] = json!("CERTIFICATE_ID");
                recipe.claims["scope"] = json!("rest_webservices");
            }
            _ => {}
        }
    }
    all
}

fn recipe_file(server: &str) -> String {
    let path = format!("{}/recipes/{server}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

fn directory() -> Directory {
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let certificate = self_signed(keys::rsa(), Validity::a_year()).to_pem().unwrap();
    directory.write("certificate.pem", certificate);
    directory
}

/// Sends an account's grant to the host that its `token_url` names, which is played by a server that asks for what
/// `recipe` says.
fn token_from_vendor(recipe: Recipe, account: &Value) -> Result<Token, Error> {
    let url: http::Uri = account["token_url"].as_str().unwrap().parse().unwrap();
    let authority = Authority::new("root");
    let vendor = authority.server(&[url.host().unwrap()], Validity::now());
    let server = Hostile::run_over_tls(&vendor, move |connection| answer(connection, &recipe));
    let target = server.address();
    let proxy = Hostile::run(move |connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 Connection established\r\n\r\n")?;
        connection.tunnel(target)
    });
    let directory = directory();
    let mut transport = transport();
    transport.ca_file = Some(directory.write("ca.pem", authority.pem()));
    transport.proxy = Proxy::Url(format!("http://{}", proxy.address()).into());
    let file = directory.write("credentials.json", account.to_string());
    Client::builder().transport(transport).from_file(file)?.token()
}

fn account(server: &str) -> Value {
    serde_json::from_str(&recipe_file(server)).unwrap()
}

#[test]
fn every_recipe_gets_a_token_from_a_server_that_checks_it() {
    for recipe in recipes() {
        let name = recipe.server;
        let token = token_from_vendor(recipe, &account(name));
        let token = token.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(token.access_token(), "token-of-the-recipe", "{name}");
    }
}

/// Settings of the recipes, each with a wrong value, and a part of the hint that names the setting.
fn wrong_settings() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let other = || json!("https://other.example.com");
    vec![
        ("google", "scope", other(), "scope is a claim of the JWT, with blanks between"),
        ("google", "kid", other(), "see that kid is its private_key_id"),
        ("salesforce", "aud", other(), "aud must be https://login.salesforce.com"),
        ("salesforce", "iss", other(), "iss must be the consumer key"),
        ("salesforce", "lifetime", json!(300), "exp is more than 3 minutes ahead"),
        ("docusign", "sub", other(), "sub must be the user's id, a GUID"),
        ("docusign", "iss", other(), "iss must be the integration key"),
        ("box", "sub", other(), "check iss, sub, aud and exp"),
        ("okta", "scope", other(), "a scope is not granted: grant okta.* scopes"),
        ("auth0", "aud", other(), "compare client id, kid, key, aud and exp"),
        ("keycloak", "kid", other(), "compare client id, kid, key, aud and exp"),
        ("entra", "client_id", other(), "compare client_id, and the tenant"),
        ("smart", "lifetime", json!(600), "aud and exp (lifetime)"),
        ("nhs", "client_id", other(), "compare client id, kid, key, aud and exp"),
        ("netsuite", "scope", other(), "compare the scopes with"),
        ("maskinporten", "scope", other(), "compare the scopes with"),
        ("zitadel", "aud", other(), "check iss, sub, aud and exp"),
        ("mcp", "resource", other(), "does not know the resource"),
    ]
}

#[test]
fn every_recipe_with_a_wrong_setting_gets_the_hint_that_names_it() {
    for recipe in recipes() {
        let name = recipe.server;
        let wrong = wrong_settings().into_iter().filter(|(server, ..)| *server == name);
        assert!(wrong.clone().count() > 0, "{name} has no wrong setting");
        for (_, setting, value, named) in wrong {
            let mut account = account(name);
            account[setting] = value;
            let error = token_from_vendor(recipe.clone(), &account).unwrap_err();
            let hint = error.hint().unwrap_or_default();
            assert!(hint.contains(named), "{name} {setting}: {error} -> {hint}");
        }
    }
}

/// The sandbox checks what Adobe does.
#[test]
fn adobes_recipes_get_a_token_from_the_sandbox() {
    for name in ADOBES {
        let directory = directory();
        let file = directory.write("credentials.json", recipe_file(name));
        let read = |ims: Option<&str>| {
            let mut options = CredentialsOptions::default();
            options.ims = ims.map(|url| url.parse().unwrap());
            Credentials::from_file(&file, &options).unwrap()
        };
        let account = Account::from_credentials(&read(None)).unwrap();
        let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
        let client = Client::new(read(Some(sandbox.url())), &Cache::Memory, transport());
        assert_eq!(client.unwrap().token().unwrap().token_type(), "bearer", "{name}");
    }
}

#[test]
fn no_recipe_is_left_out_here_and_in_the_manual() {
    let tested: BTreeSet<String> =
        recipes().iter().map(|recipe| recipe.server).chain(ADOBES).map(str::to_owned).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(root.join("recipes")).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = files.map(|name| name.replace(".json", "")).collect();
    assert_eq!(tested, there);
    let page = fs::read_to_string(root.join("docs/src/token-servers.md")).unwrap();
    for name in there {
        assert!(page.contains(&format!("/recipes/{name}.json}}}}")), "{name}");
    }
}

fn answer(connection: &mut Connection, recipe: &Recipe) -> io::Result<()> {
    let request = connection.read_request()?;
    let form = request.split_once("\r\n\r\n").map_or("", |(_, form)| form);
    let fields: BTreeMap<String, String> =
        form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    connection.send(match wrong_part(fields, recipe) {
        None => response("200 OK", r#"{"access_token":"token-of-the-recipe","expires_in":60}"#),
        Some(part) => refusal(recipe, &part),
    })
}

/// What the vendor responds where this field, header member or claim is wrong: its own words, where its documents
/// give some, or else an error of RFC 6749 section 5.2 or RFC 8707.
fn refusal(recipe: &Recipe, part: &str) -> Vec<u8> {
    let is_bearer = recipe.form["grant_type"] == BEARER;
    let (status, error, description) = match (recipe.server, part) {
        ("google", "kid") => ("400 Bad Request", "invalid_grant", "Invalid JWT Signature."),
        ("salesforce", "aud") => ("400 Bad Request", "invalid_grant", "audience is invalid"),
        ("salesforce", "iss") => ("400 Bad Request", "invalid_client_id", part),
        ("salesforce", "exp") => ("400 Bad Request", "invalid_grant", "invalid assertion"),
        ("docusign", "sub") => ("400 Bad Request", "invalid_grant", "user_not_found"),
        ("docusign", "iss") => ("400 Bad Request", "invalid_grant", "issuer_not_found"),
        ("entra", "client_id") => (
            "400 Bad Request",
            "unauthorized_client",
            "AADSTS700016: Application with identifier 'CLIENT_ID' was not found in the directory 'TENANT_ID'.",
        ),
        (_, "scope") => ("400 Bad Request", "invalid_scope", part),
        (_, "resource" | "audience") => ("400 Bad Request", "invalid_target", part),
        _ if is_bearer => ("400 Bad Request", "invalid_grant", part),
        _ => ("401 Unauthorized", "invalid_client", part),
    };
    let body = json!({ "error": error, "error_description": description });
    response(status, body.to_string())
}

/// Returns the first part of the form or the JWT that the server does not accept.
fn wrong_part(mut fields: BTreeMap<String, String>, recipe: &Recipe) -> Option<String> {
    let Some(jwt) = fields.remove("assertion").or_else(|| fields.remove("client_assertion")) else {
        return Some("assertion".into());
    };
    let decoded = ims::decode_jwt(&jwt).unwrap();
    let header: Value = serde_json::from_str(&decoded.header).unwrap();
    let mut claims: Value = serde_json::from_str(&decoded.claims).unwrap();
    let mut time = |name: &str| claims.as_object_mut().unwrap().remove(name).unwrap().as_i64();
    let life = time("exp").unwrap() - time("iat").unwrap();
    difference(&json!(fields), &recipe.form)
        .or_else(|| difference(&header, &recipe.header))
        .or_else(|| difference(&claims, &recipe.claims))
        .or_else(|| (life > recipe.max_lifetime).then(|| "exp".into()))
        .or_else(|| {
            (!is_signed(&jwt, keys::rsa(), header["alg"].as_str()?)).then(|| "signature".into())
        })
}

/// Returns the name of the first member in which two objects differ, where `*` is any text.
fn difference(is: &Value, expected: &Value) -> Option<String> {
    let (is, expected) = (is.as_object().unwrap(), expected.as_object().unwrap());
    let differs = |name: &&String| match (is.get(*name), expected.get(*name)) {
        (Some(value), Some(any)) if any == "*" => value.as_str().is_none_or(str::is_empty),
        (value, expected) => value != expected,
    };
    is.keys().chain(expected.keys()).find(differs).cloned()
}
