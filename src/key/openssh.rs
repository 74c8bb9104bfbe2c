//! Keys in OpenSSH's own form (PROTOCOL.key of OpenSSH), which `ssh-keygen` writes. They are read where they are
//! not encrypted: that is bcrypt's, which OpenSSL does not have.

use zeroize::Zeroizing;

use super::crt;
use super::in_openssl::refused;
use super::kind::Kind;
use super::material::Material;
use super::problem::{bad, damaged_part, no_signing_key};
use crate::error::Error;

/// The first bytes of a key.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Returns whether the bytes are a key in this form.
pub(super) fn matches(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads the key.
pub(super) fn read(bytes: &[u8]) -> Result<Material, Error> {
    let stored = Stored::split(bytes).ok_or_else(damaged_part)?;
    if stored.kind.starts_with(b"sk-") {
        let problem = "is the handle of a key on a security token (FIDO), not the key";
        return Err(no_signing_key(problem));
    }
    if stored.is_encrypted {
        return Err(bad("is in OpenSSH's own form, encrypted").with_hint(
            "take the passphrase off a copy: install -m 600 KEY NEW_KEY && ssh-keygen -p -N '' -f NEW_KEY",
        ));
    }
    match stored.kind {
        b"ssh-rsa" => rsa(&stored),
        b"ssh-ed25519" => ed25519(&stored),
        b"ecdsa-sha2-nistp256" => ec(&stored, Kind::P256),
        b"ecdsa-sha2-nistp384" => ec(&stored, Kind::P384),
        b"ecdsa-sha2-nistp521" => ec(&stored, Kind::P521),
        b"ssh-dss" => Err(no_signing_key("is a DSA key; it must be RSA, EC or Ed25519")),
        _ => Err(no_signing_key("is a key of OpenSSH of another kind than RSA, EC or Ed25519")),
    }
}

/// The parts of a file with one key.
struct Stored<'a> {
    is_encrypted: bool,
    /// The kind of the key by its name in SSH.
    kind: &'a [u8],
    public: &'a [u8],
    private: &'a [u8],
}

impl<'a> Stored<'a> {
    fn split(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let ([cipher, _derivation, _parameters], rest) = strings(rest)?;
        let rest = rest.strip_prefix(&1_u32.to_be_bytes())?;
        let ([public, private], rest) = strings(rest)?;
        let ([kind], _) = strings(public)?;
        rest.is_empty().then_some(Self { is_encrypted: cipher != b"none", kind, public, private })
    }

    /// Splits the private part into `N` strings. `public_parts` are the places of those that the public part repeats.
    fn numbers<const N: usize>(&self, public_parts: &[usize]) -> Result<[&'a [u8]; N], Error> {
        self.split_private(public_parts).ok_or_else(damaged_part)
    }

    fn split_private<const N: usize>(&self, public_parts: &[usize]) -> Option<[&'a [u8]; N]> {
        // A random number stands twice, so that a wrong passphrase is noticed.
        let (check, rest) = self.private.split_first_chunk::<4>()?;
        let ([kind], rest) = strings(rest.strip_prefix(check)?)?;
        let (numbers, rest) = strings::<N>(rest)?;
        let ([_comment], padding) = strings(rest)?;
        let is_padding =
            padding.len() < 256 && padding.iter().copied().eq((1..).take(padding.len()));
        let repeated = public_parts.iter().filter_map(|place| numbers.get(*place).copied());
        let public = [kind].into_iter().chain(repeated).flat_map(|part| {
            let len = u32::try_from(part.len()).unwrap_or(u32::MAX);
            len.to_be_bytes().into_iter().chain(part.iter().copied())
        });
        (is_padding && public.eq(self.public.iter().copied())).then_some(numbers)
    }
}

fn rsa(stored: &Stored<'_>) -> Result<Material, Error> {
    let [n, e, d, q_inverse, p, q] = stored.numbers(&[1, 0])?;
    let [dp, dq] = crt::exponents(d, p, q).map_err(|stack| refused(&stack))?;
    let copy = |number: &[u8]| Zeroizing::new(number.to_vec());
    let numbers = [copy(n), copy(e), copy(d), copy(p), copy(q), dp, dq, copy(q_inverse)];
    Material::rsa_of_numbers(&numbers)
}

fn ec(stored: &Stored<'_>, kind: Kind) -> Result<Material, Error> {
    let [_curve, point, d] = stored.numbers(&[0, 1])?;
    // The first byte says that the point is uncompressed (SEC 1 section 2.3.3).
    let coordinates = point.strip_prefix(&[4]).ok_or_else(damaged_part)?;
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    Material::ec_of_numbers(kind, d, x, y)
}

fn ed25519(stored: &Stored<'_>) -> Result<Material, Error> {
    // The public key follows the seed, too.
    let [public, private] = stored.numbers(&[0])?;
    let (seed, repeated) =
        private.split_at_checked(Kind::Ed25519.len()).ok_or_else(damaged_part)?;
    match repeated == public {
        true => Material::ed25519(seed, Some(public)),
        false => Err(damaged_part()),
    }
}

/// Splits off `N` strings (RFC 4251 section 5).
fn strings<const N: usize>(bytes: &[u8]) -> Option<([&[u8]; N], &[u8])> {
    let (mut strings, mut rest) = ([&[][..]; N], bytes);
    for string in &mut strings {
        let (len, after) = rest.split_first_chunk::<4>()?;
        (*string, rest) = after.split_at_checked(u32::from_be_bytes(*len).try_into().ok()?)?;
    }
    Some((strings, rest))
}
