//! The options of how to reach a token server.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;

use super::input;
use ims::{Error, Transport};

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
        let mut transport = Transport::default();
        if let Some(url) = &self.proxy {
            input::check_no_password("--proxy", url.as_ref(), "HTTPS_PROXY")?;
            transport.proxy = url.parse().map_err(|error: Error| error.called("--proxy"))?;
        }
        transport.timeout = Duration::from_secs(self.timeout);
        transport.max_attempts = self.max_attempts;
        transport.ca_file = self.ca_file.clone();
        Ok(transport)
    }
}
