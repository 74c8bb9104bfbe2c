//! The general issuer: metadata (RFC 8414), client authentication and grants as the standards have
//! them, for every server that is not Adobe's.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::assertion::{Purpose, method_of};
use super::endpoint::{KEYS_PATH, MOVED_TOKEN_PATH, TOKEN_PATH};
use super::fault::{MetadataFault, TimeUnit};
use super::form::Form;
use super::grants::{JWT_BEARER, expires_in, issued};
use super::outcome::Success;
use super::refusal::Refusal;
use super::request_jwt::TOKEN_TYPE;
use super::requirements::METHODS;
use super::server::{Call, Registered, Server};
use super::verify::{Jwt, shown};
use super::{Account, access_token::random_hex};
use ims::error::redact;
use ims::{Algorithm, unix_seconds};

const CLIENT_CREDENTIALS: &str = "client_credentials";
/// RFC 8693.
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 7523 section 2.2.
const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LIFETIME: Duration = Duration::from_secs(3600);
/// The length of metadata that no client reads.
const TOO_LARGE: usize = 65 * 1024;

impl Server {
    /// Returns the issuer identifier: the sandbox's URL, as the request named it.
    pub fn issuer_of(&self, call: &Call) -> String {
        format!("{}://{}", self.scheme, call.hosts.called)
    }

    pub fn metadata(&self, call: &Call) -> Success {
        let issuer = self.issuer_of(call);
        let mut grants =
            [CLIENT_CREDENTIALS, JWT_BEARER, TOKEN_EXCHANGE].map(str::to_owned).to_vec();
        for grant in self.clients().iter().flat_map(|client| &client.account.requires.grants) {
            if !grants.contains(grant) {
                grants.push(grant.clone());
            }
        }
        let token_path = match call.metadata {
            Some(MetadataFault::Moved) => MOVED_TOKEN_PATH,
            _ => TOKEN_PATH,
        };
        let mut body = json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}{token_path}"),
            "jwks_uri": format!("{issuer}{KEYS_PATH}"),
            "grant_types_supported": grants,
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported":
                Algorithm::ALL.map(Algorithm::name),
        });
        match call.metadata {
            Some(MetadataFault::OtherIssuer) => body["issuer"] = "https://other.example".into(),
            Some(MetadataFault::TooLarge) => body["padding"] = "x".repeat(TOO_LARGE).into(),
            Some(MetadataFault::Moved | MetadataFault::Redirect) | None => {}
        }
        Success::new(body, "metadata")
    }

    /// Answers a request to the token endpoint.
    pub fn oauth_token(&self, call: &Call) -> Result<Success, Refusal> {
        let grant =
            call.form.get("grant_type").ok_or_else(|| Refusal::missing_field("grant_type"))?;
        let client = call.client.ok_or_else(|| {
            let cause = self.why_unknown(call.form);
            Refusal::oauth(401, "invalid_client", "The client is unknown.").because(cause)
        })?;
        let account = &client.account;
        self.authenticate(client, call, grant)?;
        check_grant(account, grant)?;
        check_fields(account, call.form)?;
        let mut claimed_scope = String::new();
        let mut subject = account.client_id.clone();
        match grant {
            JWT_BEARER => {
                let text = call
                    .form
                    .get("assertion")
                    .ok_or_else(|| Refusal::missing_field("assertion"))?;
                let jwt = self.check_assertion(client, call, text, Purpose::Grant)?;
                jwt.text("scope").clone_into(&mut claimed_scope);
                if !jwt.text("sub").is_empty() {
                    jwt.text("sub").clone_into(&mut subject);
                }
            }
            TOKEN_EXCHANGE => subject = self.subject_of(client, call)?,
            _ => {}
        }
        let asked = call.form.get("scope").unwrap_or(&claimed_scope);
        let scope = granted(account, asked)?;
        let [resources, audiences] = ["resource", "audience"].map(|name| call.form.all(name));
        if let Some(bad) = resources.iter().find(|resource| !is_resource(resource)) {
            let cause = format!("resource is {}, no absolute URI", redact(bad, &[]));
            let description = "A resource is not an absolute URI without a fragment.";
            return Err(Refusal::oauth(400, "invalid_target", description).because(cause));
        }
        let lifetime = account.token_lifetime.unwrap_or(LIFETIME);
        let now = unix_seconds(call.now);
        let targets: Vec<&str> = resources.iter().chain(audiences).map(String::as_str).collect();
        let issuer = self.issuer_of(call);
        let claims = json!({
            "iss": issuer,
            "sub": subject,
            "aud": if targets.is_empty() { json!(issuer) } else { json!(targets) },
            "client_id": account.client_id,
            "scope": scope,
            "iat": now,
            "exp": now.saturating_add_unsigned(lifetime.as_secs()),
            "jti": random_hex(),
        });
        // RFC 9068.
        let token = self.issuer.sign("at+jwt", &claims).map_err(|_| Refusal::INTERNAL)?;
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("access_token", token.into());
        put("token_type", "Bearer".into());
        put("expires_in", json!(expires_in(call, lifetime, TimeUnit::Seconds)));
        if !scope.is_empty() {
            put("scope", scope.clone().into());
        }
        if grant == TOKEN_EXCHANGE {
            put("issued_token_type", format!("{TOKEN_TYPE}access_token").into());
        }
        let mut decision = issued(&scope, lifetime);
        for (name, values) in [("resource", resources), ("audience", audiences)] {
            if !values.is_empty() {
                put(name, json!(values));
                decision.push_str(&format!("; {name} {}", redact(&values.join(" "), &[])));
            }
        }
        Ok(Success::new(Value::Object(body), decision))
    }

    /// Checks who the client is. A grant of a JWT needs no client authentication where the JWT says who the
    /// client is (RFC 7521 section 4.1), except where the account demands it.
    fn authenticate(&self, client: &Registered, call: &Call, grant: &str) -> Result<(), Refusal> {
        let refused =
            |description: &'static str| Refusal::oauth(401, "invalid_client", description);
        let (form, account) = (call.form, &client.account);
        let assertion = form.get("client_assertion");
        let method = match (form.get("client_secret"), assertion) {
            (Some(_), Some(_)) => {
                let description = "The client authenticates in two ways at once.";
                return Err(Refusal::oauth(400, "invalid_request", description)
                    .because("both client_secret and client_assertion are given"));
            }
            (Some(_), None) if form.is_basic() => "client_secret_basic",
            (Some(_), None) => "client_secret_post",
            (None, Some(text)) => Jwt::parse(text).as_ref().map_or("private_key_jwt", method_of),
            (None, None) => "none",
        };
        let shows_who_it_is = match grant {
            TOKEN_EXCHANGE => self.workload_jwt(form, "subject_token").is_some(),
            _ => grant == JWT_BEARER,
        };
        let may_be_silent = shows_who_it_is && account.requires.client_auth.is_empty();
        if !(account.requires.allows_method(method) || method == "none" && may_be_silent) {
            let cause = match method {
                "none" => "client_secret and client_assertion are missing".to_owned(),
                _ => format!("{method} is not this account's method"),
            };
            return Err(
                refused("The client authentication is missing, or not allowed.").because(cause)
            );
        }
        let secret = form.get("client_secret").filter(|_| method != "none");
        if secret.is_some_and(|secret| !client.secrets().accept(secret, call.now)) {
            return Err(refused("The client secret is wrong.")
                .because("client_secret is not this account's"));
        }
        if let Some(text) = assertion {
            let kind = form.get("client_assertion_type");
            if kind != Some(CLIENT_ASSERTION) {
                return Err(refused("client_assertion_type is missing or wrong.")
                    .because(format!("client_assertion_type should be {CLIENT_ASSERTION}")));
            }
            self.check_assertion(client, call, text, Purpose::ClientAuthentication)?;
        }
        Ok(())
    }
}

