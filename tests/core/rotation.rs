//! A client goes on when its key, secret or CA file is replaced under it, as Kubernetes, editors and
//! configuration tools replace files.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::exchanges::{in_own_process, json, transport};
use ims::{Cache, Client, Credentials, CredentialsOptions, MayRead, Secret, Status};
use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use openssl::rsa::Rsa;
use support::certificates;
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;
use support::volume::Volume;

/// A server that takes some client secrets.
struct Server {
    server: Hostile,
    secrets: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Its tokens live for so many seconds.
    fn start(seconds: u64) -> Self {
        let secrets = Arc::new(Mutex::new(vec!["secret-number-1".to_owned()]));
        let taken = Arc::clone(&secrets);
        let server = Hostile::run(move |connection| {
            let request = connection.read_request()?;
            let number = connection.number;
            let is_it = |secret: &String| request.contains(&format!("client_secret={secret}"));
            let is_right = taken.lock().unwrap().iter().any(is_it);
            connection.send(if is_right {
                let body = format!(r#"{{"access_token":"token-{number}","expires_in":{seconds}}}"#);
                json("200 OK", body)
            } else {
                json("401 Unauthorized", r#"{"error":"invalid_client"}"#)
            })
        });
        Self { server, secrets }
    }

    /// Takes this secret from now on, and no other.
    fn take(&self, secret: &str) {
        *self.secrets.lock().unwrap() = vec![secret.to_owned()];
    }

    /// Takes this secret, too.
    fn also_take(&self, secret: &str) {
        self.secrets.lock().unwrap().push(secret.to_owned());
    }

    fn credentials(&self, secret: &str) -> String {
        let url = self.server.url();
        format!(
            r#"{{"token_url":"{url}","client_id":"client","client_secret":"{secret}","scope":"openid"}}"#
        )
    }

    fn requests(&self) -> usize {
        self.server.requests().len()
    }
}

fn client(file: &Path, cache: &Cache) -> Client {
    let credentials = Credentials::from_file(file, &CredentialsOptions::default()).unwrap();
    Client::new(credentials, cache, transport()).unwrap()
}

fn hint(client: &Client) -> String {
    client.token().unwrap_err().hint().unwrap_or_default().to_owned()
}

#[test]
fn a_secret_that_was_replaced_is_used_without_a_failed_call() {
    let directory = Directory::new();
    for cache in [Cache::Memory, Cache::None, Cache::File(Some(directory.path().join("cache")))] {
        let server = Server::start(3600);
        let first = server.credentials("secret-number-1");
        let volume = Volume::new(&[("credentials.json", &first)]);
        let client = client(&volume.path("credentials.json"), &cache);
        let token = client.token().unwrap();
        server.take("secret-number-2");
        volume.publish(&[("credentials.json", &server.credentials("secret-number-2"))]);
        client.forget(&token);
        client.token().unwrap();
        assert_eq!(server.requests(), 3, "the old, its refusal, and the new");
    }
}

#[test]
fn a_refusal_that_is_remembered_ends_when_the_files_change() {
    let server = Server::start(3600);
    let directory = Directory::new();
    let file = directory.write("credentials.json", server.credentials("secret-number-1"));
    let client = client(&file, &Cache::Memory);
    server.take("secret-number-2");
    for _ in 0..3 {
        assert_eq!(client.token().unwrap_err().status(), Status::Rejected);
    }
    assert_eq!(server.requests(), 1);
    // As an editor replaces a file.
    let new = directory.write("credentials.json~", server.credentials("secret-number-2"));
    fs::rename(new, &file).unwrap();
    client.token().unwrap();
    assert_eq!(server.requests(), 2);
}

#[test]
fn files_that_cannot_be_used_change_nothing_and_the_hint_says_so() {
    let server = Server::start(3600);
    let directory = Directory::new();
    let whole = server.credentials("secret-number-2");
    let file = directory.write("credentials.json", server.credentials("secret-number-1"));
    let client = client(&file, &Cache::Memory);
    let token = client.token().unwrap();
    client.forget(&token);
    server.take("secret-number-2");
    let shown = file.display().to_string();
    assert!(hint(&client).ends_with(&format!("since then unchanged: {shown}")));
    let other = whole.replace("\"client\"", "\"other\"");
    for (content, found) in [
        (&whole[..whole.len() / 2], "have changed, but the new ones cannot be used: "),
        ("", "have changed, but the new ones cannot be used: "),
        (&other, "are another account's now"),
    ] {
        fs::write(&file, content).unwrap();
        for _ in 0..3 {
            let hint = hint(&client);
            assert!(hint.contains(found) && hint.matches("the credentials").count() == 1, "{hint}");
        }
    }
    fs::remove_file(&file).unwrap();
    assert!(hint(&client).contains("cannot be used: "));
    assert_eq!(server.requests(), 2, "no refused file costs an exchange");
    fs::write(&file, &whole).unwrap();
    client.token().unwrap();
    assert_eq!(server.requests(), 3);
}

#[test]
fn a_service_accounts_file_that_becomes_another_accounts_is_not_taken() {
    let server = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(if connection.number == 0 {
            json("200 OK", r#"{"access_token":"token","expires_in":3600}"#)
        } else {
            json("400 Bad Request", r#"{"error":"invalid_grant"}"#)
        })
    });
    let account = |email: &str, key_id: &str| {
        serde_json::json!({
            "type": "service_account", "client_email": email, "private_key_id": key_id,
            "private_key": String::from_utf8(keys::pkcs8_pem()).unwrap(), "token_uri": server.url(),
        })
        .to_string()
    };
    let directory = Directory::new();
    let file = directory.write("credentials.json", account("one@example.com", "1"));
    let client = client(&file, &Cache::None);
    client.token().unwrap();
    fs::write(&file, account("other@example.com", "2")).unwrap();
    let hint = hint(&client);
    assert!(hint.contains("are another account's now"), "{hint}");
    assert_eq!(server.requests().len(), 2, "nothing is sent for the other account");
}

#[test]
fn many_threads_go_on_while_secrets_are_replaced_under_them() {
    let server = Server::start(1);
    let first = server.credentials("secret-number-1");
    let volume = Volume::new(&[("credentials.json", &first)]);
    let cache = Directory::new();
    let caches = [Cache::Memory, Cache::File(Some(cache.path().join("cache")))];
    let clients = caches.map(|cache| client(&volume.path("credentials.json"), &cache));
    let is_over = AtomicBool::new(false);
    let calls = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..8 {
            let (client, is_over, calls) = (&clients[number % 2], &is_over, &calls);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let token = client.token().unwrap();
                    if calls.fetch_add(1, Ordering::Relaxed) % 64 == 0 {
                        client.forget(&token);
                    }
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
        replace_secrets(&server, &volume);
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(calls.into_inner() > 100);
}

/// Replaces the secret five times as a careful operator does: the server accepts the new one before
/// the files hold it, and stops taking the old one afterwards. Each time tokens are got with it.
fn replace_secrets(server: &Server, volume: &Volume) {
    for number in 2..7 {
        let secret = format!("secret-number-{number}");
        server.also_take(&secret);
        volume.publish(&[("credentials.json", &server.credentials(&secret))]);
        server.take(&secret);
        let seen = server.requests();
        while server.requests() < seen + 4 {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_c_program_goes_on_while_secrets_are_replaced_under_it() {
    let server = Server::start(1);
    let first = server.credentials("secret-number-1");
    let volume = Volume::new(&[("credentials.json", &first)]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rotation");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    crate::c_programs::compile("worker", &folder);
    let mut worker = Command::new(folder.join("worker"))
        .arg(volume.path("credentials.json"))
        .args(["memory", "8", "-1"])
        .env("LD_LIBRARY_PATH", &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    worker.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    replace_secrets(&server, &volume);
    let output = worker.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains(" errors 0 "), "{said}");
}

/// An account at a server that knows [`keys::rsa`] alone, and the JSON of its credentials.
fn sandbox() -> (Sandbox, serde_json::Value) {
    let mut account = Account::default();
    account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
    let credentials = serde_json::json!({
        "client_id": account.client_id, "client_secret": account.client_secret.expose(),
        "org_id": account.org_id, "technical_account_id": account.technical_account_id,
        "metascopes": account.metascopes, "private_key": "private.key", "passphrase": "pass",
    });
    let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
    let mut credentials = credentials;
    credentials["ims"] = sandbox.url().into();
    (sandbox, credentials)
}

#[test]
fn a_key_that_was_replaced_is_used_whatever_names_it() {
    let (_sandbox, mut credentials) = sandbox();
    let old = Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
    let directory = Directory::new();
    let key = directory.write("private.key", &old);
    let file = directory.write("credentials.json", credentials.to_string());
    credentials["private_key"] = key.to_str().unwrap().into();
    let text = credentials.to_string();
    let options = CredentialsOptions::default();
    let clients = [
        Credentials::from_file(&file, &options).unwrap(),
        Credentials::from_json(text.as_bytes(), &options).unwrap(),
    ]
    .map(|credentials| Client::new(credentials, &Cache::Memory, transport()).unwrap());
    for client in &clients {
        assert_eq!(client.token().unwrap_err().status(), Status::Rejected);
    }
    fs::write(&key, keys::encrypted_pem(b"pass")).unwrap();
    for client in &clients {
        client.token().unwrap();
    }
}

#[test]
fn a_new_key_whose_passphrase_takes_too_long_does_not_outlast_the_call() {
    let (_sandbox, credentials) = sandbox();
    let directory = Directory::new();
    let old = Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
    let key = directory.write("private.key", &old);
    let file = directory.write("credentials.json", credentials.to_string());
    let credentials = Credentials::from_file(&file, &CredentialsOptions::default()).unwrap();
    let with_timeout = |seconds| {
        let mut transport = transport();
        transport.timeout = Duration::from_secs(seconds);
        Client::new(credentials.clone(), &Cache::Memory, transport).unwrap()
    };
    fs::write(&key, keys::iterated_pem(b"pass", 600_000)).unwrap();
    let hurried = with_timeout(5);
    let error = hurried.token().unwrap_err();
    assert_eq!(error.status(), Status::Rejected);
    assert!(error.hint().unwrap().contains("600000 iterations, which may outlast"), "{error:?}");
    with_timeout(60).token().unwrap();
}

#[test]
fn a_ca_file_that_was_replaced_is_trusted() {
    let [old, new] = ["old", "new"].map(certificates::Authority::new);
    let identity = new.server(&["localhost", "127.0.0.1"], certificates::Validity::now());
    let token = json("200 OK", r#"{"access_token":"t","expires_in":3600}"#);
    let server = Hostile::answering_over_tls(&identity, [token]);
    let directory = Directory::new();
    let ca_file = directory.write("ca.pem", old.pem());
    let url = server.https_url();
    let file = directory.write(
        "credentials.json",
        format!(r#"{{"token_url":"{url}","client_id":"c","client_secret":"s","scope":"a"}}"#),
    );
    let credentials = Credentials::from_file(file, &CredentialsOptions::default()).unwrap();
    let mut transport = transport();
    transport.ca_file = Some(ca_file.clone());
    let client = Client::new(credentials, &Cache::Memory, transport).unwrap();
    assert_eq!(client.token().unwrap_err().status(), Status::Tls);
    // Half of one is not trusted, and the old one stays.
    fs::write(&ca_file, &new.pem()[..100]).unwrap();
    assert_eq!(client.token().unwrap_err().status(), Status::Tls);
    fs::write(&ca_file, new.pem()).unwrap();
    client.token().unwrap();
}

#[test]
fn a_ca_certificate_that_comes_into_ssl_cert_dir_is_trusted() {
    let trusted = Directory::new();
    let folder = trusted.path().display().to_string();
    let name = "a_ca_certificate_that_comes_into_ssl_cert_dir_is_trusted";
    in_own_process(name, &[("SSL_CERT_DIR", &folder)], || {
        let authority = certificates::Authority::new("new");
        let identity = authority.server(&["127.0.0.1"], certificates::Validity::now());
        let token = json("200 OK", r#"{"access_token":"t","expires_in":3600}"#);
        let server = Hostile::answering_over_tls(&identity, [token]);
        let credentials = format!(
            r#"{{"token_url":"{}","client_id":"c","client_secret":"s","scope":"a"}}"#,
            server.https_url()
        );
        let client = Client::builder().transport(transport()).from_json(credentials).unwrap();
        assert_eq!(client.token().unwrap_err().status(), Status::Tls);
        let folder = PathBuf::from(std::env::var_os("SSL_CERT_DIR").unwrap());
        // OpenSSL's form of a name.
        fs::write(folder.join("0123abcd.0"), authority.pem()).unwrap();
        client.token().unwrap();
    });
}

#[test]
fn only_files_that_were_allowed_are_read_again_and_the_program_is_not_asked() {
    let (_sandbox, mut credentials) = sandbox();
    let old = Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
    let directory = Directory::new();
    let key = directory.write("private.key", &old);
    directory.write("other.key", keys::pkcs8_pem());
    let file = directory.write("credentials.json", credentials.to_string());
    let asked = Arc::new(AtomicUsize::new(0));
    let mut options = CredentialsOptions::default();
    let count = Arc::clone(&asked);
    options.may_read = Some(MayRead::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        true
    }));
    options.passphrase = Some(Secret::new(b"pass".to_vec()));
    let made = Credentials::from_file(&file, &options).unwrap();
    let client = Client::new(made, &Cache::Memory, transport()).unwrap();
    assert_eq!(client.token().unwrap_err().status(), Status::Rejected);
    credentials["private_key"] = "other.key".into();
    fs::write(&file, credentials.to_string()).unwrap();
    assert!(hint(&client).contains("other.key is refused"));
    credentials["private_key"] = "private.key".into();
    fs::write(&file, credentials.to_string()).unwrap();
    fs::write(&key, keys::pkcs8_pem()).unwrap();
    client.token().unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn directories_that_may_be_read_hold_for_what_is_read_again() {
    let (_sandbox, mut credentials) = sandbox();
    let old = Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
    let (directory, outside) = (Directory::new(), Directory::new());
    let key = directory.write("private.key", &old);
    let file = directory.write("credentials.json", credentials.to_string());
    let mut options = CredentialsOptions::default();
    options.may_read = Some(MayRead::below(&[directory.path()]).unwrap());
    options.passphrase = Some(Secret::new(b"pass".to_vec()));
    let made = Credentials::from_file(&file, &options).unwrap();
    let client = Client::new(made, &Cache::Memory, transport()).unwrap();
    assert_eq!(client.token().unwrap_err().status(), Status::Rejected);
    fs::remove_file(&key).unwrap();
    symlink(outside.write("other.key", keys::pkcs8_pem()), &key).unwrap();
    assert!(hint(&client).contains("private.key is refused"));
    credentials["private_key"] = "new.key".into();
    directory.write("new.key", keys::pkcs8_pem());
    fs::write(&file, credentials.to_string()).unwrap();
    client.token().unwrap();
}
