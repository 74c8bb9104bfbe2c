//! What `make install` installs, a program finds by pkg-config and by CMake, and runs with.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use ims_sandbox::{Account, Config, PublicKey, Sandbox, Tls};
use support::directory::Directory;
use support::keys;
use support::processes::{make, output};

/// A root that `make install` filled once for all tests, as a package builder has it done. It
/// installs what cargo built for the tests.
static ROOT: LazyLock<PathBuf> = LazyLock::new(|| install("install"));

/// Installs below a folder of this name.
fn install(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    output(&mut make_into(&root, "install"), "");
    root
}

/// `make` of a target for what lies below `root`.
fn make_into(root: &Path, target: &str) -> Command {
    let mut make = make(target);
    make.args(["PREFIX=/usr", "PROFILE=dev"]);
    make.arg(format!("DESTDIR={}", root.display()));
    make
}

/// The files below `root`, relative to it.
fn files(root: &Path) -> BTreeSet<String> {
    let mut find = Command::new("find");
    let find = output(find.arg(root).args(["!", "-type", "d", "-printf", "%P\n"]), "");
    find.lines().map(str::to_owned).collect()
}

/// What comes with `ims`.
const COMMAND_LINE: [&str; 22] = [
    "usr/bin/ims",
    "usr/share/bash-completion/completions/ims",
    "usr/share/fish/vendor_completions.d/ims.fish",
    "usr/share/man/man1/ims-completions.1",
    "usr/share/man/man1/ims-decode.1",
    "usr/share/man/man1/ims-doctor.1",
    "usr/share/man/man1/ims-exchange.1",
    "usr/share/man/man1/ims-invalidate.1",
    "usr/share/man/man1/ims-jwt.1",
    "usr/share/man/man1/ims-key-new.1",
    "usr/share/man/man1/ims-key-public.1",
    "usr/share/man/man1/ims-key-show.1",
    "usr/share/man/man1/ims-key.1",
    "usr/share/man/man1/ims-man.1",
    "usr/share/man/man1/ims-new.1",
    "usr/share/man/man1/ims-rotate.1",
    "usr/share/man/man1/ims-run.1",
    "usr/share/man/man1/ims-sandbox.1",
    "usr/share/man/man1/ims-token.1",
    "usr/share/man/man1/ims-validate.1",
    "usr/share/man/man1/ims.1",
    "usr/share/zsh/site-functions/_ims",
];

#[test]
fn header_library_and_build_files_are_installed_where_distributions_want_them() {
    let version = env!("CARGO_PKG_VERSION");
    let library = format!("usr/lib/libims.so.{version}");
    let mut expected = BTreeSet::from([
        "usr/include/ims.h",
        &library,
        "usr/lib/libims.so.0",
        "usr/lib/libims.so",
        "usr/lib/pkgconfig/ims.pc",
        "usr/lib/cmake/ims/imsConfig.cmake",
        "usr/lib/cmake/ims/imsConfigVersion.cmake",
        "usr/share/ims/valgrind.supp",
    ]);
    expected.extend(COMMAND_LINE);
    let found = files(&ROOT);
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);

    let installed = |path: &str| fs::canonicalize(ROOT.join("usr/lib").join(path)).unwrap();
    assert_eq!(installed("libims.so"), installed(&format!("libims.so.{version}")));
    assert_eq!(installed("libims.so.0"), installed(&format!("libims.so.{version}")));
}

#[test]
fn what_cargo_built_for_tests_is_installed_without_building_it_again() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("install without building");
    let ran = make_into(&root, "install").output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.success() && !said.contains("Compiling"), "{said}");
}

#[test]
fn uninstall_removes_what_was_installed_and_no_more() {
    let root = install("uninstalled");
    fs::write(root.join("usr/lib/libother.so"), "").unwrap();
    fs::write(root.join("usr/share/zsh/site-functions/_other"), "").unwrap();

    output(&mut make_into(&root, "uninstall"), "");

    let others = ["usr/lib/libother.so", "usr/share/zsh/site-functions/_other"];
    assert_eq!(files(&root), others.map(str::to_owned).into());
    let folders =
        output(Command::new("find").arg(&root).args(["-type", "d", "-printf", "%P\n"]), "");
    for own in ["cmake", "pkgconfig", "man1", "bash-completion", "vendor_completions.d"] {
        assert!(!folders.contains(own), "{folders}");
    }
}

