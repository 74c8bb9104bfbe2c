//! TLS to Redis.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ClientConnection, RootCertStore};

use super::address::TlsFiles;
use super::failure::Failure;
use crate::cache::problem::misconfigured;
use crate::error::{Error, Field, File, Status};
use crate::net::trust::Trust;
use crate::regular_file::Kind;

const CERTIFICATE: Kind =
    Kind { status: Status::Cache, noun: "certificate file", max_len: 64 * 1024 };
const KEY: Kind = Kind { status: Status::Cache, noun: "key file", max_len: 64 * 1024 };

/// Makes the TLS settings for one connection. To share them would need a lock, and a child may be
/// forked while another thread holds it. For the same reason, a file that was replaced is used from
/// the next connection on.
///
/// # Errors
/// Those of the cache, naming the file.
pub(super) fn client(
    host: &str,
    files: &TlsFiles,
    ca_file: Option<&Path>,
) -> Result<ClientConnection, Error> {
    let failed = |_| misconfigured("cannot set TLS up");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let trust = match files.ca.as_deref() {
        Some(own) => Trust::new(Some(own)).map_err(|error| of_parameter("ssl_ca_certs", error))?,
        None => Trust::new(ca_file)?,
    };
    let builder = match trust {
        Trust::Certificates(certificates) => {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(certificates);
            builder.with_root_certificates(store)
        }
        // The method is dangerous by name only: it is the way to use the platform's own verifier.
        Trust::Platform => builder.dangerous().with_custom_certificate_verifier(Arc::new(
            rustls_platform_verifier::Verifier::new(provider).map_err(failed)?,
        )),
    };
    let config = match identity(files)? {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|_| {
            misconfigured("has a client certificate and a key that do not belong together")
        })?,
    };
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| misconfigured("names a host that cannot stand in a certificate"))?;
    ClientConnection::new(Arc::new(config), name).map_err(failed)
}

/// Returns the client's certificate with its intermediate certificates, and its key.
fn identity(
    files: &TlsFiles,
) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, Error> {
    let Some(path) = files.certificate.as_ref().or(files.key.as_ref()) else { return Ok(None) };
    let pem = read(&CERTIFICATE, "ssl_certfile", path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| bad("ssl_certfile", path, "holds no PEM certificate"))?;
    let path = files.key.as_ref().unwrap_or(path);
    let pem = read(&KEY, "ssl_keyfile", path)?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        bad("ssl_keyfile", path, "holds no PEM private key, or one that is encrypted")
            .with_hint("decrypt an encrypted key: openssl pkey -in KEY -out NEW_KEY")
    })?;
    Ok(Some((chain, key)))
}

fn read(
    kind: &Kind,
    parameter: &'static str,
    path: &Path,
) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
    kind.read(path).map_err(|error| of_parameter(parameter, error))
}

fn bad(parameter: &'static str, path: &Path, problem: &str) -> Error {
    let error = Error::new(Status::Cache, problem).with_file(File::new("file", path));
    of_parameter(parameter, error)
}

/// Names the parameter of the cache's URL that names the file of `error`.
fn of_parameter(parameter: &'static str, error: Error) -> Error {
    let error = error.with_field(Field::called(parameter));
    misconfigured(error.message()).with_more_hint(error.hint())
}

/// Writes rustls's errors in libims's own words, because rustls's texts repeat names from the
/// server's certificate.
pub(super) fn failure(does_what: &str, error: &io::Error) -> Failure {
    use rustls::Error::{AlertReceived, InvalidCertificate, InvalidMessage};
    let failed = |why: &str| Failure::refused(format!("cannot be used over TLS: {why}"));
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(InvalidCertificate(_)) => failed("its certificate is not trusted")
            .with_hint("name the CA's with ssl_ca_certs, and the host as the certificate does"),
        Some(AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown,
        )) => failed("it wants a client certificate that it trusts")
            .with_hint("name it with ssl_certfile and ssl_keyfile"),
        Some(InvalidMessage(_)) => Failure::away("does not speak TLS")
            .with_hint("check the port, or write redis:// for a server without TLS"),
        Some(AlertReceived(_)) => failed("it ended the handshake")
            .with_hint("see its log, and whether it wants a client certificate"),
        Some(_) => Failure::away("cannot be used over TLS: the handshake failed"),
        None => Failure::network(does_what, error),
    }
}

