//! Faults on demand, of the server and of the network in front of it.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::json;
use super::refusal::Refusal;
use ims::Error;
use ims::error::Field;

/// The longest that a client of libims's waits.
const MAX_LATENCY: Duration = Duration::from_secs(3600);
/// The limit of active faults.
const MAX_FAULTS: usize = 1000;

/// A fault of the server: it changes the answers to one client or to all, for a number of requests
/// or until it is cleared.
///
/// Its fields may be combined, such as an `error` with `status` 200. With an `error` or a `status`,
/// a request only gets that answer. With any other field, the request has its usual effect, and
/// only its answer is damaged. A fault is written as JSON, `{"status": 503, "times": 2}`, or as
/// text, `status=503,times=2`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// The client whose requests are concerned; `None`: all clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The number of requests, at least one; `None`: all until the fault is cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The delay before the request is read, at most an hour. It is written as `latency_ms`, in
    /// whole milliseconds.
    #[serde(
        rename = "latency_ms",
        skip_serializing_if = "Duration::is_zero",
        serialize_with = "milliseconds",
        deserialize_with = "from_milliseconds"
    )]
    pub latency: Duration,
    /// The answer's HTTP status, 200 to 599; below 400 only with an `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The error that is answered, whatever was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ImsError>,
    /// The answer's `Retry-After`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The unit of the answer's `expires_in`, right or wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<TimeUnit>,
    /// The damage to the answer on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<BadResponse>,
    /// What is wrong with the general issuer's metadata; such a fault concerns only requests for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataFault>,
}

/// Metadata (RFC 8414) that a client must not follow, or must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MetadataFault {
    /// Its `issuer` is another.
    OtherIssuer,
    /// It is over 64 KiB long.
    TooLarge,
    /// A redirect, 302, to where the same metadata is.
    Redirect,
    /// Its token endpoint is another, which works too.
    Moved,
}

/// An error of IMS's, as its table has it; the names are libims's own, for IMS calls many things
/// `invalid_token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImsError {
    /// 400 `invalid_token`: the JWT's signature fits no registered key.
    Signature,
    /// 400 `invalid_token`: the JWT cannot be decoded.
    Malformed,
    /// 400 `invalid_token`: the JWT has expired.
    Expired,
    /// 400 `invalid_client`: there is no such client.
    UnknownClient,
    /// 400 `invalid_client`: the JWT's `aud` is wrong.
    Audience,
    /// `invalid_client`: the secret is wrong; 401 at the JWT exchange, 400 elsewhere.
    ClientSecret,
    /// 401 `invalid_client`: the client may not exchange JWTs.
    NoJwtExchange,
    /// 400 `invalid_scope`: a metascope is not granted.
    Metascopes,
    /// 400 `invalid_scope`: a scope is not granted.
    Scopes,
    /// 400 `invalid_jti`: the JWT needs one.
    JtiMissing,
    /// 400 `invalid_jti`: it was used before.
    JtiUsed,
    /// 400 `unauthorized_client`: the client may not use client credentials.
    UnauthorizedClient,
    /// 400 `bad_request`: `sub` is missing or wrong.
    BadRequest,
    /// 500 `internal_error`: also what a JWT credential gets that was moved to OAuth.
    InternalError,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeUnit {
    /// Seconds, as in RFC 6749 and at all of Adobe's endpoints but one.
    Seconds,
    /// Milliseconds, as at Adobe's JWT exchange.
    Milliseconds,
}

/// A damaged or missing answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BadResponse {
    /// The connection is closed before it.
    Lost,
    /// The connection is closed in the middle of its body.
    Cut,
    /// The answer has no body.
    Empty,
    /// The answer's body is an HTML page for people.
    Html,
}

impl Fault {
    /// The HTTP `status` for an answer.
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// An error of IMS's for an answer.
    pub fn error(error: ImsError) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    /// A fault that delays the answer.
    pub fn latency(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }

    /// A fault that damages the answer.
    pub fn answer(answer: BadResponse) -> Self {
        Self { answer: Some(answer), ..Self::default() }
    }

    /// A fault of the metadata.
    pub fn metadata(fault: MetadataFault) -> Self {
        Self { metadata: Some(fault), ..Self::default() }
    }

