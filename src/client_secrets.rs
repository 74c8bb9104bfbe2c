//! The client secrets of a credential of the Adobe Developer Console, by Adobe's I/O Management API.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Map, Value};

use crate::error::{ADOBE, Error, Sent, check_text};
use crate::http::{Http, HttpResponse, Transport};
use crate::response::Response;
use crate::retry::Call;
use crate::secret::Secret;
use crate::token::Token;
use crate::token_url::TokenUrl;

/// The limit of an id, in bytes.
const MAX_ID: usize = 64;

/// A way to send a request without a body.
type Send = fn(&Http, &TokenUrl, &[(&str, &str)], Instant) -> Result<HttpResponse, Error>;

/// The client secrets of one credential (OAuth Server-to-Server). A credential has one, or two while they
/// are rotated.
pub struct ClientSecrets<'a> {
    url: TokenUrl,
    client_id: &'a str,
    access_token: &'a Token,
    transport: &'a Transport,
}

/// A client secret as it is listed: all but the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSecret {
    /// The name by which it is deleted.
    pub uuid: String,
    /// The time when it was added, if the server sent it.
    pub created_at: Option<SystemTime>,
    /// The last time when it was used, or `None` if it never was.
    pub last_used_at: Option<SystemTime>,
}

/// A new client secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct AddedSecret {
    /// The name by which it is deleted.
    pub uuid: String,
    /// The secret, which the API shows only this once.
    pub client_secret: Secret,
}

impl AddedSecret {
    /// Takes one that was added before.
    pub fn new(uuid: String, client_secret: Secret) -> Self {
        Self { uuid, client_secret }
    }
}

impl<'a> ClientSecrets<'a> {
    /// The address of the API in production.
    pub const PRODUCTION: &'static str = "https://api.adobe.io";
    /// The scopes that an access token for the API needs, with commas between.
    pub const SCOPE: &'static str = "AdobeID,openid,read_organizations,\
        additional_info.projectedProductContext,additional_info.roles,adobeio_api,\
        read_client_secret,manage_client_secrets";

    /// Names the credential `credential` of the organization `org`: the numbers in the URL of its page in
    /// the Developer Console. `api` is [`Self::PRODUCTION`] or another address, without a path.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `api`, `org`, `credential` or `client_id`.
    pub fn new(
        api: &str,
        org: &str,
        credential: &str,
        client_id: &'a str,
        access_token: &'a Token,
        transport: &'a Transport,
    ) -> Result<Self, Error> {
        for (name, id) in [("org", org), ("credential", credential)] {
            if !is_id(id) {
                let problem = "is not an id of letters, digits, - and _, at most 64 of them";
                return Err(Error::argument(name, problem));
            }
        }
        check_text("client_id", client_id)?;
        let api = api.trim_end_matches('/');
        let path = format!("/console/organizations/{org}/credentials/{credential}/secrets");
        let url: Result<TokenUrl, Error> = format!("{api}{path}").parse();
        let url = url.map_err(|error| Error::argument("api", error.problem()))?;
        if url.uri().path() != path || url.uri().query().is_some() {
            return Err(Error::argument("api", "has more than a host and a port"));
        }
        Ok(Self { url, client_id, access_token, transport })
    }

    /// Lists them.
    ///
    /// # Errors
    /// Any status of the network and the server.
    pub fn list(&self) -> Result<Vec<ListedSecret>, Error> {
        self.send(
            self.transport.max_attempts,
            "a list of client secrets",
            Http::get,
            &self.url,
            |response| {
                let body = response.object()?;
                let list = body.get("client_secrets").and_then(Value::as_array);
                let listed = list.and_then(|list| list.iter().map(listed).collect());
                listed.ok_or_else(|| {
                    response.unusable("its client_secrets are not a list of secrets")
                })
            },
        )
    }

    /// Adds one. This is sent once: where the response is lost, the list shows whether one was added.
    ///
    /// # Errors
    /// Those of [`Self::list`].
    pub fn add(&self) -> Result<AddedSecret, Error> {
        self.send(1, "a new client secret", Http::post_nothing, &self.url, |response| {
            let body = response.object()?;
            let text = |name: &str| body.get(name).and_then(Value::as_str);
            match (text("uuid"), text("client_secret")) {
                (Some(uuid), Some(secret))
                    if is_id(uuid) && check_text("client_secret", secret).is_ok() =>
                {
                    Ok(AddedSecret { uuid: uuid.to_owned(), client_secret: Secret::from(secret) })
                }
                _ => Err(response.unusable("it has no uuid and client_secret")),
            }
        })
    }

