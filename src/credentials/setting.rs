//! One setting of credentials, with the name that the user's file calls it.

use std::borrow::Cow;
use std::mem;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::error::{Error, Field, Status, text_problem};

/// The number of secrets, of keys, and of pairs of them that are tried one after the other.
pub(super) const MAX_TRIED: usize = 8;

/// A value, if it is given, and its field: what the user calls it is empty where a format has no
/// such setting. As small as it can be, because an account has some forty of them, and most files give ten.
#[derive(Clone, Default)]
pub(super) struct Setting(Inner);

#[derive(Clone)]
enum Inner {
    /// Not given; the user calls it as the core does.
    Absent(&'static str),
    Named(Rc<Named>),
}

impl Default for Inner {
    fn default() -> Self {
        Self::Absent("")
    }
}

#[derive(Clone, Default)]
struct Named {
    field: Field,
    value: Option<Rc<Zeroizing<String>>>,
}

impl Setting {
    /// Takes a copy of a value, under the name that the user calls it. An empty value counts as not
    /// given.
    pub fn new(name: impl Into<Cow<'static, str>>, value: Option<&str>) -> Self {
        match value {
            Some(value) => Self::owned(name, Zeroizing::new(value.to_owned())),
            None => Self::absent(name),
        }
    }

    /// Takes a value over.
    pub fn owned(name: impl Into<Cow<'static, str>>, value: Zeroizing<String>) -> Self {
        Self::of(name.into(), Some(value).filter(|value| !value.trim().is_empty()))
    }

    /// Returns another value under the same name.
    pub fn with_value(&self, value: Option<&str>) -> Self {
        Self::new(self.name().to_owned(), value)
    }

    /// Makes a setting that is not given, and that the user calls as the core does.
    pub fn not_given(name: &'static str) -> Self {
        Self(Inner::Absent(name))
    }

    /// Makes a setting that is not given.
    pub fn absent(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(name.into(), None)
    }

    fn of(name: Cow<'static, str>, value: Option<Zeroizing<String>>) -> Self {
        let (field, value) = (Field::called(name), value.map(Rc::new));
        Self(Inner::Named(Rc::new(Named { field, value })))
    }

    /// Sets what the user calls it.
    pub fn called(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.change_field(|field| field.renamed(name));
        self
    }

    /// Sets what the core calls it.
    pub fn named(mut self, name: &'static str) -> Self {
        self.set_name(name);
        self
    }

    /// Sets what the core calls it.
    pub fn set_name(&mut self, name: &'static str) {
        if !matches!(self.0, Inner::Absent(own) if own == name) {
            self.change_field(|field| field.named(name));
        }
    }

    fn change_field(&mut self, change: impl FnOnce(Field) -> Field) {
        if let Inner::Absent(_) = self.0 {
            self.0 = Inner::Named(Rc::new(Named { field: self.field(), value: None }));
        }
        if let Inner::Named(named) = &mut self.0 {
            let named = Rc::make_mut(named);
            named.field = change(mem::take(&mut named.field));
        }
    }

    /// Returns whether no format has named it.
    pub fn is_unnamed(&self) -> bool {
        matches!(self.0, Inner::Absent(""))
    }

    /// Returns what the user calls it, and what the core does.
    pub fn field(&self) -> Field {
        match &self.0 {
            Inner::Absent("") => Field::default(),
            Inner::Absent(name) => Field::new(*name),
            Inner::Named(named) => named.field.clone(),
        }
    }

    /// Returns what the user calls it.
    pub fn name(&self) -> &str {
        match &self.0 {
            Inner::Absent(name) => name,
            Inner::Named(named) => named.field.as_str(),
        }
    }

    /// Returns the value as it is written.
    pub fn value(&self) -> Option<&str> {
        match &self.0 {
            Inner::Absent(_) => None,
            Inner::Named(named) => named.value.as_ref().map(|value| value.as_str()),
        }
    }

    /// Returns the value, checked.
    pub fn optional(&self) -> Result<Option<String>, Error> {
        let Some(value) = self.value() else { return Ok(None) };
        let value = value.trim();
        match text_problem(value) {
            Some(problem) => Err(self.error(problem)),
            None => Ok(Some(value.to_owned())),
        }
    }

    /// Makes the error of this setting; `problem` continues a sentence that begins with its name.
    pub fn error(&self, problem: impl Into<String>) -> Error {
        bad(problem).with_field(self.field())
    }
}

/// Makes the error of bad credentials.
pub(super) fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Credentials, problem)
}

/// Makes the error of a setting that the user calls `name`.
pub(super) fn bad_setting(name: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Error {
    bad(problem).with_field(Field::called(name))
}

/// Makes the error of two settings for the same that say different things.
pub(super) fn both_given(one: &str, other: &str) -> Error {
    bad_setting(one.to_owned(), format!("and {other} are both given, and differ"))
        .with_hint("give one of them")
}
