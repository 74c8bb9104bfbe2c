//! What the README shows is what the tests compile and run.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_c_example_is_the_one_that_is_compiled_and_run() {
    let readme = read("README.md");
    let example = format!("```c\n{}```", read("bindings/c/example.c"));
    assert!(readme.contains(&example), "README.md shows another bindings/c/example.c");
}
