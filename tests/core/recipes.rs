//! Each recipe of `ims new`, filled in, gets a token from a server that checks what its vendor's documents ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use ims::{Cache, Client, Credentials, CredentialsOptions};
use ims_sandbox::{Account, Config, Sandbox};
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
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

/// The recipe's file, with the server at `url` instead of the vendor's. Its JWT still names the vendor's.
fn filled_in(server: &str, url: &str) -> Value {
    let mut account: Value = serde_json::from_str(&recipe_file(server)).unwrap();
    let vendors = account["token_url"].as_str().unwrap().to_owned();
    if account.get("aud").is_none() && account.get("issuer").is_none() {
        account["aud"] = json!(vendors);
    }
    account["token_url"] = json!(url);
    account
}

fn directory() -> Directory {
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let certificate = self_signed(keys::rsa(), Validity::a_year()).to_pem().unwrap();
    directory.write("certificate.pem", certificate);
    directory
}

#[test]
fn every_recipe_gets_a_token_from_a_server_that_checks_it() {
    for recipe in recipes() {
        let name = recipe.server;
        let server = Hostile::run(move |connection| answer(connection, &recipe));
        let directory = directory();
        let file = directory.write("credentials.json", filled_in(name, &server.url()).to_string());
        let client = Client::builder().transport(transport()).from_file(file);
        let token = client.and_then(|client| client.token());
        let token = token.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(token.access_token(), "token-of-the-recipe", "{name}");
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
    connection.send(match refusal(fields, recipe) {
        None => response("200 OK", r#"{"access_token":"token-of-the-recipe","expires_in":60}"#),
        Some(problem) => {
            let body = json!({ "error": "invalid_grant", "error_description": problem });
            response("400 Bad Request", body.to_string())
        }
    })
}

/// What the server has against a form.
fn refusal(mut fields: BTreeMap<String, String>, recipe: &Recipe) -> Option<String> {
    let Some(jwt) = fields.remove("assertion").or_else(|| fields.remove("client_assertion")) else {
        return Some("no JWT".into());
    };
    let decoded = ims::decode_jwt(&jwt).unwrap();
    let header: Value = serde_json::from_str(&decoded.header).unwrap();
    let mut claims: Value = serde_json::from_str(&decoded.claims).unwrap();
    let mut time = |name: &str| claims.as_object_mut().unwrap().remove(name).unwrap().as_i64();
    let life = time("exp").unwrap() - time("iat").unwrap();
    let differs = |what: &str, is: &Value, expected: &Value| {
        (!fits(is, expected)).then(|| format!("{what}: {is} for {expected}"))
    };
    differs("form", &json!(fields), &recipe.form)
        .or_else(|| differs("header", &header, &recipe.header))
        .or_else(|| differs("claims", &claims, &recipe.claims))
        .or_else(|| (life > recipe.max_lifetime).then(|| format!("exp: {life} s")))
        .or_else(|| {
            (!is_signed(&jwt, keys::rsa(), header["alg"].as_str()?)).then(|| "signature".into())
        })
}

/// Compares objects, where `*` is any text.
fn fits(is: &Value, expected: &Value) -> bool {
    let (is, expected) = (is.as_object().unwrap(), expected.as_object().unwrap());
    is.len() == expected.len()
        && is.iter().all(|(name, value)| match expected.get(name) {
            Some(any) if any == "*" => value.as_str().is_some_and(|text| !text.is_empty()),
            other => other == Some(value),
        })
}
