//! The extension, built once for all tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use support::processes::{make, output};

pub struct Extension {
    folder: PathBuf,
}

const CFLAGS: &str = "-g -O1 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare";

pub static EXTENSION: LazyLock<Extension> = LazyLock::new(|| {
    let extension = Extension { folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("php") };
    let _ = fs::remove_dir_all(&extension.folder);
    let mut make = make("php-in-tree");
    make.args(["PROFILE=dev", &format!("PHP_TREE={}", extension.folder.display())]);
    // C_FLAGS is the tests' own: with CFLAGS in the environment, cargo would build its C code again.
    let more = env::var("C_FLAGS").unwrap_or_default();
    make.arg(format!("PHP_CONFIGURE=CFLAGS='{CFLAGS} {more}'"));
    output(&mut make, "");
    extension
});

impl Extension {
    /// Where it was built.
    pub fn build(&self) -> PathBuf {
        self.folder.join("build")
    }

    pub fn library_path(&self) -> PathBuf {
        self.folder.join("root/usr/lib")
    }

    pub fn module(&self) -> PathBuf {
        self.build().join("modules/ims.so")
    }

    /// PHP with the extension and without anybody's settings.
    pub fn php(&self) -> Command {
        let mut php = Command::new("php");
        php.args(["-n", "-d"]).arg(format!("extension={}", self.module().display()));
        self.environment(&mut php);
        php
    }

    /// Lets a program find the library, and no proxy of the caller's.
    pub fn environment(&self, command: &mut Command) {
        command
            .env("LD_LIBRARY_PATH", self.library_path())
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy");
    }
}
