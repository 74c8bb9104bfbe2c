//! `ims rotate`: a new client secret for a credential of the Adobe Developer Console.
//!
//! Each step leaves a state from which the next run goes on, and in each the file has a secret that works:
//! the old secret is deleted only after the file has the new one, and after the new one has been used.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::ValueHint;
use rustix::process::geteuid;
use serde_json::Value;

use super::output::date;
use super::progress::Progress;
use super::rotation::{Record, Rotation};
use super::transport::TransportArgs;
use super::warnings;
use ims::error::{Place, io_reason};
use ims::{
    AddedSecret, Cache, Client, ClientSecrets, Credentials, CredentialsOptions, Error, ImsHost,
    ListedSecret, Rewritten, Secret, Status, Token, Transport, from_unix_seconds, unix_seconds,
    user_path,
};

/// The longest time between the request for a new secret and the server's time of its creation. A secret
/// that was created at another time was added by someone else.
const TOLERANCE: Duration = Duration::from_secs(600);
/// A text like Adobe's client secrets, with which the file is tried before anything is changed.
const EXAMPLE: &str = "p8e-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The step that gets the token for the API.
const TOKEN: &str = "the access token for the API";

/// Replace the client secret of an Adobe credential, at Adobe and in the file
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims rotate console.json
  ims rotate console.json --delete-old
  ims rotate credentials.json --org 23294 --credential 436084

It adds a client secret by Adobe's I/O Management API, checks it with an exchange, and then switches
FILE over in one step: its format, its permissions and all else in it stay. The old secret stays
valid until --delete-old, now or in a later run. Adobe allows two secrets at a time.

The credential needs the I/O Management API in its project. ORG and CREDENTIAL are the numbers in
the URL of the credential's page: .../console/projects/ORG/PROJECT/credentials/CREDENTIAL/details/...
A project file of the Developer Console has them.

If a run is cut off, the next one finishes its work. The new secret is in FILE.rotation until then.")]
pub(super) struct RotateArgs {
    /// The credentials, for OAuth Server-to-Server
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which credential, if the file has several: its name, id or client id
    #[arg(long)]
    name: Option<String>,
    /// The organization's number in the Developer Console
    #[arg(long)]
    org: Option<String>,
    /// The credential's number in the Developer Console
    #[arg(long)]
    credential: Option<String>,
    /// Delete the old secret once the file has the new one
    #[arg(long)]
    delete_old: bool,
    /// The IMS host to use instead of the one in the credentials
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname)]
    ims: Option<ImsHost>,
    /// The I/O Management API [default: https://api.adobe.io, for Adobe's production host]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    api: Option<String>,
    #[command(flatten)]
    transport: TransportArgs,
}

/// Returns the text to print.
pub(super) fn run(args: &RotateArgs) -> Result<Secret, Error> {
    warnings::show();
    let place = || Place::file("credentials file", &args.file);
    let rotator = Rotator::new(args)?;
    let record = Record::lock(&rotator.path).map_err(|error| error.at(place()))?;
    let _progress = Progress::start(rotator.api.clone());
    rotator.run(&record, args.delete_old).map(Secret::from)
}

/// One run, after all that is given was checked.
struct Rotator<'a> {
    args: &'a RotateArgs,
    /// The path of the file without links: the file itself is replaced.
    path: PathBuf,
    options: CredentialsOptions,
    transport: Transport,
    org: String,
    credential: String,
    client_id: String,
    api: String,
}

