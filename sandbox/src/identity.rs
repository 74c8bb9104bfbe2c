//! The endpoints at which a workload asks the platform for a JWT, and those of the platform's issuer.

use std::collections::HashMap;
use std::time::SystemTime;

use axum::extract::Request;
use axum::http::Method;
use serde_json::{Value, json};

use super::outcome::Success;
use super::refusal::Refusal;
use super::server::Server;
use super::verify::{MAX_LIFETIME, shown};
use super::workload_issuer::{CONFIGURATION_PATH, KEYS_PATH};
use ims::unix_seconds;

pub(super) enum Identity {
    Configuration,
    Keys,
    Token(&'static Convention),
}

/// The form in which the workloads of a platform ask for a JWT.
pub(super) struct Convention {
    path: &'static str,
    /// The header that a request must have, which no one can make a workload's HTTP client send.
    header: &'static str,
    /// The header's value; `None`: the platform's request token.
    value: Option<&'static str>,
    /// The HTTP status without this header.
    status: u16,
    /// The parameter with the audience.
    audience: &'static str,
    body: Body,
}

/// The form of the response.
enum Body {
    /// `{"count", "value"}`
    Value,
    /// The JWT alone.
    Text,
    /// That of a token server, with numbers as texts.
    AccessToken,
}

const CONVENTIONS: [Convention; 3] = [
    // A job of GitHub Actions, at ACTIONS_ID_TOKEN_REQUEST_URL.
    Convention {
        path: "/platform/token",
        header: "authorization",
        value: None,
        status: 401,
        audience: "audience",
        body: Body::Value,
    },
    // The metadata server of Google Cloud.
    Convention {
        path: "/computeMetadata/v1/instance/service-accounts/default/identity",
        header: "metadata-flavor",
        value: Some("Google"),
        status: 403,
        audience: "audience",
        body: Body::Text,
    },
    // Azure's Instance Metadata Service.
    Convention {
        path: "/metadata/identity/oauth2/token",
        header: "metadata",
        value: Some("true"),
        status: 400,
        audience: "resource",
        body: Body::AccessToken,
    },
];

impl Identity {
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        match path {
            _ if method != Method::GET => None,
            CONFIGURATION_PATH => Some(Self::Configuration),
            KEYS_PATH => Some(Self::Keys),
            path => CONVENTIONS.iter().find(|known| known.path == path).map(Self::Token),
        }
    }
}

impl Server {
    /// Answers as the platform.
    pub fn identity(&self, identity: &Identity, request: &Request) -> Result<Success, Refusal> {
        match identity {
            Identity::Configuration => {
                Ok(Success::new(self.workloads.configuration(), "the platform's configuration"))
            }
            Identity::Keys => {
                let keys = self.workloads.key_set().map_err(|_| Refusal::INTERNAL)?;
                Ok(Success::new(keys, "the platform's keys"))
            }
            Identity::Token(convention) => self.issue_jwt(convention, request),
        }
    }

    fn issue_jwt(&self, convention: &Convention, request: &Request) -> Result<Success, Refusal> {
        let Convention { header, status, .. } = convention;
        let expected = match convention.value {
            Some(value) => value.to_owned(),
            None => format!("Bearer {}", self.workloads.platform.request_token.expose()),
        };
        if request.headers().get(*header).is_none_or(|value| value != expected.as_str()) {
            let cause = match convention.value {
                Some(value) => format!("the header {header} should be {value}"),
                None => format!("the header {header} does not hold the request token"),
            };
            let description = "A header that the platform requires is missing or wrong.";
            return Err(Refusal::oauth(*status, "unauthorized", description).because(cause));
        }
        let query = request.uri().query().unwrap_or_default();
        let query: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
        let bad = |name: &str, cause: &str| {
            let description = format!("The parameter {name} is missing or wrong.");
            Refusal::oauth(400, "invalid_request", description).because(format!("{name} {cause}"))
        };
        let platform = &self.workloads.platform;
        let subject = query.get("subject").map_or(platform.subject.as_str(), AsRef::as_ref);
        let audience = query.get(convention.audience).filter(|audience| !audience.is_empty());
        let audience = audience.ok_or_else(|| bad(convention.audience, "is missing"))?;
        let lifetime = match query.get("lifetime") {
            None => platform.lifetime.as_secs().cast_signed(),
            Some(seconds) => seconds
                .parse()
                .ok()
                .filter(|seconds| (-MAX_LIFETIME..=MAX_LIFETIME).contains(seconds))
                .ok_or_else(|| bad("lifetime", "is not -86400 to 86400, in seconds"))?,
        };
        let now = SystemTime::now();
        let audience = Value::from(audience.as_ref());
        let jwt = self.workloads.issue(subject, &audience, lifetime, now);
        let jwt = jwt.map_err(|_| Refusal::INTERNAL)?;
        let jwt = jwt.expose().as_str();
        let body = match convention.body {
            Body::Value => json!({ "count": jwt.len(), "value": jwt }),
            Body::Text => Value::from(jwt),
            Body::AccessToken => json!({
                "access_token": jwt,
                "expires_in": lifetime.to_string(),
                "expires_on": unix_seconds(now).saturating_add(lifetime).to_string(),
                "resource": audience,
                "token_type": "Bearer",
            }),
        };
        let subject = shown(Some(&Value::from(subject)));
        let decision = format!("JWT for {lifetime} s, {subject}; aud {}", shown(Some(&audience)));
        Ok(Success::new(body, decision))
    }
}
