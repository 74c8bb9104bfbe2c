//! The record of a rotation that has begun, in a file next to the credentials.
//!
//! It is written before the step that it tells of, so that a run that is cut off at any step can be
//! finished by the next one. It has the new client secret, which no one else may read.

use std::borrow::Cow;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::output::replace_by;
use ims::error::{Place, io_reason};
use ims::{AddedSecret, Error, FileKind, Secret, Status};

const KIND: FileKind =
    FileKind { status: Status::Credentials, noun: "rotation file", max_len: 64 * 1024 };
/// The end of the record's name, after that of the credentials file.
const SUFFIX: &str = ".rotation";
/// The end of the name of the file by which the record and the credentials are replaced, after that of the record.
const TEMPORARY: &str = ".new";

/// What has been done, and what is in progress.
pub(super) struct Rotation {
    /// The id of the secret that is replaced.
    pub old: String,
    /// The time when the new secret was asked for, in seconds since 1970.
    pub asked_at: i64,
    /// The new secret; `None` while it is not known whether the server has added one.
    pub new: Option<AddedSecret>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'a> {
    old: String,
    asked_at: i64,
    #[serde(borrow)]
    new: Option<New<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct New<'a> {
    uuid: String,
    #[serde(borrow)]
    client_secret: Cow<'a, str>,
}

/// The place of the record. While it exists, no other run rotates a file of the same folder.
pub(super) struct Record {
    path: PathBuf,
    temporary: PathBuf,
    folder: File,
}

impl Record {
    /// Locks the folder of `credentials`, which is an absolute path without links. Removes the file that a run that was cut
    /// off may have left, because it may hold a client secret.
    pub fn lock(credentials: &Path) -> Result<Self, Error> {
        let mut path = credentials.to_owned().into_os_string();
        path.push(SUFFIX);
        let parent = credentials.parent().unwrap_or(Path::new("/"));
        let cannot = |error: &io::Error| {
            let problem = format!("cannot lock its folder: {}", io_reason(error));
            Error::new(Status::Credentials, problem)
        };
        let folder = File::open(parent).map_err(|error| cannot(&error))?;
        match folder.try_lock() {
            Ok(()) => {
                let mut temporary = path.clone();
                temporary.push(TEMPORARY);
                let record = Self { path: path.into(), temporary: temporary.into(), folder };
                remove(&record.temporary).map_err(|error| record.cannot("removed", &error))?;
                Ok(record)
            }
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(Status::Credentials, "another ims rotate is at work in its folder")
                    .with_hint("wait until it has ended, then start this one again"))
            }
            Err(TryLockError::Error(error)) => Err(cannot(&error)),
        }
    }

    /// Reads it; `None` where no rotation is in progress.
    pub fn read(&self) -> Result<Option<Rotation>, Error> {
        if !self.path.exists() {
            return Ok(None);
        }
        let bytes = KIND.read(&self.path)?;
        let content: Content = serde_json::from_slice(&bytes).map_err(|_| {
            Error::new(Status::Credentials, "is not the record of a rotation")
                .at(Place::file(KIND.noun, &self.path))
                .with_hint("if no rotation is in progress, delete it")
        })?;
        Ok(Some(Rotation {
            old: content.old,
            asked_at: content.asked_at,
            new: content.new.map(|new| AddedSecret::new(new.uuid, Secret::new(new.client_secret))),
        }))
    }

    pub fn write(&self, rotation: &Rotation) -> Result<(), Error> {
        let Rotation { old, asked_at, new } = rotation;
        let content = Content {
            old: old.clone(),
            asked_at: *asked_at,
            new: new.as_ref().map(|new| New {
                uuid: new.uuid.clone(),
                client_secret: new.client_secret.expose().into(),
            }),
        };
        let json = serde_json::to_string(&content).map(Secret::from);
        let json = json.map_err(|_| Error::new(Status::Internal, "the record is no JSON"))?;
        self.replace(&self.path, &json).map_err(|error| self.cannot("written", &error))
    }

    /// Replaces the credentials file, or the record. The change is on the disk then.
    pub fn replace(&self, file: &Path, content: &Secret) -> io::Result<()> {
        replace_by(file, content.expose().as_bytes(), &self.temporary)?;
        self.folder.sync_all()
    }

    /// Removes it: the rotation is complete.
    pub fn remove(&self) -> Result<(), Error> {
        remove(&self.path).map_err(|error| self.cannot("removed", &error))
    }

    fn cannot(&self, problem: &str, error: &io::Error) -> Error {
        let problem = format!("cannot be {problem}: {}", io_reason(error));
        Error::new(Status::Credentials, problem).at(Place::file(KIND.noun, &self.path))
    }
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
