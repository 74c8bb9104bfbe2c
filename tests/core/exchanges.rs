//! Exchanges with a server of the tests. Each is held to what holds for every call: it ends in
//! time, and its error shows no secret.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use ims::{Error, Grant, Proxy, Status, Token, Transport};
use support::hostile::Hostile;
pub use support::responses::{TOKEN, http, json, token_answer};

pub const CLIENT_SECRET: &str = "p8e-\"s3cret\"&/+=% of\\the \u{e4}client";
/// A name that the system's lookup refuses by itself: its first label is over 63 characters. Any
/// other would wait for a name server, where there is one.
pub const UNKNOWN_HOST: &str =
    "no-server-is-asked-for-a-label-of-over-63-characters-such-as-this.invalid";
/// How much longer than its timeout a call may take on a machine that has no time for it. A call that missed its deadline
/// would go on as long as the server does, which is for ever.
const GRACE: Duration = Duration::from_secs(10);

/// Stands for a signed JWT; no server of these tests reads it.
pub fn jwt() -> String {
    format!("eyJ0eXAiOiJKV1QifQ.{}.{}", "eyJpc3MiOiJPUkcifQ".repeat(20), "c2lnbmF0dXJl".repeat(20))
}

pub fn grant() -> Grant {
    Grant::jwt_exchange("client", CLIENT_SECRET, jwt())
}

/// One attempt, no proxy, and time for a busy machine.
pub fn transport() -> Transport {
    let mut transport = Transport::default();
    transport.timeout = Duration::from_secs(30);
    transport.max_attempts = 1;
    transport.proxy = Proxy::None;
    transport
}

/// For servers that never come to an end.
pub fn impatient() -> Transport {
    let mut transport = transport();
    transport.timeout = Duration::from_millis(300);
    transport
}

pub fn exchange(url: &str, transport: &Transport) -> Result<Token, Error> {
    exchange_grant(url, &grant(), transport)
}

pub fn exchange_grant(url: &str, grant: &Grant, transport: &Transport) -> Result<Token, Error> {
    let start = Instant::now();
    let result = url.parse().and_then(|url| ims::exchange(&url, grant, transport));
    let took = start.elapsed();
    assert!(took < transport.timeout + GRACE, "took {took:?} of {:?}", transport.timeout);
    if let Err(error) = &result {
        assert_shows_no_secret(error, &[CLIENT_SECRET, &jwt(), TOKEN]);
    }
    result
}

/// Looks for secrets, plain or percent-encoded, in all that an error shows.
pub fn assert_shows_no_secret(error: &Error, secrets: &[&str]) {
    let shown = format!(
        "{error} {error:?} {} {:?} {:?} {:?} {:?} {:?}",
        error.message(),
        error.hint(),
        error.oauth_error(),
        error.oauth_description(),
        error.debug_id(),
        error.uri(),
    );
    for secret in secrets {
        // Texts are cut: a part is as bad as the whole.
        let secret: &str = &secret.chars().take(24).collect::<String>();
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let debug = format!("{secret:?}");
        for form in [secret, &encoded, debug.trim_matches('"')] {
            assert!(!shown.contains(form), "{form} shows in {shown}");
        }
    }
    assert!(!error.message().contains(char::is_control), "not one line: {shown}");
}

/// The error of one exchange with a server that gives `answer`.
pub fn failure(answer: impl AsRef<[u8]>) -> Error {
    let server = Hostile::answering([answer.as_ref().to_vec()]);
    exchange(&server.url(), &transport()).unwrap_err()
}

pub fn assert_status(error: &Error, status: Status) {
    assert_eq!(error.status(), status, "{error:?}");
}

/// Runs `body` in a process of its own with these environment variables and no other of a proxy or
/// a trust store. `test` is the name of the test that calls it, and in no other test's.
pub fn in_own_process(test: &str, environment: &[(&str, &str)], body: impl FnOnce()) {
    const INSIDE: &str = "IMS_TEST_IN_OWN_PROCESS";
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--nocapture", "--test-threads=1"]).env(INSIDE, "1");
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        command.env_remove(name);
    }
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("ok. 1 passed"), "{}: {text}", output.status);
}
