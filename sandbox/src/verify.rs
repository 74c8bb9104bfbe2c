//! A JWT judged as IMS judges it: form, signature, times, names, metascopes. The time is given.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::{Account, PublicKey, signature};
use ims::error::redact;
use ims::{Algorithm, ImsHost, unix_seconds};

/// Seconds that the two clocks may differ.
pub(super) const SKEW: i64 = 30;
/// Seconds that `exp` may lie ahead.
pub(super) const MAX_LIFETIME: i64 = ims::Expiry::MAX_LIFETIME.as_secs().cast_signed();

/// Characters of a value that the log shows.
const MAX_SHOWN: usize = 80;

/// The hosts that a JWT may be made for.
pub(super) struct Hosts<'a> {
    /// The one that the sandbox plays, such as Adobe's.
    pub played: &'a ImsHost,
    /// The one that the request was sent to, with its port.
    pub called: &'a str,
}

impl Hosts<'_> {
    fn base_urls(&self) -> [String; 3] {
        let called = self.called;
        [self.played.origin().to_owned(), format!("https://{called}"), format!("http://{called}")]
    }

    /// Returns true if `aud` names an RFC 7523 server at `path`: by its token URL (section 3), by
    /// its base URL, or by its host alone, as Adobe's former Omniture server wants it.
    fn are_named_by(&self, aud: &str, path: &str) -> bool {
        self.base_urls().iter().any(|base| match aud.strip_prefix(base.as_str()) {
            Some(rest) => ["", "/", path].contains(&rest),
            None => {
                let host = base.split_once("://").map_or("", |(_, host)| host);
                aud == host || host.rsplit_once(':').is_some_and(|(name, _)| aud == name)
            }
        })
    }
}

/// A JWT taken apart; its signature is not verified yet.
#[derive(Debug)]
pub(super) struct Jwt<'a> {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// The parts of an accepted JWT that are still needed.
#[derive(Debug)]
pub(super) struct Accepted {
    /// The bare names of the metascopes; empty with the bearer grant.
    pub metascopes: Vec<String>,
    pub jti: Option<String>,
    /// The time in Unix seconds from which it is refused as expired.
    pub expiry: i64,
}

