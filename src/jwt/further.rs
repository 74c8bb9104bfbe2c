//! The further claims of a JWT, as JSON text that is signed as it stands.

use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Claims, Jti};
use crate::error::{Cause, Error, check_text, text_problem};

/// In bytes.
const MAX_CLAIMS_JSON: usize = 64 * 1024;
/// More than any server takes; each costs many times its text in memory.
const MAX_CLAIMS: usize = 500;

/// Parses `claims_json` and checks it against the claims that fields set.
pub(super) fn further_claims(claims: &Claims) -> Result<Vec<(String, &RawValue)>, Error> {
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

/// Reads the members of a JSON object as they stand in the text: no number is rounded, no order lost.
/// Over [`MAX_CLAIMS`] of them are an error.
pub fn members(json: &str) -> serde_json::Result<Vec<(String, &RawValue)>> {
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
