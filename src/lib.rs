//! libims turns a service account's credentials into an access token: it signs a JWT with a
//! private key, or has a client secret or the JWT of its platform, and asks the token server of Adobe
//! IMS, or any other of OAuth 2.0.
//!
//! [`Key`] and [`Assertion`] become a JWT by [`generate_jwt`], the JWT a [`Grant`], and the grant a
//! [`Token`] by [`exchange`]. A [`Client`] does all that from [`Credentials`], and keeps the token
//! fresh, alone or with a [`Cache`] that processes share. Every failure is an [`Error`] with a
//! [`Status`] and, where the cause is known, a hint.

// The modules are in the order of use: each uses only those above it.
mod system;
mod hex;
mod secret;
pub mod error;
mod random;
mod unix_time;
pub mod environment;
mod descriptors;
pub mod user_path;
mod regular_file;
mod may_read;
mod signals;
mod fork;
mod thread;
mod algorithm;
mod key;
mod jwt;
mod net;
mod token_url;
mod endpoint;
mod ims_host;
mod server;
mod grant;
mod http;
mod assertion_source;
mod response;
mod token;
mod retry;
mod metadata;
mod exchange;
mod impersonation;
mod validation;
mod client_secrets;
mod credentials;
mod cache;
mod client;
mod registry;
pub mod doctor;

// A C ABI needs `unsafe`. All of it is in this module.
#[cfg(feature = "capi")]
#[allow(unsafe_code)]
mod capi;

// What the targets of fuzz/ reach.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use algorithm::Algorithm;
pub use cache::Cache;
pub use client::{Client, ClientBuilder};
pub use client_secrets::{AddedSecret, ClientSecrets, ListedSecret};
pub use credentials::{Credentials, CredentialsOptions, Rewritten};
pub use endpoint::{Endpoint, Issuer};
pub use error::{Cause, Error, Status};
pub use exchange::exchange;
pub use fork::{
    Process, Stay, after_fork_in_child, after_fork_in_parent, before_exit, before_fork, is_exiting,
    is_forking,
};
pub use grant::{
    BodyFormat, ClientAuth, ClientAuthMethod, Grant, GrantKind, GrantOptions, GrantType,
    Parameters, Proof, Request,
};
pub use http::{Proxy, Transport};
pub use ims_host::ImsHost;
pub use jwt::{
    Assertion, Claims, Decoded, Expiry, Header, Jti, Signer, SigningKey, decode as decode_jwt,
    generate_jwt, members as json_members,
};
pub use key::{Key, KeyOptions, Thumbprint, openssl_version, read_certificate};
pub use may_read::MayRead;
pub use regular_file::Kind as FileKind;
pub use secret::Secret;
// What the models of `simulation` reach.
#[cfg(simulation)]
pub use client::{Joined, SingleFlight};
#[cfg(simulation)]
pub use fork::{may_use_openssl, restart};
#[cfg(simulation)]
pub use system::simulated;
pub use thread::spawn_thread;
pub use token::{Member, Token, ims_times};
pub use token_url::TokenUrl;
pub use unix_time::{from_unix_seconds, unix_seconds};
pub use validation::{Validation, invalidate_token, validate_token};

// The Rust examples of README and manual are compiled with the documentation's own.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/src/rust.md")]
// Fences name the file that a block is, as in `json file=a.json`.
#[allow(rustdoc::invalid_codeblock_attributes)]
struct Readme;
