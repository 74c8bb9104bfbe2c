//! The settings of the platform that the sandbox plays for workloads.

use std::path::PathBuf;
use std::time::Duration;

use ims::error::check_text;
use ims::{Error, Expiry, Secret};

/// A platform that runs workloads and issues a JWT to each, as Kubernetes, GitHub Actions and the clouds
/// do. It is an issuer of its own, next to the token server: its identifier is the sandbox's URL with
/// `/platform` at the end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Platform {
    /// The workload: the `sub` of a JWT where a request names none. Default: [`Self::SUBJECT`].
    pub subject: String,
    /// The lifetime of a JWT where a request names none, 2 s to 24 h. Default: 10 minutes.
    pub lifetime: Duration,
    /// The bearer token of a request in the form of GitHub Actions, whose jobs have it in
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. Default: `sandbox-request-token`.
    pub request_token: Secret,
    /// The file that always holds a JWT for the workload, in a folder of its own. It is replaced as kubelet
    /// replaces a projected token: by a swap of symbolic links, when 80 % of the JWT's lifetime have
    /// passed. Default: none.
    pub token_file: Option<PathBuf>,
    /// The `aud` of the JWT in the file. Default: the sandbox's URL.
    pub token_audience: Option<String>,
}

impl Platform {
    /// The workload of a platform that is not told another.
    pub const SUBJECT: &str = "system:serviceaccount:sandbox:default";

    /// The shortest lifetime. The JWT in the file must be good for some time when it is replaced.
    const MIN_LIFETIME: Duration = Duration::from_secs(2);

    pub(super) fn check(&self) -> Result<(), Error> {
        check_text("subject", &self.subject)?;
        check_text("request_token", self.request_token.expose())?;
        self.token_audience.iter().try_for_each(|aud| check_text("token_audience", aud))?;
        if !(Self::MIN_LIFETIME..=Expiry::MAX_LIFETIME).contains(&self.lifetime) {
            return Err(Error::argument("lifetime", "is not 2 to 86400 seconds"));
        }
        Ok(())
    }
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            subject: Self::SUBJECT.to_owned(),
            lifetime: Duration::from_secs(600),
            request_token: Secret::from("sandbox-request-token"),
            token_file: None,
            token_audience: None,
        }
    }
}
