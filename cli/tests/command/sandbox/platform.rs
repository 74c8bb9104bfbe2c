//! The platform of workloads: its JWTs, and what the token server makes of them.

use std::fs;
use std::time::Duration;

use ims::Client;
use ims_sandbox::Platform;
use support::directory::Directory;
use support::processes::{output, python};

use super::log::logged;
use super::*;

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const REQUEST_TOKEN: (&str, &str) = ("Authorization", "Bearer sandbox-request-token");

/// An account that trusts the platform's workload, and has a secret but no key.
fn trusting() -> Account {
    let mut account = Account::default();
    account.workload = Some(Platform::SUBJECT.to_owned());
    account
}

/// The status of the platform's response, and its body.
fn ask(sandbox: &Sandbox, target: &str, header: (&str, &str)) -> (u16, String) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let url = format!("{}{target}", sandbox.url());
    let mut response = ureq::Agent::from(agent).get(url).header(header.0, header.1).call().unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}

/// A JWT of the platform, in the form of GitHub Actions.
fn workload_jwt(sandbox: &Sandbox, further: &str) -> String {
    let target = format!("/platform/token?api-version=2.0&audience={}{further}", sandbox.url());
    let (status, body) = ask(sandbox, &target, REQUEST_TOKEN);
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["value"].as_str().unwrap().to_owned()
}

fn by_bearer(sandbox: &Sandbox, jwt: &str) -> Answer {
    post(sandbox, "/oauth/token", &[("grant_type", JWT_BEARER), ("assertion", jwt)])
}

fn by_exchange(sandbox: &Sandbox, jwt: &str) -> Answer {
    let kind = ("subject_token_type", JWT_TYPE);
    let fields = [("grant_type", TOKEN_EXCHANGE), kind, ("subject_token", jwt)];
    post(sandbox, "/oauth/token", &fields)
}

fn by_client_assertion(sandbox: &Sandbox, jwt: &str) -> Answer {
    let kind = ("client_assertion_type", ASSERTION_TYPE);
    let grant = ("grant_type", "client_credentials");
    post(sandbox, "/oauth/token", &[grant, CLIENT[0], kind, ("client_assertion", jwt)])
}

#[test]
fn each_platform_is_asked_in_its_own_form() {
    let sandbox = serve(trusting());
    let google = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=aud";
    let azure = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=aud";
    let member = |name: &'static str| {
        move |body: &str| {
            let body: Value = serde_json::from_str(body).unwrap();
            body[name].as_str().unwrap().to_owned()
        }
    };
    type Read = Box<dyn Fn(&str) -> String>;
    for (target, header, refused, read) in [
        (
            "/platform/token?api-version=2.0&audience=aud",
            REQUEST_TOKEN,
            401,
            Box::new(member("value")) as Read,
        ),
        (google, ("Metadata-Flavor", "Google"), 403, Box::new(str::to_owned)),
        (azure, ("Metadata", "true"), 400, Box::new(member("access_token"))),
    ] {
        let (status, body) = ask(&sandbox, target, header);
        assert_eq!(status, 200, "{body}");
        let claims = decoded(&json!(read(&body)));
        assert_eq!(claims["iss"], format!("{}/platform", sandbox.url()));
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!(Platform::SUBJECT), &json!("aud")));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
        assert_eq!(ask(&sandbox, target, ("x", "y")).0, refused, "{target}");
        let without = target.split('?').next().unwrap();
        assert_eq!(ask(&sandbox, without, header).0, 400, "{target}");
    }
    let other = decoded(&json!(workload_jwt(&sandbox, "&subject=repo:a&lifetime=60")));
    assert_eq!(other["sub"], "repo:a");
    assert_eq!(other["exp"].as_i64().unwrap() - other["iat"].as_i64().unwrap(), 60);
}

#[test]
fn its_jwts_verify_with_its_keys_in_a_library_that_knows_nothing_of_us() {
    let sandbox = serve(trusting());
    let platform = format!("{}/platform", sandbox.url());
    let configuration = get(&format!("{platform}/.well-known/openid-configuration")).body;
    assert_eq!(configuration["issuer"], platform);
    let before = workload_jwt(&sandbox, "");
    sandbox.rotate_platform_key().unwrap();
    let after = workload_jwt(&sandbox, "");
    let forged = sign(RS256, &decoded(&json!(after)), keys::rsa(), MessageDigest::sha256());
    let input: String = [&before, &after, &forged]
        .map(|jwt| format!("{}\n", json!({ "issuer": platform, "aud": sandbox.url(), "jwt": jwt })))
        .concat();
    let mut peer = python("verify_workload.py");
    let answers = output(peer.env("no_proxy", "127.0.0.1"), &input);
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers[..2], [Platform::SUBJECT; 2]);
    assert!(answers[2].starts_with("refused: "), "{}", answers[2]);
}

