//! The support of all tests: real keys, real certificates, and servers that behave well or badly.
//! It does not depend on libims.

pub mod canaries;
pub mod certificates;
pub mod counting;
pub mod directory;
pub mod files;
pub mod host;
pub mod hostile;
pub mod keys;
pub mod mutations;
pub mod network;
pub mod oidc_provider;
pub mod processes;
pub mod random;
pub mod redis;
pub mod responses;
pub mod signatures;
pub mod structure;
pub mod texts;
pub mod volume;

use std::path::{Path, PathBuf};

/// The folder of the whole project, whose packages' tests run each in its own.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}
