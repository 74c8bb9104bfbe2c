//! A grant in, a token out.

use ims::{GrantOptions, GrantType, Secret};
use pyo3::prelude::*;

use crate::arguments::{optional, parameters, text};
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
    client_assertion: Option<&Bound<'_, PyAny>>,
    issuer: Option<&Bound<'_, PyAny>>,
    further: Option<&Bound<'_, PyAny>>,
    subject_token_type: Option<&Bound<'_, PyAny>>,
    requested_token_type: Option<&Bound<'_, PyAny>>,
    body: Option<&Bound<'_, PyAny>>,
    timeout: Option<&Bound<'_, PyAny>>,
    max_attempts: Option<&Bound<'_, PyAny>>,
    ca_file: Option<&Bound<'_, PyAny>>,
    proxy: Option<&Bound<'_, PyAny>>,
) -> PyResult<Token> {
    let mut given = GrantOptions::default();
    if let Some(grant) = optional("grant", grant, text)? {
        let named = GrantType::parse(&grant).map_err(Failure::Core)?;
        (given.grant_type, given.other_grant_type) = named;
    }
    if let Some(method) = optional("client_auth", client_auth, text)? {
        given.client_auth = method.parse().map_err(Failure::Core)?;
    }
    if let Some(body) = optional("body", body, text)? {
        given.body = body.parse().map_err(Failure::Core)?;
    }
    let assertion = optional("client_assertion", client_assertion, text)?;
    given.client_assertion = assertion.map(Secret::new);
    given.issuer = optional("issuer", issuer, text)?;
    given.subject_token_type = optional("subject_token_type", subject_token_type, text)?;
    given.requested_token_type = optional("requested_token_type", requested_token_type, text)?;
    given.parameters = optional("parameters", further, parameters)?.unwrap_or_default();
    given.token_url = optional("token_url", token_url, text)?;
    given.client_id = optional("client_id", client_id, text)?;
    given.client_secret = optional("client_secret", client_secret, text)?.map(Secret::new);
    given.jwt = optional("jwt", jwt, text)?.map(Secret::new);
    given.scope = optional("scope", scope, text)?;
    given.org_id = optional("org_id", org_id, text)?;
    // All arguments are read before they are put together: a wrong one is named before a missing one.
    let transport = Given { timeout, max_attempts, ca_file, proxy }.read()?;
    transport.checked_timeout().map_err(Failure::Core)?;
    let (endpoint, grant) = given.grant().map_err(Failure::Core)?;
    wait(py, move || endpoint.exchange(&grant, &transport)).map(Token)
}
