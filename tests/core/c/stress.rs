//! Promises about faults that come at any moment: each program runs for a second, and for ten minutes in `make soak`.

use std::env;
use std::ffi::OsStr;
use std::path::Path;

use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;
use support::signatures::key_for;

use super::{run, run_with};

/// Bytes of stack that a call may use: ims.h promises 64 KiB. What is built without optimization takes three times as much.
const LIMIT: &str = if cfg!(debug_assertions) { "196608" } else { "65536" };

/// The argument of the programs.
fn seconds() -> &'static str {
    if is_soak() { "600" } else { "1" }
}

fn is_soak() -> bool {
    env::var_os("IMS_SOAK").is_some()
}

/// Runs a program with keys of RSA, on a curve, and of Ed25519, one after the other, in the time of one.
fn with_each_kind_of_key(program: &str, settings: &[(&str, &OsStr)]) {
    let directory = Directory::new();
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let pem = key_for(algorithm).private_key_to_pem_pkcs8().unwrap();
        let key = directory.write("signing.key", pem);
        let settings = [settings, &[("KEY", key.as_os_str())]].concat();
        let seconds = if is_soak() { "200" } else { "1" };
        show(&format!("{program}, {algorithm}"), &run_with(program, &[seconds], &settings));
    }
}

fn show(name: &str, printed: &str) {
    println!("{name}: {}", printed.trim().replace('\n', ", "));
}

#[test]
fn children_forked_while_threads_sign_load_and_end_all_sign_and_no_fork_waits_for_a_costly_key() {
    let directory = Directory::new();
    let costly = keys::pbkdf2_encrypted_der(b"passphrase", 400_000);
    let costly = directory.write("costly.key", costly);
    with_each_kind_of_key("fork_threads", &[("COSTLY_KEY", costly.as_os_str())]);
}

#[test]
fn children_forked_by_a_signal_handler_at_any_instruction_sign() {
    with_each_kind_of_key("fork_handler", &[]);
}

#[test]
fn hooks_of_the_program_at_forks_ends_of_threads_and_the_exit_get_tokens() {
    for registered in ["before", "after"] {
        show(registered, &run("fork_hooks", &[registered, seconds()]));
    }
}

#[test]
fn a_thread_that_is_cancelled_ends_after_its_call() {
    show("cancel", &run("cancel", &[seconds()]));
}

#[test]
fn no_thread_of_the_library_runs_a_signal_handler_of_the_program() {
    show("signals", &run("thread_signals", &[seconds()]));
}

#[test]
fn where_no_thread_can_be_started_no_caller_waits_now_or_later() {
    run("no_threads", &[seconds()]);
}

#[test]
fn an_allocation_that_fails_is_an_error_or_the_stated_abort() {
    let step = if is_soak() { "1" } else { "29" };
    show("allocations", &run("allocations", &[step]));
}

#[test]
fn every_call_fits_a_small_stack() {
    let directory = Directory::new();
    let authority = Authority::new("root");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let body = r#"{"access_token":"t","expires_in":3600}"#;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let server = Hostile::answering_over_tls(&identity, [answer.clone(), answer]);
    directory.write("ca.pem", authority.pem());
    directory.write("key.pem", keys::pkcs8_pem());
    let url = server.https_url();
    let token_url = url.as_str();
    directory.write(
        "credentials.json",
        format!(
            r#"{{"client_id":"client","client_secret":"s3cret","scope":"openid","token_url":"{token_url}","grant":"client_credentials"}}"#
        ),
    );
    let file = |name: &str| directory.path().join(name);
    let cache = format!("file:{}", file("cache").display());
    let printed = run_with(
        "stacks",
        &[LIMIT],
        &[
            ("TLS_SERVER", url.as_ref()),
            ("CA", file("ca.pem").as_os_str()),
            ("CACHE", cache.as_ref()),
            ("CREDENTIALS", Path::new(&file("credentials.json")).as_os_str()),
        ],
    );
    show("stacks", &printed);
}
