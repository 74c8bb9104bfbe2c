//! What a vendor's token server asks for, and how it refuses.

use serde_json::{Value, json};

/// A vendor's server, as its documents describe it.
pub struct Vendor {
    /// The recipe's name.
    pub name: &'static str,
    pub token_url: &'static str,
    /// The issuer that its metadata names; `None`: it has no metadata here.
    pub issuer: Option<&'static str>,
    /// Every field of the form but the JWT.
    pub form: Value,
    /// Every member of the JWT's header; `*` is any text.
    pub header: Value,
    /// Every claim but the times; `*` is any text.
    pub claims: Value,
    /// The longest life of the JWT, in seconds.
    pub max_lifetime: i64,
    /// The refusals that the vendor's documents or users quote; RFC 6749's for the rest.
    pub refusals: Vec<Refusal>,
    /// The audience of the JWT that the platform hands out; `None`: the client signs.
    pub platform: Option<&'static str>,
    /// Settings with one wrong value each, and the word of the hint that names the setting.
    pub wrong: Vec<(Value, &'static str)>,
}

impl Vendor {
    /// Returns the host of the token URL.
    pub fn host(&self) -> &'static str {
        self.token_url.split('/').nth(2).unwrap()
    }

    /// Returns the path of the token URL.
    pub fn path(&self) -> &'static str {
        &self.token_url["https://".len() + self.host().len()..]
    }
}

/// A refusal of what is wrong at one place.
#[derive(Clone)]
pub struct Refusal {
    /// `path`, `signature`, `lifetime`, or a member of form, header or claims, such as `claims.aud`.
    pub at: &'static str,
    pub http_status: u16,
    pub body: Value,
}

/// Makes a refusal in RFC 6749's form.
pub fn refusal(
    at: &'static str,
    http_status: u16,
    error: &str,
    description: impl Into<String>,
) -> Refusal {
    let body = json!({ "error": error, "error_description": description.into() });
    Refusal { at, http_status, body }
}
