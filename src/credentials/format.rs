//! The formats that credentials come in.

use std::fmt;

/// A format, named after its maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Aem,
    Aepp,
    Console,
    DotEnv,
    Environment,
    ExternalAccount,
    Google,
    JwtAuth,
    Own,
    Postman,
    UserSync,
}

/// Continues "The credentials are ...".
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aem => "service credentials of AEM as a Cloud Service",
            Self::Aepp => "a configuration of aepp or aanalytics2",
            Self::Console => "a project of the Adobe Developer Console",
            Self::DotEnv => "variables of a .env file",
            Self::Environment => "environment variables",
            Self::ExternalAccount => "an external account of Google (workload identity)",
            Self::Google => "a Google-style service account",
            Self::JwtAuth => "an object of @adobe/jwt-auth",
            Self::Own => "libims's own format",
            Self::Postman => "a Postman environment",
            Self::UserSync => "user-sync's connector-umapi.yml",
        })
    }
}

impl Format {
    /// Returns the domain of the token servers that such a file is made for.
    pub fn domain(self) -> &'static str {
        match self {
            Self::ExternalAccount | Self::Google => "googleapis.com",
            _ => "adobelogin.com",
        }
    }
}
