//! Certificates: the key that they belong to, and the time in which they are valid.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkey::{PKeyRef, Private};
use openssl::x509::X509;

use super::encoding;
use super::pem::{self, Block};
use super::sequence::{MAX_LEN, SEQUENCE};
use crate::error::{Cause, Error, Status};

/// Checks that one of the certificates in `bytes` is valid at `now` and belongs to `key`, if that
/// is given. Returns its expiry.
pub(super) fn check(
    bytes: &[u8],
    key: Option<&PKeyRef<Private>>,
    now: SystemTime,
) -> Result<SystemTime, Error> {
    let certificates = parse(bytes)?;
    let fits = |one: &&X509| key.is_none_or(|key| belongs(one, key));
    let own = certificates.iter().find(fits);
    let shown = own.or(certificates.first()).ok_or_else(|| unreadable("holds no certificate"))?;
    let dates = format!("it is valid from {} to {}", shown.not_before(), shown.not_after());
    if own.is_none() {
        return Err(of_another_key(&format!("; {dates}")));
    }
    let expiry = system_time(shown.not_after()).map_err(no_time)?;
    if now < system_time(shown.not_before()).map_err(no_time)? {
        return Err(bad(format!("is not valid yet; {dates}"))
            .with_hint("check this machine's clock, and that this is the right certificate")
            .with_cause(Cause::ClockOrExp));
    }
    if now > expiry {
        return Err(bad(format!("has expired; {dates}"))
            .with_hint(
                "make a new key and certificate, upload the certificate instead of the old one, \
                 and use its key",
            )
            .with_cause(Cause::ExpiredCertificate));
    }
    Ok(expiry)
}

/// Dates before 1970 count as 1970.
fn system_time(time: &Asn1TimeRef) -> Result<SystemTime, ErrorStack> {
    let seconds = asn1_unix_seconds(time)?;
    Ok(UNIX_EPOCH + Duration::from_secs(seconds.max(0).cast_unsigned()))
}

fn asn1_unix_seconds(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(since.days) * 86_400 + i64::from(since.secs))
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

/// Returns the certificate of `key` and then the others, as DER.
pub(super) fn ders_of(bytes: &[u8], key: &PKeyRef<Private>) -> Result<Vec<Vec<u8>>, Error> {
    let certificates = parse(bytes)?;
    if certificates.is_empty() {
        return Err(unreadable("holds no certificate"));
    }
    let is_own = |one: &X509| belongs(one, key);
    let (mut chain, others): (Vec<X509>, Vec<X509>) = certificates.into_iter().partition(is_own);
    if chain.is_empty() {
        return Err(of_another_key(""));
    }
    chain.truncate(1);
    chain.extend(others);
    chain.iter().map(der_of).collect()
}

/// Returns whether a certificate has the public key of `key`. A certificate for RSA-PSS alone has another kind of
/// key for OpenSSL, with the same numbers.
fn belongs(certificate: &X509, key: &PKeyRef<Private>) -> bool {
    let Ok(public) = certificate.public_key() else { return false };
    match (public.rsa(), key.rsa()) {
        (Ok(theirs), Ok(own)) => theirs.n() == own.n() && theirs.e() == own.e(),
        _ => public.public_eq(key),
    }
}

fn of_another_key(dates: &str) -> Error {
    bad(format!("does not belong to the private key{dates}"))
        .with_hint(
            "key and certificate are made as a pair: use the key that this certificate was made \
             with, or make a new pair and upload its certificate",
        )
        .with_cause(Cause::WrongKey)
}

fn der_of(certificate: &X509) -> Result<Vec<u8>, Error> {
    certificate.to_der().map_err(|_| unreadable("is not an X.509 certificate"))
}

/// Returns each certificate of a PEM text, or the one in DER or base64, as DER.
pub(crate) fn ders(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    parse(bytes)?.iter().map(der_of).collect()
}

fn parse(bytes: &[u8]) -> Result<Vec<X509>, Error> {
    let from_der =
        |der: &[u8]| X509::from_der(der).map_err(|_| unreadable("is not an X.509 certificate"));
    if bytes.len() > MAX_LEN {
        return Err(unreadable("is over 64 KiB"));
    }
    let decoded = encoding::decoded(bytes).transpose().map_err(unreadable)?;
    let bytes = decoded.as_ref().map_or(bytes, |text| text);
    let text = pem::text(bytes);
    if pem::blocks(&text).next().is_none() {
        let decoded = if bytes.first() == Some(&SEQUENCE) { None } else { pem::base64([&*text]) };
        return Ok(vec![from_der(decoded.as_ref().map_or(bytes, |der| der))?]);
    }
    pem::blocks(&text)
        .filter(|block| block.as_ref().map_or(true, Block::is_certificate))
        .map(|block| {
            let der = block.and_then(|block| block.der()).map_err(unreadable)?;
            from_der(&der)
        })
        .collect()
}
