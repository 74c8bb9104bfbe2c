//! A service account's key file of Google: the same job by RFC 7523.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::json::Object;
use super::known::{Known, Refused};
use super::setting::bad;
use super::settings::Settings;
use crate::error::Error;
use crate::grant::GrantType;

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "type",
        "project_id",
        "client_id",
        "auth_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "quota_project_id",
    ],
    refused: &[Refused {
        path: "universe_domain",
        except: &["googleapis.com"],
        hint: "in this universe, Google's clients send a JWT that they signed themselves as the token: \
               ims jwt signs one",
    }],
};

/// Where Google's clients ask for a token if the file does not say it.
/// Source: golang/oauth2, google/google.go.
const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// The kind of a user's login, which has no `type`.
const LOGIN: &str = "token";

/// A file of Google's that is not a service account's key, with its mark and what it is.
struct Other {
    /// The value of `type`, or the name of an object.
    mark: &'static str,
    problem: &'static str,
    hint: &'static str,
}

const KEY_HINT: &str = "make a key of a service account in Google Cloud's console: IAM, Service Accounts, Keys, \
    JSON";

/// Source: googleapis/google-auth-library-python, google/auth/_default.py.
const OTHERS: [Other; 7] = [
    Other {
        mark: "authorized_user",
        problem: "is the login of a user (authorized_user, by gcloud auth application-default login), \
                  not the key of a service account",
        hint: KEY_HINT,
    },
    Other {
        mark: "external_account_authorized_user",
        problem: "is a user's login of workforce federation (external_account_authorized_user), not the \
                  key of a service account",
        hint: KEY_HINT,
    },
    Other {
        mark: "impersonated_service_account",
        problem: "lets another login act as a service account (impersonated_service_account), and holds \
                  no key of it",
        hint: KEY_HINT,
    },
    Other {
        mark: "gdch_service_account",
        problem: "is a service account of Google Distributed Cloud (gdch_service_account), whose tokens \
                  libims cannot get",
        hint: "use a client of Google's for it",
    },
    Other {
        mark: LOGIN,
        problem: "is the login of a user (token.json, by a quickstart of Google's), not the key of a service account",
        hint: KEY_HINT,
    },
    Other {
        mark: "installed",
        problem: "is an OAuth client of a desktop app, which users log in with, not the key of a \
                  service account",
        hint: KEY_HINT,
    },
    Other {
        mark: "web",
        problem: "is an OAuth client of a web app, which users log in with, not the key of a service \
                  account",
        hint: KEY_HINT,
    },
];

fn other(document: &Object<'_>) -> Option<&'static Other> {
    let is_login = document.has("refresh_token") && document.has("token_uri");
    let kind = document.peek("type").map(|kind| kind.trim_matches('"'));
    let kind = kind.or(is_login.then_some(LOGIN));
    OTHERS.iter().find(|other| {
        let is_client = |client: &str| client.contains("\"client_id\"");
        kind == Some(other.mark) || document.peek(other.mark).is_some_and(is_client)
    })
}

pub(super) fn matches(document: &Object<'_>) -> bool {
    let is_key = document.has("client_email") && document.has("private_key");
    document.peek("type") == Some("\"service_account\"")
        || is_key
        || document.has("privateKeyData")
        || other(document).is_some()
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    if let Some(Other { problem, hint, .. }) = other(document) {
        return Err(bad(*problem).with_hint(*hint));
    }
    if document.has("privateKeyData") {
        return of_response(document);
    }
    let (token_url, email) = (document.text("token_uri")?, document.text("client_email")?);
    let token_url = match token_url.value() {
        Some(_) => token_url,
        None => token_url.with_value(Some(TOKEN_URL)),
    };
    let kid = document.text("private_key_id")?;
    Ok(Settings {
        aud: token_url.clone(),
        token_url,
        iss: email.clone(),
        sub: email.clone(),
        private_key: document.list("private_key", "\n")?,
        ids: vec![email, kid.clone()],
        kid,
        scope: document.any(&["scope", "scopes"], |object, name| object.list(name, " "))?,
        scope_claim: true,
        subject: document.text("subject")?,
        audience: document.text("audience")?,
        audience_claim: Some("target_audience"),
        ..Settings::new(GrantType::JwtBearer)
    })
}

/// Reads the response of the API that makes a key, which holds the file in base64.
/// Source: Google's reference of IAM, projects.serviceAccounts.keys.
fn of_response(document: &Object<'_>) -> Result<Settings, Error> {
    let data = document.text("privateKeyData")?;
    document.ignore();
    let encoded = data.value().unwrap_or_default().trim();
    let file = STANDARD.decode(encoded).ok().and_then(|file| String::from_utf8(file).ok());
    let file = file.map(Zeroizing::new).ok_or_else(|| {
        data.error("is not the base64 of a JSON file")
            .with_hint("ask for the key with the type TYPE_GOOGLE_CREDENTIALS_FILE, or use gcloud")
    })?;
    let file = Object::parse(&file)?;
    file.ignore();
    parse(&file)
}
