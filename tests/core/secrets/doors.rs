//! What Rust, C and PHP say of credentials, whatever they hold and whatever happens with them.

use std::collections::BTreeSet;

use ims::{Credentials, CredentialsOptions};
use support::canaries::{SECRET, TOKEN, assert_none_shows, planted};
use support::directory::Directory;
use support::files::Table;
use support::mutations::{Kind, mutations};

use super::echo::Echo;
use super::log_lines;
use crate::exchanges::in_own_process;
use crate::files::doors::{Door, Given};

const PASSPHRASE: &str = "c4nary+p/ssphr~se=";

/// Lines of the key that the files hold, each a part as good as the whole.
fn key_lines() -> Vec<String> {
    let pem = include_str!("../../files/credentials/private.key");
    pem.lines().filter(|line| line.len() == 64).step_by(5).map(str::to_owned).collect()
}

/// The table of credentials, whose secrets are canaries, in a folder of its own.
fn table(directory: &Directory) -> Table {
    let mut table = Table::credentials().changed(directory.path().to_owned(), planted);
    for case in &mut table.cases {
        case.options.entry("passphrase".into()).or_insert(PASSPHRASE.into());
    }
    table
}

#[test]
fn no_error_shows_a_canary_though_every_server_repeats_the_whole_request() {
    let hosts: BTreeSet<String> = Table::credentials()
        .cases
        .iter()
        .filter_map(|case| Some(case.gives["url"].as_str()?.split('/').nth(2)?.to_owned()))
        .collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    for door in [Door::Rust, Door::C, Door::Php] {
        let directory = Directory::new();
        let (echo, table) = (Echo::new(&hosts), table(&directory));
        let given = door.tokens_through(&table, &echo.proxy(), &echo.ca_file());
        let (signatures, key_lines) = (echo.signatures(), key_lines());
        assert!(signatures.len() > 20, "{} JWTs were sent", signatures.len());
        let (signatures, key_lines) = (signatures.iter(), key_lines.iter());
        let texts = signatures.chain(key_lines).map(String::as_str);
        let secrets: Vec<&str> = [SECRET, TOKEN, PASSPHRASE].into_iter().chain(texts).collect();
        let mut refused = 0;
        let mut shown = String::new();
        for given in given {
            let Given::Error(_, field, message, hint) = given else { panic!("a token") };
            refused += usize::from(message.contains("refused: HTTP 400"));
            shown += &format!("{field:?} {message} {}\n", hint.unwrap_or_default());
        }
        assert!(refused > 60, "{refused} were refused");
        assert_none_shows(&shown, &secrets, "an error");
    }
}

#[test]
fn no_error_debug_or_log_line_of_a_damaged_file_shows_a_canary() {
    const NAME: &str = "no_error_debug_or_log_line_of_a_damaged_file_shows_a_canary";
    in_own_process(NAME, &[], || {
        log_lines::collect();
        let directory = Directory::new();
        let table = table(&directory);
        let (mut options, key_lines) = (CredentialsOptions::default(), key_lines());
        options.passphrase = Some(PASSPHRASE.as_bytes().to_vec().into());
        let key_lines = key_lines.iter().map(String::as_str);
        let secrets: Vec<&str> = [SECRET, TOKEN, PASSPHRASE].into_iter().chain(key_lines).collect();
        for case in &table.cases {
            let whole = std::fs::read(table.folder.join(&case.file)).unwrap();
            let mut shown = String::new();
            // Every third, from another one in each file: all would take a minute.
            let damaged = mutations(&whole).into_iter().filter(|it| it.kind != Kind::Flip);
            for mutation in damaged.skip(whole.len() % 3).step_by(3) {
                let file = directory.write("credentials/damaged", &mutation.bytes);
                let read = Credentials::from_file(file, &options);
                shown += &format!("{}: {read:?}", mutation.name);
                if let Err(error) = read {
                    shown += &format!(" {error} {:?}", error.hint());
                }
                shown += "\n";
            }
            assert_none_shows(&shown, &secrets, &case.file);
        }
        let lines = log_lines::taken();
        assert!(!lines.is_empty());
        assert_none_shows(&lines.join("\n"), &secrets, "the log");
    });
}
