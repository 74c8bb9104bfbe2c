//! A client's token: always fresh, by as few exchanges as can be.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::exchanges::{CLIENT_SECRET, assert_shows_no_secret, http, json, transport};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{
    Cache, Claims, Client, Credentials, CredentialsOptions, Expiry, Grant, Key, MayRead, Proxy,
    Signer, Status, Transport,
};
use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use support::certificates::{self, Validity};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;
use support::redis::Redis;

/// Client credentials of a server that answers everything.
fn credentials(url: &str) -> Credentials {
    let grant = Grant::client_credentials("client", CLIENT_SECRET, "openid");
    Credentials::new(url.parse::<ims::TokenUrl>().unwrap(), grant).unwrap()
}

fn client_with(url: &str, cache: &Cache) -> Client {
    let credentials = credentials(url);
    Client::new(credentials, cache, transport()).unwrap()
}

fn client(url: &str) -> Client {
    client_with(url, &Cache::Memory)
}

/// A server whose tokens live as long, each another.
fn token_server(seconds: u64) -> Hostile {
    Hostile::run(move |connection| {
        connection.read_request()?;
        let number = connection.number;
        let body = format!(r#"{{"access_token":"token-{number}","expires_in":{seconds}}}"#);
        connection.send(json("200 OK", body))
    })
}

fn server(answers: impl IntoIterator<Item = Vec<u8>>) -> Hostile {
    Hostile::answering(answers)
}

fn token() -> Vec<u8> {
    json("200 OK", r#"{"access_token":"t","expires_in":3600}"#)
}

/// Runs `body` on `count` threads at once and returns what each said.
fn together<T: Send>(count: usize, body: impl Fn() -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(count);
    thread::scope(|scope| {
        let run = || {
            start.wait();
            body()
        };
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn callers_who_need_a_token_at_once_share_one_exchange() {
    let server = token_server(3600);
    let client = client(&server.url());
    let tokens = together(64, || client.token().unwrap().access_token().to_owned());
    assert_eq!(tokens.into_iter().collect::<BTreeSet<_>>().len(), 1);
    client.token().unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_client_is_made_of_a_file_or_a_text_with_the_settings_of_its_builder() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(token())
    });
    let file = serde_json::json!({
        "grant": "client_credentials",
        "token_url": server.url(),
        "client_id": "client",
        "client_secret": CLIENT_SECRET,
        "scope": "openid",
    });
    let (directory, text) = (Directory::new(), file.to_string());
    let path = directory.write("credentials.json", &text);
    assert_eq!(Client::from_file(&path).unwrap().token().unwrap().access_token(), "t");
    let without_cache = Client::builder().cache(Cache::None).from_json(&text).unwrap();
    for _ in 0..2 {
        without_cache.token().unwrap();
    }
    assert_eq!(server.requests().len(), 3);

    let refused = Client::builder().may_read(MayRead::new(|_| false)).from_file(&path);
    assert_eq!(refused.unwrap_err().status(), Status::Credentials);
    for (builder, setting) in [
        (Client::builder().timeout(Duration::ZERO), "timeout "),
        (Client::builder().max_attempts(0), "max_attempts "),
        (Client::builder().ca_file("/nonexistent/ca.pem"), "ca_file "),
        (Client::builder().proxy(Proxy::Url("ftp://localhost".into())), "proxy "),
        (Client::builder().cache(Cache::File(Some("relative".into()))), "cache "),
    ] {
        let error = builder.from_file(&path).unwrap_err();
        assert!(error.to_string().starts_with(setting), "{error}");
    }
}

#[test]
fn without_a_cache_each_call_exchanges() {
    let server = token_server(3600);
    let client = client_with(&server.url(), &Cache::None);
    for number in 0..3 {
        assert_eq!(client.token().unwrap().access_token(), format!("token-{number}"));
    }
}

#[test]
fn a_server_that_asks_for_no_wait_at_all_is_not_asked_all_the_time() {
    let server = server([http("503 No", "Retry-After: 0\r\n", "")]);
    let client = client(&server.url());
    for _ in 0..100 {
        client.token().unwrap_err();
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_one_process_trusts_is_no_failure_of_the_next() {
    let authority = certificates::Authority::new("ours");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let server = Hostile::answering_over_tls(&identity, [token()]);
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let client = |ca_file: Option<PathBuf>| {
        let mut transport = transport();
        transport.ca_file = ca_file;
        let credentials = credentials(&server.https_url());
        Client::new(credentials, &cache, transport).unwrap()
    };
    assert_eq!(client(None).token().unwrap_err().status(), Status::Tls);
    client(Some(directory.write("ca.pem", authority.pem()))).token().unwrap();
}

#[test]
fn a_proxy_or_ca_file_that_cannot_be_used_is_refused_before_a_token_is_asked_for() {
    let refusal = |change: &dyn Fn(&mut Transport)| {
        let mut transport = transport();
        change(&mut transport);
        let credentials = credentials("https://127.0.0.1:1/");
        let error = Client::new(credentials, &Cache::Memory, transport).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        error.to_string()
    };
    let ca_file = refusal(&|transport| transport.ca_file = Some("/nonexistent/ca.pem".into()));
    assert!(ca_file.starts_with("ca_file /nonexistent/ca.pem cannot be read"), "{ca_file}");
    let proxy = refusal(&|transport| transport.proxy = Proxy::Url("ftp://localhost".into()));
    assert_eq!(proxy, "proxy is not an http://, https://, socks5:// or socks5h:// URL");
}

#[test]
fn a_failure_is_remembered_and_given_to_the_next_callers_as_the_same_error() {
    let refusal =
        r#"{"error":"invalid_client","error_description":"invalid client_secret parameter"}"#;
    for (answer, status) in [
        (json("400 Bad Request", refusal), Status::Rejected),
        (http("500 Oops", "", ""), Status::Unavailable),
        (http("429 Slow", "Retry-After: 60\r\n", ""), Status::RateLimited),
        (http("200 OK", "", "<html>"), Status::Response),
    ] {
        let server = server([answer]);
        let client = client(&server.url());
        let first = client.token().unwrap_err();
        assert_eq!(first.status(), status);
        for error in together(32, || client.token().unwrap_err()) {
            assert_eq!((error.message(), error.hint()), (first.message(), first.hint()));
            assert_shows_no_secret(&error, &[CLIENT_SECRET]);
        }
        assert_eq!(server.requests().len(), 1, "{status:?}");
    }
}

#[test]
fn a_server_that_hangs_ends_every_caller_at_the_deadline() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.hang()
    });
    let mut transport = transport();
    transport.timeout = Duration::from_millis(500);
    let credentials = credentials(&server.url());
    let client = Client::new(credentials, &Cache::Memory, transport).unwrap();
    let start = Instant::now();
    for error in together(16, || client.token().unwrap_err()) {
        assert_eq!(error.status(), Status::Timeout);
    }
    // Nothing but the deadline ends it.
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_forgotten_token_is_replaced_and_an_api_that_refuses_all_costs_no_more() {
    let server = token_server(3600);
    let (directory, redis) = (Directory::new(), Redis::start(&[]));
    for cache in [
        Cache::Memory,
        Cache::File(Some(directory.path().join("cache"))),
        Cache::Redis(redis.url().into()),
    ] {
        let client = client_with(&server.url(), &cache);
        let before = server.requests().len();
        let first = client.token().unwrap();
        client.forget(&first);
        let second = client.token().unwrap();
        assert_ne!(first.access_token(), second.access_token());
        client.forget(&first);
        client.forget(&second);
        assert_eq!(client.token().unwrap().access_token(), second.access_token());
        assert_eq!(server.requests().len(), before + 2);
    }
}

#[test]
fn a_forgotten_token_does_not_come_back_from_a_cache_that_cannot_drop_it() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        let number = connection.number;
        let body = format!(r#"{{"access_token":"stuck-{number}","expires_in":3600}}"#);
        connection.send(json("200 OK", body))
    });
    let redis = Redis::start(&[]);
    let cache = Cache::Redis(redis.url().into());
    let token = |client: &Client| client.token().unwrap().access_token().to_owned();
    let first = client_with(&server.url(), &cache);
    let refused = first.token().unwrap();
    // It answers, and refuses each command that would write.
    redis.ask(&["config", "set", "min-replicas-to-write", "1"]);
    assert_eq!(token(&client_with(&server.url(), &cache)), "stuck-0", "it is in the cache");
    first.forget(&refused);
    assert_eq!(token(&first), "stuck-1");
    assert_eq!(
        token(&client_with(&server.url(), &cache)),
        "stuck-2",
        "nor for this process's next client"
    );
    redis.ask(&["config", "set", "min-replicas-to-write", "0"]);
    assert_eq!(token(&client_with(&server.url(), &cache)), "stuck-3");
    assert_eq!(
        token(&client_with(&server.url(), &cache)),
        "stuck-3",
        "replaced as soon as it can be"
    );
}

#[test]
fn a_cache_that_cannot_be_used_fails_no_call() {
    let server = token_server(3600);
    let directory = Directory::new();
    let file = directory.write("a file", "");
    for place in [file.join("below a file"), file, PathBuf::from("/proc/no/such")] {
        let client = client_with(&server.url(), &Cache::File(Some(place)));
        let token = client.token().unwrap();
        assert_eq!(client.token().unwrap().access_token(), token.access_token(), "by memory alone");
    }
}

#[test]
fn every_attempt_has_a_jwt_of_its_own() {
    let server = server([http("503 No", "", ""), http("503 No", "", ""), token()]);
    let mut transport = transport();
    transport.max_attempts = 3;
    let client = Client::new(bearer(&server.url()), &Cache::Memory, transport).unwrap();
    client.token().unwrap();
    let jtis: BTreeSet<u64> =
        server.requests().iter().map(|request| claim(request, "jti")).collect();
    assert_eq!(jtis.len(), 3, "a server that remembers jti refuses none of them");
}

#[test]
fn a_jwt_that_a_wrong_clock_spoiled_is_signed_once_more_by_the_servers_clock() {
    let refusal = |hours: i64| {
        let now = SystemTime::now();
        let hour = Duration::from_secs(3600 * hours.unsigned_abs());
        let date = if hours < 0 { now - hour } else { now + hour };
        let date = format!("Date: {}\r\n", httpdate::fmt_http_date(date));
        http("400 No", &date, r#"{"error":"invalid_grant","error_description":"expired"}"#)
    };
    let get = |answers: Vec<Vec<u8>>, max_attempts| {
        let server = server(answers);
        let mut transport = transport();
        transport.max_attempts = max_attempts;
        let credentials = bearer(&server.url());
        let client = Client::new(credentials, &Cache::Memory, transport).unwrap();
        let token = client.token();
        let iats = server.requests().iter().map(|request| claim(request, "iat")).collect();
        (token, iats)
    };
    // It is not one of the attempts: those are repetitions, and this one is another request.
    for (hours, max_attempts) in [(2_i64, 3), (-2, 1)] {
        let (token, iats): (_, Vec<u64>) = get(vec![refusal(hours), token()], max_attempts);
        // The token's own expiry is by this machine's clock.
        assert!(token.unwrap().expires_in(SystemTime::now()) > Duration::from_secs(3000));
        let shift = i64::try_from(iats[1]).unwrap() - i64::try_from(iats[0]).unwrap();
        assert!((shift - 3600 * hours).abs() < 60, "{shift}");
    }
    let (token, iats): (_, Vec<u64>) = get(vec![refusal(2)], 3);
    assert!(token.unwrap_err().hint().unwrap().contains("this machine's clock is"));
    assert_eq!(iats.len(), 2, "once more, and not again");
    let (token, iats): (_, Vec<u64>) = get(vec![refusal(0)], 3);
    assert_eq!((token.unwrap_err().status(), iats.len()), (Status::Rejected, 1));
}

#[test]
fn a_client_whose_clock_is_wrong_gets_each_further_token_by_the_servers_clock_too() {
    let ahead = SystemTime::now() + Duration::from_secs(7200);
    let date = format!("Date: {}\r\n", httpdate::fmt_http_date(ahead));
    let refusal = || http("400 No", &date, r#"{"error":"invalid_grant"}"#);
    let unavailable = || http("503 No", "", "");
    // A failure before limits the next call to one attempt.
    let server = server([unavailable(), refusal(), token(), refusal(), token()]);
    let mut transport = transport();
    transport.max_attempts = 1;
    let client = Client::new(bearer(&server.url()), &Cache::Memory, transport).unwrap();
    client.token().unwrap_err();
    // The backoff after one failure.
    thread::sleep(Duration::from_millis(1100));
    for _ in 0..2 {
        let token = client.token().unwrap();
        client.forget(&token);
    }
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn no_jwt_is_sent_twice_even_without_a_jti() {
    let server = server([http("503 No", "", ""), http("503 No", "", ""), token()]);
    let mut transport = transport();
    transport.max_attempts = 3;
    let account = serde_json::json!({
        "grant": "jwt_bearer", "token_url": server.url(), "iss": "i", "sub": "s", "aud": "a",
        "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(),
    });
    let client = Client::builder().transport(transport).from_json(account.to_string()).unwrap();
    client.token().unwrap();
    let requests = server.requests();
    let sent: BTreeSet<&str> =
        requests.iter().map(|request| request.split_once("assertion=").unwrap().1).collect();
    assert_eq!(sent.len(), 3);
    let iats: BTreeSet<u64> = requests.iter().map(|request| claim(request, "iat")).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!(iats.last().unwrap() <= &now, "none is from the future");
}

#[test]
fn further_members_come_back_from_memory_and_from_a_cache() {
    let body =
        r#"{"access_token":"t0ken","expires_in":3600,"instance_url":"https://na1.example.com"}"#;
    let server = server([http("200 OK", "", body)]);
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    for _ in 0..2 {
        let client = Client::new(bearer(&server.url()), &cache, transport()).unwrap();
        for _ in 0..2 {
            let token = client.token().unwrap();
            assert_eq!(token.get("instance_url"), Some("https://na1.example.com"));
        }
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_refusal_of_another_secret_algorithm_or_certificate_keeps_no_one_from_a_token() {
    let pem = String::from_utf8(keys::pkcs8_pem()).unwrap();
    let [old, new] = [Validity::now(), Validity::a_year()].map(|validity| {
        String::from_utf8(certificates::self_signed(keys::rsa(), validity).to_pem().unwrap())
            .unwrap()
    });
    let by_key = serde_json::json!({ "client_auth": "private_key_jwt", "private_key": pem });
    let with = |changes: serde_json::Value| {
        let mut account = by_key.clone();
        account.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        account
    };
    for (refused, accepted) in [
        (
            serde_json::json!({ "client_secrets": ["old"] }),
            serde_json::json!({ "client_secrets": ["old", "new"] }),
        ),
        (with(serde_json::json!({ "alg": "PS256" })), with(serde_json::json!({ "alg": "RS256" }))),
        (
            with(serde_json::json!({ "x5t": "S256", "certificate": old })),
            with(serde_json::json!({ "x5t": "S256", "certificate": new })),
        ),
    ] {
        // The first request is refused; of the second account, the last is accepted.
        let refusal = || json("401 No", r#"{"error":"invalid_client"}"#);
        let secrets = accepted["client_secrets"].as_array().map_or(1, Vec::len);
        let refusals = (0..secrets).map(|_| refusal());
        let server = server(refusals.chain([token()]));
        let directory = Directory::new();
        let cache = Cache::File(Some(directory.path().join("cache")));
        let client = |account: &serde_json::Value| {
            let mut whole = serde_json::json!({
                "grant": "client_credentials", "token_url": server.url(), "client_id": "c",
            });
            whole.as_object_mut().unwrap().extend(account.as_object().unwrap().clone());
            let builder = Client::builder().transport(transport()).cache(cache.clone());
            builder.from_json(whole.to_string()).unwrap()
        };
        assert_eq!(client(&refused).token().unwrap_err().oauth_error(), Some("invalid_client"));
        client(&accepted).token().unwrap_or_else(|error| panic!("{accepted}: {error}"));
        // And the token is for both.
        client(&refused).token().unwrap();
    }
}

/// An account of the JWT bearer grant.
fn bearer(url: &str) -> Credentials {
    let json = serde_json::json!({
        "grant": "jwt_bearer",
        "token_url": url,
        "iss": "i",
        "sub": "s",
        "aud": "a",
        "jti": "integer",
        "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(),
    });
    Credentials::from_json(json.to_string().as_bytes(), &CredentialsOptions::default()).unwrap()
}

/// An integer of the assertion in a request.
fn claim(request: &str, name: &str) -> u64 {
    let (_, form) = request.split_once("\r\n\r\n").unwrap();
    let mut fields = form_urlencoded::parse(form.as_bytes());
    let (_, jwt) = fields.find(|(name, _)| name == "assertion").unwrap();
    let claims = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()[name].as_u64().unwrap()
}

#[test]
fn a_certificate_that_is_not_the_key_s_or_has_expired_is_told_before_any_network() {
    let pem = |certificate: openssl::x509::X509| String::from_utf8(certificate.to_pem().unwrap());
    let expired = pem(certificates::self_signed(keys::rsa(), Validity::expired())).unwrap();
    let other = pem(certificates::self_signed(&keys::ec(), Validity::now())).unwrap();
    for (certificate, says) in [(expired, "has expired"), (other, "does not belong")] {
        let server = server([token()]);
        let file = serde_json::json!({
            "ims": server.url().trim_end_matches("/token"),
            "client_id": "client",
            "client_secret": CLIENT_SECRET,
            "org_id": "ORG@AdobeOrg",
            "technical_account_id": "ID@techacct.adobe.com",
            "metascopes": "ent_x",
            "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(),
            "certificate": certificate,
        });
        let options = CredentialsOptions::default();
        let credentials = Credentials::from_json(file.to_string().as_bytes(), &options).unwrap();
        let client = Client::new(credentials, &Cache::Memory, transport()).unwrap();
        let error = client.token().unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().contains(says), "{error}");
        assert_eq!(server.connections(), 0);
    }
}

#[test]
fn values_that_a_client_makes_itself_are_refused() {
    let credentials = |change: &dyn Fn(&mut Claims)| {
        let mut claims = Claims::new("ORG@AdobeOrg", "ID@techacct.adobe.com", "https://h/c/client");
        change(&mut claims);
        let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
        let signer = Signer { key: key.into(), assertion: claims.into() };
        let url: ims::TokenUrl = "https://h/ims/exchange/jwt".parse().unwrap();
        Credentials::new(url, Grant::jwt_exchange("client", CLIENT_SECRET, signer))
    };
    credentials(&|_| ()).unwrap();
    let refusal = |change: &dyn Fn(&mut Claims)| credentials(change).unwrap_err();
    for (name, error) in [
        ("exp ", refusal(&|claims| claims.expiry = Expiry::At(UNIX_EPOCH))),
        ("iat ", refusal(&|claims| claims.iat = Some(UNIX_EPOCH))),
        ("jti ", refusal(&|claims| claims.jti = Some(5.into()))),
    ] {
        assert_eq!(error.status(), Status::Argument, "{error}");
        assert!(error.message().starts_with(name), "{name}: {error}");
    }
}

#[test]
fn a_file_that_moves_from_jwt_to_oauth_needs_no_change_of_code() {
    let mut account = Account::default();
    account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
    let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let path = directory.path().join("credentials.env");
    let common = format!(
        "IMS={}\nAPI_KEY=sandbox-client\nCLIENT_SECRET=sandbox-secret\nIMS_ORG=SANDBOX@AdobeOrg\n",
        sandbox.url()
    );
    for own in [
        "TECHNICAL_ACCOUNT_ID=sandbox@techacct.adobe.com\nMETA_SCOPE=ent_sandbox\nPRIVATE_KEY=private.key\n",
        "SCOPES=openid,AdobeID\n",
    ] {
        directory.write("credentials.env", format!("{common}{own}"));
        let credentials = Credentials::from_file(&path, &CredentialsOptions::default()).unwrap();
        let client = Client::new(credentials, &Cache::Memory, transport()).unwrap();
        assert!(client.token().unwrap().access_token().starts_with("eyJ"));
    }
}
