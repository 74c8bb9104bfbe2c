//! Sealed entries: the account's secret is needed to read or make one.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{Context, Digest, SHA256};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::{Zeroize, Zeroizing};

use super::account::Account;
use super::entry::{Entry, FoundEndpoint, MAX_ENTRY, StoredFailure, StoredToken, WorkedSecret};
use crate::error::{self, Error};
use crate::hex::hex;
use crate::random;
use crate::token::{Member, Token};
use crate::unix_time::unix_seconds;

/// The first line of an entry. It is bound into key and name: another version has other entries.
const VERSION: &str = "libims cache entry 4";
/// The length of a name in bytes. It is written as twice as many hexadecimal digits.
const NAME_LENGTH: usize = 16;
/// The tolerated difference between the clocks of machines that share a cache. A larger one means
/// that a clock was set back.
const TOLERATED_SKEW: Duration = Duration::from_secs(60);
/// The longest time for which a failure is stored.
pub(crate) const MAX_FAILURE: Duration = Duration::from_secs(3600);

/// The key to one account's entry, and the entry's name.
///
/// An entry is what a person may see, in lines, and then nonce and ciphertext:
///
/// ```text
/// libims cache entry 4
/// the client id
/// when it expires, in seconds since 1970
/// ```
pub(super) struct Seal {
    key: LessSafeKey,
    name: String,
    /// The lines that are always the same.
    head: String,
}

impl Seal {
    pub fn new(account: &Account) -> Self {
        let root = Salt::new(HKDF_SHA256, VERSION.as_bytes()).extract(account.secret);
        let digest = identity(account);
        let name = expand(&root, &[b"name", digest.as_ref()], NameLength, |okm| {
            let mut name = [0; NAME_LENGTH];
            okm.fill(&mut name).map(|()| name)
        });
        let info = [b"key", digest.as_ref()];
        let key = expand(&root, &info, &AES_256_GCM, |okm| Ok(UnboundKey::from(okm)));
        Self {
            key: LessSafeKey::new(key),
            name: hex(&name),
            head: format!("{VERSION}\n{}\n", account.client_id),
        }
    }

    /// Returns 32 hex digits; another account, key or client has another.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns `None` for an entry that is empty or over the limit, or where the system has no randomness.
    pub fn close(&self, entry: &Entry) -> Option<Vec<u8>> {
        let expiry = entry.expiry()?;
        // Allocated at its full size, because growing would leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(MAX_ENTRY));
        serde_json::to_writer(&mut *text, &Content::of(entry)).ok()?;
        self.close_text(&mut text, expiry)
    }

    fn close_text(&self, text: &mut [u8], expiry: SystemTime) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random::bytes().ok()?;
        let head = format!("{}{}\n", self.head, unix_seconds(expiry));
        let aad = Aad::from(head.as_bytes());
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce_used, aad, text).ok()?;
        let sealed = [head.as_bytes(), &nonce, text, tag.as_ref()].concat();
        (sealed.len() <= MAX_ENTRY).then_some(sealed)
    }

    /// Returns what of an entry can be believed at `now`; `None` for anything that is not such an entry.
    pub fn open(&self, sealed: &[u8], now: SystemTime) -> Option<Entry> {
        if sealed.len() > MAX_ENTRY {
            return None;
        }
        let rest = sealed.strip_prefix(self.head.as_bytes())?;
        let expiry = rest.iter().position(|byte| *byte == b'\n')?;
        let (nonce, ciphertext) = rest[expiry + 1..].split_at_checked(NONCE_LEN)?;
        let head = &sealed[..self.head.len() + expiry + 1];
        let mut text = Zeroizing::new(ciphertext.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.key.open_in_place(nonce, Aad::from(head), &mut text).ok()?;
        serde_json::from_slice::<Content>(text).ok()?.into_entry(now)
    }
}

/// Seals `text`, which need not be an entry, and opens it at `now`. Returns what was believed of it, as the text
/// of an entry.
#[cfg(fuzzing)]
pub(crate) fn reopened(text: &[u8], now: SystemTime) -> Option<Vec<u8>> {
    let account = Account { secret: b"secret", client_id: "client", identity: Vec::new() };
    let seal = Seal::new(&account);
    let entry = seal.open(&seal.close_text(&mut text.to_vec(), now)?, now)?;
    serde_json::to_vec(&Content::of(&entry)).ok()
}

