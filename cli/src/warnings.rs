//! The library's log records, on standard error.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use super::terminal::WARNING;
use ims::error::one_line;
use log::{Level, LevelFilter, Log, Metadata, Record};

static SHOWN: AtomicBool = AtomicBool::new(false);

/// The logger of the commands that show warnings; silent before [`run`](super::run) runs one. A logger that the program
/// already has may pass records on to it.
#[derive(Debug)]
pub struct Warnings;

impl Log for Warnings {
    /// Enables the library's records only: other crates may log what is sent over the network,
    /// which includes secrets.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        SHOWN.load(Ordering::Relaxed)
            && metadata.target() == "ims"
            && metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let style = WARNING;
            let text = one_line(record.args().to_string());
            let _ = writeln!(anstream::stderr(), "{style}warning:{style:#} {text}");
        }
    }

    fn flush(&self) {}
}

/// Begins to show warnings. A program that has its own logger keeps it.
pub(super) fn show() {
    SHOWN.store(true, Ordering::Relaxed);
    if log::set_logger(&Warnings).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}
