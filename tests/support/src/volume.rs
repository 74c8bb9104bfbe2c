//! Files that are replaced while programs use them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::directory::Directory;

/// A directory as Kubernetes mounts a secret: `..data` leads to the files, and is replaced at once.
pub struct Volume {
    directory: Directory,
    versions: AtomicUsize,
}

impl Volume {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let volume = Self { directory: Directory::new(), versions: AtomicUsize::new(0) };
        volume.publish(files);
        for (name, _) in files {
            symlink(Path::new("..data").join(name), volume.path(name)).unwrap();
        }
        volume
    }

    /// Replaces all files at once.
    pub fn publish(&self, files: &[(&str, &str)]) {
        let number = self.versions.fetch_add(1, Ordering::Relaxed);
        let version = self.path(&format!("..version_{number}"));
        fs::create_dir(&version).unwrap();
        for (name, content) in files {
            fs::write(version.join(name), content).unwrap();
        }
        symlink(version.file_name().unwrap(), self.path("..data_tmp")).unwrap();
        fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
        if let Some(old) = number.checked_sub(1) {
            fs::remove_dir_all(self.path(&format!("..version_{old}"))).unwrap();
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
