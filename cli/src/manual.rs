//! The tables of docs/src/errors.md are made here, from the code's own.

use std::collections::BTreeMap;
use std::fs;

use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

use super::exit_code::exit_code;
use ims::error::{ServerHint, server_hints};
use ims::{Cause, Error, Status};

const HEADER: &str = include_str!("../../include/ims.h");

#[test]
fn the_manual_has_a_section_for_every_error_and_says_of_it_what_the_code_says() {
    let path = support::root().join("docs/src/errors.md");
    let page = Data::read_from(&path, Some(DataFormat::Text)).raw();
    let mut tables: BTreeMap<String, String> = Status::ALL.map(status).into();
    for row in server_hints() {
        tables.entry(heading(row)).or_insert_with(|| SERVER_TABLE.to_owned()).push_str(&line(row));
    }
    // `make manual` sets the variable to rewrite what differs.
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    assert.eq(with_tables(&page.to_string(), tables), page);
}

#[test]
fn each_status_is_described_in_the_same_words_in_every_language() {
    for file in ["src/error/status.rs", "python/ims/_errors.py", "bindings/php/ims.stub.php"] {
        let text = fs::read_to_string(support::root().join(file)).unwrap();
        let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "///").collect();
        let text = words.join(" ");
        for (meaning, name) in Status::ALL.map(in_c) {
            assert!(text.contains(&meaning), "{file} does not say of {name}: {meaning}");
        }
    }
}

/// Returns the page with the tables below its third-level headings replaced by `tables`.
fn with_tables(page: &str, mut tables: BTreeMap<String, String>) -> String {
    let mut made = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        made += &format!("{line}\n");
        let Some(heading) = line.strip_prefix("### ") else { continue };
        let table = tables.remove(&heading.to_lowercase());
        made += &format!("\n{}\n", table.unwrap_or_else(|| panic!("there is no error {heading}")));
        while lines.next_if(|line| line.is_empty() || line.starts_with('|')).is_some() {}
    }
    assert!(tables.is_empty(), "errors.md has no section for {:?}", tables.keys());
    format!("{}\n", made.trim_end())
}

/// Returns the heading, in lower case, and the text below it.
fn status(status: Status) -> (String, String) {
    let (meaning, name) = in_c(status);
    let retryable = Error::new(status, "").is_retryable();
    let table = format!(
        "| | |\n|---|---|\n\
        | what it means | {meaning} |\n\
        | exit code of `ims` | {} |\n\
        | in C | `IMS_ERR_{name}`, {} |\n\
        | in Rust | `Status::{status:?}` |\n\
        | may the same call succeed later | {} |\n",
        exit_code(status),
        status as i32,
        if retryable { "yes" } else { "no" },
    );
    (name.replace('_', " ").to_lowercase(), table)
}

/// Returns the meaning and the name that include/ims.h gives a status.
fn in_c(status: Status) -> (String, &'static str) {
    let mut definitions = HEADER.split("\n\n").filter_map(|part| {
        let (comment, definition) = part.split_once("#define IMS_ERR_")?;
        Some((comment, definition.trim_end().split_once(' ')?))
    });
    let number = (status as i32).to_string();
    let (comment, (name, _)) = definitions.find(|(_, it)| it.1 == number).unwrap();
    let meaning: Vec<&str> = comment.lines().map(|line| line.trim_start_matches("/// ")).collect();
    (meaning.join(" "), name)
}

/// Returns a server's error, the HTTP status if there is no error text, or the words of a server that
/// says them with any error.
fn heading(row: &ServerHint) -> String {
    match row.http_status {
        Some(status) if row.error.is_empty() => format!("http {status}"),
        _ if row.error.is_empty() => format!("`{}`", row.description.trim_end_matches(':')),
        _ => format!("`{}`", row.error),
    }
}

const SERVER_TABLE: &str = "| where it says | what it means, and what to do |\n|---|---|\n";

fn line(row: &ServerHint) -> String {
    let http_status = row.http_status.filter(|_| !row.error.is_empty());
    let http_status = http_status.map(|status| format!("HTTP {status}"));
    let is_heading = row.error.is_empty() || row.description.is_empty();
    let description = (!is_heading).then(|| format!("\"{}\"", row.description));
    let said: Vec<String> = http_status.into_iter().chain(description).collect();
    let said = if said.is_empty() { "anything".to_owned() } else { said.join(", ") };
    let sent = row.sent.map(|sent| format!(", after {}", sent.name())).unwrap_or_default();
    let server = row.server.map(|server| format!(", from {server}")).unwrap_or_default();
    let cause = row.cause.map(Cause::name);
    let cause = cause.map(|name| format!("; see [{name}](troubleshooting.md#{name})"));
    format!("| {said}{server}{sent} | {}{} |\n", row.hint, cause.unwrap_or_default())
}
