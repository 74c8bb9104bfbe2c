//! One connection to Redis.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use ::redis::{Value, parse_redis_value};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::cache::{LONGEST_ENTRY, misconfigured};
use crate::error::Error;
use crate::net::trust::Trust;

use super::failure::Failure;
use super::socket::Socket;

/// In bytes: a reply's first line, which may be an error's text.
const LONGEST_LINE: usize = 1024;

/// What is no reply.
pub(super) const GARBAGE: &str = "does not answer as Redis does";

/// Commands out, replies in; nothing that comes is believed unchecked.
pub(super) struct Connection {
    wire: Wire,
    /// What came in and is not read yet.
    input: Vec<u8>,
}

enum Wire {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Connection {
    pub fn plain(stream: Socket) -> Self {
        Self { wire: Wire::Plain(stream), input: Vec::new() }
    }

    /// Makes the handshake.
    pub fn over_tls(mut client: ClientConnection, mut stream: Socket) -> Result<Self, Failure> {
        client.complete_io(&mut stream).map_err(|error| handshake_failure(&error))?;
        let wire = Wire::Tls(Box::new(StreamOwned::new(client, stream)));
        Ok(Self { wire, input: Vec::new() })
    }

    /// Allows the server to send `budget` bytes from now on.
    pub fn allow(&mut self, budget: usize) {
        match &mut self.wire {
            Wire::Plain(stream) => stream.allow(budget),
            Wire::Tls(tls) => tls.sock.allow(budget),
        }
    }

    /// Whether nothing is left of what came in.
    pub fn is_drained(&self) -> bool {
        self.input.is_empty()
    }

    pub fn send(&mut self, output: &[u8]) -> Result<(), Failure> {
        let sent = match &mut self.wire {
            Wire::Plain(stream) => stream.write_all(output),
            Wire::Tls(tls) => tls.write_all(output).and_then(|()| tls.flush()),
        };
        sent.map_err(|error| Failure::network("takes no command", &error))
    }

    /// The next reply. The crate's parser sees it only whole and of a kind that we ask for: it
    /// would believe any length and nest deeply.
    pub fn reply(&mut self) -> Result<Value, Failure> {
        loop {
            if let Some(length) = first_reply(&self.input).map_err(Failure::away)? {
                let reply: Vec<u8> = self.input.drain(..length).collect();
                return parse_redis_value(&reply).map_err(|_| Failure::away(GARBAGE));
            }
            let mut chunk = [0; 4096];
            let read = match &mut self.wire {
                Wire::Plain(stream) => stream.read(&mut chunk),
                Wire::Tls(tls) => tls.read(&mut chunk),
            };
            match read {
                Ok(0) => return Err(Failure::away("closed the connection")),
                Ok(read) => self.input.extend(&chunk[..read]),
                Err(error) => return Err(Failure::network("does not answer", &error)),
            }
        }
    }
}

/// The length of the first reply in `input`; `None` while it is not whole.
fn first_reply(input: &[u8]) -> Result<Option<usize>, &'static str> {
    let Some(kind) = input.first() else { return Ok(None) };
    if !b"+-:$".contains(kind) {
        return Err(GARBAGE);
    }
    let line = &input[..input.len().min(LONGEST_LINE)];
    let Some(end) = line.windows(2).position(|pair| pair == b"\r\n") else {
        return if line.len() < LONGEST_LINE { Ok(None) } else { Err(GARBAGE) };
    };
    let mut length = end + 2;
    if *kind == b'$' && &line[1..end] != b"-1" {
        let size = str::from_utf8(&line[1..end]).ok().and_then(|size| size.parse::<usize>().ok());
        let size = size.filter(|size| *size <= LONGEST_ENTRY + 1).ok_or(GARBAGE)?;
        length += size + 2;
    }
    Ok((input.len() >= length).then_some(length))
}

/// Made for each connection: what is made once would need a lock, and a child may be forked while
/// another thread holds it.
pub(super) fn tls_client(host: &str, ca_file: Option<&Path>) -> Result<ClientConnection, Error> {
    let failed = |_| misconfigured("cannot set TLS up");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = match Trust::new(ca_file)? {
        Trust::Authorities(certificates) => {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(certificates);
            builder.with_root_certificates(store)
        }
        // Dangerous by name only: it is how the platform's own verifier is put in.
        Trust::Platform => builder.dangerous().with_custom_certificate_verifier(Arc::new(
            rustls_platform_verifier::Verifier::new(provider).map_err(failed)?,
        )),
    };
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| misconfigured("names a host that cannot stand in a certificate"))?;
    ClientConnection::new(Arc::new(builder.with_no_client_auth()), name).map_err(failed)
}

/// In words of our own where rustls speaks: its texts hold names out of the server's certificate.
fn handshake_failure(error: &io::Error) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => {
            Failure::refused("has no TLS: its certificate is not trusted")
        }
        Some(_) => Failure::away("has no TLS: the handshake failed"),
        None => Failure::network("has no TLS", error),
    }
}
