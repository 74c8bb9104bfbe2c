//! Certificates, as far as a key's owner must know: whose, and from when until when.

use std::cmp::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::{LONGEST, SEQUENCE, pem};
use crate::error::{Error, Status};

/// Checks that one of the certificates in `bytes` belongs to `key` and is valid at `now`.
pub(super) fn check(bytes: &[u8], key: &PKey<Private>, now: SystemTime) -> Result<(), Error> {
    let certificates = parse(bytes)?;
    let own =
        certificates.iter().find(|one| one.public_key().is_ok_and(|public| public.public_eq(key)));
    let shown = own.or(certificates.first()).ok_or_else(|| unreadable("holds no certificate"))?;
    let dates = format!("it is valid from {} to {}", shown.not_before(), shown.not_after());
    if own.is_none() {
        return Err(bad(format!("does not belong to the private key; {dates}")).with_hint(
            "key and certificate are made as a pair: use the key that this certificate was made \
             with, or make a new pair and upload its certificate",
        ));
    }
    let [begun, ended] = [shown.not_before(), shown.not_after()].map(|time| {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        time.compare(&*Asn1Time::from_unix(now.cast_signed())?)
    });
    match (begun.map_err(no_time)?, ended.map_err(no_time)?) {
        (Ordering::Greater, _) => Err(bad(format!("is not valid yet; {dates}"))
            .with_hint("check this machine's clock, and that this is the right certificate")),
        (_, Ordering::Less) => Err(bad(format!("has expired; {dates}")).with_hint(
            "make a new key and certificate, upload the certificate in place of the old one, and \
             use its key",
        )),
        _ => Ok(()),
    }
}

fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Credentials, problem)
}

fn unreadable(problem: &str) -> Error {
    bad(problem).with_hint("a certificate in PEM begins with -----BEGIN CERTIFICATE-----")
}

fn no_time(_: ErrorStack) -> Error {
    bad("holds a date that cannot be read")
}

fn parse(bytes: &[u8]) -> Result<Vec<X509>, Error> {
    let from_der =
        |der: &[u8]| X509::from_der(der).map_err(|_| unreadable("is not an X.509 certificate"));
    if bytes.len() > LONGEST {
        return Err(unreadable("is over 64 KiB"));
    }
    let text = pem::text(bytes);
    let blocks = pem::blocks(&text).map_err(unreadable)?;
    if blocks.is_empty() {
        let decoded = if bytes.first() == Some(&SEQUENCE) { None } else { pem::base64(&text) };
        return Ok(vec![from_der(decoded.as_ref().map_or(bytes, |der| der))?]);
    }
    blocks
        .iter()
        .filter(|block| block.is_certificate())
        .map(|block| from_der(&block.der().map_err(unreadable)?))
        .collect()
}
