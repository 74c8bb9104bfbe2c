//! What a release consists of, as far as it is known without building it; `make check-dist` builds it.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use support::directory::Directory;
use support::processes::{output, without_cargos_variables};
use support::root;

const LOCK: &str = include_str!("../../Cargo.lock");

/// The value of `key` in the entry of Cargo.lock that begins with these lines.
fn locked<'a>(entry: &str, key: &str) -> Option<&'a str> {
    let (_, rest) = LOCK.split_once(&format!("[[package]]\n{entry}\n"))?;
    let (fields, _) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let line = fields.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
    line.map(|value| value.trim_end_matches('"'))
}

/// Makes the bill of materials of a release with these files.
fn sbom(files: &[&str]) -> (Output, Directory) {
    let release = Directory::new();
    let folder = release.path().join("dist");
    for file in files {
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), file).unwrap();
    }
    let mut sbom = Command::new(root().join("packaging/sbom"));
    sbom.arg(folder).arg(release.path().join("sbom.json")).env("SOURCE_DATE_EPOCH", "1800000000");
    without_cargos_variables(&mut sbom);
    (sbom.output().unwrap(), release)
}

#[test]
fn the_bill_of_materials_names_the_crates_in_each_file_as_cargo_lock_has_them() {
    let wheel = "wheels/libims-0.1.0-cp39-abi3-musllinux_1_2_aarch64.whl";
    let (library, extension) =
        ("deb/trixie/libims0_0.1.0-1_arm64.deb", "php/php_ims-0.1.0-src.tgz");
    let sources = ["libims-0.1.0.tar.gz", "crates/libims-0.1.0.crate"];

    let (ran, release) = sbom(&[&[wheel, library, extension], &sources[..]].concat());

    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let bill = fs::read(release.path().join("sbom.json")).unwrap();
    let bill: Value = serde_json::from_slice(&bill).unwrap();
    let components = bill["components"].as_array().unwrap();
    let mut crates = 0;
    for component in components {
        let text = |key: &str| component[key].as_str().unwrap_or_default();
        if !text("purl").starts_with("pkg:cargo/") {
            continue;
        }
        let entry = format!("name = \"{}\"\nversion = \"{}\"", text("name"), text("version"));
        assert!(LOCK.contains(&format!("[[package]]\n{entry}\n")), "{entry}");
        assert_eq!(
            component["hashes"][0]["content"].as_str(),
            locked(&entry, "checksum"),
            "{entry}"
        );
        crates += 1;
    }
    assert!(crates > 100, "{crates}");

    let inside = |file: &str| -> BTreeSet<String> {
        let dependencies = bill["dependencies"].as_array().unwrap();
        let file = dependencies.iter().find(|one| one["ref"] == file).unwrap();
        let inside = file["dependsOn"].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
        inside.map(|one| one.split('@').next().unwrap().to_owned()).collect()
    };
    for (file, has, has_not) in [
        (wheel, ["pyo3", "ims-cli", "axum", "openssl"], ["openssl-of-the-system", "cbindgen"]),
        (library, ["libims", "ring", "rustls", "openssl-of-the-system"], ["pyo3", "ims-sandbox"]),
        (extension, ["libims", "ring", "rustls", "openssl"], ["openssl-of-the-system", "clap"]),
    ] {
        let inside = inside(file);
        assert!(has.iter().all(|name| inside.contains(*name)), "{file}: {inside:?}");
        let others = ["openssl-src", "serde_derive", "snapbox", "criterion"];
        assert!(!has_not.iter().chain(&others).any(|name| inside.contains(*name)), "{inside:?}");
    }
    for file in sources {
        assert!(inside(file).is_empty(), "{file}");
    }
}

#[test]
fn the_bill_of_materials_has_the_openssl_that_is_linked_in() {
    let (_, release) = sbom(&["libims-0.1.0-cp39-abi3-manylinux2014_x86_64.whl"]);
    let bill = fs::read(release.path().join("sbom.json")).unwrap();
    let bill: Value = serde_json::from_slice(&bill).unwrap();
    let openssl = bill["components"].as_array().unwrap();
    let openssl = openssl.iter().find(|one| one["bom-ref"] == "openssl").unwrap();

    let version = locked("name = \"openssl-src\"", "version").unwrap().split_once('+').unwrap().1;
    assert_eq!(openssl["version"], version);
    assert_eq!(openssl["purl"], format!("pkg:generic/openssl@{version}"));
}

#[test]
fn a_file_of_unknown_contents_is_no_part_of_a_release() {
    let (ran, release) = sbom(&["libims.rpm"]);

    assert!(!ran.status.success());
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("libims.rpm is no file of a release that is known here"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!release.path().join("sbom.json").exists());
}

/// Sources that came from the tarball make no other.
#[test]
fn the_source_tarball_is_the_same_each_time() {
    let folder = Directory::new();
    let tarball = |name: &str| {
        let path = folder.path().join(name).join("libims-0.1.0.tar.gz");
        let mut tarball = Command::new(root().join("packaging/tarball"));
        let ran = tarball.arg(&path).output().unwrap();
        (ran, fs::read(path).ok())
    };
    let (ran, first) = tarball("first");
    if !root().join(".git").exists() {
        let said = String::from_utf8(ran.stderr).unwrap();
        assert!(said.contains("these sources are not in git"), "{said}");
        return;
    }
    assert!(ran.status.success());
    assert!(first.is_some() && first == tarball("second").1);
}

#[test]
fn a_crate_has_its_sources_and_licences_and_no_tests() {
    for (package, files) in [
        ("libims", ["README.md", "build.rs", "cbindgen.toml", "include/ims.h", "src/lib.rs"]),
        ("ims-sandbox", ["sandbox.md", "src/lib.rs", "src/page.css", "src/page.rs", "Cargo.lock"]),
        (
            "ims-cli",
            ["command_line.md", "recipes/adobe.json", "src/main.rs", "src/new.rs", "Cargo.lock"],
        ),
    ] {
        let mut cargo = Command::new("cargo");
        cargo.args(["package", "--list", "--allow-dirty", "--offline", "--package", package]);
        without_cargos_variables(&mut cargo);
        let listed = output(cargo.current_dir(root()), "");
        let listed: BTreeSet<&str> = listed.lines().collect();
        for file in files.iter().chain(&["LICENSE-APACHE", "LICENSE-MIT"]) {
            assert!(listed.contains(file), "{package} lacks {file}: {listed:?}");
        }
        assert!(!listed.iter().any(|file| file.starts_with("tests")), "{package}: {listed:?}");
    }
}

#[test]
fn all_packages_have_the_version_of_the_release() {
    let version = env!("CARGO_PKG_VERSION");
    for (file, said) in [
        ("cli/Cargo.toml", format!("\nversion = \"{version}\"\n")),
        ("cli/Cargo.toml", format!("package = \"libims\", version = \"{version}\"")),
        ("cli/Cargo.toml", format!("ims-sandbox = {{ version = \"{version}\"")),
        ("sandbox/Cargo.toml", format!("\nversion = \"{version}\"\n")),
        ("sandbox/Cargo.toml", format!("package = \"libims\", version = \"{version}\"")),
        ("python/Cargo.toml", format!("\nversion = \"{version}\"\n")),
        ("bindings/php/php_ims.h", format!("PHP_IMS_VERSION \"{version}\"")),
        ("bindings/php/config.m4", format!("[ims >= {version}]")),
        ("bindings/php/config.m4", format!("no libims {version} or later")),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(&said), "{file} does not say: {said}");
    }
}
