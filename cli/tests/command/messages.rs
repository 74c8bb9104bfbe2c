//! Every text of an error is short, plain and true: its form, the commands that it names, and the settings.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use support::directory::Directory;
use support::root;
use support::texts::{Kind, Text, Texts};

/// The sources whose errors people see.
const FOLDERS: [&str; 4] = ["src", "cli/src", "sandbox/src", "python/src"];

static FOUND: LazyLock<Texts> = LazyLock::new(|| Texts::read(&root(), &FOLDERS));

/// The characters of a problem and of a hint, without the values in them.
const MAX_PROBLEM: usize = 120;
const MAX_HINT: usize = 280;

/// Names that a sentence may begin with, next to abbreviations such as `JSON`.
const NAMES: [&str; 6] = ["Adobe", "Auth0", "NetSuite", "Postman", "Redis", "Zitadel"];

/// Words that a stranger must learn first, or that say nothing.
const UNUSED: [&str; 9] = [
    "anew",
    "authorities",
    "in place of",
    "is none that",
    "mend",
    "nobody",
    "please",
    "whoever",
    "whole number",
];

/// The programs whose commands hints name, and what prints their options; empty where they have none.
const PROGRAMS: [(&str, &[&str]); 13] = [
    ("chmod", &[]),
    ("chown", &[]),
    ("fuser", &[]),
    ("gunzip", &["gunzip", "--help"]),
    ("iconv", &["iconv", "--help"]),
    ("ims", &[]),
    ("install", &["install", "--help"]),
    ("keytool", &["keytool", "-importkeystore", "-help"]),
    ("openssl", &[]),
    ("puttygen", &["puttygen", "--help"]),
    ("redis-cli", &["redis-cli", "--help"]),
    ("ssh-keygen", &["ssh-keygen", "-?"]),
    ("ulimit", &["bash", "-c", "help ulimit"]),
];

/// Names with `_` that are no setting of libims, but of a format, a server, another program or Python.
const OTHERS: [&str; 18] = [
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "TYPE_GOOGLE_CREDENTIALS_FILE",
    "box_sub_type",
    "ec_param_enc",
    "ec_paramgen_curve",
    "federation_policy_id",
    "federation_rule_id",
    "from_file",
    "identity_provider_id",
    "key_ops",
    "named_curve",
    "open_basedir",
    "private_key_id",
    "redirect_uri",
    "response_type",
    "rsa_keygen_bits",
    "service_account_id",
    "workspace_id",
];

/// Names in capitals that stand for a file in a command.
const PLACEHOLDERS: [&str; 4] = ["CERTIFICATE_KEY", "NEW_FILE", "NEW_KEY", "NEW_STORE"];

fn texts(kinds: &[Kind]) -> impl Iterator<Item = &'static Text> {
    FOUND.texts.iter().filter(|text| kinds.contains(&text.kind))
}

