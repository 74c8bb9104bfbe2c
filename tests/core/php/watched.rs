//! A file that changed is read again, however little it looks so.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Stdio};
use std::time::SystemTime;

use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use support::directory::Directory;
use support::processes::{Running, faketime};

use super::extension::EXTENSION;

/// For each line, says which key has signed by the path of the key in use.
const SCRIPT: &str = r#"
while (fgets(STDIN) !== false) {
    [$header, $claims, $signature] = explode('.', ims_generate_jwt('in_use.key', 'i', 's', 'a'));
    $signature = base64_decode(strtr($signature, '-_', '+/'));
    foreach (['one.key', 'other.key'] as $path) {
        $public_key = openssl_pkey_get_details(openssl_pkey_get_private(file_get_contents($path)))['key'];
        if (openssl_verify("$header.$claims", $signature, $public_key, 'sha256') === 1) {
            echo "$path\n";
        }
    }
}
"#;

/// A process that has a key in use, and two keys of one size.
struct Signer {
    directory: Directory,
    keys: [Vec<u8>; 2],
    process: Running,
    said: BufReader<ChildStdout>,
}

impl Signer {
    /// libfaketime's `settings` are the process's clock.
    fn start(settings: &[(&str, &str)]) -> Self {
        let directory = Directory::new();
        let keys = keys_of_one_size();
        directory.write("one.key", &keys[0]);
        directory.write("other.key", &keys[1]);
        let mut php = EXTENSION.php();
        // What PHP loads itself, it would bind to the real clock.
        let preloaded =
            [faketime(), EXTENSION.library_path().join("libims.so.0"), EXTENSION.module()];
        php.args(["-r", SCRIPT])
            .current_dir(directory.path())
            .env("LD_PRELOAD", preloaded.map(|path| path.display().to_string()).join(":"))
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped());
        let mut process = Running::start(&mut php, "", || true);
        let said = BufReader::new(process.0.stdout.take().unwrap());
        Self { directory, keys, process, said }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn signs_with(&mut self) -> String {
        writeln!(self.process.0.stdin.as_ref().unwrap()).unwrap();
        let mut name = String::new();
        self.said.read_line(&mut name).unwrap();
        name.trim().to_owned()
    }
}

fn keys_of_one_size() -> [Vec<u8>; 2] {
    let key = || {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        key.private_key_to_pem_pkcs8().unwrap()
    };
    let one = key();
    loop {
        let other = key();
        if other.len() == one.len() {
            return [one, other];
        }
    }
}

/// Writes the file again or in place, as old by its time as any other that is written so.
fn write(path: &Path, key: &[u8]) -> (i64, i64) {
    fs::write(path, key).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let metadata = fs::metadata(path).unwrap();
    (metadata.ctime(), metadata.ctime_nsec())
}

/// Where a file system's clock is so coarse that both writes are at the same time, which is what a frozen clock shows.
#[test]
fn a_key_file_that_is_written_twice_at_one_time_is_read_twice() {
    let mut signer = Signer::start(&[("FAKETIME", "2026-11-25 12:00:00"), ("TZ", "UTC")]);
    let path = signer.path("in_use.key");
    write(&path, &signer.keys[0]);
    assert_eq!(signer.signs_with(), "one.key");
    assert_eq!(signer.signs_with(), "one.key");

    write(&path, &signer.keys[1]);

    assert_eq!(signer.signs_with(), "other.key");
}

/// An hour after they were written, files are trusted by their looks.
const LATER: [(&str, &str); 2] = [("FAKETIME", "+1h"), ("NO_FAKE_STAT", "1")];

#[test]
fn a_key_file_that_is_written_in_its_place_is_read_anew_though_its_time_was_set_back() {
    let mut signer = Signer::start(&LATER);
    let path = signer.path("in_use.key");
    let before = write(&path, &signer.keys[0]);
    assert_eq!(signer.signs_with(), "one.key");

    while write(&path, &signer.keys[1]) == before {}

    assert_eq!(signer.signs_with(), "other.key");
}

#[test]
fn a_key_file_that_a_link_replaces_by_one_of_the_same_time_is_read_anew() {
    let mut signer = Signer::start(&LATER);
    let files = [signer.path("1.key"), signer.path("2.key")];
    let link = signer.path("in_use.key");
    while write(&files[0], &signer.keys[0]) != write(&files[1], &signer.keys[1]) {
        // The kernel gives a finer time to a file that was looked at.
        files.iter().for_each(|path| fs::remove_file(path).unwrap());
    }
    symlink(&files[0], &link).unwrap();
    assert_eq!(signer.signs_with(), "one.key");

    fs::remove_file(&link).unwrap();
    symlink(&files[1], &link).unwrap();

    assert_eq!(signer.signs_with(), "other.key");
}
