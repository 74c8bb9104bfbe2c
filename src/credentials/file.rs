//! Reading a credentials file without waiting for what is none.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::bad;
use crate::error::Error;

/// Longest credentials file, in bytes.
pub(super) const LONGEST: usize = 256 * 1024;

/// The bytes of a regular file of at most 256 KiB.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Looked at before it is opened, for opening a device may have effects; and again after, for it
    // may have changed.
    fs::metadata(path).map_err(unreadable).and_then(check_file)?;
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(unreadable)?;
    let len = file.metadata().map_err(unreadable).and_then(check_file)?;
    let mut bytes = Zeroizing::new(vec![0; len]);
    file.read_exact(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// What errors call the file. Where users put its text in place of its path, it must not show.
pub(super) fn name(path: &Path) -> String {
    let name = path.display().to_string();
    if name.len() > 1024 || name.contains(['{', '\n']) || name.contains("-----") {
        "credentials file (its name is not shown, it looks like credentials itself)".to_owned()
    } else {
        format!("credentials file {name}")
    }
}

fn check_file(file: fs::Metadata) -> Result<usize, Error> {
    if file.is_dir() {
        return Err(bad("is a directory").with_hint("name the file in it"));
    }
    if !file.is_file() {
        return Err(bad("is not a regular file")
            .with_hint("a pipe or device is not read: store the credentials in a file"));
    }
    match usize::try_from(file.len()) {
        Ok(len @ ..=LONGEST) => Ok(len),
        _ => Err(bad("is over 256 KiB").with_hint("this is no credentials file: check the path")),
    }
}

fn unreadable(error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => {
            "check the path; a relative one counts from where the process runs"
        }
        io::ErrorKind::PermissionDenied => {
            "let the user that runs this process own the file (chown USER FILE; chmod 600 FILE) \
             and enter the directories above it"
        }
        _ => "check the path and the file system",
    };
    bad(format!("cannot be read: {error}")).with_hint(hint)
}
