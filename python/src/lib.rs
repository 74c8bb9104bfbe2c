//! The module `ims._native`: the core's functions and objects in Python's terms. What it adds is Python's alone: reading
//! arguments, raising exceptions, and giving way to other threads and to signals. What users call is written in Python, in
//! the package `ims`: there stand its signatures, with all defaults.

// The modules are in the order of use: each uses only those above it.
mod failure;
mod arguments;
mod log;
mod wait;
mod times;
mod transport;
mod key;
mod options;
mod jwt;
mod token;
mod exchange;
mod client;
mod doctor;
mod sandbox;

/// The private module of the package `ims`.
#[pyo3::pymodule]
mod _native {
    use std::ffi::OsString;

    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::doctor::doctor;
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
        py.detach(|| ims_cli::run(args))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::log::collect();
        keep_forks_apart(module.py())?;
        leave_openssl_at_exit(module.py())?;
        module.add("__openssl_version__", ims::openssl_version())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// Keeps other threads out of OpenSSL when the program ends, because Python's `ssl` has it freed
    /// then.
    fn leave_openssl_at_exit(py: Python<'_>) -> PyResult<()> {
        #[pyfunction]
        fn before_exit(py: Python<'_>) {
            ims::before_exit(|wait| py.detach(wait));
        }
        let hook = wrap_pyfunction!(before_exit, py)?;
        py.import("atexit")?.call_method1("register", (hook,)).map(drop)
    }

    /// Makes forks wait for threads that are in OpenSSL, because a child would find their locks
    /// locked.
    fn keep_forks_apart(py: Python<'_>) -> PyResult<()> {
        #[pyfunction]
        fn before_fork(py: Python<'_>) {
            // Python's other threads continue while this one waits.
            ims::before_fork(|wait| py.detach(wait));
        }
        #[pyfunction]
        fn after_fork_in_parent() {
            ims::after_fork_in_parent();
        }
        #[pyfunction]
        fn after_fork_in_child() {
            ims::after_fork_in_child();
        }
        let hooks = PyDict::new(py);
        hooks.set_item("before", wrap_pyfunction!(before_fork, py)?)?;
        hooks.set_item("after_in_parent", wrap_pyfunction!(after_fork_in_parent, py)?)?;
        hooks.set_item("after_in_child", wrap_pyfunction!(after_fork_in_child, py)?)?;
        py.import("os")?.call_method("register_at_fork", (), Some(&hooks)).map(drop)
    }
}
