//! The core's log records, passed on to Python's `logging` as the logger `ims`.

use std::cell::RefCell;

use ::log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

/// The records of a call, kept until Python's own thread has the result. A handler may do anything,
/// such as ask for a token. Otherwise it would run in the middle of a call, or on a thread that
/// outlives the interpreter.
#[derive(Default)]
pub struct Lines(Vec<(Level, String)>);

thread_local! {
    static LINES: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

struct Bridge;

impl Log for Bridge {
    /// Enables the core's records only: other crates may log what is sent over the network, which
    /// includes secrets.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "ims"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            LINES.with_borrow_mut(|lines| match lines {
                Some(Lines(lines)) => lines.push((record.level(), record.args().to_string())),
                // In `python -m ims`, which came after this logger.
                None => ims_cli::Warnings.log(record),
            });
        }
    }

    fn flush(&self) {}
}

/// Starts to collect the core's log records. Called while the module is imported, when Python lets
/// no other thread fork. A program that embeds Python and has its own logger keeps that logger.
pub fn collect() {
    if ::log::set_logger(&Bridge).is_ok() {
        ::log::set_max_level(LevelFilter::Debug);
    }
}

/// Returns the result of `call`, and its log records.
pub fn collected<T>(call: impl FnOnce() -> T) -> (T, Lines) {
    LINES.set(Some(Lines::default()));
    let answer = call();
    (answer, LINES.take().unwrap_or_default())
}

impl Lines {
    /// Passes the records to Python's logger. A handler that fails does not make the call fail,
    /// except with an exception that should end more than the call, such as KeyboardInterrupt.
    ///
    /// # Errors
    /// An exception that is not an `Exception`.
    pub fn hand_over(self, py: Python<'_>) -> PyResult<()> {
        for (level, line) in self.0 {
            match hand_over(py, level, &line) {
                Err(error) if error.is_instance_of::<PyException>(py) => {
                    error.write_unraisable(py, None);
                }
                done => done?,
            }
        }
        Ok(())
    }
}

fn hand_over(py: Python<'_>, level: Level, line: &str) -> PyResult<()> {
    let imported = py.import("sys")?.getattr("modules")?.contains("logging")?;
    if !imported && level > Level::Warn {
        // No one can have asked for it, and the import takes longer than an exchange.
        return Ok(());
    }
    let level = match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    };
    let logger = py.import("logging")?.call_method1("getLogger", ("ims",))?;
    logger.call_method1("log", (level, "%s", line))?;
    Ok(())
}
