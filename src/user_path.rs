//! Paths as people write them, for a program that no shell helps: `~/key.pem` and `file:///key.pem`.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use crate::environment;

/// Returns the path that is meant: `~` at the beginning is the home directory, by the variable HOME, and a
/// URL `file:` of this machine is a path (RFC 8089), also a relative one. A program with more rights than its
/// caller obeys no HOME.
pub fn resolved(path: &Path) -> Cow<'_, Path> {
    match of_url(path.as_os_str().as_bytes()) {
        Some(path) => at_home(&path).unwrap_or(path).into(),
        None => at_home(path).map_or(path.into(), Cow::from),
    }
}

/// Returns the path below the home directory.
fn at_home(path: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix("~").ok()?;
    let home = environment::variable("HOME").filter(|home| !home.is_empty())?;
    Some(Path::new(&home).join(rest))
}

/// Returns the path of a URL `file:`. What stands where a host does is a path where it is no name of a machine:
/// `file://../key.pem`, `file://~/key.pem`, `file://key.pem`.
fn of_url(url: &[u8]) -> Option<PathBuf> {
    const SCHEME: &[u8] = b"file:";
    let (scheme, rest) = url.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(())?;
    let path = match rest.strip_prefix(b"//") {
        None => rest,
        Some(rest) => {
            let host_len = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
            match rest.split_at(host_len) {
                ([], path) => path,
                (host, path) if host.eq_ignore_ascii_case(b"localhost") => path,
                ([b'.' | b'~', ..], _) | (_, []) => rest,
                _ => return None,
            }
        }
    };
    (!path.is_empty()).then(|| PathBuf::from(OsString::from_vec(decoded(path))))
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

/// Returns what to do about a missing file whose path holds what only a shell replaces, or is none of this
/// system.
pub fn hint(path: &Path) -> Option<&'static str> {
    let parts = path.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part),
        _ => None,
    });
    parts.filter_map(OsStr::to_str).find_map(|part| unreplaced(part).or_else(|| foreign(part)))
}

/// Returns what to do about a part of a path that a shell would replace.
fn unreplaced(part: &str) -> Option<&'static str> {
    let is_between = |begin: &str, end: &str| {
        part.split_once(begin)
            .is_some_and(|(_, rest)| rest.find(end).is_some_and(|place| place > 0))
    };
    if part.contains("$(") {
        Some("a command such as $(pwd) is not replaced in a path: write the whole path")
    } else if is_between("${", "}") || part.strip_prefix('$').is_some_and(|name| !name.is_empty()) {
        Some("a variable such as $HOME is not replaced in a path: write the whole path")
    } else if is_between("{{", "}}") {
        Some("a placeholder such as {{KEY}} is not replaced in a path: write the whole path")
    } else if is_between("%", "%") {
        Some("a variable such as %HOME% is not replaced in a path: write the whole path")
    } else if part.starts_with('~') && part != "~" {
        Some("a home directory such as ~user is not replaced in a path: write the whole path")
    } else if part == "~" {
        Some("~ is not replaced here: write the whole path")
    } else {
        None
    }
}

/// The beginnings of references that have no `//`: those of HashiCorp's Vault, PKCS#11 (RFC 7512), AWS, SOPS,
/// data URLs (RFC 2397), and settings of other tools.
const REFERENCES: [&str; 7] = ["vault:", "pkcs11:", "arn:", "sops:", "data:", "env:", "secretref:"];

/// Returns what to do about a part of a path that is one of a URL or of Windows.
fn foreign(part: &str) -> Option<&'static str> {
    let begins = |beginning: &str| {
        let begin = part.as_bytes().get(..beginning.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(beginning.as_bytes()))
    };
    let is_scheme = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let is_drive = match part.as_bytes() {
        [letter, b':'] | [letter, b':', b'\\', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    };
    if begins("file:") {
        Some("a URL file: of another machine is not read: write the path itself")
    } else if is_drive || part.starts_with(r"\\") {
        Some(
            "a path of Windows leads nowhere on this system: write the one that the file has here, such as \
             /home/me/key.pem",
        )
    } else if part.strip_suffix(':').is_some_and(is_scheme) || REFERENCES.into_iter().any(begins) {
        // `//` ends a part, so that the name of a scheme does, too.
        Some(
            "a URL or reference such as https:// or vault: is not followed: store what it names in a file, \
             and write the path of that",
        )
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
            ("FILE://LOCALHOST/etc/key.pem", "/etc/key.pem"),
            ("File:/etc/key.pem", "/etc/key.pem"),
            ("file:keys/key%2epem", "keys/key.pem"),
            ("file:../key.pem", "../key.pem"),
            ("file://./key.pem", "./key.pem"),
            ("file://../keys/key.pem", "../keys/key.pem"),
            ("file://key.pem", "key.pem"),
            ("file://elsewhere/key.pem", "file://elsewhere/key.pem"),
            ("file:", "file:"),
            ("file://", "file://"),
            ("file", "file"),
            ("profile:key.pem", "profile:key.pem"),
            ("/etc/100%/key.pem", "/etc/100%/key.pem"),
            ("key~.pem", "key~.pem"),
            ("~user/key.pem", "~user/key.pem"),
        ] {
            assert_eq!(resolved(Path::new(written)), Path::new(meant));
        }
        let home = PathBuf::from(environment::variable("HOME").unwrap());
        for written in ["~/.keys/key.pem", "file:~/.keys/key.pem", "file://~/.keys/key.pem"] {
            assert_eq!(resolved(Path::new(written)), home.join(".keys/key.pem"));
        }
        assert_eq!(resolved(Path::new("~")), home);
    }

    #[test]
    fn what_only_a_shell_replaces_or_is_no_path_of_this_system_is_named() {
        for (path, what) in [
            ("~user/key.pem", "~user"),
            ("$HOME/key.pem", "$HOME"),
            ("conf/${KEY}", "$HOME"),
            ("%HOME%/key.pem", "%HOME%"),
            ("$(pwd)/key.pem", "$(pwd)"),
            ("{{ key }}.pem", "{{KEY}}"),
            ("conf/~/key.pem", "~ is not replaced here"),
            ("file://elsewhere/key.pem", "URL file:"),
            ("https://a.example/key.pem", "https://"),
            ("conf/op://vault/item", "https://"),
            ("s3://bucket/key.pem", "https://"),
            ("vault:secret/data/key", "vault:"),
            ("pkcs11:token=a;object=b", "vault:"),
            ("C:\\keys\\key.pem", "Windows"),
            ("conf/c:/keys/key.pem", "Windows"),
            ("\\\\server\\share\\key.pem", "Windows"),
        ] {
            let hint = hint(Path::new(path)).unwrap();
            assert!(hint.contains(what), "{path}: {hint}");
        }
        for plain in [
            "key.pem",
            "/etc/a$b",
            "100%.pem",
            "a%20b.pem",
            "key~",
            "../a-{b}.pem",
            "a:b",
            "key:1/a\\b",
        ] {
            assert_eq!(hint(Path::new(plain)), None, "{plain}");
        }
    }
}
