//! The C side of the library: how it is linked, and its header. Writes nothing outside OUT_DIR.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        if cfg!(feature = "capi") {
            // The name that programs are linked to and loaded with; it changes with an incompatible
            // ABI only. Cargo passes it on to the Python module too, which is not this library.
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libims.so.0");
        }
        // A DNS lookup that timed out leaves a thread behind for a moment: dlclose must not take
        // the code from under it.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
        if cfg!(all(feature = "capi", not(feature = "vendored")))
            && ["x86_64", "aarch64"].contains(&&*architecture)
        {
            // See src/capi/openssl_init.rs.
            println!("cargo::rustc-cdylib-link-arg=-Wl,--wrap=OPENSSL_init_ssl");
        }
    }
    #[cfg(feature = "capi")]
    header();
}

/// Makes `ims.h` from the sources of the C ABI.
#[cfg(feature = "capi")]
fn header() {
    use std::path::Path;

    println!("cargo::rerun-if-changed=cbindgen.toml");
    println!("cargo::rerun-if-changed=src/capi");
    let mut config = cbindgen::Config::from_file("cbindgen.toml").expect("cbindgen.toml is read");
    let versions: String = ["MAJOR", "MINOR", "PATCH"]
        .map(|part| {
            let number = env::var(format!("CARGO_PKG_VERSION_{part}")).expect("cargo sets it");
            format!("#define IMS_VERSION_{part} {number}\n")
        })
        .concat();
    let init_macros = config.after_includes.take().unwrap_or_default();
    config.after_includes = Some(format!("\n{versions}\n{init_macros}"));

    let header = cbindgen::Builder::new()
        .with_config(config)
        .with_src("src/capi/mod.rs")
        .generate()
        .expect("cbindgen understands src/capi");
    header.write_to_file(Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("ims.h"));
}