impl<'a> Rotator<'a> {
    /// Checks what can be checked before anything is changed.
    fn new(args: &'a RotateArgs) -> Result<Self, Error> {
        let transport = args.transport.transport()?;
        let mut options = CredentialsOptions::default();
        (options.name, options.ims) = (args.name.clone(), args.ims.clone());
        let credentials = Credentials::from_file(&args.file, &options)?;
        let bad = |problem: &str| {
            Error::new(Status::Credentials, problem).at(Place::file("credentials file", &args.file))
        };
        let is_by_secret = credentials.grant_type() == Some("client_credentials");
        let (ims, client_id) = credentials.ims_and_client_id().ok().filter(|_| is_by_secret).ok_or_else(|| {
            bad("is not for OAuth Server-to-Server of Adobe IMS, whose client secrets alone are rotated")
        })?;
        let api = match &args.api {
            Some(api) => api.clone(),
            None if ims == ImsHost::default() => ClientSecrets::PRODUCTION.to_owned(),
            None => {
                let problem = "is missing: the API of this IMS host is not known";
                return Err(Error::argument("--api", problem));
            }
        };
        let path = user_path::resolved(&args.file);
        let path = fs::canonicalize(&path).unwrap_or_else(|_| path.into_owned());
        let owner = fs::metadata(&path).map(|metadata| metadata.uid());
        let user = geteuid();
        if owner.is_ok_and(|owner| owner != user.as_raw()) && !user.is_root() {
            return Err(bad("belongs to another user, and would not any more once it is replaced"));
        }
        if fs::metadata(&path).is_ok_and(|metadata| metadata.nlink() > 1) {
            return Err(bad("has another name (a hard link), which would keep the old secret")
                .with_hint("make a symbolic link of the other name"));
        }
        let (org, credential) = match (&args.org, &args.credential) {
            (Some(org), Some(credential)) => (org.clone(), credential.clone()),
            _ => numbers(&path, client_id).ok_or_else(|| {
                Error::argument(
                    "--org and --credential",
                    "are missing, and the file does not have them",
                )
                .with_hint(
                    "take both from the URL of the credential's page in the Developer Console: \
                         .../console/projects/ORG/PROJECT/credentials/CREDENTIAL/details/...",
                )
            })?,
        };
        Rewritten::new(&args.file, &options, &Secret::from(EXAMPLE))?;
        let client_id = client_id.to_owned();
        Ok(Self { args, path, options, transport, org, credential, client_id, api })
    }

    /// Finishes what an earlier run has begun, or begins.
    fn run(&self, record: &Record, delete_old: bool) -> Result<String, Error> {
        let earlier = record.read()?;
        let token = match self.management_token() {
            Ok(token) => token,
            // The old secret was deleted in the Developer Console, after a run that was cut off.
            Err(refused) => {
                let new = earlier.as_ref().and_then(|rotation| rotation.new.as_ref());
                let new = new.filter(|_| refused.oauth_error() == Some("invalid_client"));
                let new = new.ok_or_else(|| self.at(TOKEN, with_rights(refused)))?;
                self.switch(record, new)?;
                self.management_token().map_err(|error| self.at(TOKEN, with_rights(error)))?
            }
        };
        let api = self.api(&token)?;
        let listed = api.list().map_err(|error| self.at("the list of client secrets", error))?;
        let is_there = |uuid: &str| listed.iter().any(|secret| secret.uuid == uuid);
        let rotation = match earlier {
            Some(rotation) if rotation.is_of(&listed, delete_old) => {
                self.go_on(record, &api, &listed, rotation)?
            }
            _ => self.begin(record, &api, &listed)?,
        };
        let (rotation, new) = rotation;
        let uuid = &new.uuid;
        self.switch(record, &new)?;
        let shown = self.args.file.display();
        if !is_there(&rotation.old) {
            record.remove()?;
            return Ok(format!(
                "{shown} has the new client secret {uuid}; the old one is not there any more"
            ));
        }
        if !delete_old {
            return Ok(format!(
                "{shown} has the new client secret {uuid}\nThe old one, {}, is still valid. Once no \
                 program uses it: ims rotate FILE --delete-old",
                rotation.old
            ));
        }
        self.delete_old(&rotation, &new)?;
        record.remove()?;
        Ok(format!(
            "{shown} has the new client secret {uuid}\nThe old one, {}, is deleted",
            rotation.old
        ))
    }

    /// Adds a secret next to the only one.
    fn begin(
        &self,
        record: &Record,
        api: &ClientSecrets,
        listed: &[ListedSecret],
    ) -> Result<(Rotation, AddedSecret), Error> {
        let [old] = listed else {
            let error = Error::new(
                Status::Credentials,
                format!("the credential has {} client secrets: {}", listed.len(), all(listed)),
            );
            let error = error.with_hint(
                "Adobe allows two, and which one the file has is not known: delete the other in the \
                 Developer Console",
            );
            return Err(self.at("the list of client secrets", error));
        };
        self.add(record, api, old.uuid.clone())
    }

