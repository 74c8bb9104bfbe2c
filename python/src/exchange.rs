//! A grant in, a token out.

use ims::{ClientAuthMethod, GrantOptions, GrantType, Secret};
use pyo3::prelude::*;

use crate::arguments::{bad, optional, text};
use crate::failure::Failure;
use crate::token::Token;
use crate::transport::Given;
use crate::wait::wait;

/// Does what `ims.exchange` does, with all of its arguments in order.
#[pyfunction]
#[pyo3(text_signature = None)]
#[allow(clippy::too_many_arguments, reason = "Python's callers name them")]
pub fn exchange(
    py: Python<'_>,
    jwt: Option<&Bound<'_, PyAny>>,
    grant: Option<&Bound<'_, PyAny>>,
    client_id: Option<&Bound<'_, PyAny>>,
    client_secret: Option<&Bound<'_, PyAny>>,
    token_url: Option<&Bound<'_, PyAny>>,
    scope: Option<&Bound<'_, PyAny>>,
    org_id: Option<&Bound<'_, PyAny>>,
    client_auth: Option<&Bound<'_, PyAny>>,
    timeout: Option<&Bound<'_, PyAny>>,
    max_attempts: Option<&Bound<'_, PyAny>>,
    ca_file: Option<&Bound<'_, PyAny>>,
    proxy: Option<&Bound<'_, PyAny>>,
) -> PyResult<Token> {
    let mut given = GrantOptions::default();
    given.grant_type = match optional("grant", grant, text)?.as_deref() {
        None | Some("jwt_exchange") => GrantType::JwtExchange,
        Some("jwt_bearer") => GrantType::JwtBearer,
        Some("client_credentials") => GrantType::ClientCredentials,
        Some(_) => {
            return Err(bad("grant", "is not jwt_exchange, jwt_bearer or client_credentials"));
        }
    };
    given.client_auth = match optional("client_auth", client_auth, text)?.as_deref() {
        None | Some("body") => ClientAuthMethod::Body,
        Some("basic") => ClientAuthMethod::Basic,
        Some(_) => return Err(bad("client_auth", "is not body or basic")),
    };
    given.token_url = optional("token_url", token_url, text)?;
    given.client_id = optional("client_id", client_id, text)?;
    given.client_secret = optional("client_secret", client_secret, text)?.map(Secret::new);
    given.jwt = optional("jwt", jwt, text)?.map(Secret::new);
    given.scope = optional("scope", scope, text)?;
    given.org_id = optional("org_id", org_id, text)?;
    // All arguments are read before they are put together: a wrong one is named before a missing one.
    let transport = Given { timeout, max_attempts, ca_file, proxy }.read()?;
    transport.checked_timeout().map_err(Failure::Core)?;
    let (url, grant) = given.grant().map_err(Failure::Core)?;
    wait(py, move || ims::exchange(&url, &grant, &transport)).map(Token)
}
