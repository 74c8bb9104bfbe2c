//! Credentials of a service account, in any of the formats that people have: a file, JSON text, the
//! environment, or values.

// The modules are in the order of reading: each uses only those above it.
mod format;
mod options;
mod source;
mod setting;
mod foreign;
mod assertion_settings;
mod known;
mod relaxed;
mod text;
mod json_value;
mod json;
mod ini;
mod yaml;
mod settings;
mod choice;
mod aio;
mod env;
mod dot_env;
mod aem;
mod aepp;
mod aio_auth;
mod aio_env;
mod box_app;
mod console;
mod external_account;
mod google;
mod imscli;
mod jwt_auth;
mod okta;
mod okta_env;
mod own;
mod pdf_services;
mod postman;
mod sap;
mod user_sync;
mod zitadel;
mod formats;
mod explained;
mod origin;
mod jwt_source;
mod account;
mod identity;
mod request;
mod assertions;
mod build;
mod inspection;
mod reader;
mod rewritten;

#[cfg(test)]
mod tests;

pub use account::Credentials;
pub(crate) use env::NAMES as ENVIRONMENT_VARIABLES;
pub(crate) use format::Format;
pub(crate) use inspection::{InspectedKey, Inspection};
pub use options::CredentialsOptions;
pub(crate) use origin::Origin;
pub(crate) use reader::read_certificate;
pub use rewritten::Rewritten;
pub(crate) use source::Source;
