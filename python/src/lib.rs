//! The module `ims._native`: the core's functions and objects in Python's terms. What it adds is Python's alone: reading
//! arguments, raising exceptions, and giving way to other threads and to signals.

// In the order of use; each uses only what stands above it.
mod failure;
mod arguments;
mod log;
mod wait;
mod times;
mod transport;
mod key;
mod jwt;
mod token;
mod exchange;
mod client;
mod sandbox;

/// What `ims` is made of; import that.
#[pyo3::pymodule]
mod _native {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::client::{Client, fetch_token, token_in_memory};
    #[pymodule_export]
    use crate::exchange::exchange;
    #[pymodule_export]
    use crate::jwt::generate_jwt;
    #[pymodule_export]
    use crate::key::Key;
    #[pymodule_export]
    use crate::sandbox::{Sandbox, generate_private_key};
    #[pymodule_export]
    use crate::token::Token;

    /// Runs the command line, the program's name first, and returns its exit code.
    #[pyfunction]
    fn run_command_line(py: Python<'_>, args: Vec<OsString>) -> u8 {
        py.detach(|| ims::cli::run(args))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