#[test]
fn a_newer_libims_is_neither_replaced_nor_removed() {
    let root = install("newer");
    let newer = root.join("usr/lib/libims.so.0.9.0");
    fs::copy(root.join("usr/lib/libims.so"), &newer).unwrap();
    let before = files(&root);

    for target in ["install", "uninstall"] {
        let ran = make_into(&root, target).output().unwrap();

        assert!(!ran.status.success());
        let said = String::from_utf8(ran.stderr).unwrap();
        let line = said.lines().next().unwrap();
        assert!(
            line.contains("/usr/lib has libims 0.9.0, which is newer than these sources"),
            "{said}"
        );
        assert!(line.ends_with("run `make uninstall` in its own sources first"), "{said}");
        assert_eq!(files(&root), before);
    }
}

#[test]
fn an_upgrade_leaves_nothing_of_the_older_libims() {
    let root = install("older");
    let library = format!("usr/lib/libims.so.{}", env!("CARGO_PKG_VERSION"));
    fs::rename(root.join(&library), root.join("usr/lib/libims.so.0.0.9")).unwrap();

    output(&mut make_into(&root, "install"), "");

    assert!(root.join(&library).exists());
    assert!(!root.join("usr/lib/libims.so.0.0.9").exists());
}

#[test]
fn everyone_may_read_what_root_installs_whatever_its_umask() {
    let unreadable = ["-type", "f", "!", "-perm", "-444"];
    assert_eq!(output(Command::new("find").arg(&*ROOT).args(unreadable), ""), "");
}

#[test]
fn a_root_may_have_blanks_in_its_path() {
    let root = install("install with blanks");
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", "ims"]);
    pkg_config.env("PKG_CONFIG_PATH", root.join("usr/lib/pkgconfig"));
    pkg_config.env("PKG_CONFIG_SYSROOT_DIR", &root);
    let escaped = root.to_str().unwrap().replace(' ', "\\ ");
    let flags = format!("-I{escaped}/usr/include -L{escaped}/usr/lib -lims");
    assert_eq!(output(&mut pkg_config, "").trim(), flags);
}

#[test]
fn the_example_builds_by_pkg_config_and_gets_a_token() {
    let program = example_by_pkg_config();

    let ran = run(&program, "sandbox-secret");

    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(said.starts_with("bearer token ey"), "{said}");
    assert!(said.contains("..., 863") && said.ends_with(" s left\n"), "{said}");
}

#[test]
fn the_example_builds_by_cmake_and_gets_a_token() {
    let folder = ROOT.with_file_name("example-by-cmake");
    let mut configure = Command::new("cmake");
    configure.args(["-S", "bindings/c", "-B"]).arg(&folder);
    let prefix = ROOT.join("usr");
    output(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())), "");
    output(Command::new("cmake").arg("--build").arg(&folder), "");

    let ran = run(&folder.join("example"), "sandbox-secret");

    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    assert!(String::from_utf8(ran.stdout).unwrap().starts_with("bearer token ey"));
}

#[test]
fn the_example_says_what_went_wrong_and_what_to_do() {
    let ran = run(&example_by_pkg_config(), "wrong");

    assert_eq!(ran.status.code(), Some(1));
    let said = String::from_utf8(ran.stderr).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("error: the token server refused: HTTP 401 invalid_client"));
    assert!(lines[1].starts_with("hint: the client secret is wrong"), "{said}");
}

/// Built as example.c says.
fn example_by_pkg_config() -> PathBuf {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let program = ROOT.with_file_name("example-by-pkg-config");
        let mut cc = Command::new("sh");
        cc.args(["-euc", "cc example.c $(pkg-config --cflags --libs ims) -o \"$0\""])
            .arg(&program)
            .current_dir("bindings/c")
            .env("PKG_CONFIG_PATH", ROOT.join("usr/lib/pkgconfig"))
            .env("PKG_CONFIG_SYSROOT_DIR", &*ROOT);
        output(&mut cc, "");
        program
    });
    PROGRAM.clone()
}

