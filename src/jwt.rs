//! Claims and a key in, JWT text out (RFC 7519, RS256). Knows no network; the time is an argument.

use std::collections::HashSet;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::error::{Cause, Error, Status, check_text, text_problem};
use crate::key::Key;
use crate::secret::Secret;

/// Seconds between `iat` and `exp` where the caller names neither `exp` nor a lifetime.
pub(crate) const DEFAULT_LIFETIME: i64 = 300;
/// Adobe takes no JWT that lives longer, in seconds.
const LONGEST_LIFETIME: i64 = 86_400;
/// The end of the year 9999, in Unix seconds.
const LAST_TIME: i64 = 253_402_300_799;
const LONGEST_CLAIMS_JSON: usize = 64 * 1024;
/// More than any server takes; each costs many times its text in memory.
const MAX_CLAIMS: usize = 500;

/// The claims of a JWT, and its `kid`. They are signed in the order of these fields.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Claims {
    /// Issuer. IMS: the organization, `ORG@AdobeOrg`.
    pub iss: String,
    /// Subject. IMS: the technical account, `ID@techacct.adobe.com`.
    pub sub: String,
    /// Audience. IMS: `https://HOST/c/CLIENT_ID`.
    pub aud: String,
    /// Seconds from `iat` to `exp`, 1 to 86 400; `None`: 300. Not together with `exp`.
    pub lifetime: Option<i64>,
    /// Expiry in Unix seconds, after `iat` by at most 86 400; `None`: `iat` + `lifetime`.
    pub exp: Option<i64>,
    /// Not valid before, in Unix seconds.
    pub nbf: Option<i64>,
    /// Issued at, in Unix seconds; `None`: now. Always sent.
    pub iat: Option<i64>,
    /// JWT id.
    pub jti: Option<Jti>,
    /// Header `kid`.
    pub kid: Option<String>,
    /// Full claim names, such as `https://ims-na1.adobelogin.com/s/ent_x`, each set to `true`.
    pub metascopes: Vec<String>,
    /// A JSON object of further claims, signed as they stand and in their order; not `iss`, `sub`,
    /// `aud`, `exp`, `iat`, nor one that a field above sets. At most 64 KiB.
    pub claims_json: Option<String>,
}

/// A JWT id (RFC 7519 section 4.1.7).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Jti {
    /// As RFC 7519 has it.
    Text(String),
    /// As Adobe IMS wants it.
    Integer(u64),
}

impl Jti {
    /// A random integer of 53 bits, which every JSON parser keeps exactly.
    ///
    /// # Errors
    /// [`Status::Internal`] where the system gives no random number.
    pub fn random_integer() -> Result<Self, Error> {
        let random = getrandom::u64().map_err(|error| {
            Error::new(Status::Internal, format!("the system gives no random number: {error}"))
        })?;
        Ok(Self::Integer(random >> 11))
    }
}

impl From<&str> for Jti {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Jti {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Jti {
    fn from(integer: u64) -> Self {
        Self::Integer(integer)
    }
}

impl Claims {
    /// The claims that every JWT needs.
    pub fn new(iss: impl Into<String>, sub: impl Into<String>, aud: impl Into<String>) -> Self {
        Self { iss: iss.into(), sub: sub.into(), aud: aud.into(), ..Self::default() }
    }
}

/// Signs `claims` with RS256. `now` stands for `iat` where the claims have none.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming the field.
pub fn generate_jwt(key: &Key, claims: &Claims, now: SystemTime) -> Result<Secret, Error> {
    let header = header_json(claims)?;
    let payload = payload_json(claims, now)?;
    let mut jwt = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 2 * 1024);
    URL_SAFE_NO_PAD.encode_string(header, &mut jwt);
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut jwt);
    let signature = key.sign(jwt.as_bytes())?;
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    Ok(Secret::from(jwt))
}

/// Checks that claims can be signed at `now`, without a key.
///
/// # Errors
/// Those of [`generate_jwt`].
pub(crate) fn check_claims(claims: &Claims, now: SystemTime) -> Result<(), Error> {
    header_json(claims).and_then(|_| payload_json(claims, now)).map(drop)
}

/// A JWT's header and claims as JSON text, unverified.
#[derive(Debug)]
pub(crate) struct Decoded {
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only people read it"))]
    pub header: String,
    pub claims: String,
}

