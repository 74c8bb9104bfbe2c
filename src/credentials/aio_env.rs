//! The contexts that aio reads from variables, such as those that `aio app use` writes into `.env`.
//!
//! Source: adobe/aio-lib-core-config, src/Config.js: `_` stands between the names, `__` for one `_`.

use zeroize::Zeroizing;

const PREFIX: &str = "AIO_IMS_CONTEXTS_";

/// Returns the variables as aio's configuration in JSON; `None` where there is no context.
pub(super) fn to_json<'a>(
    variables: impl Iterator<Item = (&'a str, Zeroizing<String>)>,
) -> Option<Zeroizing<String>> {
    let mut contexts: Vec<(String, Vec<(String, Zeroizing<String>)>)> = Vec::new();
    for (name, value) in variables {
        let Some((context, key)) = names(name) else { continue };
        let place = contexts.iter().position(|(known, _)| known.eq_ignore_ascii_case(&context));
        let place = place.unwrap_or_else(|| {
            contexts.push((context, Vec::new()));
            contexts.len() - 1
        });
        contexts[place].1.push((key, value));
    }
    if contexts.is_empty() {
        return None;
    }
    // Allocated at its full size, because growing leaves copies behind that are not wiped.
    let length: usize = contexts
        .iter()
        .map(|(context, keys)| {
            let keys = keys.iter().map(|(key, value)| quoted_len(key) + quoted_len(value));
            quoted_len(context) + keys.sum::<usize>()
        })
        .sum();
    let mut json = Zeroizing::new(String::with_capacity(length + 64));
    json.push_str(r#"{"ims":{"contexts":{"#);
    for (position, (context, keys)) in contexts.iter().enumerate() {
        json.push_str(if position == 0 { "" } else { "}," });
        push_quoted(&mut json, context);
        for (position, (key, value)) in keys.iter().enumerate() {
            json.push_str(if position == 0 { ":{" } else { "," });
            push_quoted(&mut json, key);
            json.push(':');
            push_quoted(&mut json, value);
        }
    }
    json.push_str("}}}}");
    Some(json)
}

/// Returns the name of the context and of its setting.
fn names(variable: &str) -> Option<(String, String)> {
    let begin = variable.get(..PREFIX.len())?;
    let rest = variable.get(PREFIX.len()..).filter(|_| begin.eq_ignore_ascii_case(PREFIX))?;
    // No name has a NUL.
    let rest = rest.replace("__", "\0");
    let (context, key) = rest.split_once('_')?;
    let name = |name: &str| name.replace('\0', "_");
    Some((name(context), name(key).to_ascii_lowercase()))
}

/// Returns an upper bound of the length of a text in JSON, with a comma or colon.
fn quoted_len(text: &str) -> usize {
    text.chars()
        .map(|letter| if letter.is_control() { 6 } else { 2 * letter.len_utf8() })
        .sum::<usize>()
        + 4
}

fn push_quoted(json: &mut String, text: &str) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\n' => json.push_str("\\n"),
            letter if letter.is_control() => {
                json.push_str(&format!("\\u{:04x}", u32::from(letter)))
            }
            letter => json.push(letter),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_underscores_stand_between_names_and_double_ones_in_them() {
        for (variable, expected) in [
            ("AIO_ims_contexts_my__ctx_client__id", Some(("my_ctx", "client_id"))),
            ("AIO_IMS_CONTEXTS_A_CLIENT__ID", Some(("A", "client_id"))),
            ("AIO_ims_contexts_a-b_scopes", Some(("a-b", "scopes"))),
            ("AIO_ims_contexts_a", None),
            ("AIO_runtime_auth", None),
            ("AIO_ims", None),
        ] {
            let expected = expected.map(|(context, key)| (context.to_owned(), key.to_owned()));
            assert_eq!(names(variable), expected, "{variable}");
        }
    }

    #[test]
    fn the_values_stay_as_they_are() {
        let value = Zeroizing::new("a\"b\\c\nd\u{1}e".to_owned());
        let json = to_json([("AIO_ims_contexts_a_b", value.clone())].into_iter()).unwrap();
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["ims"]["contexts"]["a"]["b"], value.as_str());
    }
}
