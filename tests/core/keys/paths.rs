//! Paths of keys as people write them.

use ims::doctor::{Setup, examine};
use ims::{
    Client, ClientBuilder, Credentials, CredentialsOptions, MayRead, Rewritten, Secret,
    read_certificate,
};

use super::*;

/// The error of credentials whose key is at `path`, in the folder `conf`.
fn missing(path: &str) -> Error {
    let directory = Directory::new();
    let json = format!(
        r#"{{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
            "aud":"b","private_key":"{path}"}}"#
    );
    let file = directory.write("credentials.json", json);
    Credentials::from_file(file, &CredentialsOptions::default()).unwrap_err()
}

#[test]
fn a_file_url_is_a_path_at_every_door() {
    let directory = Directory::new();
    let path = directory.write("my key.pem", pem());
    for scheme in ["file://", "file:", "FILE://", "file://localhost"] {
        let url = format!("{scheme}{}", path.display()).replace(' ', "%20");
        Key::from_file(&url, None).unwrap();
        Key::shared_from_file(&url, None).unwrap();
        let json = format!(
            r#"{{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
                "aud":"b","private_key":"{url}"}}"#
        );
        Credentials::from_json(json.as_bytes(), &CredentialsOptions::default()).unwrap();
    }
}

#[test]
fn a_relative_file_url_counts_from_the_folder_of_the_credentials_file() {
    let directory = Directory::new();
    fs::create_dir(directory.path().join("credentials")).unwrap();
    directory.write("key.pem", pem());
    directory.write("credentials/key.pem", pem());
    for url in ["file://../key.pem", "file:../key.pem", "file:key.pem", "file://./key.pem"] {
        let json = format!(
            r#"{{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
                "aud":"b","private_key":"{url}"}}"#
        );
        let file = directory.write("credentials/a.json", json);
        Credentials::from_file(file, &CredentialsOptions::default()).unwrap();
    }
}

/// Credentials whose key has a relative path.
const RELATIVE: &str = r#"{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a",
    "sub":"a","aud":"b","private_key":"key.pem"}"#;

#[test]
fn the_file_of_credentials_or_of_ca_certificates_may_be_a_file_url_at_every_door() {
    let directory = Directory::new();
    directory.write("key.pem", pem());
    let url = |path: &Path| format!("file:{}", path.display());
    let file = url(&directory.write("credentials.json", RELATIVE));
    let ca = url(&directory.write("ca.pem", certificate_pem(Validity::a_year())));
    let options = CredentialsOptions::default();
    let builder = || Client::builder().ca_file(&ca);
    Credentials::from_file(&file, &options).unwrap();
    builder().from_file(&file).unwrap();
    let shared = || builder().shared_from_file(&file).unwrap();
    assert!(Arc::ptr_eq(&shared(), &shared()));
    read_certificate(ca.as_bytes()).unwrap();
    let secret = r#"{"grant":"client_credentials","token_url":"https://a.example/token",
        "client_id":"a","client_secret":"s3cr3t-of-client"}"#;
    let secret = url(&directory.write("secret.json", secret));
    Rewritten::new(&secret, &options, &Secret::from("another-s3cr3t-of-client")).unwrap();
    let may_read = MayRead::below(&[url(directory.path())]).unwrap();
    builder().may_read(may_read).from_file(&file).unwrap();
}

#[test]
fn the_home_directory_is_a_path_at_every_door() {
    let home = env::var("HOME").unwrap();
    let error = Key::from_file("~/no-such.pem", None).unwrap_err();
    assert_error(&error, Status::Key, &format!("{home}/no-such.pem cannot be read"));
    assert_error(&missing("~/no-such.pem"), Status::Key, &format!("{home}/no-such.pem"));
    let path = format!("{home}/no-such.json cannot be read");
    let options = CredentialsOptions::default();
    let of = |read: fn(ClientBuilder, &str) -> Error| read(Client::builder(), "~/no-such.json");
    for error in [
        Credentials::from_file("~/no-such.json", &options).unwrap_err(),
        Rewritten::new("~/no-such.json", &options, &Secret::from("a")).unwrap_err(),
        of(|builder, file| builder.from_file(file).err().unwrap()),
        of(|builder, file| builder.shared_from_file(file).err().unwrap()),
    ] {
        assert_error(&error, Status::Credentials, &path);
    }
    let setup = Setup::new(Some(Path::new("~/no-such.json")));
    let mut found = Vec::new();
    examine(&setup, false, &mut |check| found.push(check.message));
    assert!(found[0].contains(&path), "{found:?}");
    let error = read_certificate(b"~/no-such.pem").unwrap_err();
    assert_error(&error, Status::Credentials, &format!("{home}/no-such.pem cannot be read"));
    let json = r#"{"grant":"client_credentials","token_url":"https://a.example/token",
        "client_id":"a","client_secret":"b"}"#;
    let error = Client::builder().ca_file("~/no-such.pem").from_json(json).err().unwrap();
    assert_error(&error, Status::Argument, &format!("ca_file {home}/no-such.pem cannot be read"));
}

#[test]
fn what_only_a_shell_replaces_or_is_no_path_of_this_system_is_named_in_the_hint() {
    for (path, what) in [
        ("~jane/key.pem", "~user"),
        ("$HOME/key.pem", "$HOME"),
        ("${KEY}", "$HOME"),
        ("%HOME%/key.pem", "%HOME%"),
        ("https://a.example/key.pem", "https://"),
        ("op://vault/item/key", "https://"),
        ("vault:secret/key", "vault:"),
        ("C:/keys/key.pem", "Windows"),
        ("file://elsewhere/key.pem", "URL file:"),
    ] {
        for error in [Key::from_file(path, None).unwrap_err(), missing(path)] {
            assert_error(&error, Status::Key, path);
            assert!(error.hint().unwrap().contains(what), "{error:?}");
        }
    }
}

#[test]
fn a_relative_path_counts_from_where_its_hint_says() {
    let hint = |error: Error| error.hint().unwrap().to_owned();
    assert!(hint(missing("no-such.pem")).ends_with("from the folder of the credentials file"));
    let error = Key::from_file("no-such.pem", None).unwrap_err();
    assert!(hint(error).ends_with("from where the process runs"));
    let json = r#"{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
        "aud":"b","private_key":"no-such.pem"}"#;
    let error = Credentials::from_json(json.as_bytes(), &CredentialsOptions::default());
    assert!(hint(error.unwrap_err()).ends_with("from where the process runs"));
}

#[test]
fn an_error_of_a_key_names_the_credentials_file_the_setting_and_the_key_file() {
    let directory = Directory::new();
    directory.write("weak.pem", Rsa::generate(1024).unwrap().private_key_to_pem().unwrap());
    let json = r#"{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
        "aud":"b","private_key":"weak.pem"}"#;
    let file = directory.write("weak.json", json);
    let credentials = Credentials::from_file(&file, &CredentialsOptions::default()).unwrap();
    let error = credentials.checked_key(SystemTime::now()).unwrap_err();
    let key = directory.path().join("weak.pem");
    let (file, key) = (file.display(), key.display());
    assert_error(
        &error,
        Status::Key,
        &format!("credentials file {file}: private_key {key} has 1024 bits"),
    );
    assert!(error.hint().unwrap().contains("rsa_keygen_bits:2048"));
}
