//! Clients: they take credentials and return a token that is always fresh.

use std::path::PathBuf;
use std::sync::Arc;

use ims::{ClientBuilder, Error, Secret};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::arguments::{json, path, wrong_type};
use crate::failure::guarded;
use crate::log::collected;
use crate::options::Options;
use crate::token::Token;
use crate::transport::Given;
use crate::wait::wait;

/// The native base of `ims.Client`: all but the signatures of its factories.
#[pyclass(frozen, subclass, module = "ims._native")]
pub struct Client(Arc<ims::Client>);

/// The source of credentials.
enum Source {
    File(PathBuf),
    Json(Secret<String>),
    Environment,
}

impl Source {
    /// Reads the first argument of a factory of `ims.Client`.
    fn read(factory: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        match factory {
            "from_file" => path("path", value).map(Self::File),
            "from_dict" => Self::mapping(value),
            "from_env" => Ok(Self::Environment),
            _ if value.is_none() => Ok(Self::Environment),
            _ if value.is_instance_of::<PyMapping>() => Self::mapping(value),
            _ if value.is_instance_of::<PyString>() || value.hasattr("__fspath__")? => {
                path("credentials", value).map(Self::File)
            }
            _ => {
                let expected = "str, os.PathLike, a mapping or None";
                Err(wrong_type("credentials", expected, value))
            }
        }
    }

    fn mapping(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        json("credentials", value).map(|json| Self::Json(Secret::new(json)))
    }

    fn client(&self, builder: ClientBuilder) -> Result<ims::Client, Error> {
        match self {
            Self::File(path) => builder.from_file(path),
            Self::Json(json) => builder.from_json(json.expose()),
            Self::Environment => builder.from_env(),
        }
    }

    fn shared_client(&self, builder: ClientBuilder) -> Result<Arc<ims::Client>, Error> {
        match self {
            Self::File(path) => builder.shared_from_file(path),
            Self::Json(json) => builder.shared_from_json(json.expose().as_bytes()),
            Self::Environment => builder.shared_from_env(),
        }
    }
}

#[pymethods]
impl Client {
    /// Takes the name of a factory of `ims.Client`, and its arguments.
    #[new]
    #[pyo3(text_signature = None)]
    #[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
    fn new(
        py: Python<'_>,
        factory: &str,
        credentials: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        passphrase: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
        cache: Option<&Bound<'_, PyAny>>,
        may_read: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        max_attempts: Option<&Bound<'_, PyAny>>,
        ca_file: Option<&Bound<'_, PyAny>>,
        proxy: Option<&Bound<'_, PyAny>>,
        scope: Option<&Bound<'_, PyAny>>,
        subject: Option<&Bound<'_, PyAny>>,
        audience: Option<&Bound<'_, PyAny>>,
        allow_command: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let source = Source::read(factory, credentials)?;
        let transport = Given { timeout, max_attempts, ca_file, proxy };
        let options = Options::read(name, passphrase, key, cache, may_read, &transport)?
            .asking_for(scope, subject, audience)?
            .allowing_command(allow_command)?;
        let callback = options.callback.clone();
        let client = py.detach(|| {
            guarded(|| {
                let builder = ims::Client::builder()
                    .cache(options.cache()?)
                    .credentials_options(options.credentials)
                    .transport(options.transport);
                if factory == "shared" {
                    source.shared_client(builder)
                } else {
                    source.client(builder).map(Arc::new)
                }
            })
        });
        match callback.and_then(|callback| callback.raised()) {
            Some(raised) => Err(raised),
            None => Ok(Self(client?)),
        }
    }

    /// Returns a fresh token, with 60 s left or, of a short-lived one, a quarter: from memory or the cache, or by one
    /// exchange that all callers share.
    fn token(&self, py: Python<'_>) -> PyResult<Token> {
        if let Some(token) = self.0.token_in_memory() {
            return Ok(Token(token));
        }
        let client = Arc::clone(&self.0);
        wait(py, move || client.token()).map(Token)
    }

    /// Returns what `token` would return without waiting, or None.
    fn _token_in_memory(&self) -> Option<Token> {
        self.0.token_in_memory().map(Token)
    }

    /// Drops a token to which an API answered 401 from every cache that still holds it. Does nothing within 10 s of the
    /// last time.
    fn forget(&self, py: Python<'_>, token: &Bound<'_, PyAny>) -> PyResult<()> {
        let refused = token.cast::<Token>().map_err(|_| wrong_type("token", "ims.Token", token))?;
        let refused = &refused.get().0;
        let ((), lines) = py.detach(|| collected(|| self.0.forget(refused)));
        lines.hand_over(py)
    }

    /// The value of Adobe's header x-api-key.
    #[getter]
    fn client_id(&self) -> Option<&str> {
        self.0.client_id()
    }

    /// The value of Adobe's header x-gw-ims-org-id.
    #[getter]
    fn org_id(&self) -> Option<&str> {
        self.0.org_id()
    }

    /// The value of Adobe's header x-sandbox-name.
    #[getter]
    fn sandbox_name(&self) -> Option<&str> {
        self.0.sandbox_name()
    }

    fn __repr__(&self) -> String {
        let known = |name: &str, value: Option<&str>| {
            value.map(|value| format!(" {name}={value:?}")).unwrap_or_default()
        };
        let client_id = known("client_id", self.client_id());
        format!("<ims.Client{client_id}{}>", known("org_id", self.org_id()))
    }

    /// Returns whether both share a token, as the clients that `ims.Client.shared` returns do.
    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        Arc::ptr_eq(&self.0, &other.get().0)
    }

    fn __hash__(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "cannot pickle 'ims.Client' object: make it in each process, with a cache that they share",
        ))
    }
}
