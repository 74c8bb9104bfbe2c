//! A token server's metadata: from its issuer identifier to its token endpoint, and what the server
//! says that it takes (RFC 8414).

use serde::Deserialize;
use serde_json::Value;

use crate::algorithm::{Algorithm, names};
use crate::endpoint::{Endpoint, Issuer};
use crate::error::{Error, Field, ServerResponse, Status, redact};
use crate::grant::ClientAuthMethod;
use crate::http::HttpResponse;
use crate::response::retry_after;
use crate::retry::Call;
use crate::token_url::TokenUrl;

impl Endpoint {
    /// Returns the token URL, for which the issuer's metadata may have to be asked.
    ///
    /// # Errors
    /// Those of [`Issuer::metadata`] and [`Metadata::check`].
    pub(crate) fn token_url(
        &self,
        needs: impl FnOnce() -> Needs,
        call: Call<'_>,
    ) -> Result<TokenUrl, Error> {
        match self {
            Self::TokenUrl(url) => Ok(url.clone()),
            Self::Issuer(issuer) => {
                let metadata = issuer.metadata(call)?;
                metadata.check(&needs())?;
                Ok(metadata.token_endpoint)
            }
        }
    }
}

/// The members that are used. A second member of one name is an error.
#[derive(Deserialize)]
struct Members {
    issuer: String,
    token_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Value,
    #[serde(default)]
    token_endpoint_auth_signing_alg_values_supported: Value,
    #[serde(default)]
    grant_types_supported: Value,
}

/// The metadata of a server, so far as it is used.
pub(crate) struct Metadata {
    /// Where grants are sent.
    pub token_endpoint: TokenUrl,
    /// The names of client authentication methods. Here and below, empty where the server names none.
    methods: Vec<String>,
    algs: Vec<String>,
    grant_types: Vec<String>,
}

/// What an account's requests need of the server.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// The proof of the client's identity, if there is one.
    pub client_auth: Option<ClientAuthMethod>,
    /// The algorithms of the client's assertion: one for each key that may be tried.
    pub algs: Vec<Algorithm>,
    /// The `grant_type`, if one is sent.
    pub grant_type: Option<String>,
}

impl Metadata {
    /// Checks that the server takes the client's proof, before anything is sent. A list that it does
    /// not give says nothing: servers leave them out.
    ///
    /// # Errors
    /// [`Status::Credentials`], naming `client_auth` or `alg`, and what the server lists.
    pub fn check(&self, needs: &Needs) -> Result<(), Error> {
        let is_listed = |method: &ClientAuthMethod| !lacks(&self.methods, method.registered_name());
        if let Some(method) = needs.client_auth.filter(|method| !is_listed(method)) {
            let (own, registered) = (method.to_string(), method.registered_name());
            let named = if own == registered { own } else { format!("{own} ({registered})") };
            let ours: Vec<String> = ClientAuthMethod::all()
                .filter(is_listed)
                .map(|method| method.to_string())
                .collect();
            let hint = match ours.is_empty() {
                true => "libims has none of them".to_owned(),
                false => format!("set client_auth to {}", ours.join(" or ")),
            };
            return Err(unlisted("client_auth", &named, &self.methods).with_hint(hint));
        }
        let is_unlisted = |alg: &Algorithm| lacks(&self.algs, alg.name());
        if !needs.algs.is_empty() && needs.algs.iter().all(is_unlisted) {
            let hint = "set alg to one that the server lists and the key has; ims key show KEY says \
                        what a key can sign";
            return Err(unlisted("alg", &names(&needs.algs), &self.algs).with_hint(hint));
        }
        Ok(())
    }

    /// Returns the finding about a grant that the server does not list. Servers take grants that
    /// they do not list, such as Adobe's, so that it is no error.
    pub fn doubt(&self, needs: &Needs) -> Option<Error> {
        let grant_type = needs.grant_type.as_deref()?;
        lacks(&self.grant_types, grant_type)
            .then(|| unlisted("grant", grant_type, &self.grant_types))
    }
}

/// Returns whether a list is given, and does not hold `name`.
fn lacks(list: &[String], name: &str) -> bool {
    !list.is_empty() && !list.iter().any(|listed| listed == name)
}

fn unlisted(setting: &'static str, value: &str, list: &[String]) -> Error {
    let list = redact(&list.join(", "), &[]);
    let problem = format!("is {value}, which the server's metadata does not list: it lists {list}");
    Error::new(Status::Credentials, problem).with_field(Field::new(setting))
}

