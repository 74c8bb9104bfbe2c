//! A JWT in a request to the general issuer: an assertion, or the subject of a token exchange.

use super::Account;
use super::assertion::{Check, Names, Purpose};
use super::refusal::Refusal;
use super::server::{Call, Registered, Server};
use super::verify::{Jwt, MAX_LIFETIME};
use ims::{Algorithm, unix_seconds};

/// RFC 8693 section 3.
pub(super) const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:";

impl Server {
    /// Checks an assertion, and that its `jti` was not used before.
    pub fn check_assertion<'a>(
        &self,
        client: &Registered,
        call: &Call,
        text: &'a str,
        purpose: Purpose,
    ) -> Result<Jwt<'a>, Refusal> {
        let (issuer, account) = (self.issuer_of(call), &client.account);
        let token_endpoint = format!("{issuer}{}", call.path);
        let jwt = Jwt::parse(text).map_err(|refusal| {
            let (status, error, noun) = purpose.names();
            let description = format!("The {noun} is not a JWT.");
            Refusal::oauth(status, error, description).because(refusal.cause)
        })?;
        let names = Names { issuer: &issuer, token_endpoint: &token_endpoint };
        let check = Check { jwt: &jwt, account, names, purpose, now: call.now };
        if self.is_of_platform(&jwt, account) {
            check.run_for_workload(&self.workloads)?;
            return Ok(jwt);
        }
        let accepted = check.run()?;
        if let Some(jti) = accepted.jti {
            let now = unix_seconds(call.now);
            if !client.ledger().jtis.insert(jti, accepted.expiry, now) {
                return Err(check.wrong("jti", "jti was used before"));
            }
        }
        Ok(jwt)
    }

    /// Returns the subject of a token exchange: that of a token of the sandbox's own, of a JWT of the
    /// platform, or of one by the account's keys.
    pub fn subject_of(&self, client: &Registered, call: &Call) -> Result<String, Refusal> {
        let form = call.form;
        let token =
            form.get("subject_token").ok_or_else(|| Refusal::missing_field("subject_token"))?;
        let kind = form
            .get("subject_token_type")
            .ok_or_else(|| Refusal::missing_field("subject_token_type"))?;
        let kinds = ["access_token", "jwt", "id_token"];
        if !kind.strip_prefix(TOKEN_TYPE).is_some_and(|kind| kinds.contains(&kind)) {
            return Err(Refusal::wrong_field(
                "subject_token_type",
                "must be access_token, jwt or id_token",
            ));
        }
        match form.get("requested_token_type").map(|kind| kind.strip_prefix(TOKEN_TYPE)) {
            None | Some(Some("access_token" | "jwt")) => {}
            Some(_) => {
                return Err(Refusal::wrong_field(
                    "requested_token_type",
                    "is neither access_token nor jwt",
                ));
            }
        }
        let bad = |cause: &str| Refusal::wrong_field("subject_token", cause);
        let jwt = Jwt::parse(token).map_err(|refusal| bad(&refusal.cause))?;
        if self.issuer.read(token, call.now).is_none() {
            if self.is_of_platform(&jwt, &client.account) {
                let jwt = self.check_assertion(client, call, token, Purpose::SubjectToken)?;
                return Ok(jwt.text("sub").to_owned());
            }
            let all = Algorithm::ALL.map(Algorithm::name);
            jwt.algorithm(&all)
                .and_then(|alg| jwt.check_signature_by(&client.account.public_keys, alg, call.now))
                .map_err(|refusal| bad(&refusal.cause))?;
        }
        jwt.check_times(unix_seconds(call.now), MAX_LIFETIME)
            .map_err(|refusal| bad(&refusal.cause))?;
        match jwt.text("sub") {
            "" => Err(bad("has no sub")),
            subject => Ok(subject.to_owned()),
        }
    }

    /// Returns true if only the platform can have issued the JWT: it says so, or the account has a workload and
    /// no key, and does not say that it is the issuer itself.
    fn is_of_platform(&self, jwt: &Jwt, account: &Account) -> bool {
        let iss = jwt.text("iss");
        let has_own = !account.public_keys.is_empty() || account.may_be_issuer(iss);
        iss == self.workloads.url() || account.workload.is_some() && !has_own
    }
}