fn check_grant(account: &Account, grant: &str) -> Result<(), Refusal> {
    let known = [CLIENT_CREDENTIALS, JWT_BEARER, TOKEN_EXCHANGE];
    let configured = &account.requires.grants;
    let allowed: Vec<&str> = match configured.is_empty() {
        true => known.to_vec(),
        false => configured.iter().map(String::as_str).collect(),
    };
    if allowed.contains(&grant) {
        return Ok(());
    }
    let cause = format!("grant_type is {}, allowed: {}", redact(grant, &[]), allowed.join(", "));
    let (error, description) = match known.contains(&grant) {
        true => ("unauthorized_client", "The client may not use this grant_type."),
        false => ("unsupported_grant_type", "There is no such grant_type."),
    };
    Err(Refusal::oauth(400, error, description).because(cause))
}

fn check_fields(account: &Account, form: &Form) -> Result<(), Refusal> {
    for (name, expected) in &account.requires.fields {
        let right = expected.as_deref();
        match form.get(name) {
            None => return Err(Refusal::missing_field(name)),
            Some(value) if right.is_some_and(|right| right != value) => {
                let right = shown(right.map(Value::from).as_ref());
                return Err(Refusal::wrong_field(name, &format!("should be {right}")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Returns the scope of the token: the asked one, or all that the account has, with blanks between
/// (RFC 6749 section 3.3).
fn granted(account: &Account, asked: &str) -> Result<String, Refusal> {
    let mut names = asked.split(' ').filter(|name| !name.is_empty());
    let has = |name: &str| account.scopes.iter().any(|scope| scope == name);
    match names.find(|name| !has(name)) {
        Some(name) => {
            let granted = account.scopes.join(" ");
            let cause = format!("{} is not granted; granted: {granted}", redact(name, &[]));
            let description = "A requested scope is not granted to the client.";
            Err(Refusal::oauth(400, "invalid_scope", description).because(cause))
        }
        None if asked.is_empty() => Ok(account.scopes.join(" ")),
        None => Ok(asked.to_owned()),
    }
}

/// RFC 8707 section 2.
fn is_resource(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(is_name)
        && !text.contains(['#', ' '])
}
