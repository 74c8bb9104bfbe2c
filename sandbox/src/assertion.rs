//! A JWT judged as RFC 7523 and rfc7523bis judge it, and as the account's profile demands.

use std::time::SystemTime;

use super::Account;
use super::refusal::Refusal;
use super::requirements::STRICT_TYP;
use super::signature;
use super::verify::{Accepted, Jwt, MAX_LIFETIME, shown};
use ims::error::redact;
use ims::{Algorithm, unix_seconds};
use serde_json::Value;

/// Seconds that `exp` of a strict client assertion may lie ahead.
const STRICT_LIFETIME: i64 = 300;

/// The names of the server that a JWT may be made for.
pub(super) struct Names<'a> {
    pub issuer: &'a str,
    pub token_endpoint: &'a str,
}

/// What the JWT is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// RFC 7523 section 2.2.
    ClientAuthentication,
    /// RFC 7523 section 2.1.
    Grant,
    /// RFC 8693 section 2.1.
    SubjectToken,
}

impl Purpose {
    /// Returns the HTTP status and the error of a refusal, and what the JWT is.
    pub fn names(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::ClientAuthentication => (401, "invalid_client", "client assertion"),
            Self::Grant => (400, "invalid_grant", "assertion"),
            Self::SubjectToken => (400, "invalid_request", "subject token"),
        }
    }

    /// Returns the refusal of the JWT because of its `name`.
    pub fn wrong(self, name: &str, cause: impl Into<String>) -> Refusal {
        let (status, error, noun) = self.names();
        let description = format!("The {noun} is not accepted: its {name} is missing or wrong.");
        Refusal::oauth(status, error, description).because(cause.into())
    }
}

/// An assertion of an account, with all that decides on it.
pub(super) struct Check<'a> {
    pub jwt: &'a Jwt<'a>,
    pub account: &'a Account,
    pub names: Names<'a>,
    pub purpose: Purpose,
    pub now: SystemTime,
}

