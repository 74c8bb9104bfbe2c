//! The further claims of a JWT: JSON text that is signed unchanged.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Status};

/// The limit of members. No server accepts more, and each costs many times its text in memory.
pub(super) const MAX_CLAIMS: usize = 500;

/// Reads the members of a JSON object, unchanged and in their order: no number is rounded. More
/// than 500 members are an error.
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

pub(super) fn unserializable(error: serde_json::Error) -> Error {
    Error::new(Status::Internal, format!("claims cannot be written as JSON: {error}"))
}
