//! The errors of a key.

use der::asn1::ObjectIdentifier;

use crate::error::{Error, Status};

/// Makes the error of a bad key. `problem` begins with a verb.
pub(super) fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Key, problem)
}

/// Makes the error of a text that is not complete or not as it was written.
pub(super) fn damaged(problem: impl Into<String>) -> Error {
    bad(problem).with_hint(
        "copy the whole key, from -----BEGIN to -----END, with its line breaks or with \\n for them",
    )
}

/// Makes the error of a part that is not of its standard's form.
pub(super) fn damaged_part() -> Error {
    damaged("is damaged: a part of it cannot be read")
}

/// Makes the error of numbers of which one was altered.
pub(super) fn inconsistent() -> Error {
    bad("is damaged: its parts do not belong together")
        .with_hint("restore it from where it was made: an altered key signs what no server accepts")
}

/// The command that makes a key that every algorithm of RSA signs with.
const NEW_KEY: &str = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out NEW_KEY";

/// Makes the error of what can sign no JWT, with the command that makes a key.
pub(super) fn no_signing_key(problem: impl Into<String>) -> Error {
    bad(problem).with_hint(format!("make a new key and register its public key: {NEW_KEY}"))
}

/// Returns the error of a key whose algorithm signs no JWT.
pub(super) fn unsupported(algorithm: ObjectIdentifier) -> Error {
    let kind = match algorithm.to_string().as_str() {
        "1.2.840.10040.4.1" => "a DSA key".to_owned(),
        "1.2.840.10046.2.1" | "1.2.840.113549.1.3.1" => "a Diffie-Hellman key".to_owned(),
        "1.2.840.113549.1.1.7" => "an RSA key for encryption alone (RSAES-OAEP)".to_owned(),
        "1.3.101.110" => "an X25519 key".to_owned(),
        "1.3.101.111" => "an X448 key".to_owned(),
        "1.3.101.113" => "an Ed448 key".to_owned(),
        "1.2.156.10197.1.301" => "an SM2 key".to_owned(),
        oid => format!("a key of the algorithm {oid}"),
    };
    no_signing_key(format!("is {kind}; it must be RSA, EC or Ed25519"))
}
