//! What a server demands of an account's requests beyond the standards: its profile, as data.

use std::collections::BTreeMap;

use ims::Algorithm;
use ims::Error;
use serde::Deserialize;
use serde_json::Value;

/// The demands of the general issuer on an account's requests, as the documents of a real server
/// state them. Each one is optional, and a request that misses one is refused by its name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Requirements {
    /// How the client may authenticate: `client_secret_post`, `client_secret_basic`,
    /// `private_key_jwt`, `client_secret_jwt`, `none`. Empty: by each of these except `none`.
    pub client_auth: Vec<String>,
    /// The `grant_type`s that it may use; any name, such as `account_credentials`. Empty:
    /// client credentials, JWT bearer and token exchange.
    pub grants: Vec<String>,
    /// The names of the algorithms that may sign its JWTs. Empty: all that fit its keys.
    pub algs: Vec<String>,
    /// The `typ` of its JWTs, instead of the one of the standard.
    pub typ: Option<String>,
    /// The `aud` of its JWTs, one string, instead of those of the standard.
    pub aud: Option<String>,
    /// Members of the JWT's header; `null` allows any value that is not empty.
    pub header: BTreeMap<String, Value>,
    /// Claims of the JWT; `null` allows any value that is not empty.
    pub claims: BTreeMap<String, Value>,
    /// Fields of the form; `null` allows any value.
    pub fields: BTreeMap<String, Option<String>>,
    /// The seconds that `exp` may lie ahead.
    pub max_lifetime: Option<u32>,
}

/// The `typ` of a client assertion by rfc7523bis.
pub(super) const STRICT_TYP: &str = "client-authentication+jwt";

/// The client authentication methods of RFC 8414's `token_endpoint_auth_methods_supported`.
pub(super) const METHODS: [&str; 5] =
    ["client_secret_post", "client_secret_basic", "private_key_jwt", "client_secret_jwt", "none"];

impl Requirements {
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), naming the setting.
    pub(super) fn check(&self) -> Result<(), Error> {
        for alg in &self.algs {
            alg.parse::<Algorithm>()
                .map_err(|error| Error::argument("requires.algs", error.problem().into_owned()))?;
        }
        match self.client_auth.iter().find(|method| !METHODS.contains(&method.as_str())) {
            Some(_) => Err(Error::argument("requires.client_auth", "has an unknown method")
                .with_hint(format!("known are {}", METHODS.join(", ")))),
            None => Ok(()),
        }
    }

    pub(super) fn allows_method(&self, method: &str) -> bool {
        match self.client_auth.is_empty() {
            true => method != "none",
            false => self.client_auth.iter().any(|allowed| allowed == method),
        }
    }
}
