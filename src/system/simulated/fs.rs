//! The files of a simulated host, by the names of [`std::fs`]: what a file cache needs of them.

use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::rc::Rc;

use super::disk::Node;
use super::world::world;

// What only tests of real files use.
#[cfg(test)]
pub use std::fs::*;

/// Like [`std::fs::Metadata`].
pub struct Metadata {
    is_dir: bool,
    mode: u32,
    len: u64,
}

impl Metadata {
    fn of(node: &Node) -> Self {
        let len = node.content.borrow().len() as u64;
        Self { is_dir: node.is_dir, mode: node.mode, len }
    }

    pub fn is_dir(&self) -> bool {
        self.is_dir
    }

    pub fn is_file(&self) -> bool {
        !self.is_dir
    }

    pub fn len(&self) -> u64 {
        self.len
    }
}

pub trait MetadataExt {
    fn uid(&self) -> u32;
    fn nlink(&self) -> u64;
    fn mode(&self) -> u32;
}

impl MetadataExt for Metadata {
    fn uid(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn nlink(&self) -> u64 {
        1
    }

    fn mode(&self) -> u32 {
        self.mode
    }
}

pub fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    Ok(Metadata::of(&*world().disk(false)?.node(path.as_ref())?))
}

pub fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    symlink_metadata(path)
}

pub fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    world().disk(true)?.remove(path.as_ref()).map(drop)
}

pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let disk = world().disk(true)?;
    let node = disk.remove(from.as_ref())?;
    disk.put(to.as_ref(), node);
    Ok(())
}

/// Like [`std::fs::DirBuilder`], always recursive.
pub struct DirBuilder {
    mode: u32,
}

impl DirBuilder {
    pub fn new() -> Self {
        Self { mode: 0o777 }
    }

    pub fn recursive(&mut self, _: bool) -> &mut Self {
        self
    }

    pub fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let disk = world().disk(true)?;
        for path in path.as_ref().ancestors() {
            if disk.node(path).is_err() {
                disk.add(path, true, self.mode);
            }
        }
        Ok(())
    }
}

pub trait DirBuilderExt {
    fn mode(&mut self, mode: u32) -> &mut Self;
}

impl DirBuilderExt for DirBuilder {
    fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = mode;
        self
    }
}

/// Like [`std::fs::OpenOptions`].
#[derive(Clone, Copy)]
pub struct OpenOptions {
    write: bool,
    create: bool,
    create_new: bool,
    mode: u32,
}

impl OpenOptions {
    pub fn new() -> Self {
        Self { write: false, create: false, create_new: false, mode: 0o666 }
    }

    pub fn read(&mut self, _: bool) -> &mut Self {
        self
    }

    pub fn write(&mut self, write: bool) -> &mut Self {
        self.write = write;
        self
    }

    pub fn create(&mut self, create: bool) -> &mut Self {
        self.create = create;
        self
    }

    pub fn create_new(&mut self, create_new: bool) -> &mut Self {
        self.create_new = create_new;
        self
    }

    pub fn truncate(&mut self, truncate: bool) -> &mut Self {
        assert!(!truncate, "no cache truncates a file");
        self
    }

    pub fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        let disk = world().disk(self.write)?;
        let node = match disk.node(path) {
            Ok(_) if self.create_new => return Err(ErrorKind::AlreadyExists.into()),
            Ok(node) => node,
            Err(_) if self.create || self.create_new => {
                let above = path.parent().is_some_and(|above| disk.node(above).is_ok());
                if !above {
                    return Err(ErrorKind::NotFound.into());
                }
                disk.add(path, false, self.mode)
            }
            Err(error) => return Err(error),
        };
        Ok(File { node, opening: disk.next_opening(), position: 0 })
    }
}

pub trait OpenOptionsExt {
    fn mode(&mut self, mode: u32) -> &mut Self;
    fn custom_flags(&mut self, flags: i32) -> &mut Self;
}

impl OpenOptionsExt for OpenOptions {
    fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = mode;
        self
    }

    fn custom_flags(&mut self, _: i32) -> &mut Self {
        self
    }
}

/// Like [`std::fs::File`].
pub struct File {
    node: Rc<Node>,
    opening: u64,
    position: usize,
}

/// Like [`std::fs::TryLockError`].
pub enum TryLockError {
    Error(io::Error),
    WouldBlock,
}

impl File {
    pub fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::of(&self.node))
    }

    pub fn try_lock(&self) -> Result<(), TryLockError> {
        world().disk(false).map_err(TryLockError::Error)?;
        match self.node.locked_by.get() {
            Some(opening) if opening != self.opening => Err(TryLockError::WouldBlock),
            _ => {
                self.node.locked_by.set(Some(self.opening));
                Ok(())
            }
        }
    }

    #[cfg(test)]
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { node: Rc::clone(&self.node), ..*self })
    }

    pub fn unlock(&self) -> io::Result<()> {
        if self.node.locked_by.get() == Some(self.opening) {
            self.node.locked_by.set(None);
        }
        Ok(())
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        world().disk(false)?;
        let content = self.node.content.borrow();
        let rest = &content[self.position.min(content.len())..];
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.position += len;
        Ok(len)
    }
}

impl Write for File {
    /// Writes a part, so that a process can be killed between two.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        world().disk(true)?;
        let len = bytes.len().min(256);
        self.node.content.borrow_mut().extend(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The system releases the lock of a process that is killed, too.
impl Drop for File {
    fn drop(&mut self) {
        let _ = self.unlock();
    }
}