/// Runs the example against a sandbox that knows its key.
fn run(program: &Path, client_secret: &str) -> Output {
    let mut account = Account::default();
    let public_key = keys::rsa().public_key_to_pem().unwrap();
    account.public_keys.push(PublicKey::from_bytes(&public_key).unwrap());
    let mut config = Config::new(vec![account]);
    config.tls = Tls::SelfMade;
    let sandbox = Sandbox::start(config).unwrap();
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let credentials = serde_json::json!({
        "ims": sandbox.url(),
        "client_id": "sandbox-client",
        "client_secret": client_secret,
        "org_id": "SANDBOX@AdobeOrg",
        "technical_account_id": "sandbox@techacct.adobe.com",
        "metascopes": "ent_sandbox",
        "private_key": "private.key",
    });
    Command::new(program)
        .arg(directory.write("credentials.json", credentials.to_string()))
        .env("XDG_RUNTIME_DIR", directory.path())
        .env("IMS_CA_FILE", directory.write("ca.pem", sandbox.ca_certificate().unwrap()))
        .env("LD_LIBRARY_PATH", ROOT.join("usr/lib"))
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .output()
        .unwrap()
}

#[test]
fn manual_pages_are_set_without_a_warning_and_examples_stay_as_they_are() {
    for page in COMMAND_LINE.iter().filter(|path| path.ends_with(".1")) {
        let mut groff = Command::new("groff");
        let Output { stdout, stderr, status } =
            groff.args(["-man", "-ww", "-Tutf8", "-P-cbou"]).arg(ROOT.join(page)).output().unwrap();
        assert!(status.success() && stderr.is_empty(), "{page}: {stderr:?}");
        let text = String::from_utf8(stdout).unwrap();
        let last = text.trim_end().lines().next_back().unwrap();
        assert!(last.starts_with(concat!("ims ", env!("CARGO_PKG_VERSION"), " ")), "{last}");
        let example = "         ims token service_token.json\n";
        assert!(!page.ends_with("ims-token.1") || text.contains(example), "{text}");
    }
}

#[test]
fn bash_completes_commands_options_values_and_files() {
    // As bash calls it: the words, and then the command, the word, and the one before it.
    let script = r#"source "$0"; complete -p ims >&2
        COMP_WORDS=(ims "$@"); COMP_CWORD=$#
        _ims ims "${@: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\n' "${COMPREPLY[@]}""#;
    let complete = |words: &[&str]| {
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-euc", script]);
        bash.arg(ROOT.join("usr/share/bash-completion/completions/ims")).args(words);
        let ran = bash.current_dir(&*ROOT).output().unwrap();
        let registered = String::from_utf8(ran.stderr).unwrap();
        assert!(registered.ends_with("-F _ims ims\n"), "{registered}");
        String::from_utf8(ran.stdout).unwrap()
    };
    assert_eq!(complete(&["inv"]), "invalidate\n");
    assert_eq!(complete(&["doctor", "--onl"]), "--online\n");
    assert_eq!(complete(&["exchange", "--grant", "client"]), "client-credentials\n");
    assert_eq!(complete(&["token", "--key", "us"]), "usr\n");
}

#[test]
fn fish_completes_by_what_it_finds_where_it_looks() {
    let script = "set fish_complete_path $argv[1]; complete -C $argv[2]";
    let home = Directory::new();
    // It completes what it can run.
    let path = format!("{}:{}", ROOT.join("usr/bin").display(), env::var("PATH").unwrap());
    let complete = |words: &str| {
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", script])
            .arg(ROOT.join("usr/share/fish/vendor_completions.d"));
        fish.arg(words).env("HOME", home.path()).env("PATH", &path);
        output(fish.current_dir(&*ROOT), "")
    };
    assert!(complete("ims inv").starts_with("invalidate\tEnd an access token"));
    assert!(complete("ims token --ca-f").starts_with("--ca-file\t"));
}

#[test]
fn zsh_finds_the_completions_and_loads_them() {
    let script = "fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D
        print $_comps[ims]; autoload +X -U _ims; whence -w _ims";
    let mut zsh = Command::new("zsh");
    zsh.args(["-fc", script, "zsh"]).arg(ROOT.join("usr/share/zsh/site-functions"));
    assert_eq!(output(&mut zsh, ""), "_ims\n_ims: function\n");
}
