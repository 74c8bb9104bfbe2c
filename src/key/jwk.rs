//! JWK and JWK Sets (RFC 7517): the numbers of RFC 7518 section 6 and RFC 8037 section 2.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::about::{About, Stored};
use super::crt;
use super::in_openssl::{OpenSsl, refused};
use super::kind::Kind;
use super::material::Material;
use super::numbers::number;
use super::options::KeyOptions;
use super::problem::{bad, damaged_part, inconsistent, no_signing_key};
use crate::algorithm::{self, Algorithm};
use crate::error::{Error, shown};

/// The members of a JWK that matter for signatures. Those that are secret are borrowed, so that no copy of
/// them is left behind.
#[derive(Deserialize)]
struct Jwk<'a> {
    #[serde(borrow)]
    kty: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "use")]
    usage: Option<Cow<'a, str>>,
    #[serde(borrow)]
    key_ops: Option<&'a RawValue>,
    #[serde(borrow)]
    crv: Option<Cow<'a, str>>,
    x: Option<&'a str>,
    y: Option<&'a str>,
    n: Option<&'a str>,
    e: Option<&'a str>,
    d: Option<&'a str>,
    p: Option<&'a str>,
    q: Option<&'a str>,
    dp: Option<&'a str>,
    dq: Option<&'a str>,
    qi: Option<&'a str>,
    k: Option<&'a str>,
    #[serde(borrow)]
    oth: Option<&'a RawValue>,
}

/// The members by which a JSON object is told.
#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(borrow)]
    kty: Option<&'a RawValue>,
    #[serde(borrow)]
    keys: Option<Keys<'a>>,
}

/// More keys than any set has with private ones.
const MAX_KEYS: usize = 64;

/// The keys of a set, the elements of a list or the values of an object, and one more where there are too many.
struct Keys<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Keys<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Keys<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut keys = Vec::with_capacity(MAX_KEYS + 1);
                while let Some((_, key)) = map.next_entry::<IgnoredAny, &RawValue>()? {
                    if keys.len() <= MAX_KEYS {
                        keys.push(key);
                    }
                }
                Ok(Keys(keys))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut keys = Vec::with_capacity(MAX_KEYS + 1);
                while let Some(key) = list.next_element()? {
                    if keys.len() <= MAX_KEYS {
                        keys.push(key);
                    }
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_any(List)
    }
}

/// Reads a JWK, or one key of a set, of a list, or of an object around it, as consoles write. Returns `None` for JSON
/// that has none.
pub(super) fn read(json: &str, options: KeyOptions<'_>) -> Option<Result<Stored, Error>> {
    match shape(json) {
        Some(Shape { kty: Some(_), .. }) => {
            return Some(Jwk::parse(json).and_then(|jwk| jwk.stored()));
        }
        Some(Shape { keys: Some(Keys(keys)), .. }) => return Some(from_set(&keys, options.kid)),
        _ => {}
    }
    let Keys(mut values) = serde_json::from_str(json).ok()?;
    values.retain(|value| shape(value.get()).is_some_and(|shape| shape.kty.is_some()));
    (!values.is_empty()).then(|| from_set(&values, options.kid))
}

/// Returns the shape of an object. serde would take a list for its members in their order.
fn shape(json: &str) -> Option<Shape<'_>> {
    json.trim_start().starts_with('{').then(|| serde_json::from_str(json).ok())?
}

/// Reads the key of `kid`, or the only one that signs.
fn from_set(keys: &[&RawValue], kid: Option<&str>) -> Result<Stored, Error> {
    if keys.len() > MAX_KEYS {
        return Err(bad(format!("is a JWK set of over {MAX_KEYS} keys"))
            .with_hint("keep the private key in a file of its own"));
    }
    let keys = keys.iter().map(|key| Jwk::parse(key.get())).collect::<Result<Vec<_>, _>>()?;
    if let Some(kid) = kid
        && keys.iter().any(|key| key.kid.is_some())
    {
        let called = keys.iter().filter(|key| key.kid.as_deref() == Some(kid));
        let mut called: Vec<&Jwk<'_>> = called.collect();
        // Some write the public key next to the private one.
        if called.iter().any(|key| key.problem().is_none()) {
            called.retain(|key| key.problem().is_none());
        }
        return match called[..] {
            [one] => one.stored(),
            [_, _, ..] => {
                Err(bad(format!("is a JWK set with several keys whose kid is {}", shown(kid)))
                    .with_hint("keep one of them in the file"))
            }
            [] => {
                let problem = format!("is a JWK set without a key whose kid is {}", shown(kid));
                Err(bad(problem).with_hint(format!("it holds the kid {}", kids(&keys))))
            }
        };
    }
    let signing: Vec<&Jwk<'_>> = keys.iter().filter(|key| key.problem().is_none()).collect();
    match (&signing[..], &keys[..]) {
        ([one], _) => one.stored(),
        ([], []) => Err(bad("is an empty JWK set").with_hint("give the set with its private key")),
        ([], [first, ..]) => first.stored(),
        _ => Err(bad("is a JWK set with several private keys").with_hint(format!(
            "choose one by kid, or keep one in the file; it holds the kid {}",
            kids(&keys)
        ))),
    }
}

