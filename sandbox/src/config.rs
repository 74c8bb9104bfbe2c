//! The configuration of a sandbox.

use std::net::{Ipv4Addr, SocketAddr};

use super::{Account, Fault, LogEntry, Platform};
use ims::{ImsHost, Secret};

/// A function that is called with the record of each answered request.
pub type Log = Box<dyn Fn(&LogEntry) + Send + Sync>;

/// The accounts, address and faults of a sandbox.
#[non_exhaustive]
pub struct Config {
    /// The accounts that get tokens, each with a different client id.
    pub accounts: Vec<Account>,
    /// The address to listen on; port 0 picks a free port. Default: `127.0.0.1:0`.
    pub address: SocketAddr,
    /// Default: [`Tls::Off`].
    pub tls: Tls,
    /// The host that the sandbox plays, so that JWTs made for the real server are accepted: their
    /// `aud` and metascopes may name it, as well as the host that the request was sent to.
    /// Default: Adobe's production host.
    pub ims: ImsHost,
    /// The platform that issues JWTs to workloads.
    pub platform: Platform,
    /// The faults that are active from the start. Default: none.
    pub faults: Vec<Fault>,
    /// Takes note of each request. Default: does not.
    pub log: Log,
}

impl Config {
    /// The defaults, for `accounts`.
    pub fn new(accounts: Vec<Account>) -> Self {
        Self {
            accounts,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: Tls::Off,
            ims: ImsHost::default(),
            platform: Platform::default(),
            faults: Vec::new(),
            log: Box::new(|_| {}),
        }
    }
}

/// The use of HTTPS.
#[derive(Clone, Debug, Default)]
pub enum Tls {
    /// Plain HTTP, on a loopback address only.
    #[default]
    Off,
    /// HTTPS with a certificate for `localhost`, `127.0.0.1`, `::1` and the address listened on,
    /// from a CA that is made at the start: see
    /// [`Sandbox::ca_certificate`](super::Sandbox::ca_certificate).
    SelfMade,
    /// HTTPS with a certificate of the caller's.
    Given {
        /// The certificate and its intermediates, PEM.
        certificate: Vec<u8>,
        /// The certificate's private key, unencrypted PEM.
        key: Secret<Vec<u8>>,
    },
}
