//! The variables of Okta's SDKs, which are named after the settings of `okta.yaml`: `OKTA_CLIENT_ORGURL`.
//!
//! Source: okta/okta-sdk-python, README.md and okta/config/config_setter.py.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::Serializer;
use zeroize::Zeroizing;

use super::json_value::written;

const PREFIX: &str = "OKTA_CLIENT_";

/// The settings whose names in `okta.yaml` have capital letters.
const NAMES: &[&str] =
    &["orgUrl", "authorizationMode", "clientId", "privateKey", "privateKeyId", "dpopEnabled"];

#[derive(Serialize)]
struct Configuration {
    okta: Client,
}

#[derive(Serialize)]
struct Client {
    client: BTreeMap<String, Secret>,
}

/// A value, which may be a secret.
#[derive(Serialize)]
#[serde(transparent)]
struct Secret(#[serde(serialize_with = "as_text")] Zeroizing<String>);

fn as_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// Returns the variables as `okta.yaml` in JSON; `None` where none of them is the organization's URL.
pub(super) fn to_json<'a>(
    variables: impl Iterator<Item = (&'a str, Zeroizing<String>)>,
) -> Option<Zeroizing<String>> {
    let mut client = BTreeMap::new();
    for (variable, mut value) in variables {
        let Some(name) = variable.strip_prefix(PREFIX) else { continue };
        let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
        let name = known.map_or_else(|| name.to_ascii_lowercase(), |known| (*known).to_owned());
        if name == "scopes" {
            value = Zeroizing::new(value.replace(',', " "));
        }
        client.insert(name, Secret(value));
    }
    client.contains_key("orgUrl").then_some(())?;
    written(&Configuration { okta: Client { client } })
}