/// Hashes everything that tells accounts apart.
fn identity(account: &Account) -> Digest {
    let identity = account.identity.iter().map(String::as_bytes);
    hash([account.client_id.as_bytes()].into_iter().chain(identity))
}

/// Returns 16 hex digits that tell apart the keys and secrets which accounts are proved with.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    hex(&hash(parts).as_ref()[..8])
}

/// Hashes each part after its length.
fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(&(part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finish()
}

/// Derives one of several independent values from the account's secret, for what `info` holds.
fn expand<L: KeyType, T>(
    root: &Prk,
    info: &[&[u8]],
    length: L,
    take: impl FnOnce(ring::hkdf::Okm<'_, L>) -> Result<T, ring::error::Unspecified>,
) -> T {
    // HKDF refuses lengths over 8 KiB, and these are fixed.
    root.expand(info, length).and_then(take).expect("HKDF gives 16 and 32 bytes")
}

struct NameLength;

impl KeyType for NameLength {
    fn len(&self) -> usize {
        NAME_LENGTH
    }
}

/// An entry as JSON. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    token: Option<TokenContent<'a>>,
    failure: Option<FailureContent>,
    endpoint: Option<EndpointContent>,
    worked: Option<WorkedContent>,
}

#[derive(Serialize, Deserialize)]
struct TokenContent<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    #[serde(borrow)]
    scope: Option<Cow<'a, str>>,
    expires_at: u64,
    obtained_at: u64,
    /// The further members by name: the texts, and those that are no texts.
    texts: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    #[serde(borrow)]
    values: Vec<(Cow<'a, str>, &'a RawValue)>,
}

#[derive(Serialize, Deserialize)]
struct FailureContent {
    #[serde(with = "error::stored")]
    error: Error,
    failed_at: u64,
    until: u64,
    streak: u32,
    proof: String,
}

#[derive(Serialize, Deserialize)]
struct EndpointContent {
    url: String,
    found_at: u64,
}

#[derive(Serialize, Deserialize)]
struct WorkedContent {
    proof: String,
    worked_at: u64,
}

impl<'a> Content<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            token: entry.token.as_ref().map(|stored| TokenContent {
                access_token: stored.token.access_token().into(),
                scope: stored.token.scope().map(Cow::from),
                expires_at: unix_milliseconds(stored.token.expires_at()),
                obtained_at: unix_milliseconds(stored.obtained_at),
                texts: texts(&stored.token).collect(),
                values: values(&stored.token).collect(),
            }),
            failure: entry.failure.as_ref().map(|failure| FailureContent {
                error: failure.error.clone(),
                failed_at: unix_milliseconds(failure.failed_at),
                until: unix_milliseconds(failure.until),
                streak: failure.streak,
                proof: failure.proof.clone(),
            }),
            endpoint: entry.endpoint.as_ref().map(|found| EndpointContent {
                url: found.url.to_string(),
                found_at: unix_milliseconds(found.found_at),
            }),
            worked: entry.worked.as_ref().map(|worked| WorkedContent {
                proof: worked.proof.clone(),
                worked_at: unix_milliseconds(worked.worked_at),
            }),
        }
    }

    /// Returns the usable parts. Returns `None` if there are none, because they have expired or a
    /// clock was wrong.
    fn into_entry(self, now: SystemTime) -> Option<Entry> {
        let soon = now + TOLERATED_SKEW;
        let token = self.token.and_then(TokenContent::into_token);
        let token =
            token.filter(|stored| stored.obtained_at <= soon && stored.token.expires_at() > now);
        let failure = self.failure.and_then(FailureContent::into_failure);
        let failure = failure.filter(|failure| {
            failure.failed_at <= soon
                && failure.until <= failure.failed_at + MAX_FAILURE + TOLERATED_SKEW
        });
        let endpoint = self.endpoint.and_then(EndpointContent::into_endpoint);
        let endpoint = endpoint.filter(|found| found.found_at <= soon && found.is_recent(now));
        let worked = self.worked.and_then(WorkedContent::into_worked);
        let worked = worked.filter(|worked| worked.worked_at <= soon && worked.is_recent(now));
        let is_of_use =
            token.is_some() || failure.is_some() || endpoint.is_some() || worked.is_some();
        is_of_use.then_some(Entry { token, failure, endpoint, worked })
    }
}

