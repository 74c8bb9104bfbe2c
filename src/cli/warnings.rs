//! What the library logs, on standard error.

use std::io::Write;

use super::WARNING;
use crate::secret::one_line;
use log::{LevelFilter, Log, Metadata, Record};

struct Warnings;

impl Log for Warnings {
    /// Of the library alone: what others log may hold what goes over the wire.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "ims"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let style = WARNING;
            let text = one_line(record.args().to_string());
            let _ = writeln!(anstream::stderr(), "{style}ims: warning:{style:#} {text}");
        }
    }

    fn flush(&self) {}
}

/// From here on; a program that has a logger of its own keeps it.
pub(super) fn show() {
    if log::set_logger(&Warnings).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}
