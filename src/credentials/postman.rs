//! An environment as Postman exports it.

use super::env::{self, NAMES, Variables};
use super::json::Object;
use super::known::Known;
use super::setting::{Setting, bad, bad_setting};
use super::settings::Settings;
use crate::error::Error;

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "id",
        "_postman_variable_scope",
        "_postman_exported_at",
        "_postman_exported_using",
        "values[].type",
        "values[].description",
        // Of a variable that is turned off, or of no account.
        "values[].key",
        "values[].value",
    ],
    refused: &[],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.has("values")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let mut variables = Variables::default();
    document.each_object("values", |entry| {
        if entry.value("enabled") == Some("false") {
            return Ok(());
        }
        let key = entry.text("key")?;
        let Some(key) = key.value() else { return Ok(()) };
        if !NAMES.contains(&key) {
            let value = entry.peek("value").filter(|value| *value != "\"\"");
            variables.set(Setting::new(key.to_owned(), value));
            return Ok(());
        }
        let separator = if key == "PRIVATE_KEY" { "\n" } else { "," };
        let value = entry
            .list("value", separator)
            .map_err(|_| bad_setting(key.to_owned(), "must be a string or a list of strings"))?;
        variables.set(value.called(key.to_owned()));
        Ok(())
    })?;
    let mut settings = env::parse(&variables)?
        .ok_or_else(|| bad("is a Postman environment without credentials").with_hint(env::HINT))?;
    settings.ids.push(document.text("name")?);
    Ok(settings)
}
