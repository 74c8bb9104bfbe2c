//! A world in place of the operating system. It runs all threads of all processes on one real thread, which
//! enters it before it calls the core.

mod disk;
mod world;
pub(crate) mod fs;
mod memory;

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

pub use disk::Disk;
pub(crate) use memory::{ArcSwap, ArcSwapOption, AtomicBool, AtomicU32, AtomicU64};
pub(crate) use world::world;
pub use world::{Connection, Posted, Process, World, enter, leave};

pub(crate) fn now() -> Instant {
    world().now()
}

pub(crate) fn system_time() -> SystemTime {
    world().system_time()
}

pub(crate) fn sleep(duration: Duration) {
    world().sleep(duration);
}

pub(crate) fn pause(duration: Duration) {
    world().sleep(duration);
}

pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    world().wait(word, expected, timeout);
}

pub(crate) fn wake_all(word: &AtomicU32) {
    world().wake_all(word);
}

pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    world().fill(bytes);
    Ok(())
}

pub(crate) fn process_id() -> u32 {
    world().process().id()
}

pub(crate) fn thread_id() -> u32 {
    world().thread_id()
}

pub(crate) fn of_process<T: Default + 'static>(of_all: &'static T) -> Rc<T> {
    world().process().own(of_all)
}