/// Decodes a JWT for reading; `None` where it is not one. Verifies nothing.
pub(crate) fn decode(jwt: &str) -> Option<Decoded> {
    let mut segments = jwt.split('.');
    let mut json = || String::from_utf8(URL_SAFE_NO_PAD.decode(segments.next()?).ok()?).ok();
    let decoded = Decoded { header: json()?, claims: json()? };
    (segments.count() == 1).then_some(decoded)
}

fn header_json(claims: &Claims) -> Result<String, Error> {
    #[derive(serde::Serialize)]
    struct Header<'a> {
        typ: &'a str,
        alg: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
    }
    let kid = claims.kid.as_deref();
    if let Some(kid) = kid {
        check_text("kid", kid)?;
    }
    serde_json::to_string(&Header { typ: "JWT", alg: "RS256", kid }).map_err(unserializable)
}

/// The claims in the order of the contract: registered ones, metascopes, further ones.
fn payload_json(claims: &Claims, now: SystemTime) -> Result<String, Error> {
    for (name, value) in [("iss", &claims.iss), ("sub", &claims.sub), ("aud", &claims.aud)] {
        check_text(name, value)?;
    }
    let (iat, exp) = times(claims, now).map_err(|error| error.with_cause(Cause::ClockOrExp))?;
    let further = further_claims(claims)?;

    let further_len = claims.claims_json.as_deref().map_or(0, str::len);
    let mut json = Vec::with_capacity(1024 + further_len);
    let mut serializer = serde_json::Serializer::new(&mut json);
    let mut write = || {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", &claims.iss)?;
        map.serialize_entry("sub", &claims.sub)?;
        map.serialize_entry("aud", &claims.aud)?;
        map.serialize_entry("exp", &exp)?;
        map.serialize_entry("iat", &iat)?;
        if let Some(nbf) = claims.nbf {
            map.serialize_entry("nbf", &nbf)?;
        }
        if let Some(jti) = &claims.jti {
            map.serialize_entry("jti", jti)?;
        }
        for metascope in &claims.metascopes {
            map.serialize_entry(metascope, &true)?;
        }
        for (name, value) in &further {
            map.serialize_entry(name, value)?;
        }
        map.end()
    };
    write().map_err(unserializable)?;
    String::from_utf8(json).map_err(|error| Error::argument("claims_json", error))
}

/// `iat` and `exp` in Unix seconds.
fn times(claims: &Claims, now: SystemTime) -> Result<(i64, i64), Error> {
    for (name, time) in [("iat", claims.iat), ("exp", claims.exp), ("nbf", claims.nbf)] {
        if let Some(time) = time {
            check_time(name, time)?;
        }
    }
    let iat = match claims.iat {
        Some(iat) => iat,
        None => now
            .duration_since(UNIX_EPOCH)
            .map(|since| since.as_secs().cast_signed())
            .ok()
            .filter(|now| *now <= LAST_TIME)
            .ok_or_else(|| {
                Error::argument("iat", "is not given and the clock is not in 1970 to 9999")
            })?,
    };
    let exp = match (claims.exp, claims.lifetime) {
        (Some(_), Some(_)) => {
            return Err(Error::argument("lifetime", "and exp are both given: give one"));
        }
        (Some(exp), None) if exp <= iat => {
            return Err(Error::argument("exp", "is not after iat: the JWT would be expired"));
        }
        (Some(exp), None) if exp - iat > LONGEST_LIFETIME => {
            return Err(Error::argument("exp", "is over 86400 seconds (24 h) after iat"));
        }
        (Some(exp), None) => exp,
        (None, lifetime) => {
            let lifetime = lifetime.unwrap_or(DEFAULT_LIFETIME);
            if !(1..=LONGEST_LIFETIME).contains(&lifetime) {
                return Err(Error::argument("lifetime", "is not 1 to 86400 seconds")
                    .with_hint("a few minutes are best: 300 seconds, not 300000 milliseconds"));
            }
            iat + lifetime
        }
    };
    if claims.nbf.is_some_and(|nbf| nbf >= exp) {
        return Err(Error::argument("nbf", "is not before exp: the JWT would never be valid"));
    }
    Ok((iat, exp))
}

fn check_time(name: &str, time: i64) -> Result<(), Error> {
    if time < 0 {
        return Err(Error::argument(name, "is negative; it counts seconds since 1970"));
    }
    if time > LAST_TIME {
        let error = Error::argument(name, "is after the year 9999; it counts seconds since 1970");
        return Err(if (1_000_000_000_000..10_000_000_000_000).contains(&time) {
            error.with_hint(format!("{name} looks like milliseconds: divide it by 1000"))
        } else {
            error
        });
    }
    Ok(())
}

