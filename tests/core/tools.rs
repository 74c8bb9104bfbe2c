//! What stands between a newcomer and the first `make`: what is missing is said in a line, and nothing is installed behind a
//! user's back.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::directory::Directory;

/// A machine with these commands alone, which are scripts of one line, and what every script needs.
struct Machine {
    commands: Directory,
}

impl Machine {
    fn with<const N: usize>(scripts: [(&str, &str); N]) -> Self {
        let commands = Directory::new();
        for name in ["bash", "cut", "dirname", "head", "sed", "sh", "sort"] {
            let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
            let found = found.iter().find(|path| path.exists()).unwrap();
            symlink(found, commands.path().join(name)).unwrap();
        }
        for (name, script) in scripts {
            let path = commands.write(name, format!("#!/bin/sh\n{script}\n"));
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { commands }
    }

    /// Runs a program of tools without a terminal.
    fn run(&self, tool: &str, arguments: &[&str]) -> Output {
        Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(tool))
            .args(arguments)
            .env_clear()
            .env("PATH", self.commands.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// The one line that it says when it refuses.
    fn refusal(&self, tool: &str, arguments: &[&str]) -> String {
        let ran = self.run(tool, arguments);
        assert_eq!((ran.status.code(), ran.stdout), (Some(1), Vec::new()));
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        said.trim_end().to_owned()
    }
}

/// Fails the test, for it writes to standard output, where a refusal has nothing.
const MUST_NOT_RUN: &str = "echo ran";

#[test]
fn what_is_there_is_not_installed_again() {
    let packages = Command::new("make")
        .args(["--silent", "--eval=packages: ; @echo $(TEST_PACKAGES)", "packages"])
        .output()
        .unwrap();
    let packages = String::from_utf8(packages.stdout).unwrap();
    assert!(packages.contains("redis-server"), "{packages}");
    let machine = Machine::with([("apt-get", "exit 1")]);
    let path = format!("{}:{}", machine.commands.path().display(), env::var("PATH").unwrap());
    let ran = Command::new("tools/need")
        .args(packages.split_whitespace())
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn a_machine_without_cargo_is_told_where_rust_is_had() {
    let said = Machine::with([]).refusal("need-rust", &[]);
    assert_eq!(
        said,
        "libims needs Rust 1.89 or later, and there is no cargo on PATH: install it as https://rustup.rs says, then try again"
    );
}

#[test]
fn an_old_cargo_or_rustc_is_named() {
    for old in ["cargo", "rustc"] {
        let version = |name| {
            let version = if name == old { "1.85.0 (4d91de4e4)" } else { "1.95.0 (59807616e)" };
            format!("echo '{name} {version}'")
        };
        let machine = Machine::with([("cargo", &version("cargo")), ("rustc", &version("rustc"))]);
        let said = machine.refusal("need-rust", &[]);
        assert!(said.contains(&format!("{old} is 1.85.0: run `rustup update`")), "{said}");
    }
}

#[test]
fn rustup_without_a_toolchain_is_told_how_to_get_one() {
    let machine = Machine::with([("cargo", "exit 1"), ("rustc", "exit 1")]);
    let said = machine.refusal("need-rust", &[]);
    assert!(said.contains("run `rustup default stable`"), "{said}");
}

#[test]
fn rust_as_old_as_wanted_or_newer_will_do() {
    for version in ["1.89.0", "1.100.0-nightly", "2.0.0"] {
        let script = format!("echo 'cargo-or-rustc {version} (abc)'");
        let machine = Machine::with([("cargo", &script), ("rustc", &script)]);
        assert!(machine.run("need-rust", &[]).status.success(), "{version}");
    }
}

#[test]
fn without_a_terminal_nothing_is_installed_by_sudo() {
    let machine =
        Machine::with([("apt-get", MUST_NOT_RUN), ("id", "echo 1000"), ("sudo", MUST_NOT_RUN)]);
    let said = machine.refusal("need", &["no-such-package", "sed", "nor-this-one"]);
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/tools");
    assert_eq!(
        said,
        format!(
            "Missing packages. Run: sudo {tools}/install-packages no-such-package nor-this-one"
        )
    );
}

#[test]
fn without_sudo_the_user_is_told_what_root_runs() {
    let machine = Machine::with([("apt-get", MUST_NOT_RUN), ("id", "echo 1000")]);
    let said = machine.refusal("need", &["no-such-package"]);
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/tools");
    assert_eq!(
        said,
        format!("Missing packages. Have root run: {tools}/install-packages no-such-package")
    );
}

#[test]
fn other_distributions_are_told_the_names() {
    let said = Machine::with([]).refusal("need", &["no-such-package"]);
    assert!(said.starts_with("Missing (the names are Debian's): no-such-package."), "{said}");
}

#[test]
fn where_nothing_is_missing_nothing_is_said() {
    let ran = Machine::with([("apt-get", MUST_NOT_RUN)]).run("need", &["sed", "sort"]);
    assert!(ran.status.success() && ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
}

/// Runs `tools/suite` on commands that print this.
fn suite(commands: &[&str]) -> (Output, String) {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/suite");
    let ran = Command::new(suite).args(commands).stderr(Stdio::inherit()).output().unwrap();
    let said = String::from_utf8(ran.stdout.clone()).unwrap();
    (ran, said)
}

#[test]
fn the_suite_counts_the_tests_of_cargo_and_of_pytest() {
    let (ran, said) = suite(&[
        "echo 'test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s'",
        "echo '30 passed, 2 skipped, 1 warning in 4.20s'",
    ]);
    assert!(ran.status.success());
    assert_eq!(said.lines().last(), Some("42 passed, 0 failed, 3 skipped"));
}

#[test]
fn the_suite_goes_on_after_a_failure_and_lists_what_failed() {
    let (ran, said) = suite(&[
        "printf '     Running tests/keys.rs (target/x)\ntest old_keys ... FAILED\n\
         test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s\n'; exit 101",
        "printf 'FAILED python/tests/test_keys.py::test_der - assert\n1 failed, 5 passed in 0.30s\n'; exit 1",
        "echo '2 passed in 0.10s'",
    ]);
    assert_eq!(ran.status.code(), Some(1));
    let (_, closing) = said.split_once("\nFailed:\n").unwrap();
    assert!(
        closing
            .starts_with("    tests/keys.rs: old_keys\n    python/tests/test_keys.py::test_der\n")
    );
    assert!(closing.ends_with("\n10 passed, 2 failed, 0 skipped\n"), "{closing}");
}

#[test]
fn a_program_that_dies_or_does_not_build_is_a_failure() {
    let (ran, said) =
        suite(&["echo 'error: could not compile'; exit 101", "echo '2 passed in 0.10s'"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(said.ends_with("\n2 passed, 1 failed, 0 skipped\n"), "{said}");
}
