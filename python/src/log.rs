//! What the core logs, in Python's `logging`, by the logger `ims`.

use std::sync::Once;

use ::log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

struct Bridge;

/// From here on; a program that embeds Python and has a logger of its own keeps it.
pub fn bridge() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if ::log::set_logger(&Bridge).is_ok() {
            ::log::set_max_level(LevelFilter::Debug);
        }
    });
}

impl Log for Bridge {
    /// Of the core alone: what others log may hold what goes over the wire.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "ims"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // A thread that outlives the interpreter has nobody to tell.
            Python::try_attach(|py| {
                if let Err(error) = hand_over(py, record) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }

    fn flush(&self) {}
}

fn hand_over(py: Python<'_>, record: &Record<'_>) -> PyResult<()> {
    let level = match record.level() {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    };
    let imported = py.import("sys")?.getattr("modules")?.contains("logging")?;
    if !imported && record.level() > Level::Warn {
        // Nobody can have asked for it, and the import takes longer than an exchange.
        return Ok(());
    }
    let logger = py.import("logging")?.call_method1("getLogger", ("ims",))?;
    logger.call_method1("log", (level, "%s", record.args().to_string()))?;
    Ok(())
}