/// The parsed `claims_json`, checked against the claims that fields set.
fn further_claims(claims: &Claims) -> Result<Vec<(String, &RawValue)>, Error> {
    if let Some(Jti::Text(jti)) = &claims.jti {
        check_text("jti", jti)?;
    }
    let mut taken = HashSet::from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]);
    for metascope in &claims.metascopes {
        check_text("metascopes", metascope)?;
        if !taken.insert(metascope) {
            return Err(Error::argument("metascopes", format!("repeats the claim {metascope}")));
        }
    }
    let json = match claims.claims_json.as_deref() {
        None => return Ok(Vec::new()),
        Some("") => return Err(Error::argument("claims_json", "is empty")),
        Some(json) if json.len() > LONGEST_CLAIMS_JSON => {
            return Err(Error::argument("claims_json", "is over 64 KiB"));
        }
        Some(json) => json,
    };
    let further = members(json)
        // serde_json's own text may quote the input, which may hold a secret.
        .map_err(|error| {
            let problem = if error.is_data() && json.trim_start().starts_with('{') {
                format!("holds over {MAX_CLAIMS} claims")
            } else {
                let place = format!("line {} column {}", error.line(), error.column());
                format!("is not a JSON object: see {place}")
            };
            Error::argument("claims_json", problem)
        })?;
    if claims.nbf.is_none() {
        taken.remove("nbf");
    }
    if claims.jti.is_none() {
        taken.remove("jti");
    }
    for (name, _) in &further {
        if let Some(problem) = text_problem(name) {
            let problem = format!("holds a name of a claim that {problem}");
            return Err(Error::argument("claims_json", problem));
        }
        if !taken.insert(name) {
            // What sets a time by itself means to set it in a unit or type of its own.
            let is_time = ["exp", "iat", "nbf"].contains(&name.as_str());
            return Err(Error::argument("claims_json", format!("repeats the claim {name}"))
                .with_cause(is_time.then_some(Cause::ClockOrExp)));
        }
    }
    Ok(further)
}

/// The members of a JSON object as they stand in the text: no number is rounded, no order lost.
/// Over [`MAX_CLAIMS`] of them are an error.
pub(crate) fn members(json: &str) -> serde_json::Result<Vec<(String, &RawValue)>> {
    let mut parser = serde_json::Deserializer::from_str(json);
    let members = parser.deserialize_map(Members)?;
    parser.end().map(|()| members)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            if members.len() == MAX_CLAIMS {
                return Err(serde::de::Error::custom("too many members"));
            }
            members.push(member);
        }
        Ok(members)
    }
}

fn unserializable(error: serde_json::Error) -> Error {
    Error::new(Status::Internal, format!("claims cannot be written as JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn claims_stand_in_the_order_of_the_contract() {
        let mut claims = Claims::new("TestClient", "user", "api.example.com");
        claims.nbf = Some(5);
        claims.jti = Some("nonce".into());
        claims.metascopes = vec!["https://h/s/b".into(), "https://h/s/a".into()];
        claims.claims_json =
            Some(r#"{"z": 1.50, "a": {"y": 12345678901234567890123, "b": []}}"#.into());
        let now = UNIX_EPOCH + Duration::from_secs(1_395_327_936);
        assert_eq!(
            payload_json(&claims, now).unwrap(),
            r#"{"iss":"TestClient","sub":"user","aud":"api.example.com","exp":1395328236,"iat":1395327936,"nbf":5,"jti":"nonce","https://h/s/b":true,"https://h/s/a":true,"z":1.50,"a":{"y": 12345678901234567890123, "b": []}}"#,
        );
    }

    #[test]
    fn decoding_returns_the_text_as_it_was_signed() {
        let decoded = decode("eyJ0eXAiOiJKV1QifQ.eyJpc3MiOiJ4In0.c2ln").unwrap();
        assert_eq!(
            (decoded.header.as_str(), decoded.claims.as_str()),
            (r#"{"typ":"JWT"}"#, r#"{"iss":"x"}"#)
        );
        for not_a_jwt in ["", "opaque", "a.b", "e30.e30", "e30.e30.c2ln.e30", "e30=.e30.c2ln"] {
            assert!(decode(not_a_jwt).is_none(), "{not_a_jwt}");
        }
    }
}
