//! A grant as a curl command for Postman's Import > Paste Raw Text.

use super::curl::{form, quote};
use ims::{ClientAuth, Error, Grant, Proof, TokenUrl};

/// Returns the command with Postman's variables for its secrets. The secrets in `grant` are not
/// used.
///
/// Postman splits the data of such a command at every `&` and then percent-decodes it, whichever
/// of curl's options it came by, so that the values are percent-encoded here.
pub(super) fn command(url: &TokenUrl, grant: &Grant) -> Result<String, Error> {
    if let Some(ClientAuth { proof: Proof::Basic(_), .. }) = grant.client() {
        return Err(Error::argument("--client-auth", "basic cannot be shown for Postman")
            .with_hint(
                "Postman does not encode the secret as RFC 6749 section 2.3.1 asks; --curl does",
            ));
    }
    let request = form(grant)?;
    let mut parts = vec![format!("curl --request POST {}", quote(url.as_str()))];
    parts.push("--header 'Content-Type: application/x-www-form-urlencoded'".into());
    for (name, value) in &request.fields {
        let value = match *name {
            "client_secret" => "{{CLIENT_SECRET}}".into(),
            "jwt_token" | "assertion" | "subject_token" => "{{JWT_TOKEN}}".into(),
            "client_assertion" => "{{CLIENT_ASSERTION}}".into(),
            _ => percent_encoded(value),
        };
        parts.push(format!("--data {}", quote(&format!("{name}={value}"))));
    }
    Ok(parts.join(" \\\n  "))
}

/// Encodes a value for `decodeURIComponent`, which does not read `+` as a space.
fn percent_encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ims::GrantKind;

    #[test]
    fn the_secrets_are_postman_s_variables_and_values_cannot_break_the_form() {
        let mut grant = Grant::client_credentials("it's", "s3cret", "a&b +é");
        grant.kind = GrantKind::ClientCredentials { org_id: Some("X@AdobeOrg".into()) };
        let url = "https://ims-na1.adobelogin.com/ims/token/v3".parse().unwrap();
        assert_eq!(
            command(&url, &grant).unwrap(),
            r"curl --request POST 'https://ims-na1.adobelogin.com/ims/token/v3' \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --data 'grant_type=client_credentials' \
  --data 'org_id=X%40AdobeOrg' \
  --data 'client_id=it%27s' \
  --data 'client_secret={{CLIENT_SECRET}}' \
  --data 'scope=a%26b%20%2B%C3%A9'"
        );
    }
}
