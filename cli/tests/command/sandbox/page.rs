//! The page for people shows what happened, as text, and no secret.

use support::processes::{node, output};

use super::*;

/// The page, and its `Content-Security-Policy`.
fn page(sandbox: &Sandbox) -> (String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let mut answer = agent.get(&format!("{}/", sandbox.url())).call().unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    (answer.body_mut().read_to_string().unwrap(), policy)
}

#[test]
fn the_page_shows_each_jwt_and_why_it_was_refused_but_no_secret() {
    let sandbox = serve(account());
    let claims = claims_with("iss", json!("OTHER@AdobeOrg"));
    let claims = match claims {
        Value::Object(mut members) => {
            members.insert("note".to_owned(), json!("it is sandbox-secret"));
            Value::Object(members)
        }
        other => other,
    };
    let jwt = jwt(&claims);
    exchange(&sandbox, &jwt);
    let token = exchange(&sandbox, &super::jwt(&super::claims())).body;
    let (html, _) = page(&sandbox);
    assert!(html.contains("iss is OTHER@AdobeOrg, but should be SANDBOX@AdobeOrg"));
    assert!(html.contains("&quot;iss&quot;: &quot;OTHER@AdobeOrg&quot;"));
    assert!(html.contains("1 with a token, 1 refused"));
    assert!(html.contains("s after the request"));
    let signature = jwt.rsplit('.').next().unwrap();
    let token = token["access_token"].as_str().unwrap();
    for secret in ["sandbox-secret", signature, token, &jwt] {
        assert!(!html.contains(secret));
    }
}

#[test]
fn what_a_client_sends_is_text_and_the_page_loads_nothing() {
    let script = "<script>alert(1)</script>";
    let mut account = account();
    account.client_id = script.to_owned();
    let sandbox = serve(account);
    let claims = json!({ script: script, "iss": script, "exp": now() + 60 });
    post(&sandbox, "/%3Cscript%3E", &[("client_id", script), ("assertion", &jwt(&claims))]);
    let (html, policy) = page(&sandbox);
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"));
    // Nothing is wider than a phone: long words break, and text in <pre> wraps.
    assert!(html.contains("overflow-wrap: anywhere") && html.contains("white-space: pre-wrap"));
    assert!(html.contains("name=viewport content='width=device-width, initial-scale=1'"));
}

#[test]
fn a_browser_shows_the_page_at_a_phone_s_width_and_a_desktop_s_without_script() {
    let mut account = account();
    // Nothing in it is a place to break a line at.
    let long = "ab~".repeat(100);
    account.scopes.push(long.clone());
    let sandbox = serve(account);
    let refused = jwt(&claims_with("iss", json!(format!("OTHER~{long}"))));
    exchange(&sandbox, &refused);
    let resource = format!("https://api.example/{long}");
    let fields = [("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]];
    let fields = [&fields[..], &[("resource", resource.as_str())]].concat();
    let issued = post(&sandbox, "/oauth/token", &fields).body["access_token"].clone();

    let mut browser = node("page.js");
    browser.args([&format!("{}/", sandbox.url()), "360", "1280"]);
    let seen: Value = serde_json::from_str(&output(&mut browser, "")).unwrap();
    for (seen, width) in seen.as_array().unwrap().iter().zip([360, 1280]) {
        assert_eq!(seen["width"], width);
        let pixels = |name: &str| seen[name].as_f64().unwrap();
        assert!(pixels("pageWidth") <= pixels("windowWidth"), "it scrolls sideways at {width}");
        assert!(pixels("smallestFont") >= 12.0, "{width}: {}", pixels("smallestFont"));
        assert_eq!(seen["complaints"], json!([]), "{width}");
        // What was refused is open, so that its reason and its claims are read without a click.
        let text = seen["text"].as_str().unwrap();
        for read in ["Why: iss is OTHER", "\"iss\": \"OTHER", "jwt_token (without its signature)"] {
            assert!(text.contains(read), "{width}: {read}: {text}");
        }
        for read in [&resource, "1 with a token, 1 refused", "✓ accepted at", "✗ refused at"] {
            assert!(text.contains(read), "{width}: {read}: {text}");
        }
        let html = seen["html"].as_str().unwrap();
        let signature = refused.rsplit('.').next().unwrap();
        for secret in ["sandbox-secret", signature, issued.as_str().unwrap()] {
            assert!(!html.contains(secret), "{width}");
        }
    }
}

#[test]
fn the_page_keeps_the_last_requests_only() {
    let sandbox = serve(account());
    for number in 0..40 {
        get(&format!("{}/ims/{number}", sandbox.url()));
    }
    let (html, _) = page(&sandbox);
    assert_eq!(html.matches("/ims/").count(), 30);
    assert!(html.contains("/ims/39") && !html.contains("/ims/9<"));
}
