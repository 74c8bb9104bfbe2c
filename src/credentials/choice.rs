//! The choice among several credentials of one file.

use std::fmt;

use super::setting::{Setting, bad};
use super::settings::Settings;
use crate::error::{Error, shown};

/// The credentials of a file so far, of which the caller names one.
pub(super) struct Choice<'a> {
    name: Option<&'a str>,
    names: Names,
    /// The first that matches, and the number of those that match.
    first: Option<Settings>,
    count: usize,
}

impl<'a> Choice<'a> {
    /// Chooses by `name`, id or client id; without a name, the only one.
    pub fn new(name: Option<&'a str>) -> Self {
        Self { name, names: Names::default(), first: None, count: 0 }
    }

    /// Takes the next one of the file, whose name is the first of its ids.
    pub fn offer(&mut self, found: Settings) {
        self.names.add(found.ids.first().and_then(Setting::value));
        if self.name.is_none_or(|name| found.is_called(name)) {
            self.count += 1;
            self.first.get_or_insert(found);
        }
    }

    /// Returns the chosen one; `None` where the file has none at all.
    pub fn made(self) -> Result<Option<Settings>, Error> {
        let names = &self.names;
        match (self.first, self.name) {
            (Some(found), _) if self.count == 1 => Ok(Some(found)),
            (Some(_), Some(name)) => Err(bad(format!("has several credentials {}", shown(name)))
                .with_hint("pick one by its id")),
            (Some(_), None) => Err(bad(format!("has several credentials: {names}"))
                .with_hint("pick one by its name, id or client id")),
            (None, Some(name)) if names.count > 0 => {
                Err(bad(format!("holds no credential {}; it holds: {names}", shown(name))))
            }
            (None, _) => Ok(None),
        }
    }
}

/// The names of the credentials, for errors that list them.
#[derive(Default)]
struct Names {
    shown: Vec<String>,
    count: usize,
}

impl Names {
    const MAX_SHOWN: usize = 20;

    fn add(&mut self, name: Option<&str>) {
        self.count += 1;
        if self.shown.len() < Self::MAX_SHOWN {
            self.shown.extend(name.map(shown));
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown.join(", "))?;
        match self.count.saturating_sub(Self::MAX_SHOWN) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}
