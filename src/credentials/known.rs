//! The settings that a file has and libims does not read: those that its tool has beyond the ones that
//! matter here, those that matter and are not followed, and those that are unknown.

use std::cell::{Cell, RefCell};
use std::fmt;

use super::setting::bad_setting;
use crate::error::{Error, shown};

/// The likeness, from 0 to 1, from which one name is taken for another with a typing error, as clap does.
const MIN_LIKENESS: f64 = 0.7;

/// The words of the names that say where something is.
const PLACES: &[&str] = &[
    "authority",
    "endpoint",
    "endpoints",
    "env",
    "environment",
    "host",
    "hostname",
    "issuer",
    "server",
    "servers",
    "uri",
    "url",
];
/// The words of the names that say where a browser is sent, which gets no secret, and of `server_to_server`.
const NO_PLACES: &[&str] = &["callback", "redirect", "to"];
/// The length in bytes from which a name is no other one with a typing error.
const MAX_NAME: usize = 64;

/// The number of unknown settings that are named.
const MAX_NAMED: usize = 5;

/// The settings that the files of a format may have beyond those that are read. A path has dots between
/// its names, `[]` for any place in a list, and one `{}` for any name.
pub(super) struct Known {
    /// The settings that change neither what is sent nor where.
    pub harmless: &'static [&'static str],
    /// The settings that do.
    pub refused: &'static [Refused],
}

/// A setting that matters, but is not followed.
pub(super) struct Refused {
    pub path: &'static str,
    /// The values that ask for what libims does anyway, in lower case.
    pub except: &'static [&'static str],
    /// The way to get what the setting asks for.
    pub hint: &'static str,
}

impl Known {
    /// Knows no further settings.
    pub const NONE: &'static Self = &Self { harmless: &[], refused: &[] };
}

/// What is found in a document besides the settings that are read.
pub(super) struct Findings {
    known: Cell<&'static Known>,
    unknown: RefCell<Unknown>,
    refused: RefCell<Option<Error>>,
}

impl Findings {
    pub fn new(known: &'static Known) -> Self {
        let (unknown, refused) = (RefCell::default(), RefCell::default());
        Self { known: Cell::new(known), unknown, refused }
    }

    /// Sets the table of the format, once that is recognized.
    pub fn set_known(&self, known: &'static Known) {
        self.known.set(known);
    }

