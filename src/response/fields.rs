//! The fields of a JSON body, whose names must be unique.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

/// Parses a body as a JSON object with unique names. The error is the problem, without a quotation
/// of the body.
pub(super) fn json_object(body: &[u8]) -> Result<Map<String, Value>, &'static str> {
    if body.is_empty() {
        return Err("it is empty");
    }
    let mut fields = Map::new();
    read_fields(body, &mut fields).map(|()| fields).map_err(|error| {
        // serde_json tells this from other syntax errors by its text alone: its code is private, and its category is
        // the same for a wrong escape and for too deep nesting.
        match error.to_string().starts_with("number out of range") {
            true => "it holds a number that is out of range",
            false => "it is not a JSON object with unique names",
        }
    })
}

/// Returns the fields of a refusal that can be read. Its `error` selects the hint, even if the rest
/// is damaged. A body that was cut at the limit ends inside its longest text, which is closed here.
pub(super) fn readable_fields(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    if read_fields(body, &mut fields).is_err_and(|error| error.is_eof()) {
        fields.clear();
        // An error is ignored, because the fields before it have been read.
        let closed = Zeroizing::new([body, b"\"}"].concat());
        let _ = read_fields(&closed, &mut fields);
    }
    fields
}

/// Reads a JSON object into `fields`. On an error, `fields` has those before it.
fn read_fields(json: &[u8], fields: &mut Map<String, Value>) -> serde_json::Result<()> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    parser.deserialize_map(Fields(fields))?;
    parser.end()
}

/// Overwrites all texts, because any may be a token, or a secret that the server repeats.
pub(crate) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

/// Collects the fields of an object. Two fields of one name are an error, because servers and
/// clients differ in which of them counts.
struct Fields<'a>(&'a mut Map<String, Value>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry()? {
            if self.0.contains_key::<String>(&name) {
                return Err(A::Error::custom("a name stands twice"));
            }
            self.0.insert(name, value);
        }
        Ok(())
    }
}
