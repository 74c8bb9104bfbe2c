//! The languages in which a program gets a token by a credentials file, or signs with a key file.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use ims::{Cache, Claims, Client, Error, Key, Proxy, Secret, Status, generate_jwt};
use serde_json::{Value, json};
use support::directory::Directory;
use support::files::{Case, Table, folder};
use support::processes::output;

use super::internet::Internet;
use super::signed;
use crate::c_programs::compile;
use crate::exchanges::transport;
use crate::php::extension::EXTENSION;

#[derive(Clone, Copy)]
pub enum Door {
    Rust,
    C,
    Php,
}

/// What a program got from a file.
pub enum Given {
    /// A token: the number of the request.
    Token(usize),
    Jwt(String),
    /// Status, field, message and hint.
    Error(i32, Option<String>, String, Option<String>),
}

impl Door {
    /// Gets a token by each credentials file.
    pub fn tokens(self, table: &Table, internet: &Internet) -> Vec<Given> {
        self.tokens_through(table, &internet.proxy(), internet.root().to_str().unwrap())
    }

    /// Gets a token by each credentials file through a proxy, from hosts that `root` certifies.
    pub fn tokens_through(self, table: &Table, proxy: &str, root: &str) -> Vec<Given> {
        match self {
            Self::Rust => table.cases.iter().map(|case| token(table, case, proxy, root)).collect(),
            Self::C => run_c(&["credentials", proxy, root], table),
            Self::Php => run_php(&["credentials", proxy, root], table),
        }
    }

    /// Signs a JWT with each key file.
    pub fn jwts(self, table: &Table) -> Vec<Given> {
        match self {
            Self::Rust => table.cases.iter().map(jwt).collect(),
            Self::C => run_c(&["keys", "", ""], table),
            Self::Php => run_php(&["keys", "", ""], table),
        }
    }
}

impl Given {
    /// Returns it as the tables show it.
    pub fn without_request(self) -> Value {
        match self {
            Self::Token(number) => panic!("{number} is a request"),
            Self::Jwt(jwt) => {
                let mut shown = signed::shown(&jwt).unwrap();
                // The claims are those of the test.
                shown.as_object_mut().unwrap().remove("claims");
                shown
            }
            Self::Error(status, field, message, hint) => {
                let status = Status::ALL.into_iter().find(|known| *known as i32 == status);
                // PHP makes paths absolute.
                let named = |text: &str| text.replace(&format!("{}/", folder().display()), "");
                json!({
                    "status": format!("{:?}", status.unwrap()).to_uppercase(),
                    "field": field, "message": named(&message), "hint": hint.as_deref().map(named),
                })
            }
        }
    }

    /// Reads a line that a program printed.
    fn from_line(line: &str) -> Self {
        let columns: Vec<&str> = line.split('\t').collect();
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        match columns[..] {
            ["token", number] => Self::Token(number.parse().unwrap()),
            ["jwt", jwt] => Self::Jwt(jwt.into()),
            ["error", status, field, message, hint] => {
                Self::Error(status.parse().unwrap(), some(field), message.into(), some(hint))
            }
            _ => panic!("{line}"),
        }
    }
}

impl From<Error> for Given {
    fn from(error: Error) -> Self {
        let field = error.field().map(str::to_owned);
        let (message, hint) = (error.message().to_owned(), error.hint().map(str::to_owned));
        Self::Error(error.status() as i32, field, message, hint)
    }
}

fn token(table: &Table, case: &Case, proxy: &str, root: &str) -> Given {
    let mut transport = transport();
    transport.proxy = Proxy::Url(proxy.into());
    transport.ca_file = Some(root.into());
    let mut builder = Client::builder().cache(Cache::None).transport(transport);
    for (option, value) in &case.options {
        builder = match option.as_str() {
            "name" => builder.name(value),
            "passphrase" => builder.passphrase(value.clone().into_bytes()),
            "scope" => builder.scope(value),
            "subject" => builder.subject(value),
            "audience" => builder.audience(value),
            _ => panic!("{option}"),
        };
    }
    let token = builder.from_file(table.folder.join(&case.file)).and_then(|client| client.token());
    token.map_or_else(Given::from, |token| Given::Token(token.access_token().parse().unwrap()))
}

fn jwt(case: &Case) -> Given {
    let passphrase = case.options.get("passphrase").map(|text| Secret::from(text.clone()));
    let passphrase = passphrase.as_ref().map(|secret| secret.expose().as_bytes());
    let key = Key::from_file(folder().join(&case.file), passphrase);
    let jwt = key.and_then(|key| {
        generate_jwt(&key, &Claims::new("iss", "sub", "aud").into(), SystemTime::now())
    });
    jwt.map_or_else(Given::from, |jwt| Given::Jwt(jwt.expose().to_owned()))
}

fn run_c(arguments: &[&str], table: &Table) -> Vec<Given> {
    let build = Directory::new();
    compile("files", build.path());
    let mut program = Command::new(build.path().join("files"));
    program.env("LD_LIBRARY_PATH", build.path());
    run(&mut program, arguments, table)
}

fn run_php(arguments: &[&str], table: &Table) -> Vec<Given> {
    let mut php = EXTENSION.php();
    php.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/files/files.php"));
    run(&mut php, arguments, table)
}

/// Runs a program, which reads lines, each a file and its options with tabs between them, and prints a line for each.
fn run(program: &mut Command, arguments: &[&str], table: &Table) -> Vec<Given> {
    let lines = table.cases.iter().map(|case| {
        let options = case.options.iter().map(|(name, value)| format!("\t{name}={value}"));
        format!("{}{}\n", case.file, options.collect::<String>())
    });
    let input: String = lines.collect();
    let printed = output(program.args(arguments).current_dir(&table.folder), &input);
    printed.lines().map(Given::from_line).collect()
}
