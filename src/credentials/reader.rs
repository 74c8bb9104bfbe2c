//! Reads credentials from a file, JSON text or the environment.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::account::Credentials;
use super::formats::{parse_environment, parse_file, parse_json};
use super::inspection::Inspection;
use super::options::CredentialsOptions;
use super::origin::Origin;
use super::settings::Settings;
use super::source::{CREDENTIALS_FILE, Files, Source};
use crate::error::{Error, Field, Status, one_line};
use crate::key::CERTIFICATE_FILE;
use crate::user_path;

impl Credentials {
    /// Reads a credentials file of any format that the manual's page Credentials lists, recognized by
    /// its shape. Paths in it are relative to its directory. `path` may begin with `~/`, or be a URL `file:`.
    ///
    /// # Errors
    /// [`Status::Credentials`] where it is unreadable, over 256 KiB, of no known format, incomplete, or
    /// where `may_read` refuses a file;
    /// [`Status::Key`] and [`Status::Passphrase`] where its key is at fault; [`Status::Argument`] where
    /// `options` are.
    pub fn from_file(path: impl AsRef<Path>, options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read(Source::File(&user_path::resolved(path.as_ref())), options)
    }

    /// Takes the JSON text of such a file; paths in it are relative to the working directory.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub fn from_json(json: &[u8], options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read(Source::Json(json), options)
    }

    /// Reads the process's environment variables, of the names that a `.env` file has.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub fn from_env(options: &CredentialsOptions) -> Result<Self, Error> {
        Self::read(Source::Environment, options)
    }

    /// Reads them from any source.
    ///
    /// # Errors
    /// Those of [`Credentials::from_file`].
    pub(crate) fn read(source: Source<'_>, options: &CredentialsOptions) -> Result<Self, Error> {
        read_before(source, options, None)
    }

    /// Inspects the credentials part by part.
    ///
    /// # Errors
    /// Returned if there are no parts: the credentials are unreadable or have no known format.
    pub(crate) fn inspect(
        source: Source<'_>,
        options: &CredentialsOptions,
    ) -> Result<Inspection, Error> {
        let files = Files::new(source, options);
        Ok(settings(source, options, &files)?.inspect(options, &files))
    }
}

/// Reads the file of a certificate that the program names next to the credentials.
///
/// # Errors
/// [`Status::Credentials`] if the file is unreadable, over 256 KiB, or refused by `may_read`.
pub(crate) fn read_certificate(
    file: &Path,
    options: &CredentialsOptions,
) -> Result<Vec<u8>, Error> {
    Files::new(Source::Environment, options)
        .read(&CERTIFICATE_FILE, &user_path::resolved(file))
        .map(|bytes| bytes.to_vec())
        .map_err(|error| error.with_field(Field::new("certificate")))
}

impl Origin {
    /// Reads the credentials again. A key whose derivation may not end before `deadline` is an error.
    pub fn read(&self, deadline: Instant) -> Result<Credentials, Error> {
        read_before(self.source(), self.options(), Some(deadline))
    }
}

fn read_before(
    source: Source<'_>,
    options: &CredentialsOptions,
    deadline: Option<Instant>,
) -> Result<Credentials, Error> {
    let files = Files::new(source, options).before(deadline);
    let settings = settings(source, options, &files)?;
    if !settings.unknown.is_empty() {
        let ignored = format!("{} holds {}: ignored", source.place(), settings.unknown);
        log::warn!(target: "ims", "{}", one_line(ignored));
    }
    let credentials =
        settings.credentials(options, &files).map_err(|error| located(error, source))?;
    let origin = Origin::new(source, options, &files).map(Arc::new);
    Ok(Credentials { origin, place: Some(source.place()), ..credentials })
}

fn settings(
    source: Source<'_>,
    options: &CredentialsOptions,
    files: &Files<'_>,
) -> Result<Settings, Error> {
    let parsed = match source {
        Source::File(path) => parse_file(&files.read(&CREDENTIALS_FILE, path)?, options),
        Source::Json(json) => parse_json(json, options),
        Source::Environment => parse_environment(),
    };
    parsed.map_err(|error| located(error, source))
}

/// Names the source in an error, unless it is the caller's options that are wrong.
fn located(error: Error, source: Source<'_>) -> Error {
    match error.status() {
        Status::Argument => error,
        _ => error.at(source.place()),
    }
}
