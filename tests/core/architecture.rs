//! The flow runs one way: each file uses only those that stand above it in its room, whose front lists them.

use std::fs;
use std::path::{Path, PathBuf};

use support::root;
use support::structure::{Package, shown};

/// The text of the Rust file `path`, or of all below the folder `path`.
fn text(path: &Path) -> String {
    if path.is_file() {
        return fs::read_to_string(path).unwrap();
    }
    fs::read_dir(path).unwrap().map(|entry| text(&entry.unwrap().path())).collect()
}

/// The modules in the order of `mod` lines in src/lib.rs, each with its whole text.
fn modules() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| {
            let line = line.strip_prefix("pub ").unwrap_or(line);
            line.strip_prefix("mod ")?.strip_suffix(';')
        })
        .map(|name| {
            let file = src.join(format!("{name}.rs"));
            let place = if file.exists() { file } else { src.join(name) };
            (name.to_owned(), text(&place))
        })
        .collect()
}

/// Whether `text` uses the module, and not another whose name begins with its.
fn uses(text: &str, module: &str) -> bool {
    text.match_indices(&format!("crate::{module}")).any(|(place, path)| {
        !text[place + path.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn no_file_uses_one_that_stands_below_it_in_its_room() {
    for folder in ["src", "sandbox/src", "cli/src", "python/src", "simulation/src"] {
        let package = Package::read(&root().join(folder));
        let arrows = package.arrows();
        assert!(arrows.len() > 10, "{folder}: `mod` lines and paths are found");
        for arrow in arrows {
            let (from, to) = (shown(&arrow.from), shown(&arrow.to));
            assert!(!arrow.runs_back, "{folder}: {from} uses {to}; `make arrows` draws it all");
        }
    }
}

#[test]
fn only_http_names_ureq_and_only_key_names_openssl() {
    for (name, text) in modules() {
        assert!(name == "http" || !text.contains("ureq::"), "{name} names ureq");
        assert!(name == "key" || !text.contains("openssl::"), "{name} names openssl");
    }
}

#[test]
fn only_cache_names_redis_and_only_cache_key_and_registry_name_ring() {
    for (name, text) in modules() {
        assert!(name == "cache" || !text.contains("redis::"), "{name} names redis");
        let may_name_ring = ["cache", "key", "registry"].contains(&name.as_str());
        assert!(may_name_ring || !text.contains("use ring::"), "{name} names ring");
    }
}

#[test]
fn nothing_uses_the_door_to_c() {
    for (name, text) in modules() {
        assert!(name == "capi" || !uses(&text, "capi"), "{name} uses capi");
    }
}

#[test]
fn the_sandbox_never_uses_the_exchange_or_the_client() {
    let sandbox = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sandbox/src"));
    for line in sandbox.lines().filter(|line| line.starts_with("use ims::")) {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let foreign =
            words.find(|word| ["Client", "Transport", "exchange", "Grant"].contains(word));
        assert_eq!(foreign, None, "{line}");
    }
}

/// The texts in quotes that look like the name of an environment variable.
fn variable_names(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |text: &&str| {
        let letters = text.strip_suffix("_proxy").map_or((*text).to_owned(), str::to_uppercase);
        text.len() > 3 && letters.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    text.split('"').skip(1).step_by(2).filter(is_name)
}

#[test]
fn a_shared_client_notices_every_variable_that_it_reads() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let known = text(&src.join("environment.rs"));
    let folders = ["net", "http", "cache", "client"].map(|folder| fs::read_dir(src.join(folder)));
    for file in folders.into_iter().flat_map(Result::unwrap) {
        let path = file.unwrap().path();
        let text = text(&path);
        if text.contains("environment::variable(") {
            let lines = text.lines().filter(|line| !line.starts_with("const NOT_READ"));
            for name in lines.flat_map(variable_names) {
                assert!(known.contains(&format!("\"{name}\"")), "{} reads {name}", path.display());
            }
        }
    }
}

/// The source files of the library and its bindings, and not their tests, with their texts.
fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            if path.is_dir() {
                collect(&path, found);
            } else if let Some("rs" | "c" | "h" | "py") = extension {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "cli/src", "sandbox/src", "python/src", "python/ims"] {
        collect(&root.join(folder), &mut found);
    }
    for entry in fs::read_dir(root.join("bindings/php")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "c") {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn an_errors_message_is_shown_and_never_looked_into() {
    const ACCESSORS: [&str; 6] = [
        "message()",
        "problem()",
        "hint()",
        "ims_error_message(",
        "ims_error_problem(",
        "ims_error_hint(",
    ];
    const LOOKS: [&str; 16] = [
        ".starts_with(",
        ".ends_with(",
        ".contains(",
        ".strip_prefix(",
        ".strip_suffix(",
        ".split",
        ".trim",
        ".find(",
        ".replace(",
        " == \"",
        "strstr(",
        "strcmp(",
        "strncmp(",
        "strchr(",
        "strcspn(",
        "memcmp(",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in sources() {
        let shown = path.strip_prefix(root).unwrap();
        if shown.starts_with("src/error") || shown.ends_with("tests.rs") {
            continue;
        }
        // A file's tests stand at its end, and may look at what is shown.
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for line in code.lines().filter(|line| ACCESSORS.iter().any(|name| line.contains(name))) {
            let look = LOOKS.iter().find(|look| line.contains(**look));
            assert_eq!(look, None, "{}: {line}", shown.display());
        }
        if path.extension().is_some_and(|extension| extension == "py") {
            for look in [".message.", "str(error).", "str(exc).", ".args[0]."] {
                assert!(!code.contains(look), "{}: {look}", shown.display());
            }
        }
    }
}

#[test]
fn contributing_shows_the_flow_as_it_is() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("CONTRIBUTING.md");
    let contributing = fs::read_to_string(file).unwrap();
    let line = contributing.lines().find(|line| line.contains("->")).unwrap();
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let modules = modules();
    let names = modules.iter().map(|(name, _)| name.as_str());
    let shown = words.into_iter().filter(|word| modules.iter().any(|(name, _)| name == word));
    assert!(names.eq(shown), "{line}");
}

#[test]
fn unsafe_code_stands_behind_the_c_door_alone() {
    for (name, text) in modules() {
        assert!(name == "capi" || !text.contains("unsafe "), "{name} holds unsafe code");
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    for (name, text) in modules() {
        let reads = ["env::var", "env::vars", "env::home_dir", "env::temp_dir"];
        let reads = reads.iter().any(|call| text.contains(call));
        assert!(name == "environment" || !reads, "{name} reads the environment by itself");
    }
}

#[test]
fn what_the_simulation_runs_takes_time_and_chance_from_one_place() {
    const RUNS: [&str; 5] =
        ["src/client", "src/cache", "src/retry.rs", "src/exchange.rs", "src/random.rs"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in sources() {
        let shown = path.strip_prefix(root).unwrap();
        let is_test =
            ["tests.rs", "contract.rs", "examples.rs"].iter().any(|name| shown.ends_with(name));
        if is_test || !RUNS.iter().any(|run| shown.starts_with(run)) {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let code = code.split("#[cfg(test)]\nimpl ").next().unwrap();
        for own in ["Instant::now()", "SystemTime::now()", "thread::sleep", "futex", "std::fs"] {
            assert!(
                !code.contains(own),
                "{} has {own}, and a simulation would not",
                shown.display()
            );
        }
    }
}

#[test]
fn the_simulation_compiles_the_core_with_the_core_s_dependencies() {
    let list = |package: &str| {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        let (_, list) = manifest.split_once("[dependencies]\n").unwrap();
        list.split("\n\n").next().unwrap().split("\n#").next().unwrap().to_owned()
    };
    assert_eq!(list("."), list("simulation"));
}

#[test]
fn no_tables_come_for_host_names_that_are_never_converted() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    assert!(!lock.contains("\"icu_"), "run: cargo update -p idna_adapter --precise 1.0.0");
}
