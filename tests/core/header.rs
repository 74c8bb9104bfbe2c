//! include/ims.h is what src/capi says, and compiles wherever C does.

use std::process::Command;
use support::processes::output;

const HEADER: &str = include_str!("../../include/ims.h");

#[test]
fn the_committed_header_is_what_cbindgen_makes() {
    let made = include_str!(concat!(env!("OUT_DIR"), "/ims.h"));
    assert!(HEADER == made, "run `make header`");
}

#[test]
fn the_header_compiles_as_c99_and_as_cpp11_without_a_warning() {
    let program = r#"
        #include <ims.h>
        ims_jwt_options options = IMS_JWT_OPTIONS_INIT;
        ims_grant grant = IMS_GRANT_INIT;
        ims_transport transport = IMS_TRANSPORT_INIT;
    "#;
    for (compiler, language) in [("gcc", ["-xc", "-std=c99"]), ("g++", ["-xc++", "-std=c++11"])] {
        let mut compile = Command::new(compiler);
        compile.args(language).args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]);
        output(compile.args(["-Iinclude", "-"]), program);
    }
}

#[test]
fn the_header_names_the_version_of_cargo_toml() {
    for (part, number) in [
        ("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        ("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        ("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
    ] {
        assert!(HEADER.contains(&format!("\n#define IMS_VERSION_{part} {number}\n")));
    }
}