#[test]
fn the_token_server_takes_a_workloads_jwt_by_each_grant_and_for_the_clients_authentication() {
    let sandbox = serve(trusting());
    let jwt = workload_jwt(&sandbox, "");
    for answer in [by_bearer(&sandbox, &jwt), by_exchange(&sandbox, &jwt)] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let claims = decoded(&answer.body["access_token"]);
        assert_eq!(claims["sub"], Platform::SUBJECT);
        assert_eq!(claims["client_id"], CLIENT[0].1);
    }
    let answer = by_client_assertion(&sandbox, &jwt);
    assert_eq!(decoded(&answer.body["access_token"])["sub"], CLIENT[0].1);
    assert_eq!(sandbox.exchanges(CLIENT[0].1).unwrap().issued, 3);
}

#[test]
fn what_is_wrong_with_a_workloads_jwt_is_named_and_the_log_says_what_would_be_right() {
    let (sandbox, entries) = logged(trusting());
    let good = workload_jwt(&sandbox, "");
    let claims = |name: &str, value: Value| {
        let mut claims = decoded(&json!(good));
        claims[name] = value;
        claims
    };
    let header = good.split('.').next().unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let forged =
        |header: &str, claims: &Value| sign(header, claims, keys::rsa(), MessageDigest::sha256());
    let same = claims("jti", json!("1"));
    let (issuer, url) = (format!("{}/platform", sandbox.url()), sandbox.url());
    let google = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=other";
    let for_another = ask(&sandbox, google, ("Metadata-Flavor", "Google")).1;
    for (jwt, named, cause) in [
        (workload_jwt(&sandbox, "&lifetime=-60"), "exp", "exp lies 60 s in the past".to_owned()),
        (
            workload_jwt(&sandbox, "&subject=repo:b"),
            "sub",
            format!("sub is repo:b, but should be {}", Platform::SUBJECT),
        ),
        (for_another, "aud", format!("aud is other, but should be {url} or {url}/oauth/token")),
        (
            forged(&header, &claims("iss", json!("https://other.example"))),
            "iss",
            format!("iss is https://other.example, but should be {issuer}"),
        ),
        (
            forged(&header, &same),
            "signature",
            "the signature does not fit the registered key".to_owned(),
        ),
        (
            forged(r#"{"alg":"RS256","kid":"old"}"#, &same),
            "kid",
            "the header's kid is old, but the platform's keys are platform-".to_owned(),
        ),
        (
            forged(RS256, &same),
            "kid",
            "the header's kid is missing, but the platform's keys are platform-".to_owned(),
        ),
    ] {
        let grant = [("grant_type", JWT_BEARER), CLIENT[0], ("assertion", &jwt)];
        let answer = post(&sandbox, "/oauth/token", &grant);
        let expected = format!("The assertion is not accepted: its {named} is missing or wrong.");
        assert_eq!(answer.refusal(), (400, "invalid_grant", &*expected));
        let logged = entries.lock().unwrap().last().unwrap().cause.clone();
        // It has taken a second, perhaps.
        let is_said = logged.starts_with(&cause) || named == "exp" && logged.ends_with("past");
        assert!(is_said, "{logged}");
        assert!(!logged.contains(&jwt), "{logged}");
    }
    let answer = by_exchange(&sandbox, &workload_jwt(&sandbox, "&lifetime=-60"));
    let expected = "The subject token is not accepted: its exp is missing or wrong.";
    assert_eq!(answer.refusal(), (400, "invalid_request", expected));
    let answer = by_client_assertion(&sandbox, &workload_jwt(&sandbox, "&subject=repo:b"));
    assert_eq!(answer.refusal().1, "invalid_client");

    // Without client_id, the subject alone says which account it is.
    let cause = |jwt: &str| {
        assert_eq!(by_bearer(&sandbox, jwt).refusal().1, "invalid_client");
        entries.lock().unwrap().last().unwrap().cause.clone()
    };
    assert_eq!(
        cause(&workload_jwt(&sandbox, "&subject=repo:b")),
        "sub is repo:b, which is no account's workload"
    );
    assert_eq!(
        cause(&forged(&header, &claims("iss", json!("https://other.example")))),
        format!("iss is https://other.example, neither an account's client_id nor {issuer}")
    );
}

#[test]
fn an_account_without_a_workload_trusts_no_jwt_of_the_platform() {
    let (sandbox, entries) = logged(account());
    let jwt = workload_jwt(&sandbox, "");
    let grant = [("grant_type", JWT_BEARER), CLIENT[0], ("assertion", &jwt)];
    assert_eq!(post(&sandbox, "/oauth/token", &grant).refusal().1, "invalid_grant");
    let cause = entries.lock().unwrap().last().unwrap().cause.clone();
    assert_eq!(cause, "the account trusts no workload of the platform");
}

#[test]
fn an_account_with_a_workload_still_authenticates_by_its_secret() {
    let mut account = trusting();
    account.lenient = true;
    let sandbox = serve(account);
    let claims = json!({
        "iss": CLIENT[0].1, "sub": CLIENT[0].1, "aud": sandbox.url(), "exp": now() + 60,
    });
    let secret = PKey::hmac(CLIENT[1].1.as_bytes()).unwrap();
    let jwt = sign(r#"{"alg":"HS256"}"#, &claims, &secret, MessageDigest::sha256());
    assert_eq!(by_client_assertion(&sandbox, &jwt).status, 200);
    let fields = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
    assert_eq!(post(&sandbox, "/oauth/token", &fields).status, 200);
}

#[test]
fn a_key_is_published_until_the_last_jwt_that_it_signed_has_expired() {
    let sandbox = serve(trusting());
    let kids = || {
        let keys = get(&format!("{}/platform/keys", sandbox.url())).body;
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let old = workload_jwt(&sandbox, "");
    let first = kids();
    let url = format!("{}/__sandbox/platform/keys", sandbox.url());
    assert_eq!(send(&url, "application/json", None, b"").status, 200);
    let both = kids();
    assert!(both.len() == 2 && both[0] == first[0], "{both:?}");
    assert_eq!(by_bearer(&sandbox, &old).status, 200, "the old one is still good");
    // The second one signed what has expired.
    workload_jwt(&sandbox, "&lifetime=-60");
    sandbox.rotate_platform_key().unwrap();
    let now = kids();
    assert!(now.len() == 2 && now[0] == first[0] && now[1] != both[1], "{now:?}");
}

#[test]
fn the_token_file_follows_the_platforms_key_and_a_client_gets_tokens_by_it() {
    let directory = Directory::new();
    let file = directory.path().join("pod/token");
    let account = |url: &str| {
        json!({ "grant": "jwt_bearer", "token_url": format!("{url}/oauth/token"),
            "assertion_file": file, "scope": "read" })
    };
    let credentials = read_credentials(&account("https://auth.example.com"));
    let mut config = Config::new(vec![Account::from_credentials(&credentials).unwrap()]);
    config.platform.token_file = Some(file.clone());
    let sandbox = Sandbox::start(config).unwrap();
    let client = Client::builder().transport(transport(None));
    let client = client.from_json(account(sandbox.url()).to_string()).unwrap();
    let kid = || {
        let jwt = fs::read_to_string(&file).unwrap();
        let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
    };
    let mut seen = Vec::new();
    for _ in 0..3 {
        let token = client.token().unwrap();
        assert_eq!(decoded(&json!(token.access_token()))["scope"], "read");
        client.forget(&token);
        seen.push(kid());
        sandbox.rotate_platform_key().unwrap();
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2], "{seen:?}");
    sandbox.stop();
    assert!(fs::symlink_metadata(&file).is_err());
}

fn read_credentials(document: &Value) -> ims::Credentials {
    let options = ims::CredentialsOptions::default();
    ims::Credentials::from_json(document.to_string().as_bytes(), &options).unwrap()
}

#[test]
fn a_token_file_is_renewed_before_its_jwt_expires() {
    let directory = Directory::new();
    let file = directory.path().join("token");
    let mut config = Config::new(vec![trusting()]);
    config.platform.token_file = Some(file.clone());
    config.platform.lifetime = Duration::from_secs(2);
    let _sandbox = Sandbox::start(config).unwrap();
    let first = fs::read_to_string(&file).unwrap();
    // Whenever the machine lets it: a reader never finds half of one.
    let next = loop {
        let token = fs::read_to_string(&file).unwrap();
        assert_eq!(token.matches('.').count(), 2);
        if token != first {
            break token;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let exp = |jwt: &str| decoded(&json!(jwt))["exp"].as_i64().unwrap();
    assert!(exp(&next) > exp(&first));
}

#[test]
fn a_platform_that_makes_no_sense_is_refused_by_name() {
    let directory = Directory::new();
    let taken = directory.write("token", "mine");
    type Change = Box<dyn Fn(&mut Platform)>;
    for (change, problem) in [
        (
            Box::new(|platform: &mut Platform| platform.lifetime = Duration::ZERO) as Change,
            "lifetime is not 2 to 86400 seconds",
        ),
        (Box::new(|platform| platform.subject.clear()), "subject is missing or empty"),
        (
            Box::new(move |platform| platform.token_file = Some(taken.clone())),
            "is there already, and not of an earlier sandbox",
        ),
    ] {
        let mut config = Config::new(vec![trusting()]);
        change(&mut config.platform);
        let error = Sandbox::start(config).err().unwrap();
        assert_eq!(error.status(), ims::Status::Argument);
        assert!(error.to_string().contains(problem), "{error}");
    }
}
