//! The record of a rotation that has begun, in a file next to the credentials.
//!
//! It is written before the step that it tells of, so that a run that is cut off at any step can be
//! finished by the next one. It has the new client secret, which no one else may read.

use std::borrow::Cow;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::output::replace_private_file;
use ims::error::{Place, io_reason};
use ims::{AddedSecret, Error, FileKind, Secret, Status};

const KIND: FileKind =
    FileKind { status: Status::Credentials, noun: "rotation file", max_len: 64 * 1024 };
/// The end of the record's name, after that of the credentials file.
const SUFFIX: &str = ".rotation";

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
    folder: File,
}

impl Record {
    /// Locks the folder of `credentials`, which is an absolute path without links.
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
            Ok(()) => Ok(Self { path: path.into(), folder }),
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
        replace_private_file(&self.path, json.expose().as_bytes())
            .and_then(|()| self.folder.sync_all())
            .map_err(|error| self.cannot("written", &error))
    }

    /// Removes it: the rotation is complete.
    pub fn remove(&self) -> Result<(), Error> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.cannot("removed", &error))
            }
            _ => Ok(()),
        }
    }

    /// Makes sure that the folder's changes are on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.folder.sync_all()
    }

    fn cannot(&self, problem: &str, error: &io::Error) -> Error {
        let problem = format!("cannot be {problem}: {}", io_reason(error));
        Error::new(Status::Credentials, problem).at(Place::file(KIND.noun, &self.path))
    }
}
