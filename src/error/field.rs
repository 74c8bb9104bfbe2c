//! The parameter or setting at fault.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A parameter or setting: the core's name of it, and what the user calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name in ims.h, such as `client_secret`; `None` if the core has no such setting.
    name: Option<Cow<'static, str>>,
    /// Such as `CLIENT_SECRET` in a .env file.
    called: Cow<'static, str>,
}

impl Field {
    /// Makes a field that the user calls as ims.h does.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        Self { name: Some(name.clone()), called: name }
    }

    /// Makes a field whose name in ims.h is not known yet: see [`Field::named`].
    pub fn called(called: impl Into<Cow<'static, str>>) -> Self {
        Self { name: None, called: called.into() }
    }

    /// Sets what ims.h calls it.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Returns what the user calls it.
    pub fn as_str(&self) -> &str {
        &self.called
    }

    /// Sets what the user calls it.
    pub fn renamed(self, called: impl Into<Cow<'static, str>>) -> Self {
        Self { called: called.into(), ..self }
    }

    /// Returns what ims.h calls it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// Shows what the user calls it.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.called)
    }
}

/// The length of a setting or claim, in bytes.
const MAX_TEXT: usize = 4096;

/// Returns the problem of the text of a setting or claim: empty, over 4 KiB, or with control
/// characters.
pub(crate) fn text_problem(value: &str) -> Option<&'static str> {
    if value.is_empty() {
        Some("is missing or empty")
    } else if value.len() > MAX_TEXT {
        Some("is over 4 KiB")
    } else if value.chars().any(char::is_control) {
        Some("holds a control character, such as a line break")
    } else {
        None
    }
}
