//! What a process around the library may do and suffer.

use std::fs::{self, File};
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use crate::exchanges::{exchange, in_own_process, token_answer, transport};
use ims::{Algorithm, Key, Status};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys::{self, Derivation};

/// The most memory that this process has had, in bytes.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn no_answer_costs_4_mib_of_memory() {
    in_own_process("no_answer_costs_4_mib_of_memory", &[], || {
        let good = Hostile::answering([token_answer()]);
        exchange(&good.url(), &transport()).unwrap();
        let before = peak_memory();
        let head = "HTTP/1.1 200 OK\r\n";
        for (head, endless) in [
            (format!("{head}\r\n"), " ".repeat(1000)),
            (format!("{head}X: "), "x".repeat(1000)),
            (head.to_owned(), "X: y\r\n".repeat(100)),
            (format!("{head}Transfer-Encoding: chunked\r\n\r\n"), "1\r\n \r\n".repeat(100)),
            (format!("{head}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"), "[".repeat(1000)),
            (format!("{head}Content-Encoding: gzip\r\n\r\n"), "\0".repeat(1000)),
            (format!("{head}Content-Length: 18446744073709551615\r\n\r\n"), "[".repeat(1000)),
            (String::new(), "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)),
            ("HTTP/1.1 400 No\r\n\r\n".to_owned(), "\\u0000".repeat(1000)),
        ] {
            let server = Hostile::run(move |connection| {
                connection.read_request()?;
                connection.send(&head)?;
                connection.flood(&endless)
            });
            let error = exchange(&server.url(), &transport()).unwrap_err();
            assert!([Status::Response, Status::Rejected].contains(&error.status()), "{error:?}");
        }
        let grown = peak_memory() - before;
        assert!(grown < 4 * 1024 * 1024, "grew by {grown} bytes");
        exchange(&good.url(), &transport()).unwrap();
    });
}

/// PEM of whatever `body` is.
fn pem(label: &str, body: impl AsRef<str>) -> Vec<u8> {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", body.as_ref()).into_bytes()
}

#[test]
fn no_key_costs_4_mib_of_memory() {
    in_own_process("no_key_costs_4_mib_of_memory", &[], || {
        let load_good_keys = || {
            for key in [keys::pkcs8_pem(), keys::encrypted_pem(b"right"), keys::pkcs1_der()] {
                Key::from_bytes(&key, Some(b"right"))
                    .unwrap()
                    .sign(Algorithm::RS256, b"message")
                    .unwrap();
            }
        };
        load_good_keys();
        let directory = Directory::new();
        let large = directory.path().join("large.pem");
        File::create(&large).unwrap().set_len(100_000_000).unwrap();
        let filled = |text: &str| text.repeat(60_000 / text.len());
        let encrypted = "Proc-Type: 4,ENCRYPTED\n";
        let dek_info = format!("DEK-Info: AES-128-CBC,{}\n\n", "0".repeat(32));
        let number = [&[2, 0x82, 0x1a, 0xc0][..], &[0x55; 0x1ac0]].concat();
        let costly = Derivation::Scrypt { n: 1 << 30, r: 8, p: 1 };
        let before = peak_memory();
        for bad in [
            filled("M").into_bytes(),
            filled("\\n").into_bytes(),
            filled("\u{feff}").into_bytes(),
            filled("-----BEGIN A-----").into_bytes(),
            pem("CERTIFICATE", "MAA=").repeat(1000),
            pem("PRIVATE KEY", "").repeat(1000),
            pem("PRIVATE KEY", filled("M")),
            pem("RSA PRIVATE KEY", filled(encrypted)),
            pem("RSA PRIVATE KEY", format!("{encrypted}{dek_info}{}", filled("M"))),
            vec![0x30; 64 * 1024],
            // As many parts as fit, and all that a key has, each of 55 000 bits.
            [&[0x30, 0x82, 0xf0, 0x00][..], &[5, 0].repeat(0xf000 / 2)].concat(),
            [&[0x30, 0x82, 0xd6, 0x23][..], &[2, 1, 0], &number.repeat(8)].concat(),
            keys::encrypted_der(&Derivation::Pbkdf2 { iterations: 1 }, &[7; 60_000]),
            keys::encrypted_der(&costly, &[7; 1232]),
        ] {
            Key::from_bytes(&bad, Some(b"wrong")).unwrap_err();
        }
        for path in [large.as_path(), Path::new("/dev/zero")] {
            Key::from_file(path, None).unwrap_err();
        }
        let grown = peak_memory() - before;
        assert!(grown < 4 * 1024 * 1024, "grew by {grown} bytes");
        load_good_keys();
    });
}

#[test]
fn a_thousand_interruptions_a_second_are_no_failure() {
    in_own_process("a_thousand_interruptions_a_second_are_no_failure", &[], || {
        // Stopped and continued, a process sees its waits in system calls interrupted as by a
        // signal handler.
        let script = "for _ in $(seq 1000); do kill -STOP $1; kill -CONT $1; sleep 0.0003; done";
        let id = process::id().to_string();
        let mut signals = Command::new("sh").args(["-c", script, "sh", &id]).spawn().unwrap();
        let server = Hostile::run(|connection| {
            connection.read_request()?;
            connection.drip(token_answer(), Duration::from_millis(1))
        });
        let mut exchanged = 0;
        while signals.try_wait().unwrap().is_none() {
            exchange(&server.url(), &transport()).unwrap();
            exchanged += 1;
        }
        assert!(exchanged > 1, "the signals were over too soon");
    });
}

#[test]
fn many_threads_exchange_at_once() {
    let server = Hostile::answering([token_answer()]);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| exchange(&server.url(), &transport()).unwrap());
        }
    });
    assert_eq!(server.requests().len(), 16);
}
