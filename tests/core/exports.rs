//! The library exports what programs are linked to: nothing less, ever, and nothing else.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use support::processes::output;

/// Only ever add to it: a program somewhere calls each of them.
const EXPORTS: &str = include_str!("../../bindings/c/exports.txt");

#[test]
fn the_library_exports_the_functions_of_the_list_and_nothing_else() {
    let library = env::current_exe().unwrap().with_file_name("libims.so");
    let symbols = output(Command::new("nm").args(["-D", "--defined-only", "-P"]).arg(library), "");
    let exported = symbols.lines().filter_map(|symbol| symbol.split(' ').next());
    assert_eq!(exported.collect::<BTreeSet<_>>(), EXPORTS.lines().collect());
}

#[test]
fn the_header_declares_every_exported_function() {
    let header = include_str!("../../include/ims.h");
    for name in EXPORTS.lines() {
        assert!(header.contains(&format!("{name}(")), "{name}");
    }
}

#[test]
fn the_library_needs_no_library_that_it_does_not_use() {
    let library = env::current_exe().unwrap().with_file_name("libims.so");
    let dynamic = output(Command::new("readelf").arg("-d").arg(library), "");
    let needed = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect::<Vec<_>>();
    assert!(needed.iter().any(|line| line.contains("libcrypto.")), "{needed:?}");
    assert!(needed.iter().all(|line| !line.contains("libssl.")), "{needed:?}");
}

#[test]
fn the_header_declares_no_function_of_others() {
    let header = include_str!("../../include/ims.h");
    let declared = header.lines().filter(|line| line.starts_with("extern ")).collect::<Vec<_>>();
    assert_eq!(declared, ["extern \"C\" {"], "cbindgen.toml excludes what src/capi imports");
}