/// Returns the texts of a list; none where it is no list.
fn texts(list: &Value) -> Vec<String> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

impl Issuer {
    /// Asks for the metadata at the location of RFC 8414, then at that of OpenID Connect Discovery.
    ///
    /// # Errors
    /// [`Status::Response`] naming `issuer`, where there is no metadata, or it is not this issuer's; any
    /// status of the network.
    pub(crate) fn metadata(&self, call: Call<'_>) -> Result<Metadata, Error> {
        let mut problems = Vec::new();
        for location in self.locations() {
            let location: TokenUrl =
                location.parse().map_err(|error: Error| error.with_field(Field::new("issuer")))?;
            let found = call.retry(|| {
                call.http
                    .get(&location, &[], call.deadline)
                    .map_err(|error| match error.status() {
                        Status::Response => {
                            let problem = format!("has no metadata: {}", error.message());
                            error.with_problem(problem).with_field(Field::new("issuer"))
                        }
                        _ => error,
                    })
                    .and_then(|response| self.read(&response))
            });
            match found? {
                Ok(metadata) => {
                    log::debug!(target: "ims", "the metadata of {self} names its token endpoint");
                    return Ok(metadata);
                }
                Err(reason) => problems.push(format!("{location} {reason}")),
            }
        }
        let problem = format!("has no metadata: {}", problems.join(", "));
        Err(bad(problem).with_hint("check the issuer, or give its token endpoint as token_url"))
    }

    /// Returns the locations of the metadata: before the issuer's path (RFC 8414 section 3.1), and after it
    /// (OpenID Connect Discovery section 4).
    fn locations(&self) -> [String; 2] {
        let path = self.url().uri().path().trim_end_matches('/');
        let root = self.url().with_path("/");
        let root = root.as_str().trim_end_matches('/');
        [
            format!("{root}/.well-known/oauth-authorization-server{path}"),
            format!("{root}{path}/.well-known/openid-configuration"),
        ]
    }

    /// Returns the metadata, or why the response is not metadata.
    pub(crate) fn read(&self, response: &HttpResponse) -> Result<Result<Metadata, String>, Error> {
        match response.status {
            200 => {}
            status @ (408 | 429 | 500..=599) => {
                let kind = if status == 429 { Status::RateLimited } else { Status::Unavailable };
                let problem = format!("has no metadata now: HTTP {status}");
                let server = ServerResponse {
                    http_status: Some(status),
                    retry_after: retry_after(response),
                    ..Default::default()
                };
                return Err(bad(problem).with_status(kind).with_server_response(server));
            }
            status @ 300..=399 => {
                return Ok(Err(format!("redirects, which is never followed (HTTP {status})")));
            }
            status => return Ok(Err(format!("responds HTTP {status}"))),
        }
        let Ok(members) = serde_json::from_slice::<Members>(&response.body) else {
            return Ok(Err("does not respond with metadata".to_owned()));
        };
        if members.issuer != self.url().as_str() {
            return Err(bad("is not the issuer that its metadata names").with_hint(
                "write it exactly as the server does, with or without a slash at the end",
            ));
        }
        let Some(endpoint) = members.token_endpoint else {
            return Err(bad("has metadata that names no token endpoint"));
        };
        let token_endpoint = endpoint.parse().map_err(|error: Error| {
            bad(format!("has metadata whose token endpoint {}", error.problem()))
        })?;
        Ok(Ok(Metadata {
            token_endpoint,
            methods: texts(&members.token_endpoint_auth_methods_supported),
            algs: texts(&members.token_endpoint_auth_signing_alg_values_supported),
            grant_types: texts(&members.grant_types_supported),
        }))
    }
}

fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Response, problem).with_field(Field::new("issuer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_before_the_path_of_an_issuer_and_then_after_it() {
        for (issuer, locations) in [
            (
                "https://h",
                [
                    "https://h/.well-known/oauth-authorization-server",
                    "https://h/.well-known/openid-configuration",
                ],
            ),
            (
                "https://h:8443/",
                [
                    "https://h:8443/.well-known/oauth-authorization-server",
                    "https://h:8443/.well-known/openid-configuration",
                ],
            ),
            (
                "https://h/realms/a/",
                [
                    "https://h/.well-known/oauth-authorization-server/realms/a",
                    "https://h/realms/a/.well-known/openid-configuration",
                ],
            ),
        ] {
            assert_eq!(issuer.parse::<Issuer>().unwrap().locations(), locations);
        }
    }
}
