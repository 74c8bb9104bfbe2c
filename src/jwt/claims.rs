//! The claims of a JWT.

use std::collections::HashSet;
use std::time::SystemTime;

use serde::de::IgnoredAny;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::expiry::{Expiry, checked_seconds};
use super::further::{MAX_CLAIMS, members, unserializable};
use super::jti::Jti;
use crate::error::{Cause, Error, check_text, text_problem};
use crate::unix_time::{self, LAST_SECOND};

/// The limit of `claims_json` in bytes.
const MAX_CLAIMS_JSON: usize = 64 * 1024;

/// The claims of a JWT (RFC 7519 section 4). They are signed in the order of these fields.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Claims {
    /// Issuer. IMS: the organization, `ORG@AdobeOrg`.
    pub iss: String,
    /// Subject; `None`: no such claim. IMS: the technical account, `ID@techacct.adobe.com`.
    pub sub: Option<String>,
    /// Audience; `None`: no such claim. IMS: `https://HOST/c/CLIENT_ID`. A list goes into `claims_json`.
    pub aud: Option<String>,
    /// The expiry, claim `exp`. Default: 5 minutes after `iat`.
    pub expiry: Expiry,
    /// The start of validity, claim `nbf`. Fractions of a second are cut off.
    pub nbf: Option<SystemTime>,
    /// Issued at, in whole seconds; `None`: now. Always sent.
    pub iat: Option<SystemTime>,
    /// JWT id.
    pub jti: Option<Jti>,
    /// Full claim names, such as `https://ims-na1.adobelogin.com/s/ent_x`, each set to `true`.
    pub metascopes: Vec<String>,
    /// A JSON object of further claims, signed as they stand and in their order; not `iss`, `exp` and
    /// `iat`, nor one that a field above sets. At most 64 KiB.
    pub claims_json: Option<String>,
}

impl Claims {
    /// Takes the claims that most JWTs need.
    pub fn new(iss: impl Into<String>, sub: impl Into<String>, aud: impl Into<String>) -> Self {
        Self { iss: iss.into(), sub: Some(sub.into()), aud: Some(aud.into()), ..Self::default() }
    }
}

/// What is worked out for the JSON text of claims.
pub(super) struct Checked<'a> {
    /// In Unix seconds.
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    further: Vec<(String, &'a RawValue)>,
}

/// Checks that the claims can be written.
pub(super) fn checked(claims: &Claims, now: SystemTime) -> Result<Checked<'_>, Error> {
    check_text("iss", &claims.iss)?;
    for (name, value) in [("sub", &claims.sub), ("aud", &claims.aud)] {
        value.as_deref().map_or(Ok(()), |value| check_text(name, value))?;
    }
    if claims.aud.as_deref().is_some_and(is_list) {
        return Err(Error::argument("aud", "is a JSON list as a text, which no server expects")
            .with_hint("give a list as the further claim aud, and no other aud"));
    }
    let (iat, exp, nbf) = times(claims, now)?;
    Ok(Checked { iat, exp, nbf, further: further_claims(claims)? })
}

/// Writes the claims in the order of the contract: registered ones, metascopes, further ones.
pub(super) fn payload_json(claims: &Claims, now: SystemTime) -> Result<String, Error> {
    let Checked { iat, exp, nbf, further } = checked(claims, now)?;
    let further_len = claims.claims_json.as_deref().map_or(0, str::len);
    let mut json = Vec::with_capacity(1024 + further_len);
    let mut serializer = serde_json::Serializer::new(&mut json);
    let mut write = || {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", &claims.iss)?;
        for (name, value) in [("sub", &claims.sub), ("aud", &claims.aud)] {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        map.serialize_entry("exp", &exp)?;
        map.serialize_entry("iat", &iat)?;
        if let Some(nbf) = nbf {
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
    String::from_utf8(json).map_err(|_| Error::argument("claims_json", "is not UTF-8"))
}

/// Returns whether a text is a JSON list.
fn is_list(text: &str) -> bool {
    text.starts_with('[') && serde_json::from_str::<Vec<IgnoredAny>>(text).is_ok()
}

/// Parses `claims_json` and checks it against the claims that fields set.
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
        Some(json) if json.len() > MAX_CLAIMS_JSON => {
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
    for (name, is_set) in [
        ("sub", claims.sub.is_some()),
        ("aud", claims.aud.is_some()),
        ("nbf", claims.nbf.is_some()),
        ("jti", claims.jti.is_some()),
    ] {
        if !is_set {
            taken.remove(name);
        }
    }
    for (name, _) in &further {
        if let Some(problem) = text_problem(name) {
            let problem = format!("holds a name of a claim that {problem}");
            return Err(Error::argument("claims_json", problem));
        }
        if !taken.insert(name) {
            // A caller who sets a time here wants a different unit or type for it.
            let is_time = ["exp", "iat", "nbf"].contains(&name.as_str());
            return Err(Error::argument("claims_json", format!("repeats the claim {name}"))
                .with_cause(is_time.then_some(Cause::ClockOrExp)));
        }
    }
    Ok(further)
}

/// Returns `iat`, `exp` and `nbf` in Unix seconds.
fn times(claims: &Claims, now: SystemTime) -> Result<(i64, i64, Option<i64>), Error> {
    let iat = match claims.iat {
        Some(iat) => checked_seconds("iat", iat)?,
        None => {
            unix_time::checked_seconds(now).filter(|now| *now <= LAST_SECOND).ok_or_else(|| {
                Error::argument("iat", "is not given and the clock is not in 1970 to 9999")
                    .with_cause(Cause::ClockOrExp)
            })?
        }
    };
    let exp = claims.expiry.seconds(iat)?;
    let nbf = claims.nbf.map(|nbf| checked_seconds("nbf", nbf)).transpose()?;
    if nbf.is_some_and(|nbf| nbf >= exp) {
        return Err(Error::argument("nbf", "is not before exp: the JWT would never be valid")
            .with_cause(Cause::ClockOrExp));
    }
    Ok((iat, exp, nbf))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn claims_stand_in_the_order_of_the_contract() {
        let mut claims = Claims::new("TestClient", "user", "api.example.com");
        claims.nbf = Some(UNIX_EPOCH + Duration::from_secs(5));
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
}
