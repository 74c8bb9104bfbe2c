//! Callers who name the same key or credentials again, or others.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use support::certificates::Authority;
use support::directory::Directory;
use support::keys;

use crate::{
    Cache, Client, CredentialsOptions, Error, ImsHost, Key, MayRead, Proxy, Secret, Status,
    Transport,
};

const ENCRYPTED: &str = "passphrase";

/// Credentials that name the key `private.key` next to them.
fn write_account(directory: &Directory) {
    directory.write("private.key", keys::pkcs8_pem());
    directory.write(
        "account.json",
        r#"{"client_id":"client","client_secret":"s3cret","org_id":"a@AdobeOrg",
            "technical_account_id":"b@techacct.adobe.com","metascopes":["ent_x_sdk"],"private_key":"private.key"}"#,
    );
}

fn client_with(path: &Path, options: &CredentialsOptions) -> Result<Arc<Client>, Error> {
    Client::shared_from_file(path, options, &Cache::Memory, Transport::default())
}

fn client(path: &Path) -> Arc<Client> {
    client_with(path, &CredentialsOptions::default()).unwrap()
}

fn may_read(allowed: fn(&Path) -> bool) -> CredentialsOptions {
    CredentialsOptions { may_read: Some(MayRead::new(allowed)), ..CredentialsOptions::default() }
}

fn is_not_key(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension != "key")
}

#[test]
fn a_key_is_parsed_once_for_its_text_and_passphrase() {
    let pem = keys::encrypted_pem(ENCRYPTED.as_bytes());
    let key = |passphrase: &str| Key::shared_from_bytes(&pem, Some(passphrase.as_bytes()));
    assert!(Arc::ptr_eq(&key(ENCRYPTED).unwrap(), &key(ENCRYPTED).unwrap()));
    assert_eq!(key("other").unwrap_err().status(), Status::Passphrase);
    assert_eq!(key("").unwrap_err().status(), Status::Passphrase);
    assert_eq!(Key::shared_from_bytes(&pem, None).unwrap_err().status(), Status::Passphrase);
    let other = keys::pkcs8_pem();
    assert!(!Arc::ptr_eq(&key(ENCRYPTED).unwrap(), &Key::shared_from_bytes(&other, None).unwrap()));
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
    assert!(first.sign(b"message").is_ok());
}

#[test]
fn a_client_is_made_again_where_one_of_its_files_has_changed() {
    let authority = |name| Authority::new(name).pem();
    let directory = Directory::new();
    write_account(&directory);
    let path = directory.path().join("account.json");
    let ca_file = directory.write("ca.pem", authority("one"));
    let client = || {
        let transport = Transport { ca_file: Some(ca_file.clone()), ..Transport::default() };
        let options = CredentialsOptions::default();
        Client::shared_from_file(&path, &options, &Cache::Memory, transport).unwrap()
    };
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
    // Without its key, which callers give.
    let json = br#"{"client_id":"client","client_secret":"s3cret","org_id":"a@AdobeOrg",
        "technical_account_id":"b@techacct.adobe.com","metascopes":["ent_x_sdk"]}"#;
    let file = directory.write("account.json", json);
    let key = |bytes: &[u8]| Some(Key::from_bytes(bytes, None).unwrap());
    let options = || CredentialsOptions { key: key(&keys::pkcs8_pem()), ..Default::default() };
    let transport = Transport::default;
    let made = |options: CredentialsOptions, cache: Cache, transport: Transport| {
        Client::shared_from_file(&file, &options, &cache, transport).unwrap()
    };
    let with_options = |options| made(options, Cache::Memory, transport());
    let with_cache = |cache| made(options(), cache, transport());
    let with_transport = |transport| made(options(), Cache::Memory, transport);
    let ims: ImsHost = "localhost".parse().unwrap();
    let clients = [
        with_options(options()),
        with_options(CredentialsOptions { key: key(&keys::new_pkcs8_pem()), ..options() }),
        with_options(CredentialsOptions { name: Some("client".to_owned()), ..options() }),
        with_options(CredentialsOptions { passphrase: Some(Secret::new("p")), ..options() }),
        with_options(CredentialsOptions { ims: Some(ims), ..options() }),
        with_cache(Cache::None),
        with_cache(Cache::File(None)),
        with_cache(Cache::File(Some(directory.path().join("cache")))),
        with_transport(Transport { timeout: Duration::from_secs(9), ..transport() }),
        with_transport(Transport { max_attempts: 1, ..transport() }),
        with_transport(Transport { proxy: Proxy::None, ..transport() }),
        with_transport(Transport { proxy: Proxy::Url("http://proxy".into()), ..transport() }),
        Client::shared_from_json(json, &options(), &Cache::Memory, transport()).unwrap(),
    ];
    for (position, one) in clients.iter().enumerate() {
        let others = &clients[position + 1..];
        assert!(!others.iter().any(|other| Arc::ptr_eq(one, other)), "number {position}");
    }
    // The key itself counts, not the object or the text that holds it.
    let same_key = CredentialsOptions { key: key(&keys::pkcs1_der()), ..options() };
    assert!(Arc::ptr_eq(&clients[0], &with_options(same_key)));
}

#[test]
fn what_one_caller_may_read_is_handed_to_no_other_who_may_not() {
    let directory = Directory::new();
    write_account(&directory);
    let path = directory.path().join("account.json");
    let below = |directory: &Path| CredentialsOptions {
        may_read: Some(MayRead::below(&[directory]).unwrap()),
        ..CredentialsOptions::default()
    };
    let refused = |options: &CredentialsOptions| {
        let error = client_with(&path, options).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().ends_with("private.key is refused: this program may not read it"));
    };
    let everything = client(&path);
    refused(&may_read(is_not_key));
    let allowed = client_with(&path, &may_read(|_| true)).unwrap();
    // It would otherwise read, when a server refuses it, what this caller may not.
    assert!(!Arc::ptr_eq(&everything, &allowed));
    refused(&may_read(is_not_key));
    assert!(Arc::ptr_eq(&allowed, &client_with(&path, &may_read(|_| true)).unwrap()));
    let below_root = client_with(&path, &below(Path::new("/"))).unwrap();
    let below_directory = client_with(&path, &below(directory.path())).unwrap();
    assert!(!Arc::ptr_eq(&below_root, &below_directory));
    assert!(Arc::ptr_eq(&below_directory, &client_with(&path, &below(directory.path())).unwrap()));
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
