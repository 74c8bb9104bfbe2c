//! JWTs that a platform hands out (workload identity): in a file, by a command, at a URL.

use std::fs;
use std::os::unix::fs::symlink;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Client, Error, Status};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;

use crate::exchanges::json as response;

/// A JWT of a platform that expires at `exp`, in Unix seconds.
fn jwt(subject: &str, exp: i64) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.c2ln", part(json!({"alg": "RS256"})), part(json!({"sub": subject, "exp": exp})))
}

/// Of the year 2100.
const LATER: i64 = 4_102_444_800;

fn token_server() -> Hostile {
    Hostile::answering([response("200 OK", r#"{"access_token":"t","expires_in":3600}"#)])
}

/// An account at this server; `settings` say more of it.
fn account(server: &Hostile, settings: Value) -> Value {
    let mut account = json!({ "token_url": format!("http://{}/token", server.address()) });
    account.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    account
}

fn client(account: &Value) -> Result<Client, Error> {
    Client::builder().allow_command(true).from_json(account.to_string())
}

/// Gets a token and returns the form that was sent for it.
fn sent(server: &Hostile, account: &Value) -> String {
    client(account).unwrap().token().unwrap();
    let request = server.requests().pop().unwrap();
    request.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn refused(account: &Value) -> Error {
    client(account).and_then(|client| client.token()).unwrap_err()
}

#[test]
fn a_jwt_from_elsewhere_is_the_grants_own_or_else_the_clients() {
    let (server, folder) = (token_server(), Directory::new());
    let given = jwt("pod", LATER);
    let file = folder.write("token", &given);
    let by_file = |mut settings: Value| {
        settings["assertion_file"] = json!(file);
        sent(&server, &account(&server, settings))
    };
    assert_eq!(
        by_file(json!({"grant": "jwt_bearer"})),
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={given}"
        )
    );
    assert_eq!(
        by_file(json!({"grant": "token_exchange", "audience": "a", "scope": "s"})),
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
             &subject_token={given}&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
             &scope=s&audience=a"
        )
    );
    assert_eq!(
        by_file(json!({
            "grant": "client_credentials", "client_auth": "private_key_jwt", "client_id": "c",
        })),
        format!(
            "grant_type=client_credentials&client_id=c&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
             &client_assertion={given}"
        )
    );
}

#[test]
fn a_file_is_read_again_for_each_request_also_where_a_link_leads_to_another() {
    let (server, folder) = (token_server(), Directory::new());
    let link = folder.path().join("token");
    symlink(folder.write("first", jwt("first", LATER)), &link).unwrap();
    let account = account(&server, json!({"grant": "jwt_bearer", "assertion_file": link}));
    let client = client(&account).unwrap();
    client.token().unwrap();

    let next = folder.path().join("next");
    symlink(folder.write("second", jwt("second", LATER)), &next).unwrap();
    fs::rename(&next, &link).unwrap();
    client.forget(&client.token().unwrap());
    client.token().unwrap();

    let asserted = |request: String| request.rsplit('=').next().unwrap().to_owned();
    let asserted: Vec<String> = server.requests().into_iter().map(asserted).collect();
    assert_eq!(asserted, [jwt("first", LATER), jwt("second", LATER)]);
}

#[test]
fn a_file_without_a_good_jwt_is_named_and_nothing_is_sent() {
    let (server, folder) = (token_server(), Directory::new());
    let whole = jwt("pod", LATER);
    for (content, problem) in [
        (jwt("pod", 1_700_000_000), "expired at Tue, 14 Nov 2023 22:13:20 GMT"),
        (whole[..20].to_owned(), "is not a whole JWT"),
        (String::new(), "is empty"),
    ] {
        let file = folder.write("token", content);
        let account = account(&server, json!({"grant": "jwt_bearer", "assertion_file": file}));
        let error = refused(&account);
        assert_eq!(error.status(), Status::Credentials);
        assert_eq!(error.field(), Some("assertion_file"));
        assert!(error.message().contains(&*file.to_string_lossy()), "{error}");
        assert!(error.message().ends_with(problem), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_command_runs_only_where_the_program_allows_it() {
    let (server, given) = (token_server(), jwt("ci", LATER));
    let account = account(
        &server,
        json!({"grant": "jwt_bearer", "assertion_command": ["printf", "%s", given]}),
    );
    let error = Client::builder().from_json(account.to_string()).unwrap_err();
    assert_eq!(error.status(), Status::Credentials);
    assert_eq!(
        error.message(),
        "assertion_command would run printf, but the program allows no command"
    );
    assert!(sent(&server, &account).ends_with(&given));
}

#[test]
fn a_command_that_fails_is_named_with_what_it_said() {
    let server = token_server();
    let command = ["sh", "-c", "echo 'not logged in' >&2; exit 1"];
    let account = account(&server, json!({"grant": "jwt_bearer", "assertion_command": command}));
    let error = refused(&account);
    assert_eq!(error.status(), Status::Credentials);
    assert_eq!(error.message(), "assertion_command ended with exit status 1: not logged in");
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_url_is_asked_with_its_headers_and_its_response_may_be_an_object() {
    let (server, given) = (token_server(), jwt("job", LATER));
    let platform = Hostile::answering([response("200 OK", json!({"value": given}).to_string())]);
    let account = account(
        &server,
        json!({
            "grant": "jwt_bearer",
            "assertion_url": format!("http://{}/token?audience=x", platform.address()),
            "assertion_headers": {"Metadata-Flavor": "Google"},
        }),
    );
    assert!(sent(&server, &account).ends_with(&given));
    let request = platform.requests().pop().unwrap().to_lowercase();
    assert!(request.starts_with("get /token?audience=x http/1.1\r\n"), "{request}");
    assert!(request.contains("metadata-flavor: google\r\n"), "{request}");
}

#[test]
fn a_platform_that_redirects_or_refuses_is_an_error() {
    let (server, elsewhere) = (token_server(), token_server());
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n",
        elsewhere.address()
    );
    for (answer, problem) in [
        (redirect.into_bytes(), "responds with a redirect (HTTP 302), which is never followed"),
        (response("403 Forbidden", "no\nidentity"), "responds with HTTP 403: no identity"),
    ] {
        let platform = Hostile::answering([answer]);
        let account = account(
            &server,
            json!({
                "grant": "jwt_bearer", "assertion_url": format!("http://{}/", platform.address()),
            }),
        );
        let error = refused(&account);
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().ends_with(&format!("assertion_url {problem}")), "{error}");
    }
    assert_eq!((server.connections(), elsewhere.connections()), (0, 0));
}

#[test]
fn a_platform_that_is_unavailable_for_a_moment_is_asked_again() {
    let (server, given) = (token_server(), jwt("job", LATER));
    let platform =
        Hostile::answering([response("503 Service Unavailable", ""), response("200 OK", &given)]);
    let account = account(
        &server,
        json!({"grant": "jwt_bearer", "assertion_url": format!("http://{}/", platform.address())}),
    );
    assert!(sent(&server, &account).ends_with(&given));
    assert_eq!((platform.connections(), server.connections()), (2, 1));
}

#[test]
fn plain_http_is_for_this_machine_and_its_own_link() {
    let server = token_server();
    let at = |url: &str| {
        let settings = json!({"grant": "jwt_bearer", "assertion_url": url});
        Client::builder().from_json(account(&server, settings).to_string()).map(drop)
    };
    for good in
        ["http://169.254.169.254/x", "http://[fe80::1]/x", "http://127.0.0.1:1/x", "https://h/x"]
    {
        at(good).unwrap();
    }
    for bad in ["http://192.0.2.1/x", "http://metadata.example/x", "ftp://169.254.169.254/"] {
        let error = at(bad).unwrap_err();
        assert_eq!((error.status(), error.field()), (Status::Credentials, Some("assertion_url")));
    }
}

#[test]
fn settings_that_exclude_each_other_are_named() {
    let server = token_server();
    for (settings, message) in [
        (
            json!({"grant": "jwt_bearer", "assertion_file": "f", "assertion_url": "https://h/"}),
            "assertion_url and assertion_file are both given: give one",
        ),
        (
            json!({"grant": "jwt_bearer", "assertion_file": "f", "assertion_headers": {"a": "b"}}),
            "assertion_headers.a is given, but only assertion_url takes it",
        ),
        (
            json!({"client_id": "c", "client_secret": "s3cret", "assertion_file": "f", "scope": "openid"}),
            "assertion_file is given, but the request has no JWT",
        ),
        (
            json!({"grant": "jwt_bearer", "assertion_url": "${NO_SUCH_VARIABLE}/x"}),
            "assertion_url names the variable NO_SUCH_VARIABLE, which is not set",
        ),
    ] {
        assert_eq!(refused(&account(&server, settings)).message(), message);
    }
}

/// Credentials from a stranger could send any variable to a host of their own.
#[test]
fn a_variable_goes_only_to_a_host_that_a_variable_names() {
    let server = token_server();
    for settings in [
        json!({"assertion_url": "https://h.example/?${HOME}"}),
        json!({"assertion_url": "${HOME}.h.example/"}),
        json!({"assertion_url": "${HOME}@h.example/"}),
        json!({"assertion_url": "https://h.example/", "assertion_headers": {"a": "${HOME}"}}),
    ] {
        let mut settings = settings;
        settings["grant"] = json!("jwt_bearer");
        let error = refused(&account(&server, settings));
        assert_eq!(error.status(), Status::Credentials);
        let problem = "names a variable, but assertion_url does not begin with one";
        assert!(error.message().ends_with(problem), "{error}");
    }
}
