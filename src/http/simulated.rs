//! A POST to a simulated server.

use std::time::Instant;

use http::Response;

use super::connect::connect_failure;
use crate::error::Error;
use crate::secret::Secret;
use crate::system::simulated::world;
use crate::token_url::TokenUrl;

/// Does what [`Http::post`](super::Http::post) does.
pub(super) fn post(
    url: &TokenUrl,
    headers: &[(&str, &str)],
    (content_type, body): (&str, &Secret),
    deadline: Instant,
) -> Result<Response<Vec<u8>>, Error> {
    let body = (content_type, body.expose().as_str());
    let posted = world().post(&url.to_string(), headers, body, deadline);
    let posted = posted.map_err(|error| connect_failure(&error, &url.host_and_port()))?;
    let mut response = Response::builder().status(posted.status);
    for (name, value) in posted.headers {
        response = response.header(name, value);
    }
    Ok(response.body(posted.body.into_bytes()).expect("a simulated response is HTTP"))
}
