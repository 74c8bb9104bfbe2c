//! The formats that credentials come in.

use std::fmt;

/// A format, named after its maker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    Aem,
    Aepp,
    Aio,
    AioAuth,
    Box,
    Console,
    DotEnv,
    Environment,
    ExternalAccount,
    Google,
    ImsCli,
    JwtAuth,
    Okta,
    #[default]
    Own,
    PdfServices,
    Postman,
    Sap,
    UserSync,
    Zitadel,
}

/// The makers of the files that are read, as errors list them.
pub(super) const MAKERS: &str = "AEM, the Developer Console, Postman, .env, aio, Cloud Manager, App Builder's \
    libraries, @adobe/jwt-auth, aepp, aanalytics2, imscli, user-sync, PDF Services, Google, Box, Okta, SAP and \
    Zitadel";

/// Continues "The credentials are ...".
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aem => "service credentials of AEM as a Cloud Service",
            Self::Aepp => "a configuration of aepp or aanalytics2",
            Self::Aio => "a configuration of aio or of its Cloud Manager plugin",
            Self::AioAuth => "an object of aio-lib-core-auth or aio-commerce-lib-auth",
            Self::Box => "the config.json of a Box app",
            Self::Console => "a project of the Adobe Developer Console",
            Self::DotEnv => "variables of a .env file",
            Self::Environment => "environment variables",
            Self::ExternalAccount => "an external account of Google (workload identity)",
            Self::Google => "a Google-style service account",
            Self::ImsCli => "a configuration of imscli",
            Self::JwtAuth => "an object of @adobe/jwt-auth",
            Self::Okta => "a configuration of Okta's SDKs",
            Self::Own => "libims's own format",
            Self::PdfServices => "credentials of Adobe PDF Services",
            Self::Postman => "a Postman environment",
            Self::Sap => "a service key of SAP BTP",
            Self::UserSync => "a configuration of user-sync or umapi-client",
            Self::Zitadel => "the key file of a Zitadel service account",
        })
    }
}

impl Format {
    /// Returns the domain of the token servers that such a file is made for.
    pub fn domain(self) -> &'static str {
        match self {
            Self::Box => "box.com",
            Self::ExternalAccount | Self::Google => "googleapis.com",
            Self::Okta => "okta.com",
            Self::Sap => "hana.ondemand.com",
            Self::Zitadel => "zitadel.cloud",
            _ => "adobelogin.com",
        }
    }
}
