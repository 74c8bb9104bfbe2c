//! The checks of the credentials: format, missing and misspelt settings, key, certificate, and file
//! permissions.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::assertion;
use super::check::{Check, Outcome};
use super::setup::Setup;
use crate::credentials::{Credentials, Format, InspectedKey, Inspection, Source};
use crate::error::{Cause, Error, redact};
use crate::grant::{CLIENT_ASSERTION_TYP, GrantType};
use crate::key::{Key, certificate_expiry};
use crate::user_path;

const CERTIFICATE: &str = "certificate";
const DAY: Duration = Duration::from_secs(86_400);
/// Time enough to make a new certificate.
const SOON: Duration = Duration::from_secs(30 * 86_400);
const READABLE_OR_WRITABLE_BY_OTHERS: u32 = 0o077;

/// The credentials, where they are whole.
pub(super) fn examine(setup: &Setup, report: &mut dyn FnMut(Check)) -> Option<Credentials> {
    let (name, inspection) = match setup.file {
        Some(file) => {
            let file = user_path::resolved(file);
            ("file", Credentials::inspect(Source::File(&file), &setup.options))
        }
        None => ("environment", Credentials::inspect(Source::Environment, &setup.options)),
    };
    let inspection = match inspection {
        Ok(inspection) => inspection,
        Err(error) => {
            report(Check::error(name, &error));
            return None;
        }
    };
    report(Check::ok(name, format!("the credentials are {}", inspection.format)));
    if !inspection.unknown.is_empty() {
        let message = format!("holds {}", inspection.unknown);
        let hint = "correct the name, or remove it: what libims does not know is ignored";
        report(Check::warning("settings", message, hint));
    }
    let mut is_whole = true;
    examine_parts(setup, &inspection, &mut |check| {
        is_whole &= check.outcome != Outcome::Error;
        report(check);
    });
    match inspection.credentials {
        Ok(credentials) if is_whole => {
            report_profile(&credentials, report);
            let has_jwt = assertion::in_file(&credentials, report);
            (signs(&credentials, report) && has_jwt).then_some(credentials)
        }
        Ok(_) => None,
        Err(error) => {
            // A problem of no single part, such as two settings that exclude each other.
            if is_whole {
                report(Check::error("credentials", &error));
            }
            None
        }
    }
}

/// Compares the JWT that authenticates the client with what servers expect of it.
fn report_profile(credentials: &Credentials, report: &mut dyn FnMut(Check)) {
    const NAME: &str = "client assertion";
    let (Some(assertion), Some(alg)) =
        (credentials.client_assertion(), credentials.client_algorithm())
    else {
        return;
    };
    let typ = assertion.header.typ.as_deref().unwrap_or("JWT");
    let aud = assertion.claims.aud.as_deref();
    let shown = |text: &str| redact(text, &[]);
    let signed_as = format!(
        "signed with {alg}, typ {}, aud {}",
        shown(typ),
        aud.map_or_else(
            || "as the claims have it".to_owned(),
            |aud| {
                // It may be the token URL, whose query may hold a secret.
                shown(aud.split('?').next().unwrap_or_default())
            }
        ),
    );
    report(Check::ok(NAME, signed_as));
    let Some(issuer) = &credentials.issuer else { return };
    let issuer = issuer.to_string();
    if typ != CLIENT_ASSERTION_TYP {
        let message = format!("typ is {}, not {CLIENT_ASSERTION_TYP}", shown(typ));
        let hint = "leave typ out, unless the server's documentation asks for this one: \
                    draft-ietf-oauth-rfc7523bis forbids others";
        report(Check::warning("typ", message, hint));
    }
    if aud.is_some_and(|aud| aud != issuer) {
        let message = format!("aud is {}, not the issuer", aud.map(shown).unwrap_or_default());
        let hint = "leave aud out, unless the server's documentation asks for this one: \
                    draft-ietf-oauth-rfc7523bis allows the issuer alone";
        report(Check::warning("aud", message, hint));
    }
}

/// Signs what a call would sign: a key may be sound and still not have the algorithm that is asked for.
fn signs(credentials: &Credentials, report: &mut dyn FnMut(Check)) -> bool {
    let now = SystemTime::now();
    let mut signs = true;
    for one in credentials.each() {
        let key = one.checked_key(now);
        if let Err(error) = key.and_then(|key| one.check_signatures(key.as_ref(), now)) {
            report(Check::error("signature", &error));
            signs = false;
        }
    }
    signs
}

fn examine_parts(setup: &Setup, inspection: &Inspection, report: &mut dyn FnMut(Check)) {
    if let Some(file) = setup.file {
        report_permissions("file's permissions", &user_path::resolved(file), report);
    }
    for part in &inspection.parts {
        report(match (&part.found, part.doubt) {
            (Ok(value), Some(doubt)) => Check::warning(part.name, value, doubt),
            (found, _) => Check::of(part.name, found.clone()),
        });
    }
    report(grant(inspection));
    if inspection.keys.is_empty() {
        if setup.certificate.is_some() {
            let message = "is given, but client credentials have no key that it could belong to";
            report(Check::warning(CERTIFICATE, message, "leave the certificate out"));
        }
        return;
    }
    let is_one = inspection.keys.len() == 1;
    let keys: Vec<Option<Key>> = inspection
        .keys
        .iter()
        .map(|inspected| {
            let name = (!is_one).then_some(inspected.name.as_str());
            key(setup, inspected, name, report)
        })
        .collect();
    certificates(setup, &inspection.keys, &keys, report);
}

