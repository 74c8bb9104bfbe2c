//! A grant: what a token server is asked with. Pure.

mod client_auth;
mod grant_type;
mod grants;
mod request;
mod options;

pub use client_auth::{ClientAuth, Proof};
pub use grant_type::GrantType;
pub use grants::Grant;
pub use options::{ClientAuthMethod, GrantOptions};
pub use request::Request;
