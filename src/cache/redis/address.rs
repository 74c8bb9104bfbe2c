//! Where a Redis is, from its URL.

use ::redis::{ConnectionAddr, IntoConnectionInfo};
use zeroize::Zeroizing;

use crate::cache::misconfigured;
use crate::error::Error;
use crate::secret::Secret;

/// Where a Redis is, and how it lets us in.
pub(in crate::cache) struct Address {
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub database: i64,
}

impl Address {
    /// # Errors
    /// [`Status::Cache`](crate::Status::Cache), without a word of the URL: it may hold a password.
    pub fn parse(url: &Secret) -> Result<Self, Error> {
        let bad = || {
            misconfigured("is not a Redis URL")
                .with_hint("write redis://USER:PASSWORD@HOST:PORT/DATABASE, each part encoded")
        };
        let url = url.expose();
        let tls = url.starts_with("rediss://");
        // The crate parses the one only with a TLS of its own.
        let plain = match url.strip_prefix("rediss://") {
            Some(rest) => Zeroizing::new(format!("redis://{rest}")),
            None => Zeroizing::new(url.clone()),
        };
        // A fragment is how others turn verification off.
        if !plain.starts_with("redis://") || plain.contains('#') {
            return Err(bad());
        }
        let info = plain.as_str().into_connection_info().map_err(|_| bad())?;
        let settings = info.redis_settings();
        match info.addr() {
            ConnectionAddr::Tcp(host, port) if !host.is_empty() && settings.db() >= 0 => Ok(Self {
                host: host.clone(),
                port: *port,
                tls,
                user: settings.username().map(str::to_owned),
                password: settings.password().map(Secret::from),
                database: settings.db(),
            }),
            _ => Err(bad()),
        }
    }
}
