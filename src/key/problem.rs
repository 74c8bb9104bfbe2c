//! The errors of a key.

use der::asn1::ObjectIdentifier;

use crate::error::{Error, Status};

/// Makes the error of a bad key. `problem` begins with a verb.
pub(super) fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Key, problem)
}

pub(super) fn damaged(problem: &str) -> Error {
    bad(problem).with_hint(
        "copy the whole key, from -----BEGIN to -----END, with its line breaks or with \\n for them",
    )
}

/// Returns the error of a key that signs no JWT.
pub(super) fn unsupported(algorithm: Option<ObjectIdentifier>) -> Error {
    let algorithm = algorithm.map(|oid| oid.to_string()).unwrap_or_default();
    let kind = match algorithm.as_str() {
        "1.2.840.113549.1.1.10" => "an RSA-PSS key",
        "1.2.840.10040.4.1" => "a DSA key",
        "1.3.101.110" => "an X25519 key",
        "1.3.101.111" => "an X448 key",
        "1.3.101.113" => "an Ed448 key",
        _ => "a key of another algorithm",
    };
    bad(format!("is {kind}; it must be RSA, EC or Ed25519")).with_hint(
        "a plain RSA key signs RS256 and PS256: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    )
}
