//! The results for callers who name the same key or credentials again, or different ones.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use support::certificates::Authority;
use support::directory::Directory;
use support::keys;

use crate::{Algorithm, Cache, Client, ClientBuilder, Key, MayRead, Proxy, Status};

const PASSPHRASE: &str = "passphrase";

/// Credentials that name the key `private.key` next to them.
fn write_account(directory: &Directory) {
    directory.write("private.key", keys::pkcs8_pem());
    directory.write(
        "account.json",
        r#"{"client_id":"client","client_secret":"s3cret","org_id":"a@AdobeOrg",
            "technical_account_id":"b@techacct.adobe.com","metascopes":["ent_x_sdk"],"private_key":"private.key"}"#,
    );
}

fn client(path: &Path) -> Arc<Client> {
    Client::builder().shared_from_file(path).unwrap()
}

fn is_not_key(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension != "key")
}

#[test]
fn a_key_is_parsed_once_for_its_text_and_passphrase() {
    let pem = keys::encrypted_pem(PASSPHRASE.as_bytes());
    let key = |passphrase: &str| Key::shared_from_bytes(&pem, Some(passphrase.as_bytes()));
    assert!(Arc::ptr_eq(&key(PASSPHRASE).unwrap(), &key(PASSPHRASE).unwrap()));
    assert_eq!(key("other").unwrap_err().status(), Status::Passphrase);
    assert_eq!(key("").unwrap_err().status(), Status::Passphrase);
    assert_eq!(Key::shared_from_bytes(&pem, None).unwrap_err().status(), Status::Passphrase);
    let other = keys::pkcs8_pem();
    assert!(!Arc::ptr_eq(
        &key(PASSPHRASE).unwrap(),
        &Key::shared_from_bytes(&other, None).unwrap()
    ));
}

#[test]
fn a_key_file_is_read_again_once_it_was_replaced() {
    let directory = Directory::new();
    let path = directory.write("private.key", keys::pkcs8_pem());
    let key = || Key::shared_from_file(&path, None);
    let first = key().unwrap();
    assert!(Arc::ptr_eq(&first, &key().unwrap()));
    let new = directory.write("new.key", keys::pkcs1_pem());
    fs::rename(new, &path).unwrap();
    let second = key().unwrap();
    assert!(!Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&second, &key().unwrap()));
    fs::remove_file(&path).unwrap();
    let error = key().unwrap_err();
    assert_eq!(error.status(), Status::Key);
    assert!(error.message().contains(&path.display().to_string()));
    assert!(first.sign(Algorithm::RS256, b"message").is_ok());
}

#[test]
fn a_client_is_made_again_where_one_of_its_files_has_changed() {
    let authority = |name| Authority::new(name).pem();
    let directory = Directory::new();
    write_account(&directory);
    let path = directory.path().join("account.json");
    let ca_file = directory.write("ca.pem", authority("one"));
    let client = || Client::builder().ca_file(&ca_file).shared_from_file(&path).unwrap();
    let mut last = client();
    assert!(Arc::ptr_eq(&last, &client()));
    let account = fs::read_to_string(&path).unwrap();
    for (name, content) in [
        (
            "account.json",
            account.replace("client_secret\":\"s", "client_secret\":\"S").into_bytes(),
        ),
        ("private.key", keys::pkcs1_pem()),
        ("ca.pem", authority("two")),
    ] {
        directory.write(name, content);
        let next = client();
        assert!(!Arc::ptr_eq(&last, &next), "{name}");
        assert!(Arc::ptr_eq(&next, &client()), "{name}");
        last = next;
    }
}

#[test]
fn a_client_is_shared_by_callers_with_the_same_settings_alone() {
    let directory = Directory::new();
    // The credentials have no key, because callers give one.
    let json = br#"{"client_id":"client","client_secret":"s3cret","org_id":"a@AdobeOrg",
        "technical_account_id":"b@techacct.adobe.com","metascopes":["ent_x_sdk"]}"#;
    let file = directory.write("account.json", json);
    let key = |bytes: &[u8]| Key::from_bytes(bytes, None).unwrap();
    let builder = || Client::builder().key(key(&keys::pkcs8_pem()));
    let shared = |builder: ClientBuilder| builder.shared_from_file(&file).unwrap();
    let clients = [
        shared(builder()),
        shared(builder().key(key(&keys::new_pkcs8_pem()))),
        shared(builder().name("client")),
        shared(builder().passphrase(PASSPHRASE.as_bytes().to_vec())),
        shared(builder().ims_host("localhost".parse().unwrap())),
        shared(builder().cache(Cache::None)),
        shared(builder().cache(Cache::File(None))),
        shared(builder().cache(Cache::File(Some(directory.path().join("cache"))))),
        shared(builder().timeout(Duration::from_secs(9))),
        shared(builder().max_attempts(1)),
        shared(builder().proxy(Proxy::None)),
        shared(builder().proxy(Proxy::Url("http://proxy".into()))),
        shared(builder().cache(Cache::Redis("redis://127.0.0.1".into()))),
        shared(builder().scope("one")),
        shared(builder().subject("one")),
        shared(builder().audience("one")),
        shared(builder().allow_command(true)),
        builder().shared_from_json(json).unwrap(),
    ];
    for (position, one) in clients.iter().enumerate() {
        let others = &clients[position + 1..];
        assert!(!others.iter().any(|other| Arc::ptr_eq(one, other)), "number {position}");
    }
    // The key itself counts, and not the object or text that holds it.
    let same_key = key(&keys::pkcs1_der());
    assert!(Arc::ptr_eq(&clients[0], &shared(builder().key(same_key))));
}

#[test]
fn what_one_caller_may_read_is_handed_to_no_other_who_may_not() {
    let directory = Directory::new();
    write_account(&directory);
    let path = directory.path().join("account.json");
    let shared = |may_read: MayRead| Client::builder().may_read(may_read).shared_from_file(&path);
    let below = |directory: &Path| shared(MayRead::below(&[directory]).unwrap()).unwrap();
    let all = || shared(MayRead::new(|_| true)).unwrap();
    let assert_refused = || {
        let error = shared(MayRead::new(is_not_key)).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().ends_with("private.key is refused: this program may not read it"));
    };
    let unasked = client(&path);
    assert_refused();
    let allowed = all();
    // The client reads its files again if a server refuses them, but no more than its caller
    // allows.
    assert!(!Arc::ptr_eq(&unasked, &allowed));
    assert_refused();
    assert!(Arc::ptr_eq(&allowed, &all()));
    assert!(!Arc::ptr_eq(&below(Path::new("/")), &below(directory.path())));
    assert!(Arc::ptr_eq(&below(directory.path()), &below(directory.path())));
}

#[test]
fn threads_that_ask_at_once_get_one_client() {
    let directory = Directory::new();
    write_account(&directory);
    let path = directory.path().join("account.json");
    let barrier = Barrier::new(8);
    let clients: Vec<_> = thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            client(&path)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(clients.iter().all(|client| Arc::ptr_eq(client, &clients[0])));
}
