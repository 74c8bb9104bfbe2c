//! The settings of a JWT that comes from elsewhere: a file, a command or a URL.

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use super::options::CredentialsOptions;
use super::setting::Setting;
use super::source::Files;
use crate::assertion_source::{
    ASSERTION_FILE, AssertionFile, AssertionPlace, AssertionSource, Command, Content, Url,
};
use crate::environment;
use crate::error::{Error, Status, shown};
use crate::secret::Secret;
use crate::token_url::TokenUrl;

/// The settings as they are given: at most one of file, command and URL.
#[derive(Clone, Default)]
pub(super) struct AssertionSettings {
    pub file: Setting,
    /// The program and its arguments.
    pub command: Vec<Setting>,
    /// Further variables of the command's environment.
    pub variables: Vec<(&'static str, String)>,
    pub url: Setting,
    /// The headers that are sent to the URL, each with its name.
    pub headers: Vec<(String, Setting)>,
    /// The member of a JSON object that is the JWT.
    pub member: Setting,
    /// Whether `${NAME}` in file, URL and headers is a variable of the process.
    pub expands: bool,
}

impl AssertionSettings {
    /// Returns whether a JWT comes from elsewhere.
    pub fn is_given(&self) -> bool {
        self.given().next().is_some()
    }

    fn given(&self) -> impl Iterator<Item = &Setting> {
        let command = self.command.first();
        let all = [Some(&self.file), command, Some(&self.url)].into_iter().flatten();
        all.filter(|setting| setting.value().is_some())
    }

    /// Returns where the JWT comes from; `None` if it is signed here. `may_be_opaque` is true for a token that is
    /// exchanged, which need not be a JWT.
    pub fn source(
        &self,
        options: &CredentialsOptions,
        files: &Files<'_>,
        may_be_opaque: bool,
    ) -> Result<Option<AssertionSource>, Error> {
        let mut given = self.given();
        let Some(first) = given.next() else {
            let rest = self.headers.first().map(|(_, header)| header).into_iter();
            let rest = rest.chain([&self.member]).find(|one| one.value().is_some());
            return match rest {
                Some(setting) => Err(setting
                    .error("is given without assertion_url or the like")
                    .with_hint("give assertion_file, assertion_command or assertion_url")),
                None => Ok(None),
            };
        };
        if let Some(second) = given.next() {
            let problem = format!("and {} are both given: give one", first.name());
            return Err(second.error(problem));
        }
        if let (Some((_, header)), None) = (self.headers.first(), self.url.value()) {
            return Err(header.error("is given, but only assertion_url takes it"));
        }
        let place = if self.file.value().is_some() {
            self.file_place(options, files)?
        } else if self.url.value().is_some() {
            self.url_place(files)?
        } else {
            self.command_place(options, files)?
        };
        let content = Content { member: self.member.optional()?, may_be_opaque };
        Ok(Some(AssertionSource { place, content, field: first.field() }))
    }

