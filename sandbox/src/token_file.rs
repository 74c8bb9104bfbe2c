//! A token in a file that is replaced while programs read it, as kubelet projects it into a pod.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::access_token::random_hex;
use ims::Error;
use ims::error::io_reason;

/// The link that leads to the folder of the latest version.
const LATEST: &str = "..data";
const NEXT: &str = "..data_tmp";

/// `FILE` leads to `..data/FILE`, and `..data` to a folder that is replaced at once. Dropped, all of it is
/// removed.
pub(super) struct TokenFile {
    path: PathBuf,
    directory: PathBuf,
    /// One writes at a time.
    writing: Mutex<()>,
}

impl TokenFile {
    /// Takes the file's path. Its folder is made if it is missing.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), where a file of someone else is there, or the folder
    /// cannot be made.
    pub fn new(path: &Path) -> Result<Self, Error> {
        let refused = |problem: &str| {
            Error::argument("token_file", format!("{} {problem}", path.display()))
                .with_hint("name a file in a folder of its own")
        };
        let name = path.file_name().ok_or_else(|| refused("has no file name"))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = parent.unwrap_or(Path::new(".")).to_owned();
        if fs::symlink_metadata(path).is_ok()
            && fs::read_link(path).ok() != Some(Path::new(LATEST).join(name))
        {
            return Err(refused("is there already, and not of an earlier sandbox"));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(|error| {
            refused(&format!("is in a folder that cannot be made: {}", io_reason(&error)))
        })?;
        Ok(Self { path: path.to_owned(), directory, writing: Mutex::new(()) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the token. A reader finds the old one or the new one, whole.
    pub fn write(&self, token: &str) -> io::Result<()> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.path.file_name().unwrap_or_default();
        let version = format!("..{}", random_hex());
        let folder = self.directory.join(&version);
        DirBuilder::new().mode(0o700).create(&folder)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(folder.join(name))?.write_all(token.as_bytes())?;
        let (latest, next) = (self.directory.join(LATEST), self.directory.join(NEXT));
        let old = version_at(&latest);
        // That of a sandbox that was killed.
        let _ = fs::remove_file(&next);
        symlink(&version, &next)?;
        fs::rename(&next, &latest)?;
        if fs::symlink_metadata(&self.path).is_err() {
            symlink(Path::new(LATEST).join(name), &self.path)?;
        }
        if let Some(old) = old {
            fs::remove_dir_all(self.directory.join(old))?;
        }
        Ok(())
    }
}

/// Returns the name of the folder that `latest` leads to. A link to elsewhere is not of a sandbox.
fn version_at(latest: &Path) -> Option<PathBuf> {
    let version = fs::read_link(latest).ok()?;
    let is_ours = version.file_name() == Some(version.as_os_str())
        && version.as_os_str().as_encoded_bytes().starts_with(b"..");
    is_ours.then_some(version)
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let latest = self.directory.join(LATEST);
        // What is left would be a stale token, no more: an error changes nothing.
        let _ = fs::remove_file(&self.path);
        if let Some(version) = version_at(&latest) {
            let _ = fs::remove_dir_all(self.directory.join(version));
            let _ = fs::remove_file(latest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use support::directory::Directory;

    use super::*;

    #[test]
    fn the_token_is_replaced_at_once_and_nothing_stays_behind() {
        let directory = Directory::new();
        let path = directory.path().join("pod/token");
        let file = TokenFile::new(&path).unwrap();
        for token in ["first", "second"] {
            file.write(token).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), token);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            // FILE, ..data, and one version.
            assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 3);
        }
        drop(file);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_of_someone_else_stays_and_that_of_a_killed_sandbox_is_taken_over() {
        let directory = Directory::new();
        let path = directory.write("token", "mine");
        let error = TokenFile::new(&path).err().unwrap();
        assert!(error.message().contains("is there already"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        fs::remove_file(&path).unwrap();
        let killed = TokenFile::new(&path).unwrap();
        killed.write("old").unwrap();
        std::mem::forget(killed);
        TokenFile::new(&path).unwrap().write("new").unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
