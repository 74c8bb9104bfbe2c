//! libims turns a service account's credentials into an access token: it signs a JWT with a
//! private key and exchanges it at the token server of Adobe IMS, or any with the JWT bearer grant.

// In the order of the flow; each uses only what stands above it.
mod error;
mod secret;
mod key;
mod jwt;
mod ims_host;
mod grant;
mod http;

pub use error::{Error, Status};
pub use grant::{ClientAuth, Grant, GrantType};
pub use http::{Proxy, Transport};
pub use ims_host::ImsHost;
pub use jwt::{Claims, generate_jwt};
pub use key::Key;
pub use secret::Secret;
