//! What the core takes from the operating system and a simulation gives in its place: both clocks, sleep,
//! waiting for another thread, chance, the process, and files.
//!
//! The package `simulation` compiles the core with the cfg `simulation`. Everything else has the system
//! itself.

#[cfg(not(simulation))]
mod real;
#[cfg(simulation)]
pub mod simulated;

#[cfg(not(simulation))]
pub(crate) use real::{fill, fs, now, of_process, process_id, sleep, system_time, wait, wake_all};
#[cfg(simulation)]
pub(crate) use simulated::{
    fill, fs, now, of_process, process_id, sleep, system_time, wait, wake_all,
};
