//! The general issuer: metadata, client authentication and grants of any server.

use std::sync::Mutex;

use base64::engine::general_purpose::STANDARD;

use ims::Algorithm;
use ims_sandbox::{Fault, LogEntry, MetadataFault, Requirements};
use openssl::nid::Nid;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;

use super::log::logged;
use super::*;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const STRICT: &str = "client-authentication+jwt";

/// The claims of a client assertion by rfc7523bis.
fn client_claims(sandbox: &Sandbox) -> Value {
    json!({
        "iss": "sandbox-client",
        "sub": "sandbox-client",
        "aud": sandbox.url(),
        "exp": now() + 60,
        "jti": format!("{:?}", std::time::Instant::now()),
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

/// Sends client credentials with an assertion of the type `typ`.
fn authenticate(sandbox: &Sandbox, typ: &str, claims: &Value) -> Answer {
    let header = json!({ "alg": "RS256", "typ": typ }).to_string();
    by_assertion(sandbox, &sign(&header, claims, keys::rsa(), MessageDigest::sha256()))
}

fn by_assertion(sandbox: &Sandbox, assertion: &str) -> Answer {
    token(
        sandbox,
        &[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ],
    )
}

fn token(sandbox: &Sandbox, fields: &[(&str, &str)]) -> Answer {
    post(sandbox, "/oauth/token", fields)
}

fn lenient() -> Account {
    let mut account = account();
    account.lenient = true;
    account
}

/// An account with these demands, as the config file has them.
fn demanding(requires: Value) -> Account {
    let mut account = lenient();
    account.requires = serde_json::from_value(requires).unwrap();
    account
}

/// The reason for the last request's decision.
fn last_cause(entries: &Mutex<Vec<LogEntry>>) -> String {
    entries.lock().unwrap().last().unwrap().cause.clone()
}

#[test]
fn the_metadata_names_the_issuer_and_where_it_gives_tokens() {
    let sandbox = sandbox();
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let metadata = get(&format!("{}{path}", sandbox.url())).body;
        assert_eq!(metadata["issuer"], sandbox.url());
        let fields = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
        let url = metadata["token_endpoint"].as_str().unwrap();
        let answer = send(url, "application/x-www-form-urlencoded", None, &urlencoded(&fields));
        assert_eq!((answer.status, &answer.body["token_type"]), (200, &json!("Bearer")));
        let keys = get(metadata["jwks_uri"].as_str().unwrap()).body;
        assert_eq!(keys["keys"][0]["kty"], "RSA");
    }
}

#[test]
fn the_metadata_goes_wrong_on_demand() {
    let sandbox = serve(account());
    let url = format!("{}/.well-known/oauth-authorization-server", sandbox.url());
    let broken = |fault| {
        sandbox.inject(Fault::metadata(fault).times(1)).unwrap();
        // It waits for a request for metadata.
        assert_eq!(client_credentials(&sandbox, &[]).status, 200);
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = agent.max_redirects(0).proxy(None).build().into();
        read(agent.get(&url).call().unwrap())
    };
    assert_ne!(broken(MetadataFault::OtherIssuer).body["issuer"], sandbox.url());
    assert!(broken(MetadataFault::TooLarge).body.to_string().len() > 64 * 1024);
    assert_eq!(broken(MetadataFault::Redirect).status, 302);
    let moved = broken(MetadataFault::Moved).body["token_endpoint"].as_str().unwrap().to_owned();
    assert_ne!(moved, get(&url).body["token_endpoint"]);
    let fields = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
    let answer = send(&moved, "application/x-www-form-urlencoded", None, &urlencoded(&fields));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_strict_issuer_takes_the_assertions_of_rfc7523bis_alone() {
    let (sandbox, entries) = logged(account());
    let good = || client_claims(&sandbox);
    assert_eq!(authenticate(&sandbox, STRICT, &good()).status, 200);
    let endpoint = format!("{}/oauth/token", sandbox.url());
    let used = good();
    authenticate(&sandbox, STRICT, &used);
    for (typ, claims, named, cause) in [
        ("JWT", good(), "typ", "typ is JWT, but should be client-authentication+jwt"),
        (STRICT, with(good(), "aud", json!(endpoint)), "aud", "but should be http://127."),
        (STRICT, with(good(), "aud", json!([sandbox.url()])), "aud", "as one text, not a list"),
        (STRICT, with(good(), "exp", json!(now() + 3600)), "exp", "s ahead, over 300 s"),
        (STRICT, with(good(), "exp", json!(now() - 60)), "exp", "in the past"),
        (STRICT, with(good(), "jti", json!("")), "jti", "jti is missing"),
        (STRICT, used, "jti", "jti was used before"),
        (STRICT, with(good(), "iss", json!("other")), "iss", "iss is other, but should be"),
    ] {
        let answer = authenticate(&sandbox, typ, &claims);
        let (status, error, description) = answer.refusal();
        assert_eq!((status, error), (401, "invalid_client"), "{named}");
        let expected =
            format!("The client assertion is not accepted: its {named} is missing or wrong.");
        assert_eq!(description, expected);
        let logged = last_cause(&entries);
        assert!(logged.contains(cause), "{logged}");
    }
}

#[test]
fn a_lenient_issuer_takes_those_of_rfc_7523_too() {
    let sandbox = serve(lenient());
    let endpoint = format!("{}/oauth/token", sandbox.url());
    for aud in [json!(sandbox.url()), json!(endpoint), json!(["other", endpoint])] {
        let claims = with(client_claims(&sandbox), "aud", aud);
        assert_eq!(authenticate(&sandbox, "JWT", &claims).status, 200);
    }
    let claims = with(client_claims(&sandbox), "aud", json!("https://other.example"));
    assert_eq!(authenticate(&sandbox, "JWT", &claims).status, 401);
}

/// A JWT by `key`, with the signature in JOSE's form.
fn signed_by(algorithm: Algorithm, key: &PKey<Private>, claims: &Value) -> String {
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let name = algorithm.name();
    let header = json!({ "alg": name, "typ": STRICT }).to_string();
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let digest = match &name[2..] {
        "256" => MessageDigest::sha256(),
        "384" => MessageDigest::sha384(),
        "512" => MessageDigest::sha512(),
        _ => {
            let mut signer = Signer::new_without_digest(key).unwrap();
            let signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
            return format!("{signed}.{}", encode(&signature));
        }
    };
    let mut signer = Signer::new(digest, key).unwrap();
    if name.starts_with("PS") {
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        signer.set_rsa_mgf1_md(digest).unwrap();
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
    }
    let mut signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    if name.starts_with("ES") {
        let half = i32::try_from(key.bits().div_ceil(8)).unwrap();
        let pair = openssl::ecdsa::EcdsaSig::from_der(&signature).unwrap();
        signature = [pair.r(), pair.s()].map(|part| part.to_vec_padded(half).unwrap()).concat();
    }
    format!("{signed}.{}", encode(&signature))
}

#[test]
fn every_algorithm_is_verified_with_the_key_that_fits_it() {
    let edwards = PKey::generate_ed25519().unwrap();
    let curves = [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1].map(keys::on_curve);
    let mut account = account();
    for key in curves.iter().chain([&edwards]) {
        let pem = key.public_key_to_pem().unwrap();
        account.public_keys.push(PublicKey::from_bytes(&pem).unwrap());
    }
    let secret = PKey::hmac(b"sandbox-secret").unwrap();
    let sandbox = serve(account);
    for algorithm in Algorithm::ALL {
        let name = algorithm.name();
        let key = match name {
            "ES256" => &curves[0],
            "ES384" => &curves[1],
            "ES512" => &curves[2],
            "EdDSA" | "Ed25519" => &edwards,
            _ if name.starts_with("HS") => &secret,
            _ => keys::rsa(),
        };
        let jwt = signed_by(algorithm, key, &client_claims(&sandbox));
        assert_eq!(by_assertion(&sandbox, &jwt).status, 200, "{name}");
        let jwt = signed_by(algorithm, key, &client_claims(&sandbox));
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        let forged = format!("{signed}.{other}{}", &signature[1..]);
        assert_eq!(by_assertion(&sandbox, &forged).refusal().1, "invalid_client", "{name}");
    }
}

#[test]
fn keys_are_registered_as_jwk_and_jwk_set_too() {
    let coordinate = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let rsa = keys::rsa().rsa().unwrap();
    let encode = |number: &openssl::bn::BigNumRef| URL_SAFE_NO_PAD.encode(number.to_vec());
    let jwk = json!({ "kty": "RSA", "n": encode(rsa.n()), "e": encode(rsa.e()), "kid": "a" });
    let of = |value: &Value| PublicKey::all_from_bytes(value.to_string().as_bytes());
    assert_eq!(of(&jwk).unwrap().len(), 1);
    assert_eq!(of(&json!({ "keys": [jwk, jwk] })).unwrap().len(), 2);

    let mut account = lenient();
    account.public_keys = of(&with(jwk.clone(), "alg", json!("RS384"))).unwrap();
    let sandbox = serve(account);
    let jwt = |algorithm| signed_by(algorithm, keys::rsa(), &client_claims(&sandbox));
    assert_eq!(by_assertion(&sandbox, &jwt(Algorithm::RS384)).status, 200);
    assert_eq!(by_assertion(&sandbox, &jwt(Algorithm::RS256)).status, 401);

    for (bad, problem) in [
        (with(jwk.clone(), "d", json!("AA")), "holds a private or secret key"),
        (json!({ "kty": "oct", "k": "AA" }), "holds a private or secret key"),
        (json!({ "keys": [] }), "is a JWK set without keys"),
        (
            json!({ "kty": "EC", "crv": "P-256", "x": coordinate("1"), "y": coordinate("1") }),
            "is not a JWK",
        ),
        (with(jwk, "alg", json!("none")), "has an unknown alg"),
    ] {
        let error = of(&bad).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn a_client_authenticates_in_one_of_the_ways_that_its_account_has() {
    let sandbox = sandbox();
    let grant = ("grant_type", "client_credentials");
    let url = format!("{}/oauth/token", sandbox.url());
    let basic = openssl::base64::encode_block(b"sandbox-client:sandbox-secret");
    let basic = format!("Basic {basic}");
    let body = urlencoded(&[grant]);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(send(&url, form, Some(&basic), &body).status, 200);
    assert_eq!(token(sandbox, &[grant, CLIENT[0], CLIENT[1]]).status, 200);

    let refused = |sandbox, fields: &[_]| {
        let answer = token(sandbox, fields);
        (answer.status, answer.refusal().1.to_owned())
    };
    let invalid = (401, "invalid_client".to_owned());
    assert_eq!(refused(sandbox, &[grant, CLIENT[0]]), invalid);
    assert_eq!(refused(sandbox, &[grant, CLIENT[0], ("client_secret", "wrong")]), invalid);
    assert_eq!(refused(sandbox, &[grant, ("client_id", "other"), CLIENT[1]]), invalid);
    let both = [grant, CLIENT[0], CLIENT[1], ("client_assertion", "a.b.c")];
    assert_eq!(refused(sandbox, &both), (400, "invalid_request".to_owned()));

    let public = serve(demanding(json!({ "client_auth": ["none"] })));
    assert_eq!(token(&public, &[grant, CLIENT[0]]).status, 200);
    assert_eq!(refused(&public, &[grant, CLIENT[0], CLIENT[1]]), invalid);
}

#[test]
fn each_grant_gets_a_token_with_all_that_was_asked_for() {
    let (sandbox, entries) = logged(account());
    let scope = ("scope", "openid AdobeID");
    let asked = [
        ("grant_type", "client_credentials"),
        CLIENT[0],
        CLIENT[1],
        scope,
        ("resource", "https://a.example/"),
        ("resource", "https://b.example/"),
        ("audience", "api"),
    ];
    let answer = token(&sandbox, &asked);
    assert_eq!(answer.body["scope"], "openid AdobeID");
    assert_eq!(answer.body["resource"], json!(["https://a.example/", "https://b.example/"]));
    let claims = decoded(&answer.body["access_token"]);
    assert_eq!(claims["aud"], json!(["https://a.example/", "https://b.example/", "api"]));
    let decision = entries.lock().unwrap().last().unwrap().decision.clone();
    assert_eq!(
        decision,
        "token for 1 h, openid AdobeID; resource https://a.example/ https://b.example/; audience api"
    );

    let assertion = json!({
        "iss": "sandbox-client",
        "sub": "sandbox@techacct.adobe.com",
        "aud": sandbox.url(),
        "exp": now() + 60,
        "scope": "openid",
    });
    let bearer = [("grant_type", JWT_BEARER), ("assertion", &jwt(&assertion))];
    let answer = token(&sandbox, &bearer);
    assert_eq!((answer.status, &answer.body["scope"]), (200, &json!("openid")));
    assert_eq!(decoded(&answer.body["access_token"])["sub"], "sandbox@techacct.adobe.com");

    let first = answer.body["access_token"].as_str().unwrap();
    let kind = ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token");
    let grant = ("grant_type", TOKEN_EXCHANGE);
    let exchange = |subject: &str| {
        token(&sandbox, &[grant, CLIENT[0], CLIENT[1], kind, ("subject_token", subject)])
    };
    let exchanged = exchange(first);
    assert_eq!(exchanged.body["issued_token_type"], kind.1);
    assert_eq!(exchange("a.b.c").refusal().1, "invalid_request");
}

#[test]
fn a_body_of_json_is_read_at_the_general_issuer_alone() {
    let ask = |path: &str, body: &str| {
        let url = format!("{}{path}", sandbox().url());
        send(&url, "application/json", None, body.as_bytes())
    };
    let resources = json!(["https://a.example/", "https://b.example/"]);
    let form = json!({
        "grant_type": "client_credentials", CLIENT[0].0: CLIENT[0].1, CLIENT[1].0: CLIENT[1].1,
        "resource": resources,
    });
    let answer = ask("/oauth/token", &form.to_string());
    assert_eq!((answer.status, &answer.body["resource"]), (200, &resources));
    for body in ["[]", "{", r#"{"scope":1}"#, r#"{"scope":["a",1]}"#, r#"{"scope":["a","b"]}"#] {
        assert_eq!(ask("/oauth/token", body).refusal().1, "bad_request", "{body}");
    }
    assert_eq!(ask("/ims/token/v3", &form.to_string()).refusal().1, "bad_request");
}

#[test]
fn a_client_that_is_not_known_by_its_header_is_told_how_to_authenticate() {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent = ureq::Agent::from(agent);
    let challenge = |path: &str, pair: &str| {
        let request = agent.post(format!("{}{path}", sandbox().url()));
        let basic = format!("Basic {}", STANDARD.encode(pair));
        let form = [("grant_type", "client_credentials"), ("scope", "openid")];
        let answer = request.header("authorization", basic).send_form(form).unwrap();
        let headers = answer.headers();
        let challenge = headers.get("www-authenticate").map(|value| value.to_str().unwrap());
        (answer.status().as_u16(), challenge.map(str::to_owned))
    };
    let basic = Some("Basic realm=\"ims sandbox\", charset=\"UTF-8\"".to_owned());
    for pair in ["sandbox-client:wrong", "unknown:sandbox-secret"] {
        assert_eq!(challenge("/oauth/token", pair), (401, basic.clone()), "{pair}");
    }
    assert_eq!(challenge("/oauth/token", "sandbox-client:sandbox-secret"), (200, None));
    // Adobe sends none.
    assert_eq!(challenge("/ims/token/v3", "sandbox-client:wrong").1, None);
}

#[test]
fn the_services_that_tokens_were_issued_for_are_counted_with_them() {
    let sandbox = serve(account());
    let ask = |fields: &[(&str, &str)]| {
        let client = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
        token(&sandbox, &[&client[..], fields].concat())
    };
    let url = format!("{}/__sandbox/stats", sandbox.url());
    let stats = || get(&url).body["accounts"]["sandbox-client"].clone();
    assert_eq!(stats(), json!({ "issued": 0, "refused": 0 }));
    ask(&[("resource", "urn:b"), ("resource", "https://a.example/"), ("audience", "api")]);
    ask(&[("resource", "urn:b")]);
    ask(&[("resource", "not-absolute"), ("audience", "other")]);
    let expected = json!({
        "issued": 2, "refused": 1,
        "resources": ["https://a.example/", "urn:b"], "audiences": ["api"],
    });
    assert_eq!(stats(), expected);
    let page = ureq::get(&format!("{}/", sandbox.url())).call().unwrap();
    let page = page.into_body().read_to_string().unwrap();
    assert!(page.contains("<dt>resources</dt><dd>https://a.example/ urn:b</dd>"), "{page}");
    assert!(page.contains("<dt>audiences</dt><dd>api</dd>"), "{page}");
}

#[test]
fn other_grants_are_those_that_are_configured() {
    let fields = [("grant_type", "account_credentials"), CLIENT[0], CLIENT[1]];
    assert_eq!(token(sandbox(), &fields).refusal().1, "unsupported_grant_type");
    let sandbox = serve(demanding(json!({ "grants": ["account_credentials"] })));
    assert_eq!(token(&sandbox, &fields).status, 200);
    let other = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
    assert_eq!(token(&sandbox, &other).refusal().1, "unauthorized_client");
}

#[test]
fn a_profile_refuses_what_misses_one_of_its_demands_by_its_name() {
    let profile = json!({
        "algs": ["PS256", "RS256"],
        "typ": "JWT",
        "aud": "https://login.example",
        "header": { "kid": "key-1" },
        "claims": { "box_sub_type": "enterprise", "jti": null },
        "fields": { "audience": "api" },
        "max_lifetime": 60,
    });
    let (sandbox, entries) = logged(demanding(profile));
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "key-1" });
    let claims = || {
        let claims = with(client_claims(&sandbox), "aud", json!("https://login.example"));
        with(claims, "box_sub_type", json!("enterprise"))
    };
    let ask = |header: &Value, claims: &Value, audience: &str| {
        let digest = match header["alg"].as_str() {
            Some("RS512") => MessageDigest::sha512(),
            _ => MessageDigest::sha256(),
        };
        let assertion = sign(&header.to_string(), claims, keys::rsa(), digest);
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
            ("audience", audience),
        ];
        let answer = token(&sandbox, &fields);
        let cause = last_cause(&entries);
        (answer.status, answer.refusal().2.to_owned(), cause)
    };
    assert_eq!(ask(&header, &claims(), "api").0, 200);
    for (header, claims, audience, named, cause) in [
        (
            with(header.clone(), "alg", json!("RS512")),
            claims(),
            "api",
            "alg",
            "should be PS256, RS256",
        ),
        (with(header.clone(), "kid", json!("key-2")), claims(), "api", "kid", "should be key-1"),
        (with(header.clone(), "typ", json!("at+jwt")), claims(), "api", "typ", "should be JWT"),
        (header.clone(), with(claims(), "aud", json!("x")), "api", "aud", "https://login.example"),
        (
            header.clone(),
            with(claims(), "box_sub_type", json!("user")),
            "api",
            "box_sub_type",
            "enterprise",
        ),
        (header.clone(), with(claims(), "jti", Value::Null), "api", "jti", "is required"),
        (header.clone(), with(claims(), "exp", json!(now() + 200)), "api", "exp", "over 60 s"),
        (header.clone(), claims(), "other", "audience", "audience should be api"),
        (header.clone(), claims(), "", "audience", "audience is missing"),
    ] {
        let (status, description, logged) = ask(&header, &claims, audience);
        assert!(status >= 400 && description.contains(&format!(" {named} is missing or wrong.")));
        assert!(logged.contains(cause), "{logged}");
    }
}

#[test]
fn demands_that_make_no_sense_are_refused_by_name() {
    for (requires, problem) in [
        (json!({ "algs": ["none"] }), "requires.algs is none"),
        (json!({ "client_auth": ["body"] }), "requires.client_auth has an unknown method"),
    ] {
        let error = Sandbox::start(Config::new(vec![demanding(requires)])).err().unwrap();
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert!(serde_json::from_value::<Requirements>(json!({ "alg": "RS256" })).is_err());
}