fn grant(inspection: &Inspection) -> Check {
    let is_of_ims = inspection.credentials.as_ref().is_ok_and(Credentials::are_of_ims);
    let name = match inspection.grant {
        GrantType::JwtExchange => "Adobe's JWT exchange",
        GrantType::JwtBearer => "the JWT bearer grant of RFC 7523",
        GrantType::ClientCredentials if is_of_ims => "client credentials (OAuth Server-to-Server)",
        GrantType::ClientCredentials => "client credentials",
        GrantType::TokenExchange => "the token exchange of RFC 8693",
        GrantType::Other => "another grant, by its full name",
    };
    let url = inspection.credentials.as_ref().ok().map(Credentials::token_url);
    let is_adobes = url.is_none_or(|url| url.as_str().contains(".adobelogin.com/"));
    if inspection.grant == GrantType::JwtExchange && is_adobes && inspection.format != Format::Aem {
        return Check::warning(
            "grant",
            format!(
                "{name}, which Adobe has ended but for AEM: credentials were moved to OAuth \
                 Server-to-Server by March 2026"
            ),
            "if the exchange fails, give the credential's scopes instead of metascopes and key, as \
             the Developer Console lists them now; client id and secret stay",
        )
        .with_cause(Cause::MovedToOauth);
    }
    Check::ok("grant", name)
}

/// The key, where it is sound. `name` is the user's, where there are several.
fn key(
    setup: &Setup,
    inspected: &InspectedKey,
    name: Option<&str>,
    report: &mut dyn FnMut(Check),
) -> Option<Key> {
    let found = match &setup.key_error {
        Some(error) => Err(error.clone()),
        None => inspected.key.clone().and_then(|key| {
            key.check().map_err(|error| match name {
                Some(name) => error.called(name),
                None => error,
            })
        }),
    };
    if let Some(file) = &inspected.file {
        report_permissions("key's permissions", file, report);
        if let Some(host) = &inspected.strange_host {
            let message = format!(
                "{} lies outside of the credentials file's directory, and what it signs goes to \
                 {host}",
                file.display()
            );
            let hint = "credentials that someone else wrote may use your key for a server of \
                        theirs: check the token URL, aud and the key's path, and see may_read or \
                        --allow-read";
            report(Check::warning("key's place", message, hint));
        }
    }
    // A call signs, and OpenSSL's configuration may refuse that although the key is valid.
    let found =
        found.and_then(|key| key.sign(key.default_algorithm(), b"a test of the key").map(|_| key));
    let key = match found {
        Ok(key) => key,
        Err(error) => {
            report(Check::error("key", &error));
            return None;
        }
    };
    let description = key.description();
    report(Check::ok(
        "key",
        name.map_or(description.clone(), |name| format!("{name}: {description}")),
    ));
    Some(key)
}

/// The registered one, each key's own, or both.
fn certificates(
    setup: &Setup,
    inspected: &[InspectedKey],
    keys: &[Option<Key>],
    report: &mut dyn FnMut(Check),
) {
    let own = inspected.iter().zip(keys);
    let own = own.filter_map(|(one, key)| Some((one.certificate.clone()?, key.as_ref())));
    // The registered one may be of any of the keys.
    let given = setup.certificate.clone().map(|given| {
        let is_of = |key: &&Key| {
            let found = given
                .1
                .as_ref()
                .map(|bytes| certificate_expiry(bytes, Some(key), SystemTime::now()));
            found.is_ok_and(|expiry| expiry.is_ok())
        };
        let mut sound = keys.iter().flatten();
        let key = sound.clone().find(is_of).or_else(|| sound.next());
        (given, key)
    });
    let all: Vec<_> = given.into_iter().chain(own).collect();
    if all.is_empty() {
        let message = "not given, so its expiry is unknown: certificate, or --certificate FILE, \
                       names the registered one";
        report(Check::ok(CERTIFICATE, message));
    }
    for ((name, found), key) in all {
        report(certificate(&name, found, key));
    }
}

fn certificate(name: &str, found: Result<Vec<u8>, Error>, key: Option<&Key>) -> Check {
    let now = SystemTime::now();
    let left = found
        .and_then(|certificate| certificate_expiry(&certificate, key, now))
        .map(|expiry| expiry.duration_since(now).unwrap_or_default())
        .map_err(|error| if name == CERTIFICATE { error } else { error.called(name) });
    let left = match left {
        Ok(left) => left,
        Err(error) => return Check::error(CERTIFICATE, &error),
    };
    let belongs = if key.is_some() { "belongs to the key and " } else { "" };
    let message = format!("{belongs}expires in {} days", left.as_secs() / DAY.as_secs());
    if left > SOON {
        return Check::ok(CERTIFICATE, message);
    }
    let hint = "make a new key and certificate now, upload the certificate next to the old \
                one, and change over to its key";
    Check::warning(CERTIFICATE, message, hint)
}

/// A file that holds secrets is for its owner alone.
fn report_permissions(name: &'static str, file: &Path, report: &mut dyn FnMut(Check)) {
    // A file that cannot be read is reported by the check that reads it.
    let Ok(metadata) = fs::metadata(file) else { return };
    let mode = metadata.mode() & 0o777;
    let shown = file.display();
    report(if metadata.uid() != rustix::process::geteuid().as_raw() {
        let message = format!("{shown} belongs to another user");
        Check::warning(name, message, format!("chown {shown}, or run as the user that owns it"))
    } else if mode & READABLE_OR_WRITABLE_BY_OTHERS == 0 {
        Check::ok(name, format!("{shown}: only its owner can read it"))
    } else {
        let message = format!("{shown} is open to other users of this machine (mode {mode:03o})");
        Check::warning(name, message, format!("chmod 600 {shown}"))
    });
}
