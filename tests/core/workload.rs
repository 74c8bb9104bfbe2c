//! JWTs that a platform hands out (workload identity): in a file, by a command, at a URL.

use std::fs;
use std::os::unix::fs::symlink;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{Cache, Client, Credentials, CredentialsOptions, Error, MayRead, Status};
use serde_json::{Value, json};
use support::directory::Directory;
use support::hostile::Hostile;

use crate::exchanges::{json as response, transport};

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
        (response("403 Forbidden", ""), "responds with HTTP 403"),
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
        ["http://169.254.169.254/x", "HTTP://[fe80::1]/x", "http://127.0.0.1:1/x", "HTTPS://h/x"]
    {
        at(good).unwrap();
    }
    for (bad, is_explained) in [
        ("http://192.0.2.1/x", true),
        ("HTTP://metadata.example/x", true),
        ("ftp://169.254.169.254/", false),
    ] {
        let error = at(bad).unwrap_err();
        assert_eq!((error.status(), error.field()), (Status::Credentials, Some("assertion_url")));
        let hint = error.hint().unwrap_or_default();
        assert_eq!(hint.starts_with("http:// is only for"), is_explained, "{bad}: {hint}");
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

/// The user's token is exchanged with a client secret that many processes have.
#[test]
fn the_token_of_one_user_is_never_handed_to_another() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        let token = request.rsplit("subject_token=").next().unwrap_or_default();
        let token = token.split('&').next().unwrap_or_default().replace('.', "-");
        connection.send(response(
            "200 OK",
            json!({"access_token": token, "expires_in": 3600}).to_string(),
        ))
    });
    let folder = Directory::new();
    let account = account(
        &server,
        json!({
            "grant": "token_exchange", "client_id": "c", "client_secret": "s3cret-of-the-client",
            "assertion_file": folder.path().join("user-token"),
        }),
    );
    let token_of = |user: &str| {
        let given = jwt(user, LATER);
        folder.write("user-token", &given);
        let credentials =
            Credentials::from_json(account.to_string().as_bytes(), &CredentialsOptions::default());
        let cache = Cache::File(Some(folder.path().join("cache")));
        let client = Client::new(credentials.unwrap(), &cache, transport()).unwrap();
        (client.token().unwrap().access_token().to_owned(), given.replace('.', "-"))
    };
    for user in ["alice", "bob"] {
        let (token, expected) = token_of(user);
        assert_eq!(token, expected, "{user}");
    }
}

#[test]
fn a_link_that_leads_out_of_the_allowed_folders_by_now_is_not_followed() {
    let (server, allowed, other) = (token_server(), Directory::new(), Directory::new());
    let link = allowed.path().join("token");
    symlink(allowed.write("own", jwt("own", LATER)), &link).unwrap();
    let account = account(&server, json!({"grant": "jwt_bearer", "assertion_file": link}));
    let below = MayRead::below(&[allowed.path()]).unwrap();
    let client = Client::builder().may_read(below).from_json(account.to_string()).unwrap();
    fs::remove_file(&link).unwrap();
    symlink(other.write("foreign", jwt("foreign", LATER)), &link).unwrap();
    let error = client.token().unwrap_err();
    assert_eq!((error.status(), error.field()), (Status::Credentials, Some("assertion_file")));
    assert!(error.message().ends_with("is refused: this program may not read it"), "{error}");
    assert_eq!(server.connections(), 0);
}

/// Credentials from a stranger could send them the token of the cloud's metadata server.
#[test]
fn a_program_that_says_what_may_be_read_is_asked_about_the_url() {
    let (server, folder) = (token_server(), Directory::new());
    let url = "http://169.254.169.254/token?audience=x";
    let account = account(&server, json!({"grant": "jwt_bearer", "assertion_url": url}));
    let read = |may_read| Client::builder().may_read(may_read).from_json(account.to_string());
    let error = read(MayRead::below(&[folder.path()]).unwrap()).unwrap_err();
    assert_eq!((error.status(), error.field()), (Status::Credentials, Some("assertion_url")));
    assert_eq!(error.message(), "assertion_url is refused: this program may not read it");
    read(MayRead::new(|named| named.to_str() == Some("http://169.254.169.254/token"))).unwrap();
}

/// A function of the program belongs to the call that made the client; the file was allowed then.
#[test]
fn a_client_whose_secret_is_replaced_goes_on_with_the_file_that_it_may_read() {
    let server = Hostile::run(|connection| {
        let request = connection.read_request()?;
        connection.send(match request.contains("client_secret=new") {
            true => response("200 OK", r#"{"access_token":"t","expires_in":3600}"#),
            false => response("401 Unauthorized", r#"{"error":"invalid_client"}"#),
        })
    });
    let folder = Directory::new();
    folder.write("token", jwt("pod", LATER));
    let write = |secret: &str| {
        let settings = json!({
            "grant": "token_exchange", "client_id": "c", "client_secret": secret, "assertion_file": "token",
        });
        folder.write("credentials.json", account(&server, settings).to_string())
    };
    let file = write("old-secret-of-the-client");
    let client = Client::builder().may_read(MayRead::new(|_| true)).from_file(&file).unwrap();
    write("new-secret-of-the-client");
    assert_eq!(client.token().unwrap().access_token(), "t");
}

#[test]
fn headers_of_the_connection_are_not_taken() {
    let server = token_server();
    for name in ["Host", "content-length", "Transfer-Encoding", "Connection"] {
        let settings = json!({
            "grant": "jwt_bearer", "assertion_url": "https://h/", "assertion_headers": {name: "1"},
        });
        let error = refused(&account(&server, settings));
        let expected = format!(
            "assertion_headers.{name} is a header of the connection, which libims sets itself"
        );
        assert_eq!(error.message(), expected);
    }
}

#[test]
fn a_hint_is_about_the_platform_and_not_about_the_token_server() {
    let (server, folder) = (token_server(), Directory::new());
    let hint = |settings: Value| {
        let mut settings = settings;
        settings["grant"] = json!("jwt_bearer");
        let file = folder.write("credentials.json", account(&server, settings).to_string());
        let error =
            Client::builder().from_file(file).and_then(|client| client.token()).unwrap_err();
        assert!(error.message().contains("credentials.json"), "{error}");
        error.hint().unwrap_or_default().to_owned()
    };
    let refused = hint(json!({"assertion_url": "http://127.0.0.1:1/"}));
    assert!(
        refused.starts_with("nothing listens there") && !refused.contains("token_url"),
        "{refused}"
    );
    let missing = hint(json!({"assertion_file": "no-such-token"}));
    assert!(missing.ends_with("counts from the folder of the credentials file"), "{missing}");
    let name = hint(json!({"assertion_url": "http://metadata.google.internal/x"}));
    assert!(name.contains("http://169.254.169.254"), "{name}");
}
