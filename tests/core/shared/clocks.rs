//! Clocks that are wrong (libfaketime): no expired token, and no storm.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use support::processes::faketime;

use super::host::{Host, SharedPlace};
use super::worker::{Asks, Ran, Worker};

/// libfaketime's ways to say it.
const WRONG: [&str; 6] =
    ["+3600s", "-3600s", "+86400s", "-86400s", "@1970-01-02 00:00:00", "@2106-02-08 00:00:00"];
const RIGHT: &str = "+0s";

/// Has the clock of `command` begin at another time; waits take as long as ever.
fn with_clock<'a>(command: &'a mut Command, clock: &str) -> &'a mut Command {
    command
        .env("LD_PRELOAD", faketime())
        .env("FAKETIME", clock)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("TZ", "UTC")
}

/// Whether the server accepts the token now: an IMS token says when it was made.
fn is_alive(token: &str) -> bool {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let number = |name: &str| claims[name].as_str().unwrap().parse::<u128>().unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    now < number("created_at") + number("expires_in")
}

fn run(host: &Host, file: &str, clock: &str, asks: Asks) -> Ran {
    let output = host.directory.path().join("output");
    let mut command = host.command(&host.credentials(file), 4, asks);
    let mut worker = Worker::start(with_clock(&mut command, clock), output);
    worker.go();
    worker.end()
}

#[test]
fn processes_with_wrong_clocks_get_no_expired_token_and_make_one_exchange_at_most() {
    for place in [SharedPlace::File, SharedPlace::Redis] {
        let pairs = WRONG.into_iter().flat_map(|wrong| [(wrong, RIGHT), (RIGHT, wrong)]);
        for (first, second) in pairs {
            let host = Host::new(place, Some(Duration::from_secs(1200)));
            for (number, clock) in [first, second, first].into_iter().enumerate() {
                let before = host.issued();
                let ran = run(&host, "oauth.json", clock, Asks::For(Duration::from_millis(150)));
                assert_eq!((ran.errors, ran.tokens.len()), (0, 1), "{first} {second} {number}");
                assert!(is_alive(&ran.tokens[0]), "{first} {second} {number}");
                assert!(host.issued() - before <= 1, "{first} {second} {number}");
            }
        }
    }
}

#[test]
fn a_jwt_of_a_wrong_clock_is_refused_once_and_then_signed_by_the_servers_clock() {
    let host = Host::new(SharedPlace::File, None);
    for clock in ["+3600s", "-86400s", "@2106-02-08 00:00:00"] {
        let before = host.refused();
        let _ = fs::remove_dir_all(host.cache_directory());
        let ran = run(&host, "jwt.json", clock, Asks::For(Duration::from_secs(1)));
        assert_eq!((ran.errors, ran.tokens.len()), (0, 1), "{clock}: {ran:?}");
        assert_eq!(host.refused() - before, 1, "{clock}");
    }
}

#[test]
fn a_clock_that_is_set_while_a_client_lives_costs_one_exchange_at_most() {
    let host = Host::new(SharedPlace::File, Some(Duration::from_secs(1200)));
    let time = host.directory.write("time", "+0s");
    let mut command = host.command(&host.credentials("oauth.json"), 4, Asks::UntilStopped);
    command.env("FAKETIME_TIMESTAMP_FILE", &time).env("FAKETIME_NO_CACHE", "1");
    command.env_remove("FAKETIME");
    command.env("LD_PRELOAD", faketime()).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let mut worker = Worker::start(&mut command, host.directory.path().join("output"));
    worker.go();
    for (set, clock) in ["+3600s", "-3600s", "+86400s", "-86400s"].into_iter().enumerate() {
        std::thread::sleep(Duration::from_secs(1));
        let before = host.issued();
        assert!(before <= set as u64 + 1, "{before} exchanges after {set} changes");
        fs::write(&time, clock).unwrap();
    }
    let ran = worker.end();
    assert_eq!(ran.errors, 0, "{ran:?}");
    assert!(ran.tokens.iter().all(|token| is_alive(token)));
    assert!(host.issued() <= 5, "{}", host.issued());
}
