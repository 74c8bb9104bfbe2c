//! Paths as people write them, for a program that no shell helps: `~/key.pem` and `file:///key.pem`.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use crate::environment;

const URL: &[u8] = b"file://";

/// Returns the path that is meant: `~` at the beginning is the home directory, by the variable HOME, and a
/// URL `file://` of this machine is a path (RFC 8089). A program with more rights than its caller obeys no
/// HOME.
pub(crate) fn resolved(path: &Path) -> Cow<'_, Path> {
    let bytes = path.as_os_str().as_bytes();
    if let Some(rest) = bytes.strip_prefix(URL) {
        let rest = rest.strip_prefix(b"localhost").unwrap_or(rest);
        if rest.starts_with(b"/") {
            return PathBuf::from(OsString::from_vec(decoded(rest))).into();
        }
    }
    if let Ok(rest) = path.strip_prefix("~")
        && let Some(home) = environment::variable("HOME").filter(|home| !home.is_empty())
    {
        return Path::new(&home).join(rest).into();
    }
    path.into()
}

/// Returns the bytes of a URL's path (RFC 3986 section 2.1).
fn decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|code| code.iter().all(u8::is_ascii_hexdigit));
        let code = code.filter(|_| *first == b'%').and_then(|code| str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

/// Returns what to do about a missing file whose path holds what only a shell replaces.
pub(crate) fn hint(path: &Path) -> Option<String> {
    let parts = path.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part),
        _ => None,
    });
    let what = parts.filter_map(OsStr::to_str).find_map(unreplaced)?;
    Some(format!(
        "{what} is not replaced in a path: write the path itself, or ~/ for the home directory of HOME"
    ))
}

/// Returns the kind of thing in a part of a path that a shell would replace.
fn unreplaced(part: &str) -> Option<&'static str> {
    let is_between = |begin: &str, end: &str| {
        part.split_once(begin)
            .is_some_and(|(_, rest)| rest.find(end).is_some_and(|place| place > 0))
    };
    if part.contains("$(") {
        Some("a command such as $(pwd)")
    } else if is_between("${", "}") || part.strip_prefix('$').is_some_and(|name| !name.is_empty()) {
        Some("a variable such as $HOME")
    } else if is_between("{{", "}}") {
        Some("a placeholder such as {{KEY}}")
    } else if is_between("%", "%") {
        Some("a variable such as %HOME%")
    } else if part.starts_with('~') && part != "~" {
        Some("a home directory such as ~user")
    } else if part == "~" {
        Some("~ without the variable HOME, or not at the beginning,")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_this_machine_and_the_home_directory_are_paths() {
        for (written, meant) in [
            ("file:///etc/my%20key.pem", "/etc/my key.pem"),
            ("file://localhost/etc/key.pem", "/etc/key.pem"),
            ("file://elsewhere/key.pem", "file://elsewhere/key.pem"),
            ("/etc/100%/key.pem", "/etc/100%/key.pem"),
            ("key~.pem", "key~.pem"),
            ("~user/key.pem", "~user/key.pem"),
        ] {
            assert_eq!(resolved(Path::new(written)), Path::new(meant));
        }
        let home = PathBuf::from(environment::variable("HOME").unwrap());
        assert_eq!(resolved(Path::new("~/.keys/key.pem")), home.join(".keys/key.pem"));
        assert_eq!(resolved(Path::new("~")), home);
    }

    #[test]
    fn what_only_a_shell_replaces_is_named() {
        for (path, what) in [
            ("~user/key.pem", "~user"),
            ("$HOME/key.pem", "$HOME"),
            ("conf/${KEY}", "$HOME"),
            ("%HOME%/key.pem", "%HOME%"),
            ("$(pwd)/key.pem", "$(pwd)"),
            ("{{ key }}.pem", "{{KEY}}"),
            ("conf/~/key.pem", "HOME"),
        ] {
            let hint = hint(Path::new(path)).unwrap();
            assert!(hint.contains(what), "{path}: {hint}");
        }
        for plain in ["key.pem", "/etc/a$b", "100%.pem", "a%20b.pem", "key~", "../a-{b}.pem"] {
            assert_eq!(hint(Path::new(plain)), None, "{plain}");
        }
    }
}
