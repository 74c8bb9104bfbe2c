//! The further fields of a request that a caller adds.

use std::fmt;

use crate::error::{Error, check_text, shown};
use crate::secret::Secret;

/// The names that libims sends itself, each by a setting of its own.
const OWN_NAMES: [&str; 11] = [
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "jwt_token",
    "requested_token_type",
    "scope",
    "subject_token",
    "subject_token_type",
];
/// Parameters whose values are no secrets: a server's text may repeat them in an error.
const PUBLIC_NAMES: [&str; 2] = ["audience", "resource"];
/// The limit of their number.
const MAX_PARAMETERS: usize = 100;

/// The further fields of a request, in their order. A name may be repeated. A value may be a secret,
/// such as the password of another grant, and is never shown.
#[derive(Clone, Default)]
pub struct Parameters(Vec<(String, Secret)>);

/// The names alone.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Parameters {
    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Secret>) {
        self.0.push((name.into(), value.into()));
    }

    /// Returns the fields, names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.expose().as_str()))
    }

    /// Returns the values that may be secrets.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|(name, _)| !PUBLIC_NAMES.contains(name)).map(|(_, value)| value)
    }

    /// Checks names and values.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `parameters`, or `resource` or `audience`.
    pub(super) fn check(&self) -> Result<(), Error> {
        let bad = |problem: String| Err(Error::argument("parameters", problem));
        if self.0.len() > MAX_PARAMETERS {
            return bad(format!("holds over {MAX_PARAMETERS} fields"));
        }
        for (name, value) in self.iter() {
            check_text("parameters", name)?;
            if OWN_NAMES.contains(&name) {
                return bad(format!("holds {name}, which has a setting of its own"));
            }
            if PUBLIC_NAMES.contains(&name) {
                check_text(name, value)?;
            } else if let Err(error) = check_text("parameters", value) {
                return bad(format!("holds {}, whose value {}", shown(name), error.problem()));
            }
            if name == "resource" {
                check_resource(value)?;
            }
        }
        Ok(())
    }
}

/// Checks that a resource is an absolute URI without a fragment (RFC 8707 section 2).
fn check_resource(uri: &str) -> Result<(), Error> {
    let bad = |problem| Err(Error::argument("resource", problem));
    let (scheme, rest) = uri.split_once(':').unwrap_or_default();
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if uri.contains('#') {
        return bad("has a fragment (#...)");
    }
    if !is_scheme || matches!(rest, "" | "//") || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return bad("is not an absolute URI, such as https://HOST/PATH");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(name: &str, value: &str) -> String {
        let mut parameters = Parameters::default();
        parameters.push(name, value);
        parameters.check().map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn the_protocol_s_own_names_and_empty_values_are_refused() {
        for name in OWN_NAMES {
            let expected = format!("parameters holds {name}, which has a setting of its own");
            assert_eq!(problem(name, "x"), expected);
        }
        assert_eq!(problem("", "x"), "parameters is missing or empty");
        assert_eq!(problem("a", ""), "parameters holds a, whose value is missing or empty");
        assert_eq!(problem("account_id", "x"), "");
    }

    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        for uri in ["https://api.example.com/mcp?a=b", "urn:example:api", "api://x"] {
            assert_eq!(problem("resource", uri), "", "{uri}");
        }
        for uri in ["api.example.com", "/mcp", "https:", "https://", "https://a b/", "1x:y"] {
            let expected = "resource is not an absolute URI, such as https://HOST/PATH";
            assert_eq!(problem("resource", uri), expected, "{uri}");
        }
        assert_eq!(problem("resource", "https://h/#a"), "resource has a fragment (#...)");
    }

    #[test]
    fn no_value_shows() {
        let mut parameters = Parameters::default();
        parameters.push("password", "s3cret");
        assert_eq!(format!("{parameters:?}"), r#"["password"]"#);
    }
}
