//! Promises about a child that a signal handler forks in the middle of a call.

use std::fs;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use support::directory::Directory;
use support::hostile::Hostile;

use super::{compile, execute, numbered};

/// Runs tests/c/interrupted.c. The server answers its first connection once there is a second one, which is the child's.
fn interrupted(mode: &str) -> String {
    let folder = Directory::new();
    compile("interrupted", folder.path());
    let begun = folder.path().join("begun");
    let (file, connections, came) = (begun.clone(), Mutex::new(0), Condvar::new());
    let server = Hostile::run(move |connection| {
        connection.read_request()?;
        let mut connections = connections.lock().unwrap();
        *connections += 1;
        came.notify_all();
        if connection.number == 0 {
            fs::write(&file, "")?;
            let long = Duration::from_secs(60);
            drop(
                came.wait_timeout_while(connections, long, |connections| *connections < 2).unwrap(),
            );
        }
        connection.send(numbered(connection.number))
    });
    execute("env", &folder.path().join("interrupted"), &[mode], |program| {
        program.env("SERVER", format!("http://{}", server.address())).env("BEGUN", begun);
    })
}

#[test]
fn a_child_forked_in_the_middle_of_an_exchange_makes_its_own_and_its_parents_goes_on() {
    interrupted("leads");
}

#[test]
fn a_child_forked_while_its_parent_waits_for_another_thread_gets_a_token_of_its_own() {
    interrupted("waits");
}

#[test]
fn a_child_with_its_parents_process_id_gets_a_token_of_its_own() {
    if interrupted("namespace") == "no namespaces\n" {
        eprintln!(
            "a_child_with_its_parents_process_id_gets_a_token_of_its_own is skipped: no rights to make a PID namespace"
        );
    }
}