fn texts(token: &Token) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    token.members().filter_map(|(name, member)| match member {
        Member::Text(text) => Some((name.into(), text.into())),
        Member::Json(_) => None,
    })
}

fn values(token: &Token) -> impl Iterator<Item = (Cow<'_, str>, &RawValue)> {
    token.members().filter_map(|(name, member)| match member {
        Member::Json(json) => Some((name.into(), serde_json::from_str(json).ok()?)),
        Member::Text(_) => None,
    })
}

impl TokenContent<'_> {
    fn into_token(self) -> Option<StoredToken> {
        let expires_at = time(self.expires_at)?;
        let texts = self.texts.iter().map(|(name, text)| (&**name, Member::Text(text)));
        let values = self.values.iter().map(|(name, json)| (&**name, Member::Json(json.get())));
        let members = texts.chain(values);
        let scope = self.scope.as_deref();
        let token = Token::restored(&self.access_token, scope, expires_at, members);
        for (_, text) in self.texts {
            text.into_owned().zeroize();
        }
        Some(StoredToken { token, obtained_at: time(self.obtained_at)? })
    }
}

impl FailureContent {
    fn into_failure(self) -> Option<StoredFailure> {
        Some(StoredFailure {
            error: self.error,
            failed_at: time(self.failed_at)?,
            until: time(self.until)?,
            streak: self.streak,
            proof: self.proof,
        })
    }
}

impl EndpointContent {
    /// Parsed like a URL of the settings: nothing is sent in clear because a cache says so.
    fn into_endpoint(self) -> Option<FoundEndpoint> {
        Some(FoundEndpoint { url: self.url.parse().ok()?, found_at: time(self.found_at)? })
    }
}

impl WorkedContent {
    fn into_worked(self) -> Option<WorkedSecret> {
        Some(WorkedSecret { proof: self.proof, worked_at: time(self.worked_at)? })
    }
}

fn unix_milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

