//! Variables set in a Postman environment; every other byte stays as it is.

use std::ops::Range;

use serde_json::Value;
use serde_json::value::RawValue;

use ims::{Error, Status};

/// The text of the environment `json` with these variables, which are added where it has none that
/// is enabled.
pub(super) fn set_variables(json: &str, variables: &[(&str, &str)]) -> Result<String, Error> {
    variables.iter().try_fold(json.to_owned(), |json, (name, value)| set(&json, name, value))
}

fn set(json: &str, name: &str, value: &str) -> Result<String, Error> {
    let value = Value::from(value).to_string();
    let (place, new) = find(json, name).map_err(|_| not_an_environment())?.map_or_else(
        || {
            let (end, is_empty) = end_of_list(json).ok_or_else(not_an_environment)?;
            let name = Value::from(name);
            let comma = if is_empty { "" } else { "," };
            let variable = format!(
                r#"{comma}{{"key":{name},"value":{value},"type":"default","enabled":true}}"#
            );
            Ok((end..end, variable))
        },
        |place| Ok((place, value.clone())),
    )?;
    let mut json = json.to_owned();
    json.replace_range(place, &new);
    Ok(json)
}

#[derive(serde::Deserialize)]
struct Environment<'a> {
    #[serde(borrow)]
    values: &'a RawValue,
}

#[derive(serde::Deserialize)]
struct Variable<'a> {
    key: Option<Value>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    enabled: Option<Value>,
}

fn list(json: &str) -> serde_json::Result<&RawValue> {
    let text = json.trim_start_matches('\u{feff}');
    serde_json::from_str::<Environment<'_>>(text).map(|environment| environment.values)
}

/// Returns the byte range of the value of the enabled variable `name`.
fn find(json: &str, name: &str) -> serde_json::Result<Option<Range<usize>>> {
    let variables: Vec<Variable<'_>> = serde_json::from_str(list(json)?.get())?;
    let variable = variables
        .into_iter()
        // As who reads the file has it: the last counts, and what is not disabled.
        .rfind(|variable| {
            variable.key == Some(Value::from(name)) && variable.enabled != Some(Value::Bool(false))
        });
    Ok(variable.and_then(|variable| Some(place(json, variable.value?.get()))))
}

/// Returns the offset after the last variable, and true if there are no variables.
fn end_of_list(json: &str) -> Option<(usize, bool)> {
    let list = list(json).ok()?.get();
    let before = list.strip_suffix(']')?.trim_end();
    Some((place(json, before).end, before == "["))
}

/// Returns the byte range in `json` of `part`, which must be a slice of it.
fn place(json: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - json.as_ptr().addr();
    start..start + part.len()
}

fn not_an_environment() -> Error {
    Error::new(
        Status::Credentials,
        "the file is no Postman environment, where a token can be stored",
    )
    .with_hint("--write takes the file that Postman exports: {\"name\": ..., \"values\": [...]}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_replaced_and_every_other_byte_stays() {
        let json = "\u{feff}{\r\n  \"id\": 1.0,\r\n\t\"values\": [ {\"value\" : \"old\\\"]\", \"key\":\"ACCESS_TOKEN\"},\r\n {\"key\":\"b\",\"value\":null} ],\"z\":{}}\n";
        let expected = json.replace(r#""old\"]""#, r#""a\"b""#);
        assert_eq!(set_variables(json, &[("ACCESS_TOKEN", "a\"b")]).unwrap(), expected);
    }

    #[test]
    fn a_variable_that_is_missing_disabled_or_without_value_is_added() {
        for (list, added) in [
            ("[]", r#"[{"key":"A","value":"t","type":"default","enabled":true}]"#),
            (
                r#"[{"key":"A","value":"x","enabled":false} ]"#,
                r#"[{"key":"A","value":"x","enabled":false},{"key":"A","value":"t","type":"default","enabled":true} ]"#,
            ),
            (
                r#"[{"key":"A"}]"#,
                r#"[{"key":"A"},{"key":"A","value":"t","type":"default","enabled":true}]"#,
            ),
        ] {
            let json = |list: &str| format!(r#"{{"name":"x","values":{list}}}"#);
            assert_eq!(set_variables(&json(list), &[("A", "t")]).unwrap(), json(added));
        }
    }

    #[test]
    fn what_is_no_environment_is_left_alone() {
        for json in ["", "[]", "{}", r#"{"values":{}}"#, r#"{"values":[1]}"#, r#"{"values":[]"#] {
            let error = set_variables(json, &[("A", "t")]).unwrap_err();
            assert_eq!(error.status(), Status::Credentials, "{json}");
        }
    }
}
