//! The packages of Debian say what the rest of the project says. What is in them is tested by `make check-deb`.

use std::collections::BTreeSet;

const CONTROL: &str = include_str!("../../debian/control");

/// The rest of the first line of `text` that begins with `name`.
fn after<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.trim_start().strip_prefix(name)).unwrap()
}

#[test]
fn the_symbols_file_promises_every_exported_function() {
    let symbols = include_str!("../../debian/libims0.symbols");
    let promised = symbols.lines().filter_map(|line| line.strip_prefix(' '));
    let promised = promised.map(|line| line.split('@').next().unwrap()).collect::<BTreeSet<_>>();
    assert_eq!(promised, include_str!("../../bindings/c/exports.txt").lines().collect());
}

#[test]
fn no_function_came_after_the_version_that_is_packaged() {
    let symbols = include_str!("../../debian/libims0.symbols");
    let number =
        |version: &str| version.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
    for line in symbols.lines().filter(|line| line.starts_with(' ')) {
        let (_, since) = line.split_once("@Base ").unwrap();
        assert!(number(since) <= number(env!("CARGO_PKG_VERSION")), "{line}");
    }
}

#[test]
fn the_changelog_begins_with_the_version_of_the_library() {
    let changelog = include_str!("../../debian/changelog");
    let first = format!("libims ({}-", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&first), "{}", changelog.lines().next().unwrap());
}

#[test]
fn the_packages_are_built_by_the_tools_that_the_library_needs() {
    let rust = after(include_str!("../../Cargo.toml"), "rust-version = ").trim_matches('"');
    assert!(after(CONTROL, "cargo:native ").starts_with(&format!("(>= {rust})")));
    assert!(after(CONTROL, "rustc:native ").starts_with(&format!("(>= {rust})")));

    let pyproject = include_str!("../../python/pyproject.toml");
    let maturin = after(pyproject, "requires = [\"maturin>=").split(',').next().unwrap();
    assert!(after(CONTROL, "maturin ").starts_with(&format!("(>= {maturin})")));
}

#[test]
fn the_copyright_file_has_the_text_of_the_licence() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let copyright = include_str!("../../debian/copyright").replace("\n .\n", "\n");
    let (_, licence) = include_str!("../../LICENSE-MIT").split_once("authors\n").unwrap();
    assert!(words(&copyright).contains(&words(licence)));
}
