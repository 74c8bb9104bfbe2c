//! TLS for ureq, and the errors of a failed handshake.

use std::sync::Arc;

use rustls::{AlertDescription, CertificateError};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::{ConnectionDetails, Connector, RustlsConnector, Transport};

use super::problem::{lost, unwrapped, wrapped};
use super::wiped::Wiped;
use crate::error::{Cause, Error, Status};
use crate::net::timed_out;
use crate::net::trust::{TRUSTS_NONE, Trust, trusts_none_hint, variables};
use crate::token_url::host_and_port;

/// Returns the settings for TLS 1.2 or 1.3 by rustls on ring. The provider is an argument, because
/// a process-wide one is the host program's choice. Verification cannot be turned off.
pub(super) fn config(trust: &Trust) -> TlsConfig {
    let trusted = match trust {
        Trust::Certificates(certificates) => RootCerts::from(
            certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned()),
        ),
        Trust::Platform => RootCerts::PlatformVerifier,
    };
    TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(trusted)
        .build()
}

/// Adds TLS to the connection if the URL asks for it.
#[derive(Debug)]
pub(super) struct Tls {
    inner: RustlsConnector,
    trusts_none: bool,
    has_ca_file: bool,
}

impl Tls {
    pub fn new(trust: &Trust, has_ca_file: bool) -> Self {
        let trusts_none = matches!(trust, Trust::Certificates(none) if none.is_empty());
        Self { inner: RustlsConnector::default(), trusts_none, has_ca_file }
    }

    /// Says of a certificate from an unknown CA what became of the variables that name CAs.
    fn explained(&self, error: Error) -> Error {
        if error.cause() != Some(Cause::UnknownCa) {
            return error;
        }
        variables(self.has_ca_file)
            .iter()
            .fold(error, |error, variable| error.with_more_hint(variable.to_string().as_str()))
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Wiped<<RustlsConnector as Connector<In>>::Out>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        if self.trusts_none && details.needs_tls() {
            let error = untrusted(&host_and_port(details.uri), TRUSTS_NONE)
                .with_hint(trusts_none_hint())
                .with_cause(Cause::UnknownCa);
            return Err(wrapped(self.explained(error)));
        }
        // Each call has its own timeout and proxy, but all share the agent's TLS settings. ureq
        // keeps these, and with them the sessions to resume, only if they are not marked as the
        // request's own.
        let details = ConnectionDetails {
            request_level: false,
            uri: details.uri,
            addrs: details.resolver.empty(),
            config: details.config,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        self.inner
            .connect(&details, chained)
            .map(|connection| connection.map(Wiped))
            .map_err(|error| wrapped(self.explained(failure(error, &host_and_port(details.uri)))))
    }
}

fn failure(error: ureq::Error, host: &str) -> Error {
    use ureq::Error as E;
    match error {
        E::Other(error) => unwrapped(error),
        E::Timeout(_) => timed_out(&format!("the TLS handshake with {host} did not end")),
        E::Rustls(error) => refusal(&error, host),
        E::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(error) => refusal(error, host),
            None => lost(host),
        },
        _ => untrusted(host, "its name cannot stand in a certificate"),
    }
}

/// Returns the error of a failed handshake. rustls's own texts are not used, because they repeat
/// names from the server's certificate.
fn refusal(error: &rustls::Error, host: &str) -> Error {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(error) => bad_certificate(error, host),
        E::InvalidMessage(_) => untrusted(host, "the server there does not speak TLS")
            .with_hint("check the port of the URL; a proxy may respond instead of the server"),
        E::PeerIncompatible(_)
        | E::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => untrusted(host, "it offers no TLS version or cipher that is still safe")
            .with_hint("the server must speak TLS 1.2 or 1.3"),
        E::AlertReceived(AlertDescription::UnrecognisedName) => {
            untrusted(host, "it does not know this name").with_hint("check the host of the URL")
        }
        E::AlertReceived(_) => untrusted(host, "it aborted the handshake"),
        _ => untrusted(host, "it does not keep to the protocol"),
    }
}

fn bad_certificate(error: &CertificateError, host: &str) -> Error {
    use CertificateError as E;
    let (problem, hint) = match error {
        E::Expired | E::ExpiredContext { .. } => (
            "its certificate has expired",
            "renew the server's certificate, or set this machine's clock",
        ),
        E::NotValidYet | E::NotValidYetContext { .. } => {
            ("its certificate is not valid yet", "set this machine's clock, or the server's")
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => (
            "its certificate is for another host",
            "check the host of the URL, and the names in the server's certificate",
        ),
        E::UnknownIssuer => (
            "its certificate is from an unknown CA, or the server does not send its intermediate \
             certificates",
            "if a company's proxy or a CA of your own issues certificates, set ca_file \
             to that CA's PEM certificate; otherwise have the server send its whole chain",
        ),
        E::BadSignature => (
            "its certificate is not signed by the trusted CA of that name",
            "the CA may have a new certificate under its old name: set ca_file to \
             that",
        ),
        E::Revoked => ("its certificate is revoked", "renew the server's certificate"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            ("its certificate is not for servers", "renew the server's certificate")
        }
        // rustls-webpki's CaUsedAsEndEntity and other errors of form.
        E::Other(_) => (
            "its certificate is not a server certificate: it may be a CA's own",
            "issue a server certificate (basicConstraints CA:FALSE) and trust its issuer",
        ),
        _ => ("its certificate is broken", "renew the server's certificate"),
    };
    let is_unknown = matches!(error, E::UnknownIssuer | E::BadSignature);
    untrusted(host, problem).with_hint(hint).with_cause(is_unknown.then_some(Cause::UnknownCa))
}

fn untrusted(host: &str, problem: &str) -> Error {
    Error::new(Status::Tls, format!("TLS with {host} failed: {problem}"))
}
