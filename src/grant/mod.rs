//! A grant: what a token server is asked with. Pure.

mod client_auth;
mod client_assertion;
mod grant_type;
mod parameters;
mod token_type;
mod grants;
mod request;
mod options;

pub(crate) use client_assertion::{CLIENT_ASSERTION_TYP, client_assertion};
pub use client_auth::{ClientAuth, ClientAuthMethod, Proof};
pub use grant_type::GrantType;
pub use grants::{BodyFormat, Grant, GrantKind};
pub use options::GrantOptions;
pub use parameters::Parameters;
pub use request::Request;
