//! The contexts that aio reads from variables, such as those that `aio app use` writes into `.env`.
//!
//! Source: adobe/aio-lib-core-config, src/Config.js: `_` stands between the names, `__` for one `_`, and the last of two
//! variables of a name counts.

use serde::Serialize;
use serde::ser::Serializer;
use zeroize::Zeroizing;

use super::json_value::written;

const PREFIX: &str = "AIO_IMS_CONTEXTS_";
const ENVIRONMENT: &str = "AIO_CLI_ENV";

/// The configuration that the variables stand for.
#[derive(Default, Serialize)]
struct Configuration {
    cli: Cli,
    ims: Ims,
}

#[derive(Default, Serialize)]
struct Cli {
    env: Option<String>,
}

#[derive(Default, Serialize)]
struct Ims {
    #[serde(serialize_with = "as_object")]
    contexts: Vec<(String, Context)>,
}

#[derive(Default, Serialize)]
#[serde(transparent)]
struct Context(#[serde(serialize_with = "as_object")] Vec<(String, Secret)>);

/// A value, which may be a secret.
struct Secret(Zeroizing<String>);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn as_object<S: Serializer>(
    members: &[(String, impl Serialize)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
}

/// Returns the variables as aio's configuration in JSON; `None` where there is no context.
pub(super) fn to_json<'a>(
    variables: impl Iterator<Item = (&'a str, Zeroizing<String>)>,
) -> Option<Zeroizing<String>> {
    let mut configuration = Configuration::default();
    let contexts = &mut configuration.ims.contexts;
    for (variable, value) in variables {
        if variable.eq_ignore_ascii_case(ENVIRONMENT) {
            configuration.cli.env = Some(value.to_string());
        }
        let Some((name, setting)) = names(variable) else { continue };
        let place = contexts.iter().position(|(known, _)| known.eq_ignore_ascii_case(&name));
        let place = place.unwrap_or_else(|| {
            contexts.push((name, Context::default()));
            contexts.len() - 1
        });
        let settings = &mut contexts[place].1.0;
        settings.retain(|(known, _)| *known != setting);
        settings.push((setting, Secret(value)));
    }
    if contexts.is_empty() {
        return None;
    }
    written(&configuration)
}

/// Returns the name of the context and of its setting.
fn names(variable: &str) -> Option<(String, String)> {
    let begin = variable.get(..PREFIX.len())?;
    let rest = variable.get(PREFIX.len()..).filter(|_| begin.eq_ignore_ascii_case(PREFIX))?;
    // No name has a NUL.
    let rest = rest.replace("__", "\0");
    let (context, setting) = rest.split_once('_')?;
    let name = |name: &str| name.replace('\0', "_");
    Some((name(context), name(setting).to_ascii_lowercase()))
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
            let expected = expected.map(|(context, name)| (context.to_owned(), name.to_owned()));
            assert_eq!(names(variable), expected, "{variable}");
        }
    }

    #[test]
    fn the_values_stay_as_they_are() {
        let value = Zeroizing::new("a\"b\\c\nd\u{1}e".to_owned());
        let variables =
            [("AIO_ims_contexts_a_b", value.clone()), ("AIO_ims_contexts_a_c", value.clone())];
        let json = to_json(variables.into_iter()).unwrap();
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        let context = &read["ims"]["contexts"]["a"];
        assert_eq!(
            (&context["b"], &context["c"]),
            (&value.as_str().into(), &value.as_str().into())
        );
    }
}