    /// Limits the fault to this number of requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Limits the fault to requests of this client.
    #[must_use]
    pub fn of_client(self, client_id: impl Into<String>) -> Self {
        Self { client_id: Some(client_id.into()), ..self }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let whose_and_how_often =
            Self { client_id: self.client_id.clone(), times: self.times, ..Self::default() };
        if *self == whose_and_how_often {
            return Err(Error::argument("fault", "does nothing"));
        }
        if self.latency > MAX_LATENCY {
            return Err(Error::argument("latency_ms", "is over 3600000, an hour"));
        }
        if self.times == Some(0) {
            return Err(Error::argument("times", "is 0: the fault would never show"));
        }
        if self.metadata.is_some() && self.client_id.is_some() {
            let problem = "goes with no client_id: requests for metadata name no client";
            return Err(Error::argument("metadata", problem));
        }
        if self.client_id.as_ref().is_some_and(String::is_empty) {
            return Err(Error::argument("client_id", "is empty: the fault would never show"));
        }
        match self.status {
            // RFC 9110 section 6.4.1.
            Some(204 | 205 | 304) => Err(Error::argument("status", "allows no response body")),
            Some(200..400) if self.error.is_none() => Err(Error::argument(
                "status",
                "is below 400, but there is no error to send with it",
            )),
            Some(200..600) | None => Ok(()),
            Some(_) => Err(Error::argument("status", "is not within 200 to 599")),
        }
    }

    /// Returns the refusal that replaces the normal answer, if any.
    pub(super) fn refusal(&self, at_exchange: bool) -> Option<Refusal> {
        let refusal = match (self.error, self.status) {
            (Some(error), _) => error.refusal(at_exchange),
            (None, Some(status)) => Refusal::of_status(status),
            (None, None) => return None,
        };
        Some(Refusal { status: self.status.unwrap_or(refusal.status), ..refusal })
    }

    fn is_for(&self, client_id: Option<&str>, at_metadata: bool) -> bool {
        (at_metadata || self.metadata.is_none())
            && (self.client_id.is_none() || self.client_id.as_deref() == client_id)
    }
}

impl FromStr for Fault {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), naming the field.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut fields = Map::new();
        for field in text.split(',') {
            let (name, value) = field
                .split_once('=')
                .ok_or_else(|| Error::argument("fault", "is not written as status=503,times=2"))?;
            let value = match value.parse::<u32>() {
                Ok(number) if name != "client_id" => Value::from(number),
                Err(_) if ["times", "latency_ms", "status", "retry_after"].contains(&name) => {
                    return Err(Error::argument(name, "is not an integer"));
                }
                _ => Value::from(value),
            };
            if fields.insert(name.to_owned(), value).is_some() {
                return Err(Error::argument(name, "is given twice"));
            }
        }
        let fault: Self = json::from_value(Value::Object(fields)).map_err(|error| {
            let problem = format!("is malformed: {}", error.problem());
            error.with_problem(problem).with_field(Field::new("fault"))
        })?;
        fault.check()?;
        Ok(fault)
    }
}

impl fmt::Display for Fault {
    /// Writes the fault in the form that [`FromStr`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return Ok(()) };
        for (position, (name, value)) in fields.iter().enumerate() {
            let separator = if position == 0 { "" } else { "," };
            match value {
                Value::String(text) => write!(f, "{separator}{name}={text}")?,
                value => write!(f, "{separator}{name}={value}")?,
            }
        }
        Ok(())
    }
}

impl ImsError {
    fn refusal(self, at_exchange: bool) -> Refusal {
        match self {
            Self::Signature => Refusal::SIGNATURE,
            Self::Malformed => Refusal::MALFORMED,
            Self::Expired => Refusal::EXPIRED,
            Self::UnknownClient => Refusal::UNKNOWN_CLIENT,
            Self::Audience => Refusal::AUDIENCE,
            Self::ClientSecret => Refusal::wrong_secret(if at_exchange { 401 } else { 400 }),
            Self::NoJwtExchange => Refusal::NO_JWT_EXCHANGE,
            Self::Metascopes => Refusal::METASCOPES,
            Self::Scopes => Refusal::SCOPES,
            Self::JtiMissing => Refusal::JTI_MISSING,
            Self::JtiUsed => Refusal::JTI_USED,
            Self::UnauthorizedClient => Refusal::NO_CLIENT_CREDENTIALS,
            Self::BadRequest => Refusal::wrong("sub"),
            Self::InternalError => Refusal::INTERNAL,
        }
    }
}

