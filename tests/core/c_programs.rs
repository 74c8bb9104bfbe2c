//! C programs of tests/c, compiled against the library that cargo built for a test.

use std::env;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use support::processes::output;

/// Compiles tests/c/`name`.c into `folder`, where the library lies next to it afterwards, for
/// `LD_LIBRARY_PATH`.
pub fn compile(name: &str, folder: &Path) {
    compile_file(&format!("tests/c/{name}.c"), &[], folder);
}

/// Compiles a C file in the same way, also against `libraries`, such as `-lcurl`.
pub fn compile_file(source: &str, libraries: &[&str], folder: &Path) {
    let library = env::current_exe().unwrap().with_file_name("libims.so");
    for link in ["libims.so", "libims.so.0"] {
        symlink(&library, folder.join(link)).unwrap();
    }
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(["-Iinclude", "-pthread", source, "-o"])
        .arg(folder.join(Path::new(source).file_stem().unwrap()))
        .args(env::var("C_FLAGS").iter().flat_map(|flags| flags.split_whitespace()))
        // Only what a program uses: one of them loads the library by itself.
        .args(libraries)
        .args(["-Wl,--as-needed", "-lims", "-lcrypto", "-ldl", "-L"])
        .arg(folder);
    output(&mut gcc, "");
}