/// Fails with all that is wrong.
fn assert_none(wrong: impl IntoIterator<Item = String>) {
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_text_of_an_error_escapes() {
    assert!(texts(&[Kind::Problem]).count() > 300 && texts(&[Kind::Hint]).count() > 250);
    assert_none(FOUND.unseen.iter().map(|place| format!("{place}: which text is this?")));
}

#[test]
fn a_text_is_followed_to_where_it_is_written_or_told() {
    let folder = Directory::new();
    fs::create_dir(folder.path().join("src")).unwrap();
    let code = r#"
        const HINT: &str = "read the manual";
        fn bad(problem: &str) -> Error { Error::argument("x", problem).with_hint(HINT) }
        fn checked(text: &str, other: &Other) -> Result<(), Error> {
            let (problem, hint) = match text {
                "" => ("is empty", Some("write it")),
                _ => return Err(bad(&format!("is {text}"))),
            };
            if other.is_loud() {
                return Err(bad(other.words));
            }
            Err(Error::argument("y", problem).with_hint(hint.unwrap_or("give it")))
        }
    "#;
    fs::write(folder.path().join("src/lib.rs"), code).unwrap();
    let found = Texts::read(folder.path(), &["src"]);
    let texts = |kind| {
        let texts = found.texts.iter().filter(move |text| text.kind == kind);
        texts.map(|text| text.text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(texts(Kind::Problem), ["is empty", "is {}"]);
    assert_eq!(texts(Kind::Hint), ["give it", "read the manual", "write it"]);
    assert_eq!(found.unseen, BTreeSet::from(["src/lib.rs:10".to_owned()]));
}

#[test]
fn each_text_is_one_plain_line_that_continues_a_sentence() {
    let begins_well = |text: &str| {
        let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_short = word.chars().filter(|c| c.is_uppercase()).count() > 1;
        !text.starts_with(char::is_uppercase) || is_short || word == "a" || NAMES.contains(&word)
    };
    let faults = |text: &str| {
        let ends_well = text.ends_with("...") || !text.ends_with(['.', '!', ',', ';', ':']);
        let is_line = text.trim() == text && !text.contains("  ") && !text.contains(['\n', '\t']);
        let is_sentence = !text.replace("...", "").contains(". ");
        let well = [begins_well(text), ends_well, is_line, is_sentence];
        well.into_iter()
            .zip(["beginning", "end", "blanks", "two sentences"])
            .filter_map(|(is_well, what)| (!is_well).then_some(what))
            .chain(UNUSED.into_iter().filter(|word| text.contains(word)))
            .collect::<Vec<_>>()
    };
    assert_none(texts(&[Kind::Problem, Kind::Hint]).filter_map(|text| {
        let faults = faults(&text.text);
        (!faults.is_empty()).then(|| format!("{}: {} ({faults:?})", text.place, text.text))
    }));
}

#[test]
fn each_text_is_short() {
    assert_none(texts(&[Kind::Problem, Kind::Hint]).filter_map(|text| {
        let max = if text.kind == Kind::Problem { MAX_PROBLEM } else { MAX_HINT };
        let len = text.text.chars().count();
        (len > max).then(|| format!("{}: {len} characters: {}", text.place, text.text))
    }));
}

/// The words of a text, each without the marks around it, and whether a command ends there.
fn words(text: &str) -> Vec<(&str, bool)> {
    text.split_whitespace()
        .map(|word| {
            let inner = word.trim_start_matches('(').trim_end_matches([',', ';', ':', ')', '?']);
            (inner, !word.ends_with(inner))
        })
        .collect()
}

fn output(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Returns whether a program's help shows this word.
fn shows(help: &str, word: &str) -> bool {
    help.split(|c: char| c.is_whitespace() || "[]|,=<>".contains(c)).any(|shown| shown == word)
}

/// What `ims` prints about a command, and the commands below it.
fn ims_help(command: &[&str]) -> (String, Vec<String>) {
    let help = output(&[&[env!("CARGO_BIN_EXE_ims")], command, &["--help"]].concat());
    let (_, commands) = help.split_once("Commands:\n").unwrap_or_default();
    let commands = commands.lines().take_while(|line| line.starts_with("  "));
    let names = commands.filter_map(|line| line.split_whitespace().next().map(str::to_owned));
    let names = names.filter(|name| name != "help").collect();
    (help, names)
}

/// What is wrong with the command that these words begin with, and how many words it has.
fn wrong_command(program: &str, words: &[(&str, bool)]) -> (usize, Vec<String>) {
    let end = words
        .iter()
        .position(|(word, is_end)| *is_end || *word == "&&")
        .map_or(words.len(), |end| end + 1);
    let command: Vec<&str> = words[..end].iter().map(|(word, _)| *word).collect();
    let options = command.iter().skip(1).filter(|word| word.starts_with('-') && word.len() > 1);
    let help = match program {
        "openssl" => output(&["openssl", command[1], "-help"]),
        "ims" => {
            let mut path = Vec::new();
            let mut below = ims_help(&path);
            for word in &command[1..] {
                if !below.1.iter().any(|name| name == word) {
                    break;
                }
                path.push(word);
                below = ims_help(&path);
            }
            if path.is_empty() {
                return (end, vec![command.join(" ")]);
            }
            below.0
        }
        _ => {
            let (_, help) = PROGRAMS.iter().find(|(name, _)| *name == program).unwrap();
            if help.is_empty() { String::new() } else { output(help) }
        }
    };
    // OpenSSL's commands take the name of any cipher as an option.
    let ciphers =
        if shows(&help, "-*") { output(&["openssl", "enc", "-list"]) } else { String::new() };
    let unknown = options.filter(|option| {
        !option.starts_with("-----") && !shows(&help, option) && !shows(&ciphers, option)
    });
    (end, unknown.map(|option| format!("{} ({option})", command.join(" "))).collect())
}

#[test]
fn each_command_exists_with_its_options() {
    let mut flags = String::new();
    for command in ims_help(&[]).1 {
        let (help, below) = ims_help(&[&command]);
        flags += &help;
        below.iter().for_each(|below| flags += &ims_help(&[&command, below]).0);
    }
    let mut wrong = Vec::new();
    let mut commands = 0;
    for text in texts(&[Kind::Problem, Kind::Hint]) {
        let words = words(&text.text);
        let mut at = 0;
        while let Some((word, is_end)) = words.get(at) {
            let is_program = PROGRAMS.iter().any(|(name, _)| name == word) && !is_end;
            let (len, found) = if is_program {
                commands += 1;
                wrong_command(word, &words[at..])
            } else {
                // An option on its own is one of ims.
                let is_option = word.starts_with('-')
                    && word[1..].starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
                let is_wrong = is_option && !word.starts_with("-----") && !shows(&flags, word);
                (1, is_wrong.then(|| (*word).to_owned()).into_iter().collect())
            };
            wrong.extend(found.into_iter().map(|found| format!("{}: {found}", text.place)));
            at += len;
        }
    }
    assert!(commands > 15, "{commands}");
    assert_none(wrong);
}

/// The names with `_` in a text, such as those of settings.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|name| name.trim_matches('_').contains('_'))
}

/// All Rust code below a folder.
fn code(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.is_dir() {
            true => code(&path),
            false => fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

#[test]
fn each_setting_and_variable_exists() {
    let header = fs::read_to_string(root().join("include/ims.h")).unwrap();
    let settings: BTreeSet<&str> = names(&header).collect();
    let code = ["src", "cli/src"].map(|folder| code(&root().join(folder))).concat();
    assert_none(texts(&[Kind::Problem, Kind::Hint]).flat_map(|text| {
        let is_known = |name: &&str| {
            settings.contains(name)
                || code.contains(&format!("\"{name}\""))
                || OTHERS.contains(name)
                || PLACEHOLDERS.contains(name)
        };
        names(&text.text)
            .filter(move |name| !is_known(name))
            .map(|name| format!("{}: {name}", text.place))
    }));
}
