//! The page at `/`, for people: the accounts and the last requests. It needs no script.

use std::fmt::Write;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;

use super::recent::{Seen, SeenJwt};
use super::server::{Registered, Server};
use ims::unix_seconds;

const STYLE: &str = include_str!("page.css");

impl Server {
    /// Returns the page. Nothing in it but its own style is loaded, and no other page may frame it.
    pub fn page(&self) -> Response<Body> {
        let style = STANDARD.encode(sha256(STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        let mut response = Response::new(Body::from(self.html()));
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn html(&self) -> String {
        let mut accounts = String::new();
        for client in self.clients() {
            account(&mut accounts, &client);
        }
        let mut requests = String::new();
        for seen in self.recent.list() {
            request(&mut requests, &seen);
        }
        if requests.is_empty() {
            requests.push_str("<p>None yet.</p>");
        }
        format!(
            "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
             <meta name=viewport content='width=device-width, initial-scale=1'>\n\
             <title>ims sandbox</title>\n<style>{STYLE}</style>\n\
             <h1>ims sandbox</h1>\n\
             <p>A token server for tests. Its tokens are worth nothing elsewhere. Issuer metadata: \
             <a href='/.well-known/oauth-authorization-server'>/.well-known/oauth-authorization-server</a>. \
             <a href='/'>Load this page again</a></p>\n\
             <h2>Accounts</h2>\n{accounts}<h2>Last requests</h2>\n{requests}</html>\n"
        )
    }
}

fn account(html: &mut String, client: &Registered) {
    let account = &client.account;
    let (counts, targets) = {
        let ledger = client.ledger();
        (ledger.exchanges, ledger.targets.clone())
    };
    let rules = if account.lenient { "RFC 7523 (lenient)" } else { "rfc7523bis (strict)" };
    let scopes = account.scopes.join(" ");
    let rows = [
        ("responses", format!("{} with a token, {} refused", counts.issued, counts.refused)),
        ("keys", account.public_keys.len().to_string()),
        ("scopes", if scopes.is_empty() { "none".to_owned() } else { scopes }),
        ("client assertions", rules.to_owned()),
        ("workload", account.workload.clone().unwrap_or_default()),
    ];
    let _ = write!(html, "<section><h3>{}</h3><dl>", escaped(&account.client_id));
    let targets = [("resources", targets.resources), ("audiences", targets.audiences)];
    let targets = targets.map(|(name, all)| (name, all.into_iter().collect::<Vec<_>>().join(" ")));
    for (name, value) in rows.into_iter().chain(targets).filter(|(_, value)| !value.is_empty()) {
        let _ = write!(html, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(&value));
    }
    html.push_str("</dl></section>\n");
}

fn request(html: &mut String, seen: &Seen) {
    let entry = &seen.entry;
    let (class, verdict) = match entry.status {
        200..400 => ("good", "accepted"),
        _ => ("bad", "refused"),
    };
    let _ = write!(
        html,
        "<section class={class}><h3>{} {} {}</h3><p>{} {verdict} at {} UTC; client {}</p><p>{}</p>",
        entry.status,
        escaped(&entry.method),
        escaped(&entry.path),
        if class == "good" { "✓" } else { "✗" },
        time_of_day(seen.at),
        escaped(entry.client_id.as_deref().unwrap_or("unknown")),
        escaped(&entry.decision),
    );
    if !entry.cause.is_empty() {
        let _ = write!(html, "<p><strong>Why: {}</strong></p>", escaped(&entry.cause));
    }
    if let Some(fault) = &entry.fault {
        let _ = write!(html, "<p>Changed by the fault {}</p>", escaped(&fault.to_string()));
    }
    for jwt in &seen.jwts {
        self::jwt(html, jwt, class == "bad");
    }
    html.push_str("</section>\n");
}

fn jwt(html: &mut String, jwt: &SeenJwt, is_open: bool) {
    let Some([header, claims]) = &jwt.parts else {
        let _ = write!(html, "<p>{}: cannot be decoded</p>", jwt.field);
        return;
    };
    let _ = write!(
        html,
        "<details{}><summary>{} (without its signature)</summary><pre>{}</pre><pre>{}</pre>",
        if is_open { " open" } else { "" },
        jwt.field,
        escaped(header),
        escaped(claims),
    );
    for time in &jwt.times {
        let _ = write!(html, "<p>{}</p>", escaped(time));
    }
    html.push_str("</details>");
}

fn time_of_day(at: SystemTime) -> String {
    let seconds = unix_seconds(at).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
