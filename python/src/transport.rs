//! The arguments of the connection to the token server, which several functions take.

use ims::Transport;
use pyo3::prelude::*;

use crate::arguments::{optional, path, seconds, text, whole};
use crate::failure::Failure;
use crate::times;

/// The four arguments; None is the default.
#[derive(Default)]
pub struct Given<'a, 'py> {
    pub timeout: Option<&'a Bound<'py, PyAny>>,
    pub max_attempts: Option<&'a Bound<'py, PyAny>>,
    pub ca_file: Option<&'a Bound<'py, PyAny>>,
    pub proxy: Option<&'a Bound<'py, PyAny>>,
}

impl Given<'_, '_> {
    /// # Errors
    /// `TypeError`, and `ims.ArgumentError` naming the argument.
    pub fn read(&self) -> PyResult<Transport> {
        let mut transport = Transport::default();
        if let Some(timeout) = optional("timeout", self.timeout, seconds)? {
            transport.timeout = times::timeout("timeout", timeout)?;
        }
        if let Some(max_attempts) = self.max_attempts {
            transport.max_attempts = whole("max_attempts", "int", max_attempts)?;
        }
        transport.ca_file = optional("ca_file", self.ca_file, path)?;
        if let Some(proxy) = optional("proxy", self.proxy, text)? {
            transport.proxy = proxy.parse().map_err(Failure::Core)?;
        }
        Ok(transport)
    }
}
