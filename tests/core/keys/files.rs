//! Key files.

use super::*;

#[test]
fn a_key_file_works() {
    let directory = Directory::new();
    let path = directory.write("key.pem", keys::encrypted_pem(PASSPHRASE));
    Key::from_file(&path, Some(PASSPHRASE)).unwrap();
    let error = Key::from_file(&path, None).unwrap_err();
    assert_error(&error, Status::Passphrase, &format!("key file {}", path.display()));
}

#[test]
fn a_missing_file_is_refused_by_name() {
    let directory = Directory::new();
    assert_file_refused(&directory.path().join("missing.pem"), "No such file");
    let file = directory.write("key.pem", pem());
    assert_file_refused(&file.join("below"), "Not a directory");
    let link = directory.path().join("loop");
    std::os::unix::fs::symlink(&link, &link).unwrap();
    assert_file_refused(&link, "symbolic links");
}

const WITHOUT_CAPABILITIES: &str = "TEST_WITHOUT_CAPABILITIES";

#[test]
fn an_unreadable_file_is_refused_with_a_hint() {
    let directory = Directory::new();
    let path = directory.write("key.pem", pem());
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() && env::var_os(WITHOUT_CAPABILITIES).is_none() {
        // The superuser reads every file, but not without capabilities.
        let again = Command::new("setpriv")
            .args(["--bounding-set=-all", "--inh-caps=-all"])
            .arg(env::current_exe().unwrap())
            .arg("an_unreadable_file_is_refused_with_a_hint")
            .env(WITHOUT_CAPABILITIES, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && text.contains("ok. 1 passed"), "{text}");
        return;
    }
    let error = Key::from_file(&path, None).unwrap_err();
    assert_error(&error, Status::Key, "Permission denied");
    assert!(error.hint().unwrap().contains("chown"));
}

#[test]
fn a_directory_fifo_or_device_is_refused_by_name() {
    let directory = Directory::new();
    assert_file_refused(directory.path(), "is a directory");
    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_file_refused(&fifo, "not a regular file");
    assert_file_refused(Path::new("/dev/zero"), "not a regular file");
    assert_file_refused(Path::new("/dev/null"), "not a regular file");
}

#[test]
fn an_empty_file_or_one_of_100_mb_is_refused_by_name() {
    let directory = Directory::new();
    assert_file_refused(&directory.write("empty.pem", ""), "is empty");
    let large = directory.path().join("large.pem");
    File::create(&large).unwrap().set_len(100_000_000).unwrap();
    assert_file_refused(&large, "over 64 KiB");
}

#[test]
fn a_key_given_as_the_name_of_its_file_does_not_show() {
    // A short key is as long as a name may be.
    let ed25519 = PKey::generate_ed25519().unwrap().private_key_to_pkcs8().unwrap();
    for text in [pem(), body(&pem()), String::from("-----BEGIN"), base64::encode_block(&ed25519)] {
        let error = Key::from_file(&text, None).unwrap_err();
        assert_error(&error, Status::Key, "its name is not shown");
        assert!(!format!("{error:?}").contains(&text));
    }
    for name in ["nul\0", "private", "MAIN", "a/b/c"] {
        let words = format!("key file {}", name.trim_end_matches('\0'));
        assert_error(&Key::from_file(name, None).unwrap_err(), Status::Key, &words);
    }
}