    /// Deletes one for good. One that is not there any more is no error.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `uuid`, and those of [`Self::list`].
    pub fn delete(&self, uuid: &str) -> Result<(), Error> {
        if !is_id(uuid) {
            return Err(Error::argument("uuid", "is not the id of a client secret"));
        }
        let url: TokenUrl = format!("{}/{uuid}", self.url).parse()?;
        self.send(self.transport.max_attempts, "a deletion", Http::delete, &url, |response| {
            match response.http_response.status {
                200..=299 | 404 | 410 => Ok(()),
                _ => response.object().map(drop),
            }
        })
    }

    fn send<T>(
        &self,
        max_attempts: u32,
        expected: &'static str,
        send: Send,
        url: &TokenUrl,
        read: impl Fn(&Response) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + self.transport.checked_timeout()?;
        let http = Http::new(self.transport)?;
        let access_token = self.access_token.access_token();
        let authorization: Secret = Secret::new(format!("Bearer {access_token}"));
        let headers =
            [("Authorization", authorization.expose().as_str()), ("x-api-key", self.client_id)];
        Call { http: &http, max_attempts, deadline }.retry(|| {
            let sent_at = SystemTime::now();
            let http_response = send(&http, url, &headers, deadline)?;
            read(&Response {
                http_response: &http_response,
                sender: "the API of client secrets",
                expected,
                server: Some(ADOBE),
                sent: [Some(Sent::Bearer), None],
                sent_at,
                secrets: &[access_token],
            })
        })
    }
}

/// Returns whether `text` is safe in the path of a URL, and no longer than an id.
fn is_id(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(is_letter)
}

/// Times are texts or numbers, in milliseconds since 1970.
fn listed(secret: &Value) -> Option<ListedSecret> {
    let secret = secret.as_object()?;
    let uuid = secret.get("uuid")?.as_str().filter(|uuid| is_id(uuid))?;
    let usages = secret.get("secret_usages").and_then(Value::as_array);
    let usages = usages.into_iter().flatten().filter_map(Value::as_object);
    Some(ListedSecret {
        uuid: uuid.to_owned(),
        created_at: time(secret, "created_at"),
        // A usage without a readable time is one all the same.
        last_used_at: usages
            .map(|usage| time(usage, "last_used_at").unwrap_or(SystemTime::UNIX_EPOCH))
            .max(),
    })
}

fn time(object: &Map<String, Value>, name: &str) -> Option<SystemTime> {
    let value = object.get(name)?;
    let milliseconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_listed_secret_has_its_times_as_adobe_documents_them() {
        let at = |milliseconds| Some(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds));
        let used = json!({
            "expires_at": "PERMANENT", "created_at": "1683005777000", "uuid": "11ede8ab42f138f3",
            "secret_usages": [{"last_used_at": "1683162010101", "grant_type": "client_credentials"}],
        });
        let expected = ListedSecret {
            uuid: "11ede8ab42f138f3".into(),
            created_at: at(1_683_005_777_000),
            last_used_at: at(1_683_162_010_101),
        };
        assert_eq!(listed(&used), Some(expected));
        let unused = json!({"uuid": "1", "created_at": "x", "secret_usages": null});
        let expected = ListedSecret { uuid: "1".into(), created_at: None, last_used_at: None };
        assert_eq!(listed(&unused), Some(expected));
        let unreadable = json!({"uuid": "1", "secret_usages": [{"last_used_at": "yesterday"}]});
        assert!(listed(&unreadable).unwrap().last_used_at.is_some(), "it was used");
    }

    #[test]
    fn an_id_that_leads_to_another_path_is_refused() {
        for bad in ["", "..", "a/b", "a?b", "a%2fb", "a b", &"a".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
            assert!(listed(&json!({"uuid": bad})).is_none(), "{bad}");
        }
    }
}
