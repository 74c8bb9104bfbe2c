//! An environment as Postman exports it.

use zeroize::Zeroizing;

use super::json::Object;
use super::settings::Settings;
use super::{bad, env};
use crate::error::Error;

pub(super) fn is(document: &Object<'_>) -> bool {
    document.has("values")
}

pub(super) fn settings(document: &Object<'_>) -> Result<Settings, Error> {
    let mut variables = Vec::new();
    for entry in document.objects("values")? {
        if entry.map.get("enabled").is_some_and(|enabled| enabled == false) {
            continue;
        }
        let key = entry.text("key")?;
        let Some(key) = key.value().filter(|key| env::NAMES.contains(key)) else { continue };
        let separator = if key == "PRIVATE_KEY" { "\n" } else { "," };
        let value = entry
            .list("value", separator)
            .map_err(|_| bad(format!("{key} must be a string or a list of strings")))?;
        variables
            .extend(value.value().map(|value| (key.to_owned(), Zeroizing::new(value.to_owned()))));
    }
    let mut settings = env::settings(&variables)?
        .ok_or_else(|| bad("is a Postman environment without credentials").with_hint(env::HINT))?;
    settings.ids.push(document.text("name")?);
    Ok(settings)
}
