//! The output of the command line: a token as JSON, and files that are written whole or not at all.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::process::geteuid;
use serde_json::value::RawValue;

use super::curl::quote;
use ims::error::printable_json;
use ims::{Error, Member, Secret, Status, Token, unix_seconds};

/// The bits of a file's mode that give rights to its group and to all others.
const OTHERS: u32 = 0o077;
/// The bit of a directory's mode that lets all others write. The group's bit is not checked,
/// because a group often has one member.
const WRITABLE_BY_ALL: u32 = 0o002;
/// The bit of a directory's mode that lets only a file's owner replace it, as in /tmp.
const STICKY: u32 = 0o1000;
/// The last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// `{"access_token", "token_type", "scope", "expires_at", "expires_in"}`, and the further members of the
/// server's response.
pub(super) fn token_json(token: &Token) -> Result<Secret, Error> {
    #[derive(serde::Serialize)]
    struct Json<'a> {
        access_token: &'a str,
        token_type: &'a str,
        scope: Option<&'a str>,
        expires_at: i64,
        expires_in: u64,
        #[serde(flatten)]
        further: BTreeMap<&'a str, Further<'a>>,
    }
    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Further<'a> {
        Text(&'a str),
        Json(Option<&'a RawValue>),
    }
    let further = token.members().filter(|(name, _)| !["token_type", "expires_at"].contains(name));
    let further = further.map(|(name, member)| match member {
        Member::Text(text) => (name, Further::Text(text)),
        Member::Json(json) => (name, Further::Json(serde_json::from_str(json).ok())),
    });
    let json = Json {
        access_token: token.access_token(),
        token_type: token.token_type(),
        scope: token.scope(),
        expires_at: unix_seconds(token.expires_at()),
        expires_in: token.expires_in(SystemTime::now()).as_secs(),
        further: further.collect(),
    };
    to_json(&json)
}

/// Writes JSON with terminal control characters escaped.
pub(super) fn to_json(value: &impl serde::Serialize) -> Result<Secret, Error> {
    let json: Secret = serde_json::to_string(value)
        .map(Secret::from)
        .map_err(|_| Error::new(Status::Internal, "the result cannot be written as JSON"))?;
    Ok(Secret::from(printable_json(json.expose())))
}

/// Writes a time as HTTP does. Returns `None` before 1970 and after the year 9999.
pub(super) fn date(seconds: i64) -> Option<String> {
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds <= LAST_SECOND)?;
    Some(httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)))
}

/// Replaces the file that `path` leads to, or creates it. Readers see the old content or the new.
/// An existing file keeps its permissions and owner.
pub(super) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    // For a link, the file that it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // A unique name, because two processes may write at once.
    let mut temporary = path.clone().into_os_string();
    temporary.push(format!(".{:08x}.new", getrandom::u32().map_err(io::Error::other)?));
    replace(&path, content, Path::new(&temporary), 0o666)
}

/// Replaces the file like [`replace_file`], by a temporary file of this name in the same folder. No one else may use the
/// name meanwhile, and no one else may read a file that is created.
pub(super) fn replace_by(path: &Path, content: &[u8], temporary: &Path) -> io::Result<()> {
    replace(path, content, temporary, 0o600)
}

/// `mode` is that of a file that is created.
fn replace(path: &Path, content: &[u8], temporary: &Path, mode: u32) -> io::Result<()> {
    let write = || {
        let old = fs::metadata(path).ok();
        // No one else may read it until it has the old file's permissions, because it may hold
        // secrets.
        let mode = if old.is_some() { 0o600 } else { mode };
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(mode).open(temporary)?;
        file.write_all(content)?;
        if let Some(old) = old {
            // Not every user may change a file's owner. Rights of the old group must not go to the
            // writer's.
            let mut permissions = old.permissions();
            if fchown(&file, Some(old.uid()), Some(old.gid())).is_err() {
                permissions.set_mode(permissions.mode() & !0o070);
            }
            file.set_permissions(permissions)?;
        }
        // A file that is renamed before its content is on the disk may be empty after a power failure.
        file.sync_all()?;
        fs::rename(temporary, path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(temporary);
    })
}

