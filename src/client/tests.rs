//! The behaviour near a token's end and after failures. Times are arguments, so that no test waits
//! for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Barrier, Mutex};
use std::thread;

use support::directory::Directory;
use support::hostile::Hostile;

use super::*;
use crate::Proxy;
use crate::cache::{LockRank, Locking};

const SECOND: Duration = Duration::from_secs(1);
/// The timeout of tests that wait for a fast response.
const PATIENCE: Duration = Duration::from_secs(60);

fn client_with(server: &Hostile, cache: &Cache) -> Client {
    builder(cache).build(credentials(server)).unwrap()
}

fn client(server: &Hostile) -> Client {
    client_with(server, &Cache::Memory)
}

fn builder(cache: &Cache) -> ClientBuilder {
    let builder = Client::builder().cache(cache.clone());
    builder.timeout(PATIENCE).max_attempts(1).proxy(Proxy::None)
}

fn credentials(server: &Hostile) -> Credentials {
    let grant = crate::Grant::client_credentials("client", "s3cret", "openid");
    Credentials::new(server.url().parse::<crate::TokenUrl>().unwrap(), grant).unwrap()
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn issued(access_token: &str) -> Vec<u8> {
    let body = format!(r#"{{"access_token":"{access_token}","expires_in":3600}}"#);
    http("200 OK", "Content-Type: application/json\r\n", &body)
}

/// A server whose tokens are `token-0`, `token-1` and so on.
fn token_server() -> Hostile {
    Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(issued(&format!("token-{}", connection.number)))
    })
}

/// Gives `client` the token `old`, which lives for 1,900 s, with `left` of them.
fn cache_old(client: &Client, left: u32) {
    cache_old_for(client, left * SECOND);
}

fn cache_old_for(client: &Client, left: Duration) {
    let now = Timestamps::now();
    let token = Token::new("old", None, now.wall + left);
    client.memory.store(CachedToken::new(&token, now.wall + left - 1900 * SECOND, now, 0.0));
}

/// An advisory refresh is due, and the token still serves for 140 s.
fn cache_stale(client: &Client) {
    cache_old(client, 200);
}

/// The token is not handed out any more.
fn cache_expired(client: &Client) {
    cache_old(client, 50);
}

fn token(client: &Client) -> String {
    client.token().unwrap().access_token().to_owned()
}

