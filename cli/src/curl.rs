//! A grant as a curl command for a POSIX shell.

use ims::{BodyFormat, ClientAuth, Error, Grant, Proof, Proxy, Request, TokenUrl, Transport};

/// Returns the command that sends the request of `ims exchange`, with shell variables for its
/// secrets. The secrets in `grant` are not used.
pub(super) fn command(
    url: &TokenUrl,
    grant: &Grant,
    transport: &Transport,
) -> Result<String, Error> {
    let request = form(grant)?;
    let mut parts = vec![format!("curl {}", quote(url.as_str()))];
    if url.as_str().contains(['[', ']', '{', '}']) {
        parts.push("--globoff".into());
    }
    if let Some(ClientAuth { client_id, proof: Proof::Basic(_), .. }) = grant.client() {
        parts.push(basic(client_id));
    }
    for (name, value) in &request.fields {
        let field = match *name {
            "client_secret" => r#""client_secret=$IMS_CLIENT_SECRET""#.into(),
            "jwt_token" | "assertion" | "subject_token" => format!(r#""{name}=$IMS_JWT""#),
            "client_assertion" => r#""client_assertion=$IMS_CLIENT_ASSERTION""#.into(),
            _ => quote(&format!("{name}={value}")),
        };
        parts.push(format!("--data-urlencode {field}"));
    }
    if let Some(file) = &transport.ca_file {
        parts.push(format!("--cacert {}", quote(&file.to_string_lossy())));
    }
    match &transport.proxy {
        Proxy::Environment => {}
        Proxy::None => parts.push("--noproxy '*'".into()),
        Proxy::Url(url) => parts.push(format!("--proxy {}", quote(url.expose()))),
    }
    Ok(parts.join(" \\\n  "))
}

/// Lays out a request whose body is a form.
pub(super) fn form(grant: &Grant) -> Result<Request<'_>, Error> {
    if grant.body != BodyFormat::Form {
        return Err(Error::argument("--body", "json cannot be shown as a command")
            .with_hint("leave --curl and --postman out, or show the form"));
    }
    grant.request()
}

/// The client's id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1),
/// which curl does not do; percent signs before every byte of the secret do.
fn basic(id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let encode = r"od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'";
    format!(r#"--user "{id}:$(printf %s "$IMS_CLIENT_SECRET" | {encode})""#)
}

/// Quotes `text` as one word of a POSIX shell, whatever characters it has.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_back_whatever_was_quoted() {
        let alphabet: Vec<char> =
            " '\"\\$`!#&;|<>(){}[]*?~=%+-@,:a0\tüß→\u{1f511}".chars().collect();
        // Every pair of characters, in both orders, and each character alone.
        let texts: Vec<String> = alphabet
            .iter()
            .flat_map(|first| alphabet.iter().map(move |second| format!("{first}{second}")))
            .chain(alphabet.iter().map(char::to_string))
            .chain([String::new()])
            .collect();
        let words: Vec<String> = texts.iter().map(|text| quote(text)).collect();
        let script = format!(r"printf '%s\0' {}", words.join(" "));
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let read_back = String::from_utf8(output.stdout).unwrap();
        assert_eq!(read_back.split_terminator('\0').collect::<Vec<_>>(), texts);
    }

    #[test]
    fn the_secrets_are_variables_and_the_rest_is_quoted() {
        let grant = Grant::jwt_exchange("it's", "s3cret", "e30.e30.c2ln").with_scope("a&b c$d");
        let url = "https://ims-na1.adobelogin.com/ims/exchange/jwt".parse().unwrap();
        assert_eq!(
            command(&url, &grant, &Transport::default()).unwrap(),
            r#"curl 'https://ims-na1.adobelogin.com/ims/exchange/jwt' \
  --data-urlencode "jwt_token=$IMS_JWT" \
  --data-urlencode 'client_id=it'\''s' \
  --data-urlencode "client_secret=$IMS_CLIENT_SECRET" \
  --data-urlencode 'scope=a&b c$d'"#
        );
    }

    #[test]
    fn the_way_to_the_server_is_the_same() {
        let mut transport = Transport::default();
        transport.ca_file = Some("our ca.pem".into());
        transport.proxy = Proxy::Url("http://proxy.example:3128".into());
        let (url, grant) = ("https://h/t".parse().unwrap(), Grant::jwt_bearer("x"));
        let shown = command(&url, &grant, &transport).unwrap();
        assert!(shown.ends_with("--cacert 'our ca.pem' \\\n  --proxy 'http://proxy.example:3128'"));
        transport.proxy = Proxy::None;
        let shown = command(&url, &grant, &transport).unwrap();
        assert!(shown.ends_with("--cacert 'our ca.pem' \\\n  --noproxy '*'"));
    }
}
