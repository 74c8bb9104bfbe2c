//! The file that credentials come in.

use std::path::Path;

use crate::error::Status;
use crate::regular_file::Kind;

/// Longest credentials file, in bytes.
pub(super) const LONGEST: usize = 256 * 1024;
pub(super) const CREDENTIALS_FILE: Kind =
    Kind { status: Status::Credentials, noun: "credentials file", longest: LONGEST };

/// What errors call the file. Where users put its text in place of its path, it must not show.
pub(super) fn name(path: &Path) -> String {
    let name = path.display().to_string();
    if name.len() > 1024 || name.contains(['{', '\n']) || name.contains("-----") {
        "credentials file (its name is not shown, it looks like credentials itself)".to_owned()
    } else {
        format!("credentials file {name}")
    }
}
