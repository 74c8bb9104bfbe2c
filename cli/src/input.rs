//! The input of the command line: files, pipes, standard input and environment variables.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::str;

use ims::error::io_reason;
use ims::{Error, Key, KeyOptions, MayRead, Secret, environment, user_path};

/// The limit of standard input in bytes. It is above every limit of the library, whose errors are
/// more precise.
const MAX_LEN: usize = 128 * 1024;

pub(super) fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// Checks that at most one of `files` is standard input, which can be read once.
pub(super) fn check_stdin<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Result<(), Error> {
    match files.filter(|file| is_stdin(file)).count() {
        0 | 1 => Ok(()),
        _ => Err(Error::argument("standard input", "(-) is named by two options")),
    }
}

/// Reads the file, pipe or, as `-`, standard input that `option` names.
///
/// Its errors do not repeat the file's name, because it may be a secret that was given
/// instead of a path.
pub(super) fn bytes(option: &str, file: &Path) -> Result<Secret<Vec<u8>>, Error> {
    let path = user_path::resolved(file);
    let read = |source: &mut dyn Read| {
        // Allocated at its full size, because growing leaves copies behind that are not wiped.
        let mut bytes = Vec::with_capacity(MAX_LEN + 1);
        source.take(MAX_LEN as u64 + 1).read_to_end(&mut bytes).map(|_| Secret::new(bytes))
    };
    let bytes: Secret<Vec<u8>> = if is_stdin(file) {
        read(&mut io::stdin().lock())
    } else {
        File::open(&path).and_then(|mut file| read(&mut file))
    }
    .map_err(|error| {
        let hint = user_path::hint(&path)
            .filter(|_| error.kind() == ErrorKind::NotFound)
            .unwrap_or("it takes a file's name, or - for standard input, not the content itself");
        Error::argument(option, format!("cannot be read: {}", io_reason(&error))).with_hint(hint)
    })?;
    if bytes.expose().len() > MAX_LEN {
        return Err(Error::argument(option, "is over 128 KiB"));
    }
    Ok(bytes)
}

/// Reads `file` as text: see [`bytes`].
pub(super) fn text(option: &str, file: &Path) -> Result<Secret, Error> {
    utf8(option, &bytes(option, file)?)
}

/// Allows the files in the directories of `--allow-read`, or every file if the option is not given.
pub(super) fn may_read(directories: &[PathBuf]) -> Result<Option<MayRead>, Error> {
    let may_read = (!directories.is_empty()).then(|| MayRead::below(directories));
    may_read.transpose().map_err(|error| error.called("--allow-read"))
}

/// Checks that a URL, which an option gives, holds no password: `variable` is where one may be.
pub(super) fn check_no_password(option: &str, url: &OsStr, variable: &str) -> Result<(), Error> {
    if !url.as_encoded_bytes().contains(&b'@') {
        return Ok(());
    }
    Err(Error::argument(option, "may hold a user name or password").with_hint(format!(
        "other users of this machine can read arguments: put the URL into the variable {variable} \
         and leave {option} out"
    )))
}

/// Reads the private key of `--key`.
pub(super) fn key(file: &Path, passphrase: Option<&[u8]>) -> Result<Key, Error> {
    let mut options = KeyOptions::default();
    options.passphrase = passphrase;
    key_with(file, &options)
}

/// Reads a private key: see [`KeyOptions`].
pub(super) fn key_with(file: &Path, options: &KeyOptions<'_>) -> Result<Key, Error> {
    if is_stdin(file) {
        return Key::from_bytes_with(bytes("--key", file)?.expose(), options);
    }
    Key::from_file_with(file, options)
}

/// Reads a secret from `file`, less one line break at its end, or else from the environment.
pub(super) fn secret_bytes(
    option: &str,
    file: Option<&Path>,
    variable: &str,
) -> Result<Option<Secret<Vec<u8>>>, Error> {
    match file {
        Some(file) => {
            let bytes = bytes(option, file)?;
            let bytes = bytes.expose();
            let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            Ok(Some(Secret::new(line.strip_suffix(b"\r").unwrap_or(line))))
        }
        None => Ok(environment::variable(variable)
            .filter(|value| !value.is_empty())
            .map(|value| Secret::new(value.into_encoded_bytes()))),
    }
}

/// Reads a secret that is text: see [`secret_bytes`].
pub(super) fn secret(
    option: &str,
    file: Option<&Path>,
    variable: &str,
) -> Result<Option<Secret>, Error> {
    let name = if file.is_some() { option } else { variable };
    secret_bytes(option, file, variable)?.map(|bytes| utf8(name, &bytes)).transpose()
}

fn utf8(name: &str, bytes: &Secret<Vec<u8>>) -> Result<Secret, Error> {
    let text = str::from_utf8(bytes.expose()).map_err(|_| Error::argument(name, "is not UTF-8"))?;
    Ok(Secret::from(text))
}
