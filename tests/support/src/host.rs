//! A host of the internet, played on this machine.

use std::io;
use std::net::SocketAddr;

use crate::certificates::{Authority, Validity};
use crate::hostile::{Connection, Hostile};

/// A TLS server with a certificate for the host's name, and an HTTP proxy that leads there whatever
/// host is asked for.
pub struct Host {
    proxy: Hostile,
    root: Vec<u8>,
    _server: Hostile,
}

impl Host {
    /// Plays the host `name`: runs `script` with every connection, which ends with it.
    pub fn play(
        name: &str,
        script: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let authority = Authority::new("root of a played host");
        let identity = authority.server(&[&name.to_ascii_lowercase()], Validity::now());
        let server = Hostile::run_over_tls(&identity, script);
        let address = server.address();
        let proxy = Hostile::run(move |connection| {
            connection.read_request()?;
            connection.send("HTTP/1.1 200 Connection established\r\n\r\n")?;
            connection.tunnel(address)
        });
        Self { proxy, root: authority.pem(), _server: server }
    }

    /// Returns the address of the proxy.
    pub fn proxy(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Returns the certificate to trust, as PEM.
    pub fn root(&self) -> &[u8] {
        &self.root
    }
}
