//! The options of how to reach a token server.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;

use ims::{Error, Proxy, Secret, Transport};

#[derive(clap::Args)]
pub(super) struct TransportArgs {
    /// For everything but reading the credentials: DNS lookup, TLS, retries and response; at most
    /// 3600
    #[arg(long, value_name = "SECONDS", default_value_t = 10, allow_negative_numbers = true)]
    timeout: u64,
    /// 1 (no retry) to 10
    #[arg(long, value_name = "N", default_value_t = 3, allow_negative_numbers = true)]
    max_attempts: u32,
    /// PEM file of CA certificates to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// http://HOST:PORT, or with https, socks5 or socks5h; or none [default: what HTTPS_PROXY and
    /// NO_PROXY say, where a URL may hold a password]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    proxy: Option<String>,
}

impl TransportArgs {
    pub fn transport(&self) -> Result<Transport, Error> {
        let proxy = match self.proxy.as_deref() {
            None => Proxy::Environment,
            Some("none") => Proxy::None,
            Some(url) if url.contains('@') => {
                return Err(Error::argument("--proxy", "holds a user name or password").with_hint(
                    "other users of this machine can read arguments: put the URL into the \
                     variable HTTPS_PROXY and leave --proxy out",
                ));
            }
            Some(url) => Proxy::Url(Secret::from(url)),
        };
        let mut transport = Transport::default();
        transport.timeout = Duration::from_secs(self.timeout);
        transport.max_attempts = self.max_attempts;
        transport.ca_file = self.ca_file.clone();
        transport.proxy = proxy;
        Ok(transport)
    }
}