#[test]
fn a_token_that_nears_its_end_is_refreshed_by_one_caller_and_serves_the_others_meanwhile() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let server = Hostile::run(move |connection| {
        connection.read_request()?;
        let _ = released.lock().unwrap().recv_timeout(PATIENCE);
        connection.send(issued("new"))
    });
    let mut client = client(&server);
    client.max_advisory_refresh = PATIENCE;
    cache_stale(&client);
    let (client, start) = (&client, Barrier::new(16));
    thread::scope(|scope| {
        let (sender, tokens) = mpsc::channel();
        for _ in 0..16 {
            let (sender, start) = (sender.clone(), &start);
            scope.spawn(move || {
                start.wait();
                sender.send(token(client)).unwrap();
            });
        }
        // While the server lets the refreshing caller wait, all others get the old token.
        for _ in 0..15 {
            assert_eq!(tokens.recv_timeout(PATIENCE).unwrap(), "old");
        }
        release.send(()).unwrap();
        assert_eq!(tokens.recv_timeout(PATIENCE).unwrap(), "new");
    });
    assert_eq!(token(client), "new");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_refresh_that_fails_leaves_the_old_token_and_is_not_tried_at_every_call() {
    let server = Hostile::answering([http("503 No", "Retry-After: 60\r\n", "")]);
    let mut client = client(&server);
    client.max_advisory_refresh = PATIENCE;
    cache_stale(&client);
    for _ in 0..100 {
        assert_eq!(token(&client), "old");
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_refusal_to_refresh_does_not_extend_a_token() {
    let server = Hostile::answering([http("429 Slow", "Retry-After: 600\r\n", "")]);
    let mut client = client(&server);
    client.max_advisory_refresh = PATIENCE;
    cache_stale(&client);
    assert_eq!(token(&client), "old", "the refresh fails, the token lives");
    let cached = client.memory.load().clone().unwrap();
    let now = Timestamps::now();
    let left = cached.time_left(now);
    assert!(left <= 140 * SECOND);
    assert_eq!(cached.state(now + (left - SECOND)), TokenState::Fresh, "no refresh until then");
    assert_eq!(cached.state(now + left), TokenState::Expired);
    cache_expired(&client);
    assert_eq!(client.token().unwrap_err().status(), Status::RateLimited);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_that_is_too_slow_for_an_advisory_refresh_has_all_the_time_in_the_mandatory_one() {
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = Arc::clone(&is_slow);
    let server = Hostile::run(move |connection| {
        if slow.load(Ordering::Relaxed) {
            return connection.hang();
        }
        connection.read_request()?;
        connection.send(issued("new"))
    });
    let mut client = client(&server);
    client.max_advisory_refresh = SECOND / 10;
    cache_stale(&client);
    assert_eq!(token(&client), "old");
    let (now, cached) = (Timestamps::now(), client.memory.load().clone().unwrap());
    let left = cached.time_left(now);
    assert!(left < 140 * SECOND);
    assert_eq!(cached.state(now + (left - SECOND)), TokenState::Stale, "it is tried again before");
    is_slow.store(false, Ordering::Relaxed);
    cache_expired(&client);
    assert_eq!(token(&client), "new", "and its failure is not remembered");
}

#[test]
fn a_token_that_expires_during_its_advisory_refresh_leaves_the_call_its_one_deadline() {
    let server = Hostile::run(|connection| connection.hang());
    let timeout = 4 * SECOND;
    let mut client = builder(&Cache::Memory).timeout(timeout).build(credentials(&server)).unwrap();
    client.max_advisory_refresh = PATIENCE;
    cache_old_for(&client, 60 * SECOND + SECOND / 2);
    let start = Instant::now();
    assert_eq!(client.token().unwrap_err().status(), Status::Timeout);
    assert!(server.connections() <= 2);
    // A second whole timeout would begin when half of this one has passed.
    assert!(start.elapsed() < timeout + timeout / 2, "{:?}", start.elapsed());
}

#[test]
fn a_token_that_expires_during_its_advisory_refresh_leaves_half_of_the_call_to_the_mandatory_one() {
    let server = Hostile::run(|connection| {
        if connection.number == 0 {
            return connection.hang();
        }
        connection.read_request()?;
        connection.send(issued("new"))
    });
    let timeout = 4 * SECOND;
    let mut client = builder(&Cache::Memory).timeout(timeout).build(credentials(&server)).unwrap();
    client.max_advisory_refresh = PATIENCE;
    cache_old_for(&client, 60 * SECOND + SECOND / 2);
    assert_eq!(token(&client), "new");
}

#[test]
fn a_late_advisory_refresh_keeps_others_from_exchanging_at_the_same_time() {
    let server = token_server();
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let mut client = client_with(&server, &cache);
    client.max_advisory_refresh = PATIENCE;
    let others = client.account.load();
    let mut session = others.shared.as_ref().unwrap().session(Instant::now() + PATIENCE);
    assert_eq!(session.try_lock(LockRank::Second), Locking::Held);
    cache_old(&client, 100);
    assert_eq!(
        token(&client),
        "token-0",
        "the first lock is free, and is the one that others take"
    );
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_bring_a_token_back_from_the_shared_cache() {
    let server = token_server();
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let client = client_with(&server, &cache);
    let token = client.token().unwrap();
    let now = Timestamps::now();
    let hour = 3600 * SECOND;
    let before = Timestamps { steady: now.steady - hour, ..now };
    client.memory.store(CachedToken::new(&token, now.wall, before, 0.0));
    assert_eq!(
        client.token().unwrap().access_token(),
        "token-1",
        "an hour has passed since token-0"
    );
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_bring_a_failure_back_from_the_shared_cache() {
    let server = Hostile::answering([http("503 No", "", ""), issued("new")]);
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let client = client_with(&server, &cache);
    assert_eq!(client.token().unwrap_err().status(), Status::Unavailable);
    assert_eq!(client.token().unwrap_err().status(), Status::Unavailable);
    assert_eq!(server.requests().len(), 1);
    // Its second has passed, and by the wall clock it has not.
    let mut failure = (*client.process.load().last_failure().unwrap()).clone();
    failure.until.steady = Instant::now();
    client.process.load().remember(Some(Arc::new(failure)));
    assert_eq!(token(&client), "new");
}

#[test]
fn an_expired_token_is_not_handed_out_and_the_failure_is() {
    let server = Hostile::answering([http("503 No", "", "")]);
    let client = client(&server);
    cache_expired(&client);
    assert_eq!(client.token().unwrap_err().status(), Status::Unavailable);
}

#[test]
fn what_was_unavailable_is_asked_again_when_its_time_has_passed() {
    for status in ["503 No", "429 Slow"] {
        let failed = http(status, "Retry-After: 1000\r\n", "");
        let server = Hostile::answering([failed, issued("new")]);
        let client = client(&server);
        assert_eq!(client.token().unwrap_err().retry_after(), Some(1000 * SECOND));
        assert!(
            client.token().unwrap_err().retry_after().unwrap() <= 1000 * SECOND,
            "what is left of it"
        );
        assert_eq!(server.requests().len(), 1);
        client.process.load().end_failure();
        assert_eq!(token(&client), "new");
    }
}

#[test]
fn a_failure_that_is_remembered_is_cleared_by_invalidate_for_all_processes() {
    let server = Hostile::answering([http("503 No", "Retry-After: 604800\r\n", ""), issued("new")]);
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let (ours, theirs) = (client_with(&server, &cache), client_with(&server, &cache));
    ours.token().unwrap_err();
    let error = theirs.token().unwrap_err();
    assert_eq!(
        (error.status(), error.retry_after()),
        (Status::Unavailable, Some(604_800 * SECOND))
    );
    assert_eq!(server.requests().len(), 1, "one of them asked");
    assert!(!ours.invalidate().unwrap(), "there is no token");
    assert_eq!(token(&ours), "new");
    assert_eq!(token(&client_with(&server, &cache)), "new");
}

#[test]
fn a_token_that_the_server_issues_again_counts_again() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(issued("again-and-again"))
    });
    let client = client(&server);
    let refused = client.token().unwrap();
    client.forget(&refused);
    assert_eq!(token(&client), refused.access_token());
    assert_eq!(token(&client), refused.access_token());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_token_that_one_client_forgets_is_forgotten_by_all_of_the_process() {
    let server = token_server();
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let (one, other) = (client_with(&server, &cache), client_with(&server, &cache));
    let refused = one.token().unwrap();
    assert_eq!(token(&other), refused.access_token());
    one.forget(&refused);
    assert_eq!(token(&other), "token-1");
    assert_eq!(token(&one), "token-1");
}

#[test]
fn a_token_that_is_refused_right_after_another_one_stays() {
    let server = token_server();
    let client = client(&server);
    client.forget(&client.token().unwrap());
    let second = client.token().unwrap();
    assert_eq!(second.access_token(), "token-1");
    client.forget(&second);
    assert_eq!(token(&client), "token-1", "an API that refuses every token costs no exchange each");
}

#[test]
fn invalidate_waits_for_the_exchange_in_progress_and_drops_its_token() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let server = Hostile::run(move |connection| {
        connection.read_request()?;
        if connection.number == 0 {
            let _ = released.lock().unwrap().recv_timeout(PATIENCE);
        }
        connection.send(issued(&format!("token-{}", connection.number)))
    });
    let client = client(&server);
    thread::scope(|scope| {
        let caller = scope.spawn(|| token(&client));
        while server.requests().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        let invalidated = scope.spawn(|| client.invalidate());
        thread::sleep(Duration::from_millis(50));
        release.send(()).unwrap();
        assert_eq!(caller.join().unwrap(), "token-0");
        assert!(invalidated.join().unwrap().unwrap());
    });
    assert_eq!(token(&client), "token-1");
}

#[test]
fn what_one_process_suffers_is_no_failure_of_the_next() {
    let server = token_server();
    let directory = Directory::new();
    let cache = Cache::File(Some(directory.path().join("cache")));
    let misconfigured = builder(&cache).timeout(Duration::from_nanos(1));
    let misconfigured = misconfigured.build(credentials(&server)).unwrap();
    assert_eq!(misconfigured.token().unwrap_err().status(), Status::Timeout);
    assert_eq!(token(&client_with(&server, &cache)), "token-0");
}