fn kids(keys: &[Jwk<'_>]) -> String {
    const MAX_NAMED: usize = 8;
    let kids = keys.iter().filter_map(|key| key.kid.as_deref()).take(MAX_NAMED).map(shown);
    kids.collect::<Vec<_>>().join(", ")
}

impl<'a> Jwk<'a> {
    fn parse(json: &'a str) -> Result<Self, Error> {
        // serde_json's own text may quote the input.
        serde_json::from_str(json).map_err(|_| {
            bad("is a JWK with a member of another type than RFC 7517 and RFC 7518 say")
                .with_hint("export it again: the numbers must be texts in base64url")
        })
    }

    /// Returns why it cannot sign.
    fn problem(&self) -> Option<Error> {
        let kty = self.kty.as_deref().unwrap_or_default();
        if kty == "oct" || self.k.is_some() {
            return Some(no_signing_key(
                "is a symmetric JWK (oct), which is a secret of both sides",
            ));
        }
        if self.d.is_none() {
            return Some(bad("is a public JWK, without the private member d").with_hint(
                "give the private JWK that it was made with: it has the same members, and d",
            ));
        }
        let encrypts = |name: &&str| {
            name.starts_with("RSA-OAEP") || name.starts_with("ECDH-ES") || *name == "RSA1_5"
        };
        if let Some(alg) = self.alg.as_deref().filter(encrypts) {
            let problem = format!("is a JWK for encryption alone: its alg is {}", shown(alg));
            return Some(no_signing_key(problem));
        }
        if self.usage.as_deref() == Some("enc") {
            return Some(no_signing_key("is a JWK for encryption alone: its use is enc"));
        }
        if self.key_ops.is_some_and(|all| !all.get().contains("\"sign\"")) {
            return Some(
                bad("is a JWK that is not for signatures: its key_ops do not hold sign")
                    .with_hint("if it is the key to sign with, add sign to its key_ops"),
            );
        }
        None
    }

    fn stored(&self) -> Result<Stored, Error> {
        if let Some(problem) = self.problem() {
            return Err(problem);
        }
        let material = self.material()?;
        let algorithm = match self.alg.as_deref() {
            None => None,
            Some(name) => {
                let own = material.kind.algorithms();
                let found = own.iter().copied().find(|one| one.name() == name);
                Some(found.ok_or_else(|| self.other_algorithm(name, own))?)
            }
        };
        let kid = self.kid.as_ref().map(|kid| kid.clone().into_owned());
        Ok(Stored { material, about: About { kid, algorithm, certificates: None } })
    }

    fn other_algorithm(&self, name: &str, own: &[Algorithm]) -> Error {
        bad(format!("is a JWK whose alg is {}, which its key does not sign with", shown(name)))
            .with_hint(format!("its key signs with {}", algorithm::names(own)))
    }

    fn material(&self) -> Result<Material, Error> {
        let member = |name: &str, text: Option<&str>| match text {
            None => Err(bad(format!("is a JWK without the member {name}"))
                .with_hint("export it again with all members of a private key")),
            Some(text) => number(text).filter(|number| !number.is_empty()).ok_or_else(|| {
                bad(format!("is damaged: its member {name} is not base64url"))
                    .with_hint("copy the whole JWK")
            }),
        };
        let crv = self.crv.as_deref().unwrap_or_default();
        match self.kty.as_deref().unwrap_or_default() {
            "RSA" if self.oth.is_some() => Err(bad("is not an RSA key of two primes")),
            "RSA" => {
                let [n, e, d] = [member("n", self.n)?, member("e", self.e)?, member("d", self.d)?];
                let others = [
                    ("p", self.p),
                    ("q", self.q),
                    ("dp", self.dp),
                    ("dq", self.dq),
                    ("qi", self.qi),
                ];
                let [p, q, dp, dq, qi] = if others.iter().all(|(_, text)| text.is_some()) {
                    let others = others.into_iter().map(|(name, text)| member(name, text));
                    let others = others.collect::<Result<Vec<_>, _>>()?;
                    others.try_into().map_err(|_| damaged_part())?
                } else {
                    // RFC 7518 section 6.3.2 lets them be left out.
                    let _openssl = OpenSsl::enter()?;
                    let others = crt::of(&n, &e, &d).map_err(|stack| refused(&stack))?;
                    others.ok_or_else(inconsistent)?
                };
                Material::rsa_of_numbers(&[n, e, d, p, q, dp, dq, qi])
            }
            "EC" => {
                let kinds = [("P-256", Kind::P256), ("P-384", Kind::P384), ("P-521", Kind::P521)];
                let kind = kinds.into_iter().find(|(name, _)| *name == crv);
                let (_, kind) = kind.ok_or_else(|| {
                    let problem = format!("is an EC key on {}", shown(crv));
                    no_signing_key(format!("{problem}; it must be on P-256, P-384 or P-521"))
                })?;
                let [d, x, y] = [member("d", self.d)?, member("x", self.x)?, member("y", self.y)?];
                Material::ec_of_numbers(kind, &d, &x, &y)
            }
            "OKP" if crv == "Ed25519" => {
                Material::ed25519(&member("d", self.d)?, Some(&member("x", self.x)?))
            }
            "OKP" => {
                let problem = format!("is a JWK on the curve {}; it must be Ed25519", shown(crv));
                Err(no_signing_key(problem))
            }
            kty => Err(no_signing_key(format!(
                "is a JWK of the kty {}; it must be RSA, EC or OKP",
                shown(kty)
            ))),
        }
    }
}
