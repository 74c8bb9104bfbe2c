//! A JWT of the platform, judged as a server judges it that trusts the platform for an account.

use std::slice;

use super::assertion::Check;
use super::refusal::Refusal;
use super::verify::{MAX_LIFETIME, shown};
use super::workload_issuer::WorkloadIssuer;

impl Check<'_> {
    /// Checks that the platform issued the JWT to the account's workload, and for this server. It may come
    /// again and again, as that in a file does.
    ///
    /// # Errors
    /// The refusal names the header member or the claim that is wrong.
    pub fn run_for_workload(&self, issuer: &WorkloadIssuer) -> Result<(), Refusal> {
        let jwt = self.jwt;
        self.check_claim("iss", &issuer.url())?;
        let keys = issuer.public_keys().map_err(|_| Refusal::INTERNAL)?;
        let kid = jwt.header.get("kid");
        let Some((_, key)) = keys.iter().find(|(id, _)| kid.is_some_and(|kid| kid == id)) else {
            let ids: Vec<&str> = keys.iter().map(|(id, _)| id.as_str()).collect();
            let (kid, ids) = (shown(kid), ids.join(", "));
            let cause = format!("the header's kid is {kid}, but the platform's keys are {ids}");
            return Err(self.wrong("kid", cause));
        };
        jwt.check_signature(slice::from_ref(key), self.now)
            .map_err(|refusal| self.wrong("signature", refusal.cause))?;
        self.check_times_within(MAX_LIFETIME)?;
        let Some(workload) = &self.account.workload else {
            let cause = "the account trusts no workload of the platform";
            return Err(self.wrong("sub", cause));
        };
        self.check_claim("sub", workload)?;
        let right = match &self.account.requires.aud {
            Some(right) => vec![right.as_str()],
            None => vec![self.names.issuer, self.names.token_endpoint],
        };
        self.check_audience_is(&right, true)
    }

    fn check_claim(&self, name: &str, right: &str) -> Result<(), Refusal> {
        let value = self.jwt.claims.get(name);
        if value.is_some_and(|value| value == right) {
            return Ok(());
        }
        Err(self.wrong(name, format!("{name} is {}, but should be {right}", shown(value))))
    }
}