    fn add(
        &self,
        record: &Record,
        api: &ClientSecrets,
        old: String,
    ) -> Result<(Rotation, AddedSecret), Error> {
        let mut rotation = Rotation { old, asked_at: unix_seconds(SystemTime::now()), new: None };
        record.write(&rotation).map_err(|error| error.at(self.place()))?;
        let new = api.add().map_err(|error| self.at("the new client secret", error))?;
        rotation.new = Some(new);
        record.write(&rotation).map_err(|error| error.at(self.place()))?;
        self.go_on_with(rotation)
    }

    /// Goes on after a run that was cut off, or that has left the old secret.
    fn go_on(
        &self,
        record: &Record,
        api: &ClientSecrets,
        listed: &[ListedSecret],
        rotation: Rotation,
    ) -> Result<(Rotation, AddedSecret), Error> {
        if rotation.new.is_some() {
            let is_complete = !self.args.delete_old && listed.len() > 1;
            if is_complete && self.has(rotation.new.as_ref())? {
                let old = listed.iter().find(|secret| secret.uuid == rotation.old);
                let old = old.map(shown).unwrap_or_default();
                let error = Error::new(
                    Status::Credentials,
                    format!("the client secret before the last rotation is still there: {old}"),
                );
                let hint = "once no program uses it, delete it: ims rotate FILE --delete-old";
                return Err(self.at("the list of client secrets", error.with_hint(hint)));
            }
            return self.go_on_with(rotation);
        }
        // It is not known whether the server has added a secret: its response was lost.
        if let Some(lost) = listed.iter().find(|secret| secret.uuid != rotation.old) {
            let asked_at = from_unix_seconds(rotation.asked_at);
            let is_ours = lost.created_at.is_some_and(|created_at| {
                let [earlier, later] = [asked_at.min(created_at), asked_at.max(created_at)];
                later.duration_since(earlier).unwrap_or_default() <= TOLERANCE
            });
            // Someone may have found it in the Developer Console, and put it into the file.
            let changed_at = fs::metadata(&self.path).and_then(|metadata| metadata.modified());
            let is_edited =
                changed_at.is_ok_and(|changed_at| unix_seconds(changed_at) > rotation.asked_at);
            if !is_ours || is_edited || lost.last_used_at.is_some() {
                let error = Error::new(
                    Status::Credentials,
                    format!(
                        "the credential has a second client secret of someone else: {}",
                        shown(lost)
                    ),
                );
                let hint = "if no program uses it, delete it in the Developer Console";
                return Err(self.at("the list of client secrets", error.with_hint(hint)));
            }
            api.delete(&lost.uuid)
                .map_err(|error| self.at("the deletion of a client secret that was lost", error))?;
        }
        self.add(record, api, rotation.old)
    }

    fn go_on_with(&self, mut rotation: Rotation) -> Result<(Rotation, AddedSecret), Error> {
        let new = rotation.new.take();
        new.map(|new| (rotation, new))
            .ok_or_else(|| Error::new(Status::Internal, "the record has no new client secret"))
    }

    /// Checks the new secret with an exchange, and puts it into the file.
    fn switch(&self, record: &Record, new: &AddedSecret) -> Result<(), Error> {
        if self.has(Some(new))? {
            return Ok(());
        }
        let Rewritten { content, credentials, .. } =
            Rewritten::new(&self.args.file, &self.options, &new.client_secret)?;
        self.token(&credentials)
            .map_err(|error| self.at("the check of the new client secret", error))?;
        record.replace(&self.path, &content).map_err(|error| {
            let problem = format!("cannot be written: {}", io_reason(&error));
            let written = Error::new(Status::Credentials, problem).at(self.place());
            match error.kind() {
                io::ErrorKind::ResourceBusy => written.with_hint(
                    "the file is mounted by itself: rotate it where it comes from, or mount its folder",
                ),
                _ => written,
            }
        })
    }

