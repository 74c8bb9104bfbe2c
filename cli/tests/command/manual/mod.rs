//! What the manual shows is what the programs do.

mod credentials;
mod files;
mod links;
mod page;
mod php;
mod session;

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag};
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

use page::Page;

#[test]
fn transcripts_are_what_the_programs_print() {
    for page in Page::all() {
        let shown = Data::read_from(&page.path, Some(DataFormat::Text)).raw();
        // `make manual` sets the variable to rewrite what differs.
        let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
        assert.eq(session::followed(&page), shown);
    }
}

#[test]
fn the_page_of_files_shows_what_the_tables_of_tests_files_say() {
    let shown = Data::read_from(&Page::read("files.md").path, Some(DataFormat::Text)).raw();
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    assert.eq(files::page(), shown);
}

#[test]
fn the_summary_leads_to_every_page() {
    let summary = Page::read("SUMMARY.md");
    let linked: BTreeSet<String> = Parser::new(&summary.text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        })
        .collect();
    let pages = Page::all().into_iter().map(|page| page.name().to_owned());
    let not_linked = ["SUMMARY.md", "404.md"];
    assert_eq!(linked, pages.filter(|name| !not_linked.contains(&name.as_str())).collect());
}

#[test]
fn links_lead_to_files_and_headings_that_there_are() {
    assert_eq!(links::broken(), Vec::<String>::new());
}

#[test]
fn every_example_of_credentials_gets_a_token() {
    let examples = credentials::tokens();
    // A page without examples would pass, too.
    assert!(examples.len() >= 16, "{examples:?}");
}

#[test]
fn troubleshooting_shows_how_doctor_names_each_cause() {
    let page = Page::read("troubleshooting.md");
    let causes = page.text.split("\n## ").skip(1).map(|section| section.lines().next().unwrap());
    for heading in causes {
        let cause = heading.to_lowercase().replace(' ', "-");
        assert!(page.text.contains(&format!(" [{cause}] -> ")), "{heading}");
    }
}