fn time(unix_milliseconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(unix_milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::examples::{account, endpoint, entry, failure, token};
    use crate::error::{ServerResponse, Status};

    fn seal(account: &Account) -> Seal {
        Seal::new(account)
    }

    fn access_token(entry: &Entry) -> &str {
        entry.token.as_ref().unwrap().token.access_token()
    }

    #[test]
    fn an_entry_comes_back_whole() {
        let now = SystemTime::now();
        let hour = now + Duration::from_secs(3600);
        let response = ServerResponse {
            http_status: Some(429),
            oauth_error: Some("slow_down".into()),
            oauth_description: Some("\"später\"".into()),
            uri: Some("https://example.com/e".into()),
            debug_id: Some("debug".into()),
            retry_after: Some(7),
            clock_offset: Some(-60),
        };
        let error = Error::new(Status::RateLimited, "the token server asks to slow down")
            .with_hint("keep a token")
            .with_server_response(response);
        let entry = Entry {
            token: Some(StoredToken {
                token: Token::restored(
                    "ey\"\\J",
                    Some("openid, \u{e4}"),
                    hour,
                    [
                        ("instance_url", Member::Text("https://\u{e4}.example.com")),
                        ("n", Member::Json("[1,\"x\"]")),
                    ],
                ),
                obtained_at: now,
            }),
            failure: Some(StoredFailure {
                error,
                failed_at: now,
                until: hour,
                streak: 3,
                proof: "0123".into(),
            }),
            endpoint: Some(endpoint(now)),
            worked: Some(WorkedSecret { proof: "4567".into(), worked_at: now }),
        };
        let seal = seal(&account());
        let back = seal.open(&seal.close(&entry).unwrap(), now).unwrap();
        let stored = back.token.unwrap();
        assert_eq!(stored.token.access_token(), "ey\"\\J");
        assert_eq!(stored.token.scope(), Some("openid, \u{e4}"));
        assert_eq!(stored.token.get("instance_url"), Some("https://\u{e4}.example.com"));
        assert_eq!(stored.token.get("n"), Some("[1,\"x\"]"));
        assert_eq!(unix_milliseconds(stored.token.expires_at()), unix_milliseconds(hour));
        assert_eq!(unix_milliseconds(stored.obtained_at), unix_milliseconds(now));
        assert_eq!(back.endpoint.unwrap().url.as_str(), "https://as.example.com/token");
        assert_eq!(back.worked.unwrap().proof, "4567");
        let failure = back.failure.unwrap();
        assert_eq!(format!("{:?}", failure.error), format!("{:?}", entry.failure.unwrap().error));
        assert_eq!(unix_milliseconds(failure.until), unix_milliseconds(hour));
        assert_eq!(failure.streak, 3);
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_a_miss() {
        let (seal, now) = (seal(&account()), SystemTime::now());
        let sealed = seal.close(&entry("t0ken", 3600)).unwrap();
        assert!(seal.open(&sealed, now).is_some());
        for length in 0..sealed.len() {
            assert!(seal.open(&sealed[..length], now).is_none(), "{length} bytes");
        }
        for bit in 0..8 * sealed.len() {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(seal.open(&flipped, now).is_none(), "bit {bit}");
        }
        assert!(seal.open(&[&sealed[..], b"\0"].concat(), now).is_none());
        assert!(seal.open(&vec![b'x'; MAX_ENTRY + 1], now).is_none());
    }

    #[test]
    fn each_account_key_and_client_has_an_entry_of_its_own_that_no_other_opens() {
        let identity = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect();
        let account =
            |secret, client_id, parts| Account { secret, client_id, identity: identity(parts) };
        let accounts: [Account; 6] = [
            account(b"secret", "client", &["ab", "c"]),
            account(b"secret", "client", &["a", "bc"]),
            account(b"secret", "client", &["abc"]),
            account(b"secret", "client", &[]),
            account(b"other", "client", &["ab", "c"]),
            account(b"secret", "other", &["ab", "c"]),
        ];
        let seals: Vec<Seal> = accounts.iter().map(seal).collect();
        let now = SystemTime::now();
        for (index, seal) in seals.iter().enumerate() {
            assert_eq!(seal.name().len(), 32);
            let sealed = seal.close(&entry("t0ken", 3600)).unwrap();
            for (other_index, other) in seals.iter().enumerate() {
                let opened = other.open(&sealed, now);
                assert_eq!(opened.is_some(), index == other_index, "{index} {other_index}");
                assert_eq!(seal.name() == other.name(), index == other_index);
            }
        }
    }

    #[test]
    fn a_person_sees_version_client_and_expiry_and_nothing_else() {
        let seal = seal(&account());
        let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        let entry = Entry { token: Some(token("t0ken", expires_at)), ..Entry::default() };
        let sealed = seal.close(&entry).unwrap();
        assert!(sealed.starts_with(b"libims cache entry 4\nclient\n4000000000\n"));
        assert!(!String::from_utf8_lossy(&sealed).contains("t0ken"));
        assert_ne!(sealed, seal.close(&entry).unwrap(), "a nonce is used once");
    }

    #[test]
    fn another_version_or_a_later_expiry_in_the_clear_lines_is_a_miss() {
        let (seal, now) = (seal(&account()), SystemTime::now());
        let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        let entry = Entry { token: Some(token("t0ken", expires_at)), ..Entry::default() };
        let sealed = seal.close(&entry).unwrap();
        for (from, to) in [("entry 4\n", "entry 1\n"), ("\n4", "\n5"), ("client", "clients")] {
            let at = sealed.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
            let forged = [&sealed[..at], to.as_bytes(), &sealed[at + from.len()..]].concat();
            assert!(seal.open(&forged, now).is_none(), "{from:?}");
        }
    }

    #[test]
    fn a_token_that_has_expired_or_is_from_the_future_is_a_miss() {
        let (seal, now) = (seal(&account()), SystemTime::now());
        let sealed = seal.close(&entry("t0ken", 3600)).unwrap();
        let seconds = Duration::from_secs;
        assert!(seal.open(&sealed, now - seconds(50)).is_some());
        assert!(seal.open(&sealed, now - seconds(70)).is_none());
        assert!(seal.open(&sealed, now + seconds(3590)).is_some());
        assert!(seal.open(&sealed, now + seconds(3601)).is_none());

        let end = SystemTime::UNIX_EPOCH + seconds(4_000_000_000);
        let entry = Entry { token: Some(token("t0ken", end)), ..Entry::default() };
        let sealed = seal.close(&entry).unwrap();
        assert!(seal.open(&sealed, end - Duration::from_millis(1)).is_some());
        assert!(seal.open(&sealed, end).is_none(), "no moment longer");
    }

    #[test]
    fn a_failure_from_the_future_or_without_end_is_a_miss_and_leaves_the_token() {
        let (seal, now) = (seal(&account()), SystemTime::now());
        let minute = Duration::from_secs(60);
        for (failed_at, until, believed) in [
            (now, now + minute, true),
            (now, now + 60 * minute, true),
            (now, now + 62 * minute, false),
            (now + 2 * minute, now + 3 * minute, false),
        ] {
            let failure = Some(failure(failed_at, until));
            let alone = Entry { failure: failure.clone(), ..Entry::default() };
            let opened = seal.open(&seal.close(&alone).unwrap(), now);
            assert_eq!(opened.is_some(), believed);
            let both = Entry { failure, ..entry("t0ken", 3600) };
            let opened = seal.open(&seal.close(&both).unwrap(), now).unwrap();
            assert_eq!(opened.failure.is_some(), believed);
            assert_eq!(access_token(&opened), "t0ken");
        }
    }

    #[test]
    fn an_endpoint_is_believed_for_a_day_without_a_token_too() {
        let now = SystemTime::now();
        let seal = seal(&account());
        let day = Duration::from_secs(24 * 3600);
        let second = Duration::from_secs(1);
        for (found_at, believed) in [
            (now, true),
            (now - day + second, true),
            (now - day - second, false),
            (now + TOLERATED_SKEW, true),
            (now + TOLERATED_SKEW + second, false),
        ] {
            let alone = Entry { endpoint: Some(endpoint(found_at)), ..Entry::default() };
            assert_eq!(seal.open(&seal.close(&alone).unwrap(), now).is_some(), believed);
        }
    }

    #[test]
    fn the_secret_that_worked_is_believed_for_a_week_without_a_token_too() {
        let now = SystemTime::now();
        let seal = seal(&account());
        let week = Duration::from_secs(7 * 24 * 3600);
        let second = Duration::from_secs(1);
        for (worked_at, believed) in [
            (now, true),
            (now - week + second, true),
            (now - week - second, false),
            (now + TOLERATED_SKEW + second, false),
        ] {
            let worked = Some(WorkedSecret { proof: "4567".into(), worked_at });
            let alone = Entry { worked, ..Entry::default() };
            assert_eq!(seal.open(&seal.close(&alone).unwrap(), now).is_some(), believed);
        }
    }

    #[test]
    fn an_entry_that_is_too_long_is_not_stored() {
        let seal = seal(&account());
        assert!(seal.close(&entry(&"x".repeat(16 * 1024), 3600)).is_some());
        assert!(seal.close(&entry(&"x".repeat(MAX_ENTRY), 3600)).is_none());
        assert!(seal.close(&Entry::default()).is_none());
    }

    #[test]
    fn the_longest_entry_that_is_stored_comes_back() {
        let (seal, now) = (seal(&account()), SystemTime::now());
        let of = |length| seal.close(&entry(&"x".repeat(length), 3600));
        let around = of(0).unwrap().len();
        let longest = of(MAX_ENTRY - around).unwrap();
        assert_eq!(longest.len(), MAX_ENTRY);
        assert!(seal.open(&longest, now).is_some());
        assert!(of(MAX_ENTRY - around + 1).is_none());
    }

    #[test]
    fn keys_and_secrets_that_differ_have_other_digests_and_so_have_parts_that_join_to_the_same() {
        let digests = [
            digest([&b"ab"[..], b"c"]),
            digest([&b"a"[..], b"bc"]),
            digest([&b"abc"[..]]),
            digest([&b"other"[..]]),
        ];
        for (place, one) in digests.iter().enumerate() {
            assert_eq!(one.len(), 16);
            assert!(!digests[..place].contains(one), "{digests:?}");
        }
    }
}
