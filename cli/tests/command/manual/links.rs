//! The links among the documents of this repository.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use http::Uri;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::page::{self, Page};
use support::root;

/// What readers follow outside the manual.
const OTHERS: [&str; 4] = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

/// Every link that leads nowhere, with the document that it stands in. Those to other hosts are
/// looked at, not followed.
pub fn broken() -> Vec<String> {
    let root = root();
    let others = OTHERS.map(|name| root.join(name));
    let documents = Page::all().into_iter().map(|page| page.path).chain(others);
    documents.flat_map(|path| broken_in(&path)).collect()
}

fn broken_in(document: &Path) -> Vec<String> {
    let shown = document.file_name().unwrap().to_string_lossy();
    let text = fs::read_to_string(document).unwrap();
    let links = Parser::new_ext(&text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url),
        _ => None,
    });
    links
        .filter(|link| !leads_somewhere(link, document))
        .map(|link| format!("{shown}: {link}"))
        .collect()
}

fn leads_somewhere(link: &str, document: &Path) -> bool {
    if link.contains(':') {
        let uri: Option<Uri> = link.parse().ok();
        return uri.is_some_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.to_owned(),
        path => document.with_file_name(path),
    };
    // The book holds its own folder alone.
    let is_page = document.starts_with(page::folder());
    let in_reach = !is_page || target.canonicalize().is_ok_and(|t| t.starts_with(page::folder()));
    in_reach && target.exists() && (anchor.is_empty() || anchors(&target).contains(&anchor.into()))
}

/// The names of a document's headings, as both mdBook and GitHub make them.
fn anchors(document: &PathBuf) -> Vec<String> {
    let text = fs::read_to_string(document).unwrap();
    let mut anchors = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut heading: Option<String> = None;
    for event in Parser::new(&text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let name = anchor(&heading.take().unwrap_or_default());
                let count = seen.entry(name.clone()).or_default();
                anchors.push(if *count == 0 { name } else { format!("{name}-{count}") });
                *count += 1;
            }
            _ => {}
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}