#[cfg(test)]
mod tests {
    use support::certificates::{Authority, Validity};
    use support::directory::Directory;
    use support::redis::Redis;

    use std::time::Duration;

    use super::super::tests::{cache, found, inner, soon, store};
    use super::super::wait_budget::WaitBudget;
    use crate::cache::backend::BackendSession;
    use crate::cache::examples::entry;
    use crate::cache::{Locking, SharedCache};

    fn problem(cache: &SharedCache) -> String {
        inner(cache).session(soon()).read().unwrap_err().to_string()
    }

    #[test]
    fn a_client_certificate_lets_us_in_and_one_that_is_missing_or_wrong_is_told() {
        let (servers, clients) = (Authority::new("servers'"), Authority::new("clients'"));
        let identity = servers.server(&["127.0.0.1"], Validity::now());
        let redis = Redis::start_over_tls_for(&identity, &clients);
        let directory = Directory::new();
        let write = |name: &str, content: &[u8]| {
            directory.write(name, content).to_str().unwrap().to_owned()
        };
        let ca = write("ca.pem", &servers.pem());
        let client = clients.client("ada");
        let certificate = write("certificate.pem", &client.chain_pem());
        let key = write("key.pem", &client.key_pem());
        let both = write("both.pem", &[client.chain_pem(), client.key_pem()].concat());
        let stranger = write("stranger.pem", &{
            let stranger = servers.client("eve");
            [stranger.chain_pem(), stranger.key_pem()].concat()
        });
        let at = |parameters: &str| {
            cache(&format!("rediss://127.0.0.1:{}?ssl_ca_certs={ca}{parameters}", redis.port()))
        };
        for parameters in [
            format!("&ssl_certfile={certificate}&ssl_keyfile={key}"),
            format!("&ssl_certfile={both}"),
        ] {
            let cache = at(&parameters);
            assert_eq!(store(&mut cache.session(soon()), &entry("t0ken", 3600)), Locking::Held);
            assert_eq!(found(&cache).unwrap(), "t0ken");
        }
        for (parameters, part) in [
            (String::new(), "wants a client certificate"),
            (format!("&ssl_certfile={stranger}"), "wants a client certificate"),
            (format!("&ssl_certfile={certificate}"), "ssl_keyfile"),
            (format!("&ssl_certfile={key}"), "holds no PEM certificate"),
            (format!("&ssl_certfile={certificate}&ssl_keyfile={stranger}"), "belong together"),
            ("&ssl_certfile=/nonexistent".to_owned(), "cannot be read"),
        ] {
            let problem = problem(&at(&parameters));
            assert!(problem.contains(part), "{parameters}: {problem}");
        }
    }

    #[test]
    fn a_port_with_tls_and_one_without_are_told_apart_within_the_patience() {
        let servers = Authority::new("servers'");
        let redis = Redis::start_over_tls(&servers.server(&["127.0.0.1"], Validity::now()));
        let plain = Redis::start(&[]);
        for (url, part) in [
            (format!("redis://127.0.0.1:{}", redis.port()), "write rediss://"),
            (format!("rediss://127.0.0.1:{}", plain.port()), "write redis://"),
        ] {
            let cache = cache(&url);
            let wait_budget = WaitBudget::of(Duration::from_millis(200));
            let problem =
                inner(&cache).session_with(wait_budget, soon()).read().unwrap_err().to_string();
            assert!(problem.contains(part), "{url}: {problem}");
        }
    }
}
