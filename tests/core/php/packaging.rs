//! What is generated and what is installed.

use std::fs;
use std::process::Command;

use openssl::sha::sha1;
use support::directory::Directory;
use support::processes::{make, output};

use super::account::Host;
use super::extension::EXTENSION;

#[test]
fn the_committed_arginfo_was_made_from_the_committed_stub() {
    let stub = fs::read("bindings/php/ims.stub.php").unwrap();
    let arginfo = fs::read_to_string("bindings/php/ims_arginfo.h").unwrap();
    let hash: String = sha1(&stub).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(arginfo.contains(&format!(" * Stub hash: {hash} */\n")), "run `make php-arginfo`");
}

/// Each PHP's gen_stub.php writes the same declarations in its own way: the committed ones are those of PHP 8.2.
#[test]
fn the_committed_arginfo_is_what_php_8_2_makes_of_the_stub() {
    let version = "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;";
    let version = output(Command::new("php").args(["-n", "-r", version]), "");
    if version != "8.2" {
        eprintln!("skipped: this is PHP {version}");
        return;
    }
    let directory = Directory::new();
    let arginfo = directory.path().join("ims_arginfo.h");
    let mut make = make("php-arginfo");
    make.arg(format!("PHP_BUILD={}", directory.path().join("build").display()));
    output(make.arg(format!("PHP_ARGINFO={}", arginfo.display())), "");

    let generated = fs::read_to_string(arginfo).unwrap();

    let committed = fs::read_to_string("bindings/php/ims_arginfo.h").unwrap();
    assert!(generated == committed, "run `make php-arginfo`");
}

#[test]
fn what_is_installed_loads_by_its_ini_and_finds_the_drop_in() {
    let host = Host::new();
    let root = host.path("root");
    let mut install = make("php-install");
    install.arg(format!("PHP_BUILD={}", EXTENSION.build().display()));
    install.arg(format!("DESTDIR={}", root.display()));
    output(&mut install, "");
    let installed = |name: &str| {
        let mut find = Command::new("find");
        let path = output(find.arg(&root).args(["-name", name]), "");
        assert_eq!(path.lines().count(), 1, "{name}: {path}");
        path.trim().to_owned()
    };
    let (module, ini, drop_in) =
        (installed("ims.so"), installed("ims.ini"), installed("generate_jwt.php"));
    assert!(ini.ends_with("/mods-available/ims.ini"), "{ini}");
    assert!(drop_in.ends_with("/share/php/ims/generate_jwt.php"), "{drop_in}");

    let mut php = Command::new("php");
    let folder = module.strip_suffix("/ims.so").unwrap();
    php.args(["-n", "-c", &ini, "-d", &format!("extension_dir={folder}")]);
    php.args([
        "-d",
        &format!("include_path={}", drop_in.strip_suffix("/ims/generate_jwt.php").unwrap()),
    ]);
    php.args(["-r", "require 'ims/generate_jwt.php'; echo generate_jwt($argv[1], 'i', 's', 'a');"]);
    EXTENSION.environment(&mut php);
    let jwt = output(php.arg("--").arg(host.path("private.key")), "");

    assert_eq!(jwt.split('.').count(), 3, "{jwt}");
}

/// PHP goes on, for its other scripts' sake.
#[test]
fn an_extension_with_an_older_library_says_so_in_one_line() {
    let folder = Directory::new();
    // The loader itself refuses where a table of the extension names a function that is not there.
    let exports = include_str!("../../../bindings/c/exports.txt").lines();
    let functions = exports.filter(|name| *name != "ims_version");
    let source: String = functions.map(|name| format!("void {name}(void) {{}}\n")).collect();
    let source = source + "const char *ims_version(void) { return \"0.0.9\"; }\n";
    let source = folder.write("older.c", source);
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-Wl,-soname,libims.so.0", "-o"]);
    output(cc.arg(folder.path().join("libims.so.0")).arg(source), "");
    let mut php = EXTENSION.php();
    php.env("LD_LIBRARY_PATH", folder.path());
    php.args(["-d", "display_startup_errors=1", "-d", "html_errors=0"]);
    php.args(["-r", "echo class_exists('Ims\\Client') ? 'class' : 'no class';"]);

    let said = output(&mut php, "");

    let version = env!("CARGO_PKG_VERSION");
    let problem = format!(
        "was built with libims {version} and cannot work with libims 0.0.9, which is older"
    );
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines[0].contains(&problem), "{said}");
    assert_eq!(&lines[1..], ["no class"], "{said}");
}