    /// Deletes the old secret, with a token that the file's own secret was good for.
    fn delete_old(&self, rotation: &Rotation, new: &AddedSecret) -> Result<(), Error> {
        let at = |error| self.at("the deletion of the old client secret", error);
        let credentials = Credentials::from_file(&self.args.file, &self.options)?;
        let is_new = credentials.client_secret().is_ok_and(|secret| *secret == new.client_secret);
        if !is_new || new.uuid == rotation.old {
            let problem = "the file does not have the new client secret any more";
            return Err(at(Error::new(Status::Credentials, problem)));
        }
        let token = self.management_token().map_err(at)?;
        self.api(&token)?.delete(&rotation.old).map_err(at)
    }

    /// Returns whether the file has this secret.
    fn has(&self, new: Option<&AddedSecret>) -> Result<bool, Error> {
        let credentials = Credentials::from_file(&self.args.file, &self.options)?;
        let secret = credentials.client_secret()?;
        Ok(new.is_some_and(|new| new.client_secret == *secret))
    }

    /// Gets a token that may manage client secrets, always by an exchange.
    fn management_token(&self) -> Result<Token, Error> {
        let scope = Some(ClientSecrets::SCOPE.to_owned());
        let mut options = self.options.clone();
        options.scope = scope;
        self.token(&Credentials::from_file(&self.args.file, &options)?)
    }

    fn token(&self, credentials: &Credentials) -> Result<Token, Error> {
        Client::new(credentials.clone(), &Cache::None, self.transport.clone())?.token()
    }

    fn api<'b>(&'b self, token: &'b Token) -> Result<ClientSecrets<'b>, Error> {
        let Self { api, org, credential, client_id, transport, .. } = self;
        ClientSecrets::new(api, org, credential, client_id, token, transport)
    }

    fn place(&self) -> Place {
        Place::file("credentials file", &self.args.file)
    }

    /// Names the file, and the step that failed.
    fn at(&self, step: &str, error: Error) -> Error {
        error.at(Place::Part(format!("{step}:"))).at(self.place())
    }
}

impl Rotation {
    /// Returns whether there is something to finish: the server still has the secrets that the record tells
    /// of. Where only the new one is left, all is done but to say so to a caller who asked for that.
    fn is_of(&self, listed: &[ListedSecret], delete_old: bool) -> bool {
        let is_there = |uuid: &str| listed.iter().any(|secret| secret.uuid == uuid);
        match &self.new {
            Some(new) => is_there(&new.uuid) && (listed.len() > 1 || delete_old),
            None => is_there(&self.old),
        }
    }
}

/// Says of a refused scope what it is for: the user's own scopes are not at fault.
fn with_rights(error: Error) -> Error {
    match error.oauth_error() {
        Some("invalid_scope") => error.with_hint(
            "add the I/O Management API to the project in the Developer Console: with it, the \
             credential may list, add and delete its client secrets",
        ),
        _ => error,
    }
}

/// Reads the numbers of organization and credential from a project of the Developer Console.
fn numbers(file: &Path, client_id: &str) -> Option<(String, String)> {
    let text: Secret<Vec<u8>> = Secret::new(fs::read(file).ok()?);
    let document: Value = serde_json::from_slice(text.expose()).ok()?;
    let project = &document["project"];
    let all = project["workspace"]["details"]["credentials"].as_array()?;
    let is_it = |entry: &&Value| entry["oauth_server_to_server"]["client_id"] == client_id;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some((text(&project["org"]["id"])?, text(&all.iter().find(is_it)?["id"])?))
}

fn all(listed: &[ListedSecret]) -> String {
    listed.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn shown(secret: &ListedSecret) -> String {
    let time = |time: Option<SystemTime>| time.and_then(|time| date(unix_seconds(time)));
    let created = time(secret.created_at).map_or(String::new(), |at| format!("created {at}, "));
    let used = time(secret.last_used_at);
    let used = used.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    format!("{} ({created}{used})", secret.uuid)
}
