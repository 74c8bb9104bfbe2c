//! No command prints a secret of an account, whatever is wrong with it: canaries in each credentials file that people have.

use std::process::Command;

use support::canaries::{SECRET, TOKEN, assert_none_shows, planted};
use support::directory::Directory;
use support::files::Table;

/// Is tried as the passphrase of every key.
const PASSPHRASE: &str = "c4nary+p/ssphr~se=";

#[test]
fn no_report_and_no_error_shows_a_canary() {
    let directory = Directory::new();
    let table = Table::credentials().changed(directory.path().to_owned(), planted);
    let passphrase = directory.write("passphrase", PASSPHRASE);
    let key = include_str!("../../../tests/files/credentials/private.key");
    let key_line = key.lines().nth(7).unwrap();
    let (mut reports, mut errors) = (0, 0);
    for case in &table.cases {
        let mut options = vec!["--passphrase-file", passphrase.to_str().unwrap()];
        if let Some(name) = case.options.get("name") {
            options.extend(["--name", name]);
        }
        // No server is asked: the proxy refuses.
        let mut shown = String::new();
        for command in [&["doctor"][..], &["token", "--timeout", "1", "--max-attempts", "1"]] {
            let ran = Command::new(env!("CARGO_BIN_EXE_ims"))
                .args(command)
                .arg(&case.file)
                .args(&options)
                .current_dir(&table.folder)
                .env_clear()
                .env("HOME", directory.path())
                .env("HTTPS_PROXY", format!("http://ada:{SECRET}@127.0.0.1:1"))
                .output()
                .unwrap();
            let (out, error) =
                (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            assert!(!error.contains("Usage:"), "{command:?} {}: {error}", case.file);
            reports += usize::from(command == ["doctor"] && out.lines().count() > 5);
            errors += usize::from(!error.is_empty());
            shown += &format!("{out}{error}");
        }
        assert_none_shows(&shown, &[SECRET, TOKEN, PASSPHRASE, key_line], &case.file);
    }
    assert!(reports > 40 && errors > 60, "{reports} reports, {errors} errors");
}
