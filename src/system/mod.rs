//! What the core takes from the operating system and a simulation gives in its place: both clocks, sleep,
//! waiting for another thread, memory that threads share, chance, the process, and files.
//!
//! The package `simulation` compiles the core with the cfg `simulation`. Everything else has the system
//! itself.

#[cfg(not(simulation))]
mod real;
#[cfg(simulation)]
pub mod simulated;

#[cfg(not(simulation))]
pub(crate) use real::{
    ArcSwap, ArcSwapOption, AtomicBool, AtomicU32, AtomicU64, fill, fs, now, of_process, pause,
    process_id, sleep, system_time, thread_id, wait, wake_all,
};
#[cfg(simulation)]
pub(crate) use simulated::{
    ArcSwap, ArcSwapOption, AtomicBool, AtomicU32, AtomicU64, fill, fs, now, of_process, pause,
    process_id, sleep, system_time, thread_id, wait, wake_all,
};