impl<'a> Jwt<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        let malformed = |problem| Refusal::MALFORMED.because(problem);
        let (signed, signature) = text.rsplit_once('.').unwrap_or_default();
        let (header, claims) = signed.split_once('.').ok_or_else(|| match text {
            "" => malformed("there is none"),
            _ => malformed("it has not three parts with dots between"),
        })?;
        let object = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let broken = || malformed("a part of it is not JSON in base64url without padding");
        Ok(Self {
            header: object(header).ok_or_else(broken)?,
            claims: object(claims).ok_or_else(broken)?,
            signed,
            signature: URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| malformed("its signature is not base64url without padding"))?,
        })
    }

    /// Returns the claim `name`, or an empty text if it is missing or not a text.
    pub fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// Checks that one of `keys` made its RS256 signature, and that this key is valid at `now`.
    pub fn check_signature(&self, keys: &[PublicKey], now: SystemTime) -> Result<(), Refusal> {
        let algorithm = self.algorithm(&["RS256"])?;
        self.check_signature_by(keys, algorithm, now)
    }

    /// Returns the header's `alg`, which must be one of `allowed`.
    pub fn algorithm(&self, allowed: &[&str]) -> Result<Algorithm, Refusal> {
        let alg = self.header.get("alg");
        let name = alg.and_then(Value::as_str).filter(|name| allowed.contains(name));
        name.and_then(|name| name.parse().ok()).ok_or_else(|| {
            let allowed = allowed.join(", ");
            let cause = format!("the header's alg is {}, but should be {allowed}", shown(alg));
            Refusal::SIGNATURE.because(cause)
        })
    }

    /// Checks that `secret` made its signature.
    pub fn check_mac(&self, secret: &str, algorithm: Algorithm) -> Result<(), Refusal> {
        let (secret, signed) = (secret.as_bytes(), self.signed.as_bytes());
        match signature::mac_fits(secret, algorithm, signed, &self.signature) {
            true => Ok(()),
            false => Err(Refusal::SIGNATURE.because("the client secret did not sign the JWT")),
        }
    }

    /// Checks that one of `keys` made its signature, and that this key is valid at `now`.
    pub fn check_signature_by(
        &self,
        keys: &[PublicKey],
        algorithm: Algorithm,
        now: SystemTime,
    ) -> Result<(), Refusal> {
        let refused = |cause: String| Err(Refusal::SIGNATURE.because(cause));
        let (signed, kid) = (self.signed.as_bytes(), self.header.get("kid"));
        let kid = kid.and_then(Value::as_str);
        let fitting =
            || keys.iter().filter(|key| key.fits(algorithm, kid, signed, &self.signature));
        match (fitting().map(|key| key.problem(now)).min(), keys.len()) {
            (None, 0) => refused("no key is registered".to_owned()),
            (Some(None), _) => Ok(()),
            (Some(Some(problem)), _) => {
                refused(format!("the certificate that the signature fits {problem}"))
            }
            (None, 1) => refused("the signature does not fit the registered key".to_owned()),
            (None, several) => {
                refused(format!("the signature fits none of the {several} registered keys"))
            }
        }
    }

    /// Checks the JWT of an exchange.
    pub fn check_for_ims(
        &self,
        account: &Account,
        hosts: &Hosts,
        now: SystemTime,
    ) -> Result<Accepted, Refusal> {
        let jti = self.claims.get("jti");
        if jti.is_some_and(|jti| !jti.is_i64() && !jti.is_u64()) {
            let cause = format!("jti is {}, but should be an integer", shown(jti));
            return Err(Refusal::MALFORMED.because(cause));
        }
        self.check_header()?;
        self.check_signature(&account.public_keys, now)?;
        let expiry = self.check_times(unix_seconds(now), MAX_LIFETIME)?;
        if self.text("iss") != account.org_id {
            return Err(self.wrong("iss", &account.org_id));
        }
        if self.text("sub") != account.technical_account_id {
            return Err(self.wrong("sub", &account.technical_account_id));
        }
        let bases = hosts.base_urls();
        let aud = self.text("aud").rsplit_once("/c/");
        let is_ours = |base: &str| bases.iter().any(|ours| ours == base);
        if !aud.is_some_and(|(base, client)| is_ours(base) && client == account.client_id) {
            return Err(self.wrong_audience(&hosts.played.audience(&account.client_id)));
        }
        let metascopes = self.metascopes(account, is_ours)?;
        Ok(Accepted { metascopes, jti: self.jti(account)?, expiry })
    }

    /// Checks the assertion of a bearer grant at `path` (RFC 7523 section 3).
    pub fn check_for_bearer(
        &self,
        account: &Account,
        hosts: &Hosts,
        path: &str,
        now: SystemTime,
    ) -> Result<Accepted, Refusal> {
        self.check_header()?;
        self.check_signature(&account.public_keys, now)?;
        let expiry = self.check_times(unix_seconds(now), MAX_LIFETIME)?;
        if !account.may_be_issuer(self.text("iss")) {
            return Err(self.wrong("iss", &account.client_id));
        }
        if !account.may_be_subject(self.text("sub")) {
            return Err(self.wrong("sub", &account.technical_account_id));
        }
        let names_us = |aud: &Value| aud.as_str().is_some_and(|aud| hosts.are_named_by(aud, path));
        let accepted = match self.claims.get("aud") {
            Some(Value::Array(several)) => several.iter().any(names_us),
            Some(one) => names_us(one),
            None => false,
        };
        if !accepted {
            return Err(self.wrong_audience(&format!("{}{path}", hosts.played.origin())));
        }
        Ok(Accepted { metascopes: Vec::new(), jti: self.jti(account)?, expiry })
    }

    fn check_header(&self) -> Result<(), Refusal> {
        // RFC 7515 section 4.1.11: an extension that is not understood must be refused.
        if self.header.contains_key("crit") {
            return Err(
                Refusal::MALFORMED.because("the header's crit names what is not understood")
            );
        }
        let typ = self.header.get("typ");
        if !typ.is_none_or(|typ| typ.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT"))) {
            let cause = format!("the header's typ is {}, but should be JWT", shown(typ));
            return Err(Refusal::MALFORMED.because(cause));
        }
        Ok(())
    }

    /// Returns the second from which on the JWT is expired. `exp` may lie `max_lifetime` seconds
    /// ahead.
    pub fn check_times(&self, now: i64, max_lifetime: i64) -> Result<i64, Refusal> {
        let Some(exp) = self.time("exp")? else {
            return Err(Refusal::wrong("exp").because("exp is missing"));
        };
        let expiry = exp.saturating_add(SKEW);
        if now >= expiry {
            let cause = format!("exp lies {} s in the past", now.saturating_sub(exp));
            return Err(Refusal::EXPIRED.because(cause));
        }
        if exp > now + max_lifetime + SKEW {
            let ahead = exp - now;
            let unit = if exp / 1000 > now - MAX_LIFETIME { ": is it milliseconds?" } else { "" };
            let cause = format!("exp lies {ahead} s ahead, over {max_lifetime} s{unit}");
            return Err(Refusal::wrong("exp").because(cause));
        }
        for name in ["iat", "nbf"] {
            if let Some(time) = self.time(name)?.filter(|time| *time > now + SKEW) {
                let cause = format!("{name} lies {} s ahead", time - now);
                return Err(Refusal::NOT_YET_VALID.because(cause));
            }
        }
        Ok(expiry)
    }

    /// The claim `name` in Unix seconds, where there is one.
    fn time(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(time) = self.claims.get(name) else { return Ok(None) };
        time.as_i64().map(Some).ok_or_else(|| {
            let shown = shown(Some(time));
            let cause = format!("{name} is {shown}, but should be an integer of seconds");
            Refusal::MALFORMED.because(cause)
        })
    }

    /// Every `https://HOST/s/NAME` claim must be true, of our host, and granted.
    fn metascopes(
        &self,
        account: &Account,
        is_ours: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, Refusal> {
        let refused = |cause: String| Err(Refusal::METASCOPES.because(cause));
        let mut metascopes = Vec::new();
        for (claim, value) in &self.claims {
            let Some((base, name)) = claim.split_once("/s/") else { continue };
            if !is_ours(base) {
                return refused(format!("{} is of another host", redact(claim, &[])));
            }
            if !account.metascopes.iter().any(|granted| granted == name) {
                let granted = account.metascopes.join(", ");
                return refused(format!(
                    "{} is not granted; granted: {granted}",
                    redact(name, &[])
                ));
            }
            if value != &Value::Bool(true) {
                return refused(format!("{name} is {}, but should be true", shown(Some(value))));
            }
            metascopes.push(name.to_owned());
        }
        if metascopes.is_empty() {
            return refused("the JWT claims no metascope".to_owned());
        }
        Ok(metascopes)
    }

    fn jti(&self, account: &Account) -> Result<Option<String>, Refusal> {
        match self.claims.get("jti") {
            None if account.requires_jti => Err(Refusal::JTI_MISSING),
            jti => Ok(jti.map(Value::to_string)),
        }
    }

    fn wrong(&self, name: &str, right: &str) -> Refusal {
        Refusal::wrong(name).because(self.differs(name, right))
    }

    fn wrong_audience(&self, right: &str) -> Refusal {
        Refusal::AUDIENCE.because(self.differs("aud", right))
    }

    fn differs(&self, name: &str, right: &str) -> String {
        format!("{name} is {}, but should be {right}", shown(self.claims.get(name)))
    }
}

/// Returns a value that a client sent: cut, printable, and without what looks like a token or key.
pub(super) fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None => return "missing".to_owned(),
        Some(Value::String(text)) => redact(text, &[]),
        Some(value) => redact(&value.to_string(), &[]),
    };
    text.chars().take(MAX_SHOWN).collect()
}
