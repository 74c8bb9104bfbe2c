//! The client that sent a request, by its name or by a JWT that it shows.

use std::sync::Arc;

use super::endpoint::Endpoint;
use super::form::Form;
use super::server::{Registered, Server};
use super::verify::{Jwt, shown};

/// The fields with a JWT that a platform may have issued.
const FIELDS: [&str; 3] = ["client_assertion", "assertion", "subject_token"];

impl Server {
    /// Returns the client that sent the form. With a bearer grant, the JWT alone may name it (RFC
    /// 7521 section 4.1).
    pub fn client_of(&self, endpoint: Endpoint, form: &Form) -> Option<Arc<Registered>> {
        if endpoint == Endpoint::Token {
            let named = client_id(form).and_then(|client_id| self.client(&client_id));
            return named.or_else(|| self.client_of_workload(form));
        }
        match form.get("client_id") {
            Some(client_id) => self.client(client_id),
            None if endpoint == Endpoint::JwtBearer => {
                let jwt = Jwt::parse(form.get("assertion")?).ok()?;
                let iss = jwt.text("iss");
                self.clients().into_iter().find(|client| client.account.may_be_issuer(iss))
            }
            None => None,
        }
    }

    /// Returns the first account that trusts the workload whose JWT the form has, if it names no client.
    fn client_of_workload(&self, form: &Form) -> Option<Arc<Registered>> {
        if form.get("client_id").is_some() {
            return None;
        }
        let jwt = FIELDS.iter().find_map(|field| self.workload_jwt(form, field))?;
        let trusts =
            |client: &Arc<Registered>| client.account.workload.as_deref() == Some(jwt.text("sub"));
        self.clients().into_iter().find(trusts)
    }

    /// Returns the JWT in this field, if it says that the platform issued it.
    pub fn workload_jwt<'a>(&self, form: &'a Form, field: &str) -> Option<Jwt<'a>> {
        let jwt = Jwt::parse(form.get(field)?).ok()?;
        (jwt.text("iss") == self.workloads.url()).then_some(jwt)
    }

    /// Returns the reason why a request to the general issuer is of no account.
    pub fn why_unknown(&self, form: &Form) -> String {
        if form.get("client_id").is_some() {
            return "no account has this client_id".to_owned();
        }
        let jwt = FIELDS.iter().find_map(|field| form.get(field));
        let Some(jwt) = jwt.and_then(|text| Jwt::parse(text).ok()) else {
            return "neither client_id nor an assertion names a client".to_owned();
        };
        let [iss, sub] = ["iss", "sub"].map(|name| shown(jwt.claims.get(name)));
        let platform = self.workloads.url();
        match jwt.text("iss") == platform {
            true => format!("sub is {sub}, which is no account's workload"),
            false => format!("iss is {iss}, neither an account's client_id nor {platform}"),
        }
    }
}

/// Returns the client that a form names: by `client_id`, or by its assertion alone (RFC 7521
/// sections 4.1 and 4.2).
fn client_id(form: &Form) -> Option<String> {
    if let Some(client_id) = form.get("client_id") {
        return Some(client_id.to_owned());
    }
    let claim = |field: &str, claim: &str| {
        let jwt = Jwt::parse(form.get(field)?).ok()?;
        Some(jwt.text(claim).to_owned()).filter(|name| !name.is_empty())
    };
    claim("client_assertion", "sub").or_else(|| claim("assertion", "iss"))
}
