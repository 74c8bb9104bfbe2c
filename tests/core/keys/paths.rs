//! Paths of keys as people write them.

use ims::{Credentials, CredentialsOptions};

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
    let url = format!("file://{}", path.display()).replace(' ', "%20");
    Key::from_file(&url, None).unwrap();
    Key::shared_from_file(&url, None).unwrap();
    let json = format!(
        r#"{{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
            "aud":"b","private_key":"{url}"}}"#
    );
    Credentials::from_json(json.as_bytes(), &CredentialsOptions::default()).unwrap();
}

#[test]
fn the_home_directory_is_a_path_at_every_door() {
    let home = env::var("HOME").unwrap();
    let error = Key::from_file("~/no-such.pem", None).unwrap_err();
    assert_error(&error, Status::Key, &format!("{home}/no-such.pem cannot be read"));
    assert_error(&missing("~/no-such.pem"), Status::Key, &format!("{home}/no-such.pem"));
}

#[test]
fn what_only_a_shell_replaces_is_named_in_the_hint() {
    for (path, what) in [
        ("~jane/key.pem", "~user"),
        ("$HOME/key.pem", "$HOME"),
        ("${KEY}", "$HOME"),
        ("%HOME%/key.pem", "%HOME%"),
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
