//! The example for libcurl: the token goes to its own origin alone, and a 401 costs one more request.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::json;
use support::directory::Directory;
use support::hostile::Hostile;

use super::numbered;
use crate::c_programs::compile_file;
use crate::exchanges::json as response;

/// The program's folder.
static EXAMPLE: LazyLock<String> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c/example_libcurl");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    compile_file("bindings/c/example_libcurl.c", &["-lcurl"], &folder);
    folder.display().to_string()
});

/// Runs the example for the API at `origin`, with a token server whose tokens are token-0, token-1 and so on.
fn request(origin: &str, url: &str) -> Output {
    let tokens = Hostile::run(|connection| {
        connection.read_request()?;
        connection.send(numbered(connection.number))
    });
    let account = json!({
        "client_id": "c", "client_secret": "s", "scope": "openid", "token_url": tokens.url(),
    });
    let folder = Directory::new();
    let file = folder.write("account.json", account.to_string());
    let runner = env::var("C_RUNNER").unwrap_or_else(|_| "env".to_owned());
    let mut runner = runner.split_whitespace();
    Command::new(runner.next().unwrap())
        .args(runner)
        .arg(format!("{}/example_libcurl", *EXAMPLE))
        .arg(file)
        .args([origin, url])
        .env("LD_LIBRARY_PATH", &*EXAMPLE)
        .env("NO_PROXY", "*")
        .output()
        .unwrap()
}

/// Returns the token of each request that an API got; `-` if there is none.
fn bearers(api: &Hostile) -> Vec<String> {
    let bearer = |request: String| {
        let mut lines = request.lines();
        let bearer = lines.find_map(|line| line.strip_prefix("Authorization: Bearer "));
        bearer.unwrap_or("-").to_owned()
    };
    api.requests().into_iter().map(bearer).collect()
}

fn origin(api: &Hostile) -> String {
    format!("http://{}", api.address())
}

fn printed(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn after_a_401_the_request_is_sent_once_more_with_a_new_token() {
    let api = Hostile::answering([response("401 Unauthorized", "no"), response("200 OK", "yes")]);
    let output = request(&origin(&api), &format!("{}/v1", origin(&api)));
    assert!(output.status.success());
    assert_eq!(
        (printed(&output), bearers(&api)),
        ("yes".into(), ["token-0", "token-1"].map(str::to_owned).into())
    );

    let api = Hostile::answering([response("401 Unauthorized", "no")]);
    let output = request(&origin(&api), &format!("{}/v1", origin(&api)));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((printed(&output), bearers(&api).len()), ("no".into(), 2));
}

#[test]
fn another_origin_gets_no_token_neither_directly_nor_by_a_redirect() {
    let other = Hostile::answering([response("401 Unauthorized", "other")]);
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", origin(&other));
    let api = Hostile::answering([redirect]);

    let output = request(&origin(&api), &origin(&api));
    assert_eq!(printed(&output), "other");
    assert_eq!(bearers(&api), ["token-0"]);
    assert_eq!(bearers(&other), ["-"]);

    assert_eq!(printed(&request(&origin(&api), &origin(&other))), "other");
    assert_eq!(bearers(&other), ["-", "-"]);
}