impl Check<'_> {
    /// Checks everything except that the `jti` is new.
    ///
    /// # Errors
    /// The refusal names the header member or the claim that is wrong.
    pub fn run(&self) -> Result<Accepted, Refusal> {
        self.check_header()?;
        self.check_signature()?;
        let expiry = self.check_times()?;
        self.check_parties()?;
        self.check_audience()?;
        for (name, expected) in &self.account.requires.claims {
            self.check_member(name, "", self.jwt.claims.get(name), expected)?;
        }
        let jti = self.jwt.claims.get("jti").filter(|jti| *jti != "");
        if jti.is_none() && self.is_strict_client() {
            return Err(self.wrong("jti", "jti is missing".to_owned()));
        }
        Ok(Accepted { metascopes: Vec::new(), jti: jti.map(Value::to_string), expiry })
    }

    /// Returns the refusal of the assertion because of its `name`.
    pub fn wrong(&self, name: &str, cause: impl Into<String>) -> Refusal {
        self.purpose.wrong(name, cause)
    }

    fn is_strict_client(&self) -> bool {
        self.purpose == Purpose::ClientAuthentication && !self.account.lenient
    }

    fn check_header(&self) -> Result<(), Refusal> {
        let (header, requires) = (&self.jwt.header, &self.account.requires);
        if header.contains_key("crit") {
            return Err(self.wrong("crit", "the header's crit names what is not understood"));
        }
        let typ = header.get("typ");
        let is = |right: &str| {
            typ.and_then(Value::as_str).is_some_and(|typ| typ.eq_ignore_ascii_case(right))
        };
        let (fits, right) = match (&requires.typ, self.purpose) {
            (Some(right), _) => (is(right), right.as_str()),
            (None, Purpose::ClientAuthentication) if !self.account.lenient => {
                (is(STRICT_TYP), STRICT_TYP)
            }
            (None, Purpose::ClientAuthentication) => {
                (typ.is_none() || is("JWT") || is(STRICT_TYP), "JWT")
            }
            (None, Purpose::Grant | Purpose::SubjectToken) => (typ.is_none() || is("JWT"), "JWT"),
        };
        if !fits {
            let cause = format!("the header's typ is {}, but should be {right}", shown(typ));
            return Err(self.wrong("typ", cause));
        }
        for (name, expected) in &requires.header {
            self.check_member(name, "the header's ", header.get(name), expected)?;
        }
        Ok(())
    }

    fn check_signature(&self) -> Result<(), Refusal> {
        let requires = &self.account.requires;
        let all = Algorithm::ALL.map(Algorithm::name);
        let allowed: Vec<&str> = match requires.algs.is_empty() {
            true => all.to_vec(),
            false => requires.algs.iter().map(String::as_str).collect(),
        };
        let named = |name: &'static str| move |refusal: Refusal| self.wrong(name, refusal.cause);
        let algorithm = self.jwt.algorithm(&allowed).map_err(named("alg"))?;
        match (signature::is_mac(algorithm), self.purpose) {
            (true, Purpose::ClientAuthentication) => {
                let secret = self.account.client_secret.expose();
                self.jwt.check_mac(secret, algorithm)
            }
            (true, Purpose::Grant | Purpose::SubjectToken) => {
                let cause = format!("alg {algorithm} proves who the client is, but grants nothing");
                return Err(self.wrong("alg", cause));
            }
            (false, _) => {
                self.jwt.check_signature_by(&self.account.public_keys, algorithm, self.now)
            }
        }
        .map_err(named("signature"))
    }

    fn check_times(&self) -> Result<i64, Refusal> {
        let standard = if self.is_strict_client() { STRICT_LIFETIME } else { MAX_LIFETIME };
        self.check_times_within(standard)
    }

    /// Checks the times, where the account does not say how far `exp` may lie ahead, with `standard` seconds.
    pub fn check_times_within(&self, standard: i64) -> Result<i64, Refusal> {
        let max = self.account.requires.max_lifetime.map_or(standard, i64::from);
        self.jwt.check_times(unix_seconds(self.now), max).map_err(|refusal| {
            let name = refusal.cause.split(' ').next().unwrap_or_default().to_owned();
            self.wrong(&name, refusal.cause)
        })
    }

    /// RFC 7523 section 3: the client is `iss` and `sub` of its own assertion. The `sub` of a grant
    /// is the user, and some servers do without it.
    fn check_parties(&self) -> Result<(), Refusal> {
        let account = self.account;
        let client = account.client_id.as_str();
        let (issuers, subjects) = match self.purpose {
            Purpose::ClientAuthentication => (vec![client], vec![client]),
            Purpose::Grant | Purpose::SubjectToken => {
                let others = [account.technical_account_id.as_str(), account.org_id.as_str()];
                (vec![client, &account.org_id], vec![others[0], others[1], client])
            }
        };
        for (name, right) in [("iss", issuers), ("sub", subjects)] {
            let value = self.jwt.claims.get(name);
            let is_optional = name == "sub" && self.purpose == Purpose::Grant && account.lenient;
            let is_pinned = account.requires.claims.get(name).is_some_and(|value| !value.is_null());
            let fits = match value {
                None => is_optional,
                Some(value) => value.as_str().is_some_and(|value| right.contains(&value)),
            };
            if !fits && !is_pinned {
                let cause = format!("{name} is {}, but should be {}", shown(value), right[0]);
                return Err(self.wrong(name, cause));
            }
        }
        Ok(())
    }

    fn check_audience(&self) -> Result<(), Refusal> {
        let Names { issuer, token_endpoint } = self.names;
        let strict = self.is_strict_client();
        let right = match &self.account.requires.aud {
            Some(right) => vec![right.as_str()],
            None if strict => vec![issuer],
            None => vec![issuer, token_endpoint],
        };
        self.check_audience_is(&right, !strict && self.account.requires.aud.is_none())
    }

    /// Checks that `aud` is one of these texts, or a list with one of them where it may be a list.
    pub fn check_audience_is(&self, right: &[&str], may_be_list: bool) -> Result<(), Refusal> {
        let aud = self.jwt.claims.get("aud");
        let names_us = |aud: &Value| aud.as_str().is_some_and(|aud| right.contains(&aud));
        let fits = match aud {
            Some(Value::Array(several)) => may_be_list && several.iter().any(names_us),
            Some(one) => names_us(one),
            None => false,
        };
        if fits {
            return Ok(());
        }
        let right = right.join(" or ");
        let one = match aud {
            Some(Value::Array(_)) if !may_be_list => " as one text, not a list",
            _ => "",
        };
        Err(self.wrong("aud", format!("aud is {}, but should be {right}{one}", shown(aud))))
    }

    fn check_member(
        &self,
        name: &str,
        of: &str,
        value: Option<&Value>,
        expected: &Value,
    ) -> Result<(), Refusal> {
        let fits = match (value, expected) {
            (None, _) => false,
            (Some(value), Value::Null) => !value.is_null() && value != "",
            (Some(value), expected) => value == expected,
        };
        if fits {
            return Ok(());
        }
        let right = match expected {
            Value::Null => "is required".to_owned(),
            expected => format!("should be {}", shown(Some(expected))),
        };
        let cause = format!("{of}{name} is {}, but {right}", shown(value));
        Err(self.wrong(&redact(name, &[]), cause))
    }
}

/// Returns the client authentication method that `jwt` is of, by its algorithm.
pub(super) fn method_of(jwt: &Jwt) -> &'static str {
    let alg = jwt.header.get("alg").and_then(Value::as_str);
    let algorithm = alg.and_then(|alg| alg.parse::<Algorithm>().ok());
    match algorithm.is_some_and(signature::is_mac) {
        true => "client_secret_jwt",
        false => "private_key_jwt",
    }
}
