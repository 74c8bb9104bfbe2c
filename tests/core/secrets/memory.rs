//! What a C program's memory holds after it has freed everything.

use std::io;
use std::process::Command;

use openssl::symm::Cipher;
use serde_json::json;
use support::canaries::{SECRET, TOKEN, assert_none_shows};
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::{Connection, Hostile};
use support::{keys, processes};

use crate::c_programs::compile;
use crate::exchanges::json as response;

const PASSPHRASE: &str = "c4nary+p/ssphr~se=";

#[test]
fn nothing_of_keys_secrets_and_tokens_is_left_in_memory_after_everything_is_freed() {
    let server = Hostile::run(answer);
    let left = left(&format!("http://{}", server.address()), b"");
    assert_eq!(left, [""; 0]);
}

#[test]
fn over_tls_only_rustls_leaves_a_token_in_memory() {
    let authority = Authority::new("authority");
    let server = Hostile::run_over_tls(&authority.server(&["127.0.0.1"], Validity::now()), answer);
    let url = format!("https://{}", server.address());
    let left = left(&url, &authority.pem());
    // It frees what it decrypts as it is.
    assert!(left.iter().all(|name| name == "token"), "{left:?}");
}

/// A server that grants a token, or repeats the request's body. What is escaped in JSON stays in serde_json's own buffer:
/// headers, with their line breaks, are not repeated.
fn answer(connection: &mut Connection) -> io::Result<()> {
    let request = connection.read_request()?;
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    let echo = json!({ "error": "x", "error_description": body }).to_string();
    let token = json!({ "access_token": TOKEN, "expires_in": 3600 }).to_string();
    connection.send(match head.contains("/echo") {
        true => response("400 Bad Request", echo),
        false => response("200 OK", token),
    })
}

/// Runs tests/c/memory.c, and returns the names of what it found.
fn left(server: &str, ca: &[u8]) -> Vec<String> {
    let folder = Directory::new();
    compile("memory", folder.path());
    let cipher = Cipher::aes_256_cbc();
    let encrypted =
        keys::rsa().private_key_to_pem_pkcs8_passphrase(cipher, PASSPHRASE.as_bytes()).unwrap();
    let key = folder.write("encrypted.key", encrypted);
    let credentials = json!({
        "grant": "jwt_exchange", "client_id": "c", "client_secret": SECRET, "private_key": key,
        "passphrase": PASSPHRASE, "token_url": format!("{server}/token"), "org_id": "org@AdobeOrg",
        "technical_account_id": "account@techacct.adobe.com", "metascopes": "ent_x",
    });
    let mut program = Command::new(folder.path().join("memory"));
    program
        .env("LD_LIBRARY_PATH", folder.path())
        .env("NEEDLES", folder.write("needles", needles()))
        .env("PASSPHRASE_FILE", folder.write("passphrase", PASSPHRASE))
        .env("ENCRYPTED_KEY", &key)
        .env("CREDENTIALS", folder.write("credentials.json", credentials.to_string()))
        .env("CACHE", folder.path().join("cache"))
        .env("SERVER", server)
        .env("SSL_CERT_FILE", folder.write("ca.pem", ca))
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy");
    let printed = processes::output(&mut program, "");
    assert_none_shows(&printed, &[SECRET, TOKEN, PASSPHRASE], "an error");
    // First, what the program put there itself, to see that it finds it.
    let found = printed.lines().filter_map(|line| line.strip_prefix("left: ")).skip(1);
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let found: Vec<String> = found.map(name).collect();
    assert!(printed.ends_with(&format!("\n{} places\n", found.len())), "{printed}");
    found
}

/// The lines that the program reads: names, and inverted bytes.
fn needles() -> String {
    let rsa = keys::rsa().rsa().unwrap();
    let (p, q) = (rsa.p().unwrap(), rsa.q().unwrap());
    let mut needles = vec![
        ("secret", SECRET.as_bytes().to_vec()),
        ("token", TOKEN.as_bytes().to_vec()),
        ("passphrase", PASSPHRASE.as_bytes().to_vec()),
        ("pem", keys::pkcs8_pem()[200..260].to_vec()),
    ];
    for (name, number) in [("d", rsa.d()), ("p", p), ("q", q)] {
        // As a key file has it, and as OpenSSL has it: the lowest word first.
        let bytes = number.to_vec();
        needles.push((name, bytes[32..64].to_vec()));
        needles.push((name, bytes.iter().rev().skip(32).take(32).copied().collect()));
    }
    let line = |(name, bytes): (&str, Vec<u8>)| {
        let digits: String = bytes.iter().map(|byte| format!("{:02x}", !byte)).collect();
        format!("{name} {digits}\n")
    };
    needles.into_iter().map(line).collect()
}