/// Warns if other users can read a file that now holds tokens, or replace it.
pub(super) fn warn_where_open(file: &Path) {
    for problem in openings(file) {
        log::warn!(target: "ims", "{problem}");
    }
}

/// Returns the warnings, each with a hint.
fn openings(file: &Path) -> Vec<String> {
    // A user who may replace a link can lead its reader to a different file.
    let (link, file) = (file, fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()));
    let mut openings = Vec::new();
    if let Ok(metadata) = fs::metadata(&file) {
        let (mode, shown) = (metadata.mode() & 0o777, file.display());
        if metadata.uid() != geteuid().as_raw() {
            openings.push(format!("{shown} holds tokens now, and belongs to another user"));
        } else if mode & OTHERS != 0 {
            let shell = quote(&shown.to_string());
            openings.push(format!(
                "{shown} holds tokens now, and is open to other users of this machine (mode \
                 {mode:03o}): chmod 600 {shell}"
            ));
        }
    }
    let directories = [link, &*file].map(|path| match path.parent() {
        Some(directory) if directory != Path::new("") => fs::canonicalize(directory).ok(),
        _ => fs::canonicalize(".").ok(),
    });
    let mut directories: Vec<_> = directories.into_iter().flatten().collect();
    directories.dedup();
    for directory in directories {
        let Ok(metadata) = fs::metadata(&directory) else { continue };
        if metadata.mode() & (WRITABLE_BY_ALL | STICKY) == WRITABLE_BY_ALL {
            let (shown, shell) = (directory.display(), quote(&directory.to_string_lossy()));
            openings.push(format!(
                "every user of this machine can replace files in {shown}, which holds tokens now: \
                 chmod o-w {shell}"
            ));
        }
    }
    openings
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use support::directory::Directory;

    use super::*;

    #[test]
    fn a_file_is_replaced_where_a_link_leads_and_keeps_its_permissions() {
        let directory = Directory::new();
        let (file, link) = (directory.write("file", "old"), directory.path().join("link"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace_file(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn what_cannot_be_replaced_leaves_nothing_behind() {
        let directory = Directory::new();
        let place = directory.path().join("a directory");
        fs::create_dir(&place).unwrap();
        replace_file(&place, b"new").unwrap_err();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_of_others_temporary_it_stay_and_two_writers_do_not_meet() {
        let directory = Directory::new();
        let (file, temporary) =
            (directory.write("file", "old"), directory.write("file.new", "mine"));
        std::thread::scope(|scope| {
            for writer in 0..8_u8 {
                let file = &file;
                scope.spawn(move || replace_file(file, &[writer; 4096]).unwrap());
            }
        });
        let content = fs::read(&file).unwrap();
        assert!(content.len() == 4096 && content.iter().all(|byte| *byte == content[0]));
        assert_eq!(fs::read(temporary).unwrap(), b"mine");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_with_tokens_that_others_can_read_or_replace_is_warned_of() {
        let directory = Directory::new();
        let set = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let open = directory.path().join("open");
        fs::create_dir(&open).unwrap();
        let (file, link) = (directory.write("it's", ""), open.join("link"));
        symlink(&file, &link).unwrap();
        for (file_mode, directory_mode, path, problems) in [
            (0o600, 0o755, &file, &[][..]),
            (0o600, 0o777, &file, &[]),
            (0o600, 0o1777, &link, &[]),
            (0o644, 0o755, &file, &["(mode 644): chmod 600 "]),
            (0o660, 0o755, &link, &["(mode 660): chmod 600 "]),
            (0o600, 0o777, &link, &["replace files in "]),
            (0o604, 0o777, &link, &["(mode 604)", "replace files in "]),
        ] {
            set(&file, file_mode);
            set(&open, directory_mode);
            let openings = openings(path);
            assert_eq!(openings.len(), problems.len(), "{openings:?}");
            for (opening, problem) in openings.iter().zip(problems) {
                assert!(opening.contains(problem), "{opening}");
            }
            let quoted =
                openings.iter().all(|text| text.contains("chmod o-w") || text.contains(r"it'\''s"));
            assert!(quoted, "{openings:?}");
        }
    }
}