/// The faults that are in force, in the order in which they were injected.
#[derive(Default)]
pub(super) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub fn inject(&self, fault: Fault) -> Result<(), Error> {
        fault.check()?;
        self.with(|faults| {
            if faults.len() >= MAX_FAULTS {
                return Err(Error::argument("faults", "are over 1000 at once: clear them first"));
            }
            faults.push(fault);
            Ok(())
        })
    }

    pub fn clear(&self) {
        self.with(Vec::clear);
    }

    pub fn list(&self) -> Vec<Fault> {
        self.with(|faults| faults.clone())
    }

    /// Returns the first fault that is for a request of `client_id`, and uses it up once.
    pub fn take(&self, client_id: Option<&str>, at_metadata: bool) -> Option<Fault> {
        self.with(|faults| {
            let position = faults.iter().position(|fault| fault.is_for(client_id, at_metadata))?;
            let fault = faults[position].clone();
            match &mut faults[position].times {
                Some(0 | 1) => drop(faults.remove(position)),
                Some(times) => *times -= 1,
                None => {}
            }
            Some(fault)
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        // No panic can leave the list half changed, so a poisoned lock is used.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn milliseconds<S: Serializer>(latency: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(latency.as_millis().try_into().unwrap_or(u64::MAX))
}

fn from_milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|milliseconds| Duration::from_millis(milliseconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_used_up_by_its_own_client_and_in_order() {
        let faults = Faults::default();
        faults.inject(Fault::status(500).times(2).of_client("a")).unwrap();
        faults.inject(Fault::status(503).times(1)).unwrap();
        let status = |client| faults.take(client, false).and_then(|fault| fault.status);
        assert_eq!(status(Some("a")), Some(500));
        assert_eq!(status(Some("b")), Some(503));
        assert_eq!(status(None), None);
        assert_eq!(status(Some("a")), Some(500));
        assert_eq!(status(Some("a")), None);
    }

    #[test]
    fn a_fault_without_times_stays_until_it_is_cleared() {
        let faults = Faults::default();
        faults.inject(Fault::answer(BadResponse::Lost)).unwrap();
        assert!(faults.take(None, true).is_some() && faults.take(Some("a"), false).is_some());
        faults.clear();
        assert_eq!(faults.take(None, true), None);
    }

    #[test]
    fn text_and_json_say_the_same() {
        for (text, json) in [
            ("status=503,times=2", r#"{"times":2,"status":503}"#),
            ("error=expired,client_id=007", r#"{"client_id":"007","error":"expired"}"#),
            ("latency_ms=1500,retry_after=3", r#"{"latency_ms":1500,"retry_after":3}"#),
            ("expires_in=seconds,answer=cut", r#"{"expires_in":"seconds","answer":"cut"}"#),
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string().parse::<Fault>().unwrap(), fault);
            assert_eq!(serde_json::to_string(&fault).unwrap(), json);
            assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
        }
    }

    #[test]
    fn what_could_never_show_is_refused() {
        for (text, problem) in [
            ("times=2", "fault does nothing"),
            ("client_id=a", "fault does nothing"),
            ("503", "fault is not written as status=503,times=2"),
            ("status=503,times=0", "times is 0: the fault would never show"),
            ("status=200", "status is below 400, but there is no error to send with it"),
            ("status=600", "status is not within 200 to 599"),
            ("status=503,status=500", "status is given twice"),
            ("status=often", "status is not an integer"),
            ("status=304,error=expired", "status allows no response body"),
            ("status=503,client_id=", "client_id is empty: the fault would never show"),
            ("statsu=503", "fault is malformed: unknown field `statsu`"),
            ("error=none", "fault is malformed: unknown variant `none`"),
        ] {
            assert_eq!(text.parse::<Fault>().unwrap_err().message(), problem);
        }
        assert!("status=200,error=expired".parse::<Fault>().is_ok());
    }
}