    /// Notes the setting `name` of the object `path`, which is not read. `value` is as it is written, and
    /// `read` are the names that are read there.
    pub fn add(&self, path: &str, name: &str, value: &str, read: &[&'static str]) {
        let known = self.known.get();
        let is = |entry: &str| is_path(entry, path, name);
        if known.harmless.iter().any(|entry| is(entry)) {
            return;
        }
        match known.refused.iter().find(|refused| is(refused.path)) {
            Some(refused) if is_blank(value) || asks_for(refused.except, value) => {}
            Some(refused) => {
                let error = bad_setting(refused.path, "is given, but libims does not follow it");
                self.refused.borrow_mut().get_or_insert(error.with_hint(refused.hint));
            }
            None if !is_blank(value) && may_say_where(path, name, read, known) => {
                let problem = "is unknown, and may say where the secret goes";
                let hint = match read.iter().find(|meant| is_misspelt(meant, name)) {
                    Some(meant) => format!("did you mean {meant}? Otherwise remove it"),
                    None => {
                        "remove it: libims sends the secret where the other settings say".into()
                    }
                };
                let error = bad_setting(shown_path(path, name), problem).with_hint(hint);
                self.refused.borrow_mut().get_or_insert(error);
            }
            None => self.unknown.borrow_mut().add(path, name, read),
        }
    }

    /// Returns the unknown settings.
    ///
    /// # Errors
    /// Names the first setting that matters, but is not followed, or that may say where the secret goes.
    pub fn finish(&self) -> Result<Unknown, Error> {
        match self.refused.take() {
            Some(error) => Err(error),
            None => Ok(self.unknown.take()),
        }
    }
}

/// Settings of an unknown name, which someone else may have written: a text of them is cleaned and cut.
#[derive(Clone, Default)]
pub(crate) struct Unknown {
    /// Each path with the known name that it is most like.
    named: Vec<(String, Option<&'static str>)>,
    further: usize,
}

impl Unknown {
    fn add(&mut self, path: &str, name: &str, read: &[&'static str]) {
        if self.named.len() == MAX_NAMED {
            self.further += 1;
            return;
        }
        self.named.push((shown_path(path, name), nearest(read, name)));
    }

    pub fn extend(&mut self, other: Self) {
        self.further += other.further;
        for named in other.named {
            match self.named.len() < MAX_NAMED {
                true => self.named.push(named),
                false => self.further += 1,
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }
}

/// Continues "holds ...".
impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<String> = self
            .named
            .iter()
            .map(|(path, nearest)| match nearest {
                Some(nearest) => format!("{path} (did you mean {nearest}?)"),
                None => path.clone(),
            })
            .collect();
        let is_one = self.named.len() == 1;
        let begin = if is_one { "the unknown setting" } else { "the unknown settings" };
        write!(f, "{begin} {}", named.join(", "))?;
        match self.further {
            0 => Ok(()),
            further => write!(f, ", and {further} more"),
        }
    }
}

/// Returns the name of `known` that is most like `name`, if one is like it.
pub(super) fn nearest(known: &[&'static str], name: &str) -> Option<&'static str> {
    let likeness = |known: &&str| strsim::jaro(name, known);
    let nearest = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&nearest) > MIN_LIKENESS).then_some(nearest)
}

/// Returns the path of a setting of an unknown name, which someone else may have written.
pub(super) fn shown_path(path: &str, name: &str) -> String {
    // What follows is a value that stands in the wrong place, and may be a secret.
    let bare = name.split([':', '=']).next().unwrap_or_default();
    // Each by itself: the whole is as long as a token is.
    let names = path.split('.').filter(|name| !name.is_empty()).chain([bare]);
    names.map(shown).collect::<Vec<_>>().join(".")
}

/// Returns whether an unknown setting may be meant to say where the secret goes: its own name or its section's does, or one
/// that it differs from by a typing error. A setting that is not followed counts, too.
fn may_say_where(path: &str, name: &str, read: &[&'static str], known: &Known) -> bool {
    let last = |path: &'static str| path.rsplit('.').next().unwrap_or_default();
    let places = read.iter().copied().filter(|name| says_where(name) || *name == "ims");
    let mut meant = places.chain(known.refused.iter().map(|refused| last(refused.path)));
    says_where(path) || says_where(name) || meant.any(|meant| is_misspelt(meant, name))
}

/// Returns whether a name says where something is, such as `auth_host` or `baseUrl`.
fn says_where(name: &str) -> bool {
    let is = |word: &[u8], these: &[&str]| {
        these.iter().any(|this| this.as_bytes().eq_ignore_ascii_case(word))
    };
    words(name).any(|word| is(word, PLACES)) && !words(name).any(|word| is(word, NO_PLACES))
}

/// Returns the words of a name: `auth` and `host` of `auth_host` and of `authHost`.
fn words(name: &str) -> impl Iterator<Item = &[u8]> {
    let is_one = |a: &u8, b: &u8| !(a.is_ascii_lowercase() && b.is_ascii_uppercase());
    name.as_bytes()
        .split(|letter| !letter.is_ascii_alphanumeric())
        .flat_map(move |part| part.chunk_by(is_one))
}

/// Returns whether a name is another with one typing error, or two in a long name, or with letters of another case.
fn is_misspelt(meant: &str, name: &str) -> bool {
    let errors = if meant.len() < 8 { 1 } else { 2 };
    name.len() < MAX_NAME
        && strsim::osa_distance(&meant.to_ascii_lowercase(), &name.to_ascii_lowercase()) <= errors
}

/// Returns whether `entry` of a table is the setting `name` of the object `path`.
fn is_path(entry: &str, path: &str, name: &str) -> bool {
    let Some(begin) = entry.strip_suffix(name) else { return false };
    let (mut begin, mut rest) = match (begin.strip_suffix('.'), path) {
        (Some(begin), path) => (begin, path),
        (None, _) => return begin.is_empty() && path.is_empty(),
    };
    if let Some((before, after)) = begin.split_once("{}") {
        let named = rest.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        return named.is_some_and(|name| !name.is_empty());
    }
    // A place in a list, such as [3], is [] in the table.
    while let Some((before, after)) = begin.split_once("[]") {
        let Some(place) = rest.strip_prefix(before).and_then(|rest| rest.strip_prefix('[')) else {
            return false;
        };
        let Some((_, after_place)) = place.split_once(']') else { return false };
        (begin, rest) = (after, after_place);
    }
    begin == rest
}

/// Returns whether it is neither null nor an empty text, list or object.
fn is_blank(value: &str) -> bool {
    matches!(value, "null" | "\"\"" | "[]" | "{}")
}

fn asks_for(except: &[&str], value: &str) -> bool {
    let value = value.trim_matches('"').trim();
    except.iter().any(|except| value.eq_ignore_ascii_case(except))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_may_say_where_the_secret_goes_is_told() {
        const READ: &[&str] = &["client_id", "ims_host", "url", "ims", "environment"];
        let refused = Refused { path: "server.ssl_verify", except: &[], hint: "" };
        let known = Known { harmless: &[], refused: Box::leak(Box::new([refused])) };
        for (path, name, expected) in [
            ("", "auth_host", true),
            ("", "baseURL", true),
            ("server", "auth_hots", true),
            ("servers", "anything", true),
            ("", "ims_hots", true),
            ("", "enviroment", true),
            ("", "imsHost", true),
            ("", "ulr", true),
            ("", "IMS", true),
            ("", "ssl_verfy", true),
            ("", "redirect_uri", false),
            ("oauth_server_to_server", "a", false),
            ("", "clientid", false),
            ("", "currency", false),
            ("", "a_long_name_of_something_else", false),
        ] {
            assert_eq!(may_say_where(path, name, READ, &known), expected, "{path} {name}");
        }
    }

    #[test]
    fn each_name_of_a_path_is_shown_by_itself() {
        let path = "integration.technicalAccount";
        assert_eq!(
            shown_path(path, "clientSecretExpiresAt"),
            format!("{path}.clientSecretExpiresAt")
        );
        let key = "QmFzZTY0VGV4dFRoYXRIYXNObM_ZZaWdpdHNBdGFsbA";
        assert_eq!(shown_path(path, key), format!("{path}.[redacted]"));
        assert_eq!(shown_path("", "client_secret: s3cret"), "client_secret");
    }

    #[test]
    fn a_table_s_path_names_each_place_of_a_list() {
        for (entry, path, name, expected) in [
            ("a", "", "a", true),
            ("a", "", "b", false),
            ("a", "b", "a", false),
            ("b.a", "b", "a", true),
            ("ba", "b", "a", false),
            ("l[].a", "l[17]", "a", true),
            ("l[].b.a", "l[17].b", "a", true),
            ("l[].a", "l", "a", false),
            ("l[].a", "l[17].b", "a", false),
            ("l.a", "l[17]", "a", false),
            ("l.{}.a", "l.x.y", "a", true),
            ("l.{}.b.a", "l.x.b", "a", true),
            ("l.{}.a", "l", "a", false),
            ("l.{}.a", "m.x", "a", false),
        ] {
            assert_eq!(is_path(entry, path, name), expected, "{entry} {path} {name}");
        }
    }
}
