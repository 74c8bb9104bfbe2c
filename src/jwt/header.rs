//! The header of a JWT.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{SerializeMap, Serializer};

use super::further::{members, unserializable};
use crate::algorithm::Algorithm;
use crate::error::{Error, check_text, shown, text_problem};
use crate::key::{Key, Thumbprint, certificates_of};

/// The limit of `header_json` in bytes.
const MAX_HEADER_JSON: usize = 8 * 1024;

/// The members that RFC 7515 section 4.1 defines, which `crit` may not list.
const REGISTERED: [&str; 11] =
    ["alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"];

/// The header of a JWT (RFC 7515 section 4.1). Its members are in the order of these fields.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Header {
    /// The type, `typ`; `None`: `JWT`.
    pub typ: Option<String>,
    /// The algorithm; `None`: the key's default.
    pub alg: Option<Algorithm>,
    /// Key id; `None`: the `kid` of a JWK, if the key is one.
    pub kid: Option<String>,
    /// PEM or DER of the key's certificate, and of those above it, for `x5t` and `x5c`; `None`: those of a
    /// PKCS#12 store, if the key came from one.
    pub certificate: Option<Vec<u8>>,
    /// The thumbprint of the certificate that goes into the header.
    pub x5t: Option<Thumbprint>,
    /// True if the certificates themselves go into the header.
    pub x5c: bool,
    /// A JSON object of further members, in their order; none that a field above sets. At most 8 KiB.
    pub header_json: Option<String>,
}

impl Header {
    /// Writes the header. Without `key`, the certificate is not looked at.
    pub(super) fn json(&self, algorithm: Algorithm, key: Option<&Key>) -> Result<String, Error> {
        let further = self.further()?;
        let has_own_kid = || further.iter().any(|(name, _)| name == "kid");
        let kid = self.kid.as_deref().or(key.and_then(Key::kid).filter(|_| !has_own_kid()));
        kid.map_or(Ok(()), |kid| check_text("kid", kid))?;
        let typ = self.typ.as_deref().unwrap_or("JWT");
        check_text("typ", typ)?;
        let certificates = match (self.x5t.is_some() || self.x5c, key) {
            (true, Some(key)) => self.certificates(key)?,
            _ => Vec::new(),
        };
        let mut json = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut json);
        let mut write = || {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("typ", typ)?;
            map.serialize_entry("alg", algorithm.name())?;
            if let Some(kid) = kid {
                map.serialize_entry("kid", kid)?;
            }
            if let (Some(thumbprint), Some(own)) = (self.x5t, certificates.first()) {
                map.serialize_entry(thumbprint.member(), &thumbprint.compute(own))?;
            }
            if self.x5c && !certificates.is_empty() {
                let chain: Vec<String> =
                    certificates.iter().map(|one| STANDARD.encode(one)).collect();
                map.serialize_entry("x5c", &chain)?;
            }
            for (name, value) in &further {
                map.serialize_entry(name, value)?;
            }
            map.end()
        };
        write().map_err(unserializable)?;
        String::from_utf8(json).map_err(|_| Error::argument("header_json", "is not UTF-8"))
    }

    /// Returns the key's certificate, and then the others.
    fn certificates(&self, key: &Key) -> Result<Vec<Vec<u8>>, Error> {
        match self.certificate.as_deref().or(key.certificates()) {
            Some(certificate) => certificates_of(key, certificate),
            None => Err(Error::argument("certificate", "is missing: x5t and x5c are made of it")
                .with_hint(
                    "give the key's certificate; one in a PKCS#12 store that OpenSSL cannot decrypt comes out \
                     with: openssl pkcs12 -legacy -in STORE -nokeys -out CERTIFICATE",
                )),
        }
    }

    fn further(&self) -> Result<Vec<(String, &serde_json::value::RawValue)>, Error> {
        let bad = |problem: String| Error::argument("header_json", problem);
        let json = match self.header_json.as_deref() {
            None => return Ok(Vec::new()),
            Some(json) if json.len() > MAX_HEADER_JSON => return Err(bad("is over 8 KiB".into())),
            Some(json) => json,
        };
        // serde_json's own text may quote the input.
        let further = members(json).map_err(|error| {
            bad(format!(
                "is not a JSON object: see line {} column {}",
                error.line(),
                error.column()
            ))
        })?;
        let mut taken = HashSet::from(["typ", "alg"]);
        let own = [
            ("kid", self.kid.is_some()),
            ("x5t", self.x5t == Some(Thumbprint::S1)),
            ("x5t#S256", self.x5t == Some(Thumbprint::S256)),
            ("x5c", self.x5c),
        ];
        taken.extend(own.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name));
        for (name, _) in &further {
            if name == "b64" {
                // RFC 7797 section 3: the payload would be signed as it stands.
                return Err(bad("holds b64, which no JWT may have as false".into()));
            }
            if let Some(problem) = text_problem(name) {
                return Err(bad(format!("holds a name that {problem}")));
            }
            if !taken.insert(name) {
                return Err(bad(format!("repeats the member {name}")).with_hint(
                    match name.as_str() {
                        "alg" | "typ" => format!("set it by {name}"),
                        _ => "give it once".to_owned(),
                    },
                ));
            }
        }
        let crit = further.iter().find(|(name, _)| name == "crit");
        if let Some(problem) = crit.and_then(|(_, list)| crit_problem(list.get(), &further)) {
            return Err(bad(problem));
        }
        Ok(further)
    }
}

/// Returns what is wrong with the value of `crit`, which lists further members that the header holds
/// (RFC 7515 section 4.1.11).
fn crit_problem(crit: &str, further: &[(String, &serde_json::value::RawValue)]) -> Option<String> {
    let Some(names) = serde_json::from_str::<Vec<String>>(crit).ok().filter(|all| !all.is_empty())
    else {
        return Some("holds crit, which must be a list of names".to_owned());
    };
    let is_held = |critical: &String| {
        !REGISTERED.contains(&critical.as_str()) && further.iter().any(|(name, _)| name == critical)
    };
    let missing = names.iter().find(|name| !is_held(name))?;
    let missing = shown(missing);
    Some(format!("holds crit, which lists {missing}: it must be a further member of the header"))
}
