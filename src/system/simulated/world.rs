//! The world, as the core sees it.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant, SystemTime};

use super::disk::Disk;

/// A world, as the thread of a simulated process sees it that calls. Each of its methods may let others
/// run first, and does not return where the process is killed meanwhile.
pub trait World {
    /// Returns the time by the steady clock of the process's host.
    fn now(&self) -> Instant;
    /// Returns the time by the wall clock of the process's host.
    fn system_time(&self) -> SystemTime;
    /// Lets this much time pass.
    fn sleep(&self, duration: Duration);
    /// Lets other threads run before the calling one uses memory that they share.
    fn access(&self);
    /// Waits at `word` for as long as it is `expected`, until it is woken, or `timeout` has passed.
    fn wait(&self, word: &AtomicU32, expected: u32, timeout: Duration);
    /// Wakes all that wait at `word`.
    fn wake_all(&self, word: &AtomicU32);
    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
    /// Returns the number of the calling thread, which is not 0.
    fn thread_id(&self) -> u32;
    /// Returns the calling process.
    fn process(&self) -> Rc<Process>;
    /// Returns the disk of the process's host, for one system call.
    ///
    /// # Errors
    /// Those of a system call for which the disk cannot be used; `writes` tells whether it changes something.
    fn disk(&self, writes: bool) -> io::Result<Rc<Disk>>;
    /// Begins a connection to `address`.
    fn connect(&self, address: SocketAddr) -> Rc<dyn Connection>;
    /// Sends a body, a media type and a text of it, by HTTP POST, and waits for the response.
    ///
    /// # Errors
    /// Those of a connection, such as [`io::ErrorKind::ConnectionRefused`].
    fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: (&str, &str),
        deadline: Instant,
    ) -> io::Result<Posted>;
}

/// A process.
pub struct Process {
    id: u32,
    /// What it has of each `static` of the core, by its address.
    statics: RefCell<BTreeMap<usize, Rc<dyn Any>>>,
}

impl Process {
    /// Makes a process that has just been started. No other of the same world has its number.
    pub fn new(id: u32) -> Self {
        Self { id, statics: RefCell::default() }
    }

    /// Returns the child that it forks: it has another number, and the same memory.
    #[must_use]
    pub fn fork(&self, id: u32) -> Self {
        Self { id, statics: self.statics.clone() }
    }

    /// Returns its number.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Returns what it has of a `static`.
    pub(crate) fn own<T: Default + 'static>(&self, of_all: &'static T) -> Rc<T> {
        let mut statics = self.statics.borrow_mut();
        let new = || Rc::new(T::default()) as Rc<dyn Any>;
        let own = statics.entry(ptr::from_ref(of_all).addr()).or_insert_with(new);
        Rc::clone(own).downcast().expect("an address has one type")
    }
}

/// A connection of bytes.
pub trait Connection {
    /// Waits, at most this long, until it is ready to be read, or has failed. Returns whether it is.
    fn wait(&self, within: Duration) -> bool;
    /// Reads what has arrived; 0 at the end.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where nothing has, and those of a connection.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;
    /// Sends bytes.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while it is not connected, and those of a connection.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
}

/// The response to [`World::post`].
pub struct Posted {
    /// The HTTP status.
    pub status: u16,
    /// The names and values of its headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

thread_local! {
    static WORLD: RefCell<Option<Rc<dyn World>>> = const { RefCell::new(None) };
}

/// Makes `world` the one of the calling thread.
pub fn enter(world: Rc<dyn World>) {
    WORLD.set(Some(world));
}

/// Leaves the world that the calling thread is in.
pub fn leave() {
    WORLD.set(None);
}

pub(crate) fn world() -> Rc<dyn World> {
    WORLD.with_borrow(|world| world.clone().expect("the thread has entered a world"))
}

pub(super) fn access() {
    // What a process has of a `static` is also made, and dropped, outside of any world.
    if let Some(world) = WORLD.with_borrow(Clone::clone) {
        world.access();
    }
}