    fn file_place(
        &self,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Result<AssertionPlace, Error> {
        let path = files.path(&self.expanded(&self.file)?);
        let path = files
            .check(&ASSERTION_FILE, &path)
            .map_err(|error| error.with_field(self.file.field()))?;
        let may_read = options.may_read.clone();
        let may_read = may_read.map(|may_read| may_read.later(vec![path.clone()]));
        Ok(AssertionPlace::File(AssertionFile { path, base: files.base(), may_read }))
    }

    fn command_place(
        &self,
        options: &CredentialsOptions,
        files: &Files<'_>,
    ) -> Result<AssertionPlace, Error> {
        let mut words = self.command.iter();
        let program = words.next().and_then(Setting::value).unwrap_or_default();
        if !options.allow_command {
            let problem =
                format!("would run {}, but the program allows no command", shown(program));
            return Err(self.command[0].error(problem).with_hint(
                "allow it where you trust who wrote the credentials: --allow-command, allow_command or, in \
                 PHP, allowCommand",
            ));
        }
        let program = match program.contains('/') {
            true => files.path(program).to_string_lossy().into_owned(),
            false => program.to_owned(),
        };
        let arguments = words.map(|word| word.value().unwrap_or_default().to_owned()).collect();
        Ok(AssertionPlace::Command(Command {
            program,
            arguments,
            variables: self.variables.clone(),
        }))
    }

    fn url_place(&self, files: &Files<'_>) -> Result<AssertionPlace, Error> {
        let blame =
            |error: Error| error.with_field(self.url.field()).with_status(Status::Credentials);
        if self.expands && !names_host_by_variable(self.url.value().unwrap_or_default()) {
            let settings =
                [&self.url].into_iter().chain(self.headers.iter().map(|(_, value)| value));
            if let Some(setting) = settings.into_iter().find(|setting| has_variable(setting)) {
                let problem =
                    format!("names a variable, but {} does not begin with one", self.url.name());
                return Err(setting.error(problem).with_hint(
                    "a variable goes only to the URL that the platform names, such as \
                     ${ACTIONS_ID_TOKEN_REQUEST_URL}",
                ));
            }
        }
        let expanded = self.expanded(&self.url)?;
        let scheme = expanded.split_once("://").map(|(scheme, _)| scheme);
        let url = TokenUrl::of_platform(&expanded).map_err(|error| {
            match scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http")) {
            true => blame(error).with_hint(
                "http:// is only for the address of this machine or of a metadata server, such as \
                 http://169.254.169.254: a name may lead elsewhere",
            ),
            false => blame(error),
        }
        })?;
        files.check_url(&url).map_err(blame)?;
        let headers = self.headers.iter().map(|(name, value)| {
            let Ok(header) = http::HeaderName::from_bytes(name.as_bytes()) else {
                return Err(
                    value.error(format!("holds {}, which no header is called", shown(name)))
                );
            };
            if OF_CONNECTION.contains(&header) {
                return Err(value.error("is a header of the connection, which libims sets itself"));
            }
            let text = self.expanded(value)?;
            match http::HeaderValue::from_str(&text) {
                Ok(_) => Ok((name.clone(), Secret::from(text))),
                Err(_) => Err(value.error(format!("holds a value of {name} that no header has"))),
            }
        });
        Ok(AssertionPlace::Url(Url { url, headers: headers.collect::<Result<_, _>>()? }))
    }

    /// Returns a value with the process's variables in it: `${NAME}`, in which platforms hand out paths, URLs and
    /// their tokens.
    fn expanded(&self, setting: &Setting) -> Result<String, Error> {
        let mut rest = setting.value().unwrap_or_default().trim();
        if !self.expands {
            return Ok(rest.to_owned());
        }
        let mut expanded = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            expanded.push_str(before);
            let value = environment::variable(name).and_then(|value| value.into_string().ok());
            match value.filter(|value| !value.is_empty()) {
                Some(value) => expanded.push_str(&value),
                None => {
                    let problem = format!("names the variable {}, which is not set", shown(name));
                    let error = setting.error(problem);
                    return Err(error.with_hint("see in which jobs the platform sets it"));
                }
            }
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }
}

/// The headers that say where a request goes and where it ends.
const OF_CONNECTION: [http::HeaderName; 8] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

fn has_variable(setting: &Setting) -> bool {
    setting.value().is_some_and(|value| value.contains("${"))
}

/// Returns whether a variable says which host a URL leads to: credentials from a stranger could send any variable of the
/// process to a host of their own.
fn names_host_by_variable(url: &str) -> bool {
    let after = url.trim().strip_prefix("${").and_then(|url| Some(url.split_once('}')?.1));
    // Anything else would go on with the host's name.
    after.is_some_and(|after| after.is_empty() || after.starts_with(['/', '?', '&']))
}
