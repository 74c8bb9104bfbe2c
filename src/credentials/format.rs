//! The formats that credentials come in.

use std::fmt;

/// A format, named after its maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Aem,
    Aepp,
    Aio,
    AioAuth,
    Box,
    Console,
    DotEnv,
    Environment,
    Google,
    ImsCli,
    JwtAuth,
    Okta,
    Own,
    PdfServices,
    Postman,
    Sap,
    UserSync,
    Zitadel,
}

/// The formats of files, as errors list them.
const FILES: [(Format, &str); 17] = [
    (Format::Aem, "AEM service credentials"),
    (Format::Console, "a Developer Console project"),
    (Format::Postman, "a Postman environment"),
    (Format::DotEnv, ".env"),
    (Format::Aio, "aio's or Cloud Manager's configuration"),
    (Format::AioAuth, "an aio-lib-core-auth or aio-commerce-lib-auth object"),
    (Format::JwtAuth, "@adobe/jwt-auth"),
    (Format::Aepp, "aepp or aanalytics2"),
    (Format::ImsCli, "imscli.yaml"),
    (Format::UserSync, "user-sync's connector-umapi.yml or usermanagement.config"),
    (Format::PdfServices, "pdfservices-api-credentials.json"),
    (Format::Google, "a Google service account"),
    (Format::Box, "a Box config.json"),
    (Format::Okta, "okta.yaml"),
    (Format::Sap, "an SAP service key"),
    (Format::Zitadel, "a Zitadel key"),
    (Format::Own, "libims's own JSON"),
];

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
            Self::Google => "a Google-style service account",
            Self::ImsCli => "a configuration of imscli",
            Self::JwtAuth => "an object of @adobe/jwt-auth",
            Self::Okta => "the okta.yaml of Okta's SDKs",
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
    /// Lists the formats of files.
    pub fn files() -> String {
        FILES.map(|(_, name)| name).join(", ")
    }

    /// Returns the domain of the token servers that such a file is made for.
    pub fn domain(self) -> &'static str {
        match self {
            Self::Box => "box.com",
            Self::Google => "googleapis.com",
            Self::Okta => "okta.com",
            Self::Sap => "hana.ondemand.com",
            Self::Zitadel => "zitadel.cloud",
            _ => "adobelogin.com",
        }
    }
}
