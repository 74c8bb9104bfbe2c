//! The extension, built once for all tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use support::processes::{make, output};

/// What `make install` and `make php` leave behind.
pub struct Extension {
    /// Where the library is installed, below `usr`.
    pub root: PathBuf,
    /// Where the extension was built.
    pub build: PathBuf,
}

pub static EXTENSION: LazyLock<Extension> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("php");
    let _ = fs::remove_dir_all(&folder);
    let extension = Extension { root: folder.join("root"), build: folder.join("build") };
    let mut install = make("install");
    install.args(["PREFIX=/usr", "PROFILE=dev", "FEATURES=cli"]);
    output(install.arg(format!("DESTDIR={}", extension.root.display())), "");
    let mut php = extension.make("php");
    php.env("CFLAGS", "-g -O1 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare");
    output(&mut php, "");
    extension
});

impl Extension {
    /// `make` of a target, where this extension is built and this library installed.
    pub fn make(&self, target: &str) -> Command {
        let mut command = make(target);
        command
            .arg(format!("PHP_BUILD={}", self.build.display()))
            .env("PKG_CONFIG_PATH", self.root.join("usr/lib/pkgconfig"))
            .env("PKG_CONFIG_SYSROOT_DIR", &self.root);
        command
    }

    pub fn library_path(&self) -> PathBuf {
        self.root.join("usr/lib")
    }

    pub fn module(&self) -> PathBuf {
        self.build.join("modules/ims.so")
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
