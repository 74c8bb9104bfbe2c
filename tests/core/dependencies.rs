//! Each dependency has its reason in CONTRIBUTING.md, and no reason is for one that is gone.

use std::collections::BTreeSet;
use std::fs;

use support::root;

/// The packages, and what the table calls them; the core has no name there.
const PACKAGES: [(&str, &str); 7] = [
    ("Cargo.toml", ""),
    ("cli/Cargo.toml", "cli/"),
    ("sandbox/Cargo.toml", "sandbox/"),
    ("python/Cargo.toml", "python/"),
    ("bench/Cargo.toml", "bench/"),
    ("fuzz/Cargo.toml", "fuzz/"),
    ("simulation/Cargo.toml", "simulation/"),
];

/// Tools in the table, which no Cargo.toml names.
const TOOLS: [&str; 3] = ["maturin", "ziglang", "auditwheel"];

/// The crates of others in a section of a Cargo.toml whose name `is_wanted`.
fn crates(file: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let mut found = BTreeSet::new();
    let mut is_inside = false;
    for line in text.lines() {
        if let Some(section) = line.strip_prefix('[') {
            is_inside = is_wanted(section.trim_end_matches(']'));
        } else if is_inside && !line.starts_with('#') && !line.contains("path = ") {
            found.extend(line.split_once(" = ").map(|(name, _)| name.to_owned()));
        }
    }
    found
}

/// The rows of the table: the crates, and in which package.
fn reasons() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let table = text.split("| crate | for | why this one |\n|---|---|---|\n").nth(1).unwrap();
    let mut reasons = Vec::new();
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let columns: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(columns.len() == 3 && columns.iter().all(|text| !text.is_empty()), "{row}");
        let (names, package) = match columns[0].split_once(" (") {
            Some((names, package)) => (names, package.trim_end_matches(')')),
            None => (columns[0], ""),
        };
        for name in names.split(", ") {
            reasons.push((name.to_owned(), package.to_owned()));
        }
    }
    reasons
}

#[test]
fn each_dependency_has_a_reason() {
    let reasons = reasons();
    let explained: BTreeSet<&str> = reasons.iter().map(|(name, _)| name.as_str()).collect();
    for (file, _) in PACKAGES {
        for name in crates(file, |section| section.ends_with("dependencies")) {
            assert!(
                explained.contains(name.as_str()),
                "{file}: {name} has no reason in CONTRIBUTING.md"
            );
        }
    }
    for name in crates("tests/support/Cargo.toml", |section| section == "dependencies") {
        assert!(explained.contains(name.as_str()), "the tests' {name} has no reason");
    }
}

#[test]
fn each_reason_is_for_a_dependency() {
    let all: BTreeSet<String> = PACKAGES
        .iter()
        .map(|(file, _)| *file)
        .chain(["tests/support/Cargo.toml"])
        .flat_map(|file| crates(file, |section| section.ends_with("dependencies")))
        .collect();
    for (name, package) in reasons() {
        assert!(
            all.contains(&name) || TOOLS.contains(&name.as_str()),
            "CONTRIBUTING.md explains {name}, on which nothing depends"
        );
        let file = PACKAGES.iter().find(|(_, called)| !called.is_empty() && *called == package);
        if let Some((file, _)) = file.filter(|_| !TOOLS.contains(&name.as_str())) {
            let own = crates(file, |section| section.ends_with("dependencies"));
            assert!(own.contains(&name), "{file} does not name {name}");
        }
    }
}
