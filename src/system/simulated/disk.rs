//! The disk of a simulated host.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The files and directories of one host, all of the calling user.
#[derive(Default)]
pub struct Disk {
    nodes: RefCell<BTreeMap<PathBuf, Rc<Node>>>,
    opened: Cell<u64>,
}

/// A file or directory, which lives on without a path while it is open.
pub(super) struct Node {
    pub is_dir: bool,
    pub mode: u32,
    pub content: RefCell<Vec<u8>>,
    /// The opening that holds the lock (flock).
    pub locked_by: Cell<Option<u64>>,
}

impl Disk {
    pub(super) fn node(&self, path: &Path) -> io::Result<Rc<Node>> {
        self.nodes.borrow().get(path).cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }

    pub(super) fn add(&self, path: &Path, is_dir: bool, mode: u32) -> Rc<Node> {
        let (content, locked_by) = (RefCell::default(), Cell::new(None));
        let node = Rc::new(Node { is_dir, mode, content, locked_by });
        self.put(path, Rc::clone(&node));
        node
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<Rc<Node>> {
        self.nodes.borrow_mut().remove(path).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Puts a node at a path, in place of the one that is there.
    pub(super) fn put(&self, path: &Path, node: Rc<Node>) {
        self.nodes.borrow_mut().insert(path.to_owned(), node);
    }

    /// Returns a number that tells one opening of a file from all others.
    pub(super) fn next_opening(&self) -> u64 {
        self.opened.set(self.opened.get() + 1);
        self.opened.get()
    }

    /// Returns the number of files that are locked.
    pub fn locks(&self) -> usize {
        self.nodes.borrow().values().filter(|node| node.locked_by.get().is_some()).count()
    }
}
