//! Every line that the core logs.

use std::fs;
use std::sync::Mutex;

use ims::{Cache, Client, Credentials, CredentialsOptions, Endpoint, Grant, exchange};
use log::{Level, LevelFilter, Log, Metadata, Record};
use serde_json::json;
use support::canaries::{SECRET, TOKEN, assert_none_shows};
use support::directory::Directory;
use support::hostile::Hostile;
use support::root;

use crate::exchanges::{http, in_own_process, json as response, transport};

static LINES: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

struct Lines;

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.target() == "ims" || metadata.level() <= Level::Debug
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            let place =
                format!("{}:{}", record.file().unwrap_or_default(), record.line().unwrap_or(0));
            LINES.lock().unwrap().push((place, record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

/// Begins to collect what this process logs.
pub fn collect() {
    log::set_logger(&Lines).unwrap();
    log::set_max_level(LevelFilter::Trace);
}

/// Returns the lines since then.
pub fn taken() -> Vec<String> {
    LINES.lock().unwrap().drain(..).map(|(_, line)| line).collect()
}

/// The places in the core that log, as `file:line`.
fn places() -> Vec<String> {
    fn search(folder: &std::path::Path, places: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                search(&path, places);
                continue;
            }
            let shown = path.strip_prefix(root()).unwrap().display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                if ["log::warn!", "log::debug!", "log::info!", "log::error!", "log::trace!"]
                    .iter()
                    .any(|call| line.trim_start().starts_with(call))
                {
                    places.push(format!("{shown}:{}", number + 1));
                }
            }
        }
    }
    let mut places = Vec::new();
    search(&root().join("src"), &mut places);
    places
}

#[test]
fn every_line_that_the_core_logs_shows_no_canary() {
    in_own_process("every_line_that_the_core_logs_shows_no_canary", &[], || {
        collect();
        drive();
        let logged = LINES.lock().unwrap();
        for place in places() {
            assert!(logged.iter().any(|(at, _)| at.ends_with(&place)), "{place} was not reached");
        }
        let lines: Vec<&str> = logged.iter().map(|(_, line)| line.as_str()).collect();
        assert_none_shows(&lines.join("\n"), &[SECRET, TOKEN], "the log");
    });
}

/// Does what is logged, each time with secrets where they could show.
fn drive() {
    let mut transport = transport();
    transport.max_attempts = 2;
    let account = |url: &str| {
        json!({
            "grant": "client_credentials", "client_id": "c", "client_secret": SECRET, "token_url": url,
            "scope": "openid other",
        })
    };
    let token = json!({ "access_token": TOKEN, "expires_in": 3600, "scope": "openid" });

    // A setting that is not known, in a format of others.
    let unknown = format!(
        "IMS_CLIENT_ID=c\nIMS_CLIENT_SECRET={SECRET}\nIMS_SCOPES=openid\nIMS_FLAVOUR={SECRET}\n"
    );
    let folder = Directory::new();
    let file = folder.write("a.env", unknown);
    Credentials::from_file(file, &CredentialsOptions::default()).unwrap();

    // A scope that is not granted, after a first attempt that failed and repeated the request; a member that is too long.
    let mut long = token.clone();
    long["refresh_token"] = json!(TOKEN.repeat(2000));
    let server = Hostile::run(move |connection| {
        let request = connection.read_request()?;
        connection.send(match connection.number {
            0 => response("503 Service Unavailable", json!({ "error": request }).to_string()),
            _ => response("200 OK", long.to_string()),
        })
    });
    let client = |cache| Client::builder().cache(cache).transport(transport.clone());
    let url = server.url();
    client(Cache::Memory).from_json(account(&url).to_string()).unwrap().token().unwrap();

    // A cache that is not available.
    let folder = Directory::new();
    let file = folder.write("file", "");
    let cache = Cache::File(Some(file.join("cache")));
    client(cache).from_json(account(&url).to_string()).unwrap().token().unwrap();

    // An issuer.
    let server = Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let url = format!("http://{host}");
        connection.send(match request.starts_with("GET ") {
            true => response(
                "200 OK",
                json!({ "issuer": url, "token_endpoint": format!("{url}/token") }).to_string(),
            ),
            false => response("200 OK", token.to_string()),
        })
    });
    let issuer = format!("http://{}", server.address()).parse().unwrap();
    let grant = Grant::jwt_exchange("c", SECRET, format!("e30.e30.{TOKEN}"));
    Endpoint::Issuer(issuer).exchange(&grant, &transport).unwrap();

    // A clock that is wrong, as the server's Date says.
    let refusal = json!({ "error": "invalid_token", "error_description": "JWT expired" });
    let server = Hostile::answering([
        http("400 Bad Request", "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n", refusal.to_string()),
        response("200 OK", json!({ "access_token": TOKEN }).to_string()),
    ]);
    let signing = json!({
        "grant": "jwt_bearer", "client_id": "c", "client_secret": SECRET, "token_url": server.url(),
        "iss": "i", "sub": "s", "aud": "a",
        "private_key": String::from_utf8(support::keys::pkcs8_pem()).unwrap(),
    });
    let _ = client(Cache::None).from_json(signing.to_string()).unwrap().token();
    let _ = exchange(&server.url().parse().unwrap(), &grant, &transport);
}
