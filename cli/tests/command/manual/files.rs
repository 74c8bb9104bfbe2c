//! The tables of the page Files that are read, made from `tests/files`.

use std::fmt::Write;

use serde_json::Value;
use support::files::{Case, Table};

use super::page::Page;

const BEGIN: &str = "<!-- Made from tests/files by `make manual`. -->\n";

/// Returns the page as it must be: its text up to the tables, and the tables.
pub fn page() -> String {
    let page = Page::read("files.md");
    let (text, _) = page.text.split_once(BEGIN).unwrap();
    let mut made = format!("{text}{BEGIN}");
    made += &section("Credentials files", &Table::credentials());
    made += &section("Keys", &Table::keys());
    made
}

fn section(title: &str, table: &Table) -> String {
    let mut section =
        format!("\n## {title}\n\n| file | what it is | what it gives |\n|---|---|---|\n");
    for case in &table.cases {
        let file = case.file.rsplit('/').next().unwrap();
        let given = case.options.keys().map(|name| format!(", with `{name}`")).collect::<String>();
        let about = match &case.source {
            Some(source) => format!("[{}]({source})", cell(&case.about)),
            None => cell(&case.about),
        };
        writeln!(section, "| `{file}`{given} | {about} | {} |", gives(case)).unwrap();
    }
    section
}

/// Returns the request or the signature in a few words, or the error.
fn gives(case: &Case) -> String {
    let gives = &case.gives;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if gives.get("status").is_some() {
        let folder = case.file.split_once('/').unwrap().0;
        let said = text(&gives["message"]).replace(&format!("{folder}/"), "");
        let hint = gives["hint"].as_str().map(|hint| format!("<br>hint: {}", cell(hint)));
        return format!("error: {}{}", cell(&said), hint.unwrap_or_default());
    }
    let header = |jwt: &Value| {
        let kid = jwt["header"]["kid"].as_str().map(|kid| format!(", kid `{kid}`"));
        format!("{}{}", text(&jwt["header"]["alg"]), kid.unwrap_or_default())
    };
    let Some(url) = gives["url"].as_str() else { return header(gives) };
    let sent = ["form", "json"].into_iter().find_map(|body| gives[body].as_object()).unwrap();
    let names: Vec<String> = sent
        .iter()
        .map(|(name, value)| match value.get("header") {
            Some(_) => format!("`{name}` ({})", header(value)),
            None => format!("`{name}`"),
        })
        .collect();
    let by_header = gives["authorization"].as_str().map_or("", |_| ", the secret in Authorization");
    format!("`{url}`: {}{by_header}", names.join(", "))
}

/// Returns a text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('[', "\\[")
        .replace('*', "\\*")
        .replace('_', "\\_")
}
