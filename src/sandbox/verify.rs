//! A JWT judged as IMS judges it: form, signature, times, names, metascopes. The time is given.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::{Account, PublicKey};
use crate::ims_host::ImsHost;
use crate::token::unix_seconds;

/// Seconds that the two clocks may differ.
const SKEW: i64 = 30;
/// Seconds that `exp` may lie ahead.
const LONGEST_LIFETIME: i64 = 86_400;

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
        [self.played.url(""), format!("https://{called}"), format!("http://{called}")]
    }

    /// How `aud` may name an RFC 7523 server that is asked at `path`: by its token URL (section 3),
    /// its base URL, or its host alone, as Adobe's former Omniture server wants it.
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
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// What counts of a JWT once it is accepted.
#[derive(Debug)]
pub(super) struct Accepted {
    /// Bare names; empty with the bearer grant.
    pub metascopes: Vec<String>,
    pub jti: Option<String>,
    /// From when on it is refused as expired, in Unix seconds.
    pub expiry: i64,
}

impl<'a> Jwt<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        Self::split(text).ok_or(Refusal::MALFORMED)
    }

    fn split(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |segment| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok();
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// The text claim `name`; empty where it is none.
    pub fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// Whether one of `keys` made its RS256 signature, and counts at `now`.
    pub fn is_signed_by(&self, keys: &[PublicKey], now: SystemTime) -> bool {
        let signed = self.signed.as_bytes();
        self.header.get("alg").is_some_and(|alg| alg == "RS256")
            && keys.iter().any(|key| key.verifies(signed, &self.signature, now))
    }

    /// Judges the JWT of an exchange.
    pub fn check_for_ims(
        &self,
        account: &Account,
        hosts: &Hosts,
        now: SystemTime,
    ) -> Result<Accepted, Refusal> {
        if self.claims.get("jti").is_some_and(|jti| !jti.is_i64() && !jti.is_u64()) {
            return Err(Refusal::MALFORMED);
        }
        self.check_signature(account, now)?;
        let expiry = self.check_times(unix_seconds(now))?;
        if self.text("iss") != account.org_id {
            return Err(Refusal::wrong("iss"));
        }
        if self.text("sub") != account.technical_account_id {
            return Err(Refusal::wrong("sub"));
        }
        let bases = hosts.base_urls();
        let aud = self.text("aud").rsplit_once("/c/");
        let is_ours = |base: &str| bases.iter().any(|ours| ours == base);
        if !aud.is_some_and(|(base, client)| is_ours(base) && client == account.client_id) {
            return Err(Refusal::AUDIENCE);
        }
        let metascopes = self.metascopes(account, is_ours)?;
        Ok(Accepted { metascopes, jti: self.jti(account)?, expiry })
    }

    /// Judges the assertion of a bearer grant at `path` (RFC 7523 section 3).
    pub fn check_for_bearer(
        &self,
        account: &Account,
        hosts: &Hosts,
        path: &str,
        now: SystemTime,
    ) -> Result<Accepted, Refusal> {
        self.check_signature(account, now)?;
        let expiry = self.check_times(unix_seconds(now))?;
        if !account.may_be_issuer(self.text("iss")) {
            return Err(Refusal::wrong("iss"));
        }
        if !account.may_be_subject(self.text("sub")) {
            return Err(Refusal::wrong("sub"));
        }
        let names_us = |aud: &Value| aud.as_str().is_some_and(|aud| hosts.are_named_by(aud, path));
        let accepted = match self.claims.get("aud") {
            Some(Value::Array(several)) => several.iter().any(names_us),
            Some(one) => names_us(one),
            None => false,
        };
        if !accepted {
            return Err(Refusal::AUDIENCE);
        }
        Ok(Accepted { metascopes: Vec::new(), jti: self.jti(account)?, expiry })
    }

    fn check_signature(&self, account: &Account, now: SystemTime) -> Result<(), Refusal> {
        // RFC 7515 section 4.1.11: an extension that is not understood must be refused.
        if self.header.contains_key("crit") {
            return Err(Refusal::MALFORMED);
        }
        let typ = self.header.get("typ");
        if !typ.is_none_or(|typ| typ.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT"))) {
            return Err(Refusal::MALFORMED);
        }
        let is_signed = self.is_signed_by(&account.public_keys, now);
        if is_signed { Ok(()) } else { Err(Refusal::SIGNATURE) }
    }

    /// Returns the second from which on the JWT is expired.
    fn check_times(&self, now: i64) -> Result<i64, Refusal> {
        let exp = self.time("exp")?.ok_or_else(|| Refusal::wrong("exp"))?;
        let expiry = exp.saturating_add(SKEW);
        if now >= expiry {
            return Err(Refusal::EXPIRED);
        }
        if exp > now + LONGEST_LIFETIME + SKEW {
            return Err(Refusal::wrong("exp"));
        }
        for name in ["iat", "nbf"] {
            if self.time(name)?.is_some_and(|time| time > now + SKEW) {
                return Err(Refusal::NOT_YET_VALID);
            }
        }
        Ok(expiry)
    }

    /// The claim `name` in Unix seconds, where there is one.
    fn time(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.claims.get(name).map(|time| time.as_i64().ok_or(Refusal::MALFORMED)).transpose()
    }

    /// Every `https://HOST/s/NAME` claim must be true, of our host, and granted.
    fn metascopes(
        &self,
        account: &Account,
        is_ours: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, Refusal> {
        let mut metascopes = Vec::new();
        for (claim, value) in &self.claims {
            let Some((base, name)) = claim.split_once("/s/") else { continue };
            let granted = account.metascopes.iter().any(|granted| granted == name);
            if !(granted && is_ours(base) && value == &Value::Bool(true)) {
                return Err(Refusal::METASCOPES);
            }
            metascopes.push(name.to_owned());
        }
        if metascopes.is_empty() { Err(Refusal::METASCOPES) } else { Ok(metascopes) }
    }

    fn jti(&self, account: &Account) -> Result<Option<String>, Refusal> {
        match self.claims.get("jti") {
            None if account.requires_jti => Err(Refusal::JTI_MISSING),
            jti => Ok(jti.map(Value::to_string)),
        }
    }
}
