//! Google's file of an external account: a JWT of the platform, exchanged at Google's Security Token Service,
//! with or without a service account to act for (AIP-4117).

use super::assertion_settings::AssertionSettings;
use super::json::Object;
use super::known::{Known, Refused};
use super::setting::{Setting, bad_setting};
use super::settings::Settings;
use crate::error::Error;
use crate::grant::{ClientAuthMethod, GrantType};
use crate::impersonation::CLOUD_PLATFORM;

const SOURCE: &str = "credential_source";
/// The lifetimes that Google grants, in seconds.
const MIN_LIFETIME: i64 = 600;
const MAX_LIFETIME: i64 = 43_200;

const FOR_OTHERS: &str = "libims reads the JWT from a file, a url or an executable: give one of these, such as a program \
    that gets the JWT";

pub(super) const KNOWN: Known = Known {
    harmless: &[
        "type",
        "token_info_url",
        "quota_project_id",
        // The time that a call has is the program's.
        "credential_source.executable.timeout_millis",
        "credential_source.executable.interactive_timeout_millis",
    ],
    refused: &[
        Refused {
            path: "universe_domain",
            except: &["googleapis.com"],
            hint: "the exchange in this universe is unknown to libims: use Google's own library",
        },
        Refused {
            path: "workforce_pool_user_project",
            except: &[],
            hint: "workforce pools are for people: use a workload identity pool, or Google's own library",
        },
    ],
};

pub(super) fn matches(document: &Object<'_>) -> bool {
    document.peek("type") == Some("\"external_account\"")
}

pub(super) fn parse(document: &Object<'_>) -> Result<Settings, Error> {
    let audience = document.text("audience")?;
    let subject_token_type = document.text("subject_token_type")?;
    let impersonation_url = document.text("service_account_impersonation_url")?;
    let client_id = document.text("client_id")?;
    let client_auth = match client_id.value() {
        Some(_) => ClientAuthMethod::Basic,
        None => ClientAuthMethod::default(),
    };
    for (setting, look) in [
        (&audience, "//iam.googleapis.com/projects/... of the pool's provider"),
        (&subject_token_type, "the type of the JWT, a URN"),
    ] {
        if setting.value().is_none() {
            return Err(setting.error(format!("is missing: it must be {look}")));
        }
    }
    let assertion = source(document, &audience, &subject_token_type, &impersonation_url)?;
    Ok(Settings {
        token_url: document.text("token_url")?,
        client_auth,
        client_id,
        client_secret: document.text("client_secret")?,
        assertion,
        impersonation_lifetime: lifetime(document)?,
        ids: vec![impersonation_url.clone(), audience.clone()],
        impersonation_url,
        audience,
        subject_token_type,
        requested_token_type: Setting::new("requested_token_type", Some("access_token")),
        scope: Setting::new("scope", Some(CLOUD_PLATFORM)),
        ..Settings::new(GrantType::TokenExchange)
    })
}

/// Reads where the JWT comes from.
fn source(
    document: &Object<'_>,
    audience: &Setting,
    subject_token_type: &Setting,
    impersonation_url: &Setting,
) -> Result<AssertionSettings, Error> {
    let source = document.object(SOURCE)?;
    let mut assertion =
        AssertionSettings { file: source.text("file")?, ..AssertionSettings::default() };
    assertion.url = source.text("url")?;
    // A source of AWS has a URL too, which is no source of a JWT.
    for (name, what) in [
        ("environment_id", "is a source of AWS, which signs a request instead of a JWT"),
        ("certificate", "is a source by a client certificate, which libims does not present"),
    ] {
        if source.has(name) {
            return Err(bad_setting(format!("{SOURCE}.{name}"), what).with_hint(FOR_OTHERS));
        }
    }
    if source.has("headers") {
        for (name, values) in source.object("headers")?.into_texts()? {
            assertion.headers.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
    }
    if source.has("format") {
        let format = source.object("format")?;
        let kind = format.text("type")?;
        let member = format.text("subject_token_field_name")?;
        match kind.value() {
            Some("json") if member.value().is_some() => assertion.member = member,
            Some("json") => return Err(member.error("is missing: it must be the member's name")),
            Some("text") | None => {}
            Some(_) => return Err(kind.error("must be json or text")),
        }
    }
    if source.has("executable") {
        let executable = source.object("executable")?;
        let command = executable.text("command")?;
        let output_file = executable.text("output_file")?;
        // Google's libraries split it at blanks; quotes mean nothing.
        let words = command.value().unwrap_or_default().split_whitespace();
        assertion.command = words.map(|word| command.with_value(Some(word))).collect();
        if assertion.command.is_empty() {
            return Err(command.error("is missing: it must be a program with its arguments"));
        }
        assertion.variables =
            variables(audience, subject_token_type, impersonation_url, &output_file);
    }
    if !assertion.is_given() {
        return Err(bad_setting(SOURCE, "names no source of the JWT").with_hint(FOR_OTHERS));
    }
    Ok(assertion)
}

/// Returns the variables that tell an executable what is asked for. Those that are not given are left out.
fn variables(
    audience: &Setting,
    subject_token_type: &Setting,
    impersonation_url: &Setting,
    output_file: &Setting,
) -> Vec<(&'static str, String)> {
    let account = impersonation_url.value().and_then(|url| {
        url.rsplit('/').next()?.strip_suffix(":generateAccessToken").map(str::to_owned)
    });
    let text = |setting: &Setting| setting.value().map(str::to_owned);
    [
        ("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", text(audience)),
        ("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE", text(subject_token_type)),
        ("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", Some("0".to_owned())),
        ("GOOGLE_EXTERNAL_ACCOUNT_REVOKE", Some("0".to_owned())),
        ("GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL", account),
        ("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", text(output_file)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Reads the lifetime of a service account's token.
fn lifetime(document: &Object<'_>) -> Result<Option<i64>, Error> {
    const OBJECT: &str = "service_account_impersonation";
    const NAME: &str = "token_lifetime_seconds";
    if matches!(document.value(OBJECT), None | Some("null")) {
        return Ok(None);
    }
    let look = format!("an integer, in seconds, {MIN_LIFETIME} to {MAX_LIFETIME}");
    match document.object(OBJECT)?.typed(NAME, &look)? {
        Some(seconds) if !(MIN_LIFETIME..=MAX_LIFETIME).contains(&seconds) => {
            Err(bad_setting(format!("{OBJECT}.{NAME}"), format!("must be {look}")))
        }
        seconds => Ok(seconds),
    }
}
