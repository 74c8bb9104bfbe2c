//! Every host of the internet, played on this machine: each grants a token, and its requests are kept.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::{Connection, Hostile};

use super::signed;
use crate::exchanges::json as response;

/// A proxy that leads to a host of any name.
pub struct Internet {
    proxy: Hostile,
    requests: Arc<Mutex<Vec<Value>>>,
    directory: Directory,
}

impl Internet {
    pub fn new() -> Self {
        let authority = Authority::new("root of every host");
        let directory = Directory::new();
        directory.write("root.pem", authority.pem());
        let requests = Arc::<Mutex<Vec<Value>>>::default();
        let kept = Arc::clone(&requests);
        let hosts = Mutex::<BTreeMap<String, Hostile>>::default();
        let proxy = Hostile::run(move |connection| {
            let request = connection.read_request()?;
            let name = request.split([' ', ':']).nth(1).unwrap_or_default().to_owned();
            let address = {
                let mut hosts = hosts.lock().unwrap();
                let play = |name: &String| {
                    let identity = authority.server(&[name], Validity::now());
                    let (name, kept) = (name.clone(), Arc::clone(&kept));
                    Hostile::run_over_tls(&identity, move |connection| {
                        grant(connection, &name, &kept)
                    })
                };
                hosts.entry(name).or_insert_with_key(play).address()
            };
            connection.send("HTTP/1.1 200 Connection established\r\n\r\n")?;
            connection.tunnel(address)
        });
        Self { proxy, requests, directory }
    }

    /// Returns the URL of the proxy.
    pub fn proxy(&self) -> String {
        format!("http://{}", self.proxy.address())
    }

    /// Returns the file of the certificate to trust.
    pub fn root(&self) -> PathBuf {
        Path::new(self.directory.path()).join("root.pem")
    }

    /// Returns the request whose token was this number, as the tables show it.
    pub fn request(&self, number: usize) -> Value {
        self.requests.lock().unwrap()[number].clone()
    }
}

/// Keeps a request, and grants its number for a token. A host's metadata names its own token endpoint.
fn grant(connection: &mut Connection, host: &str, requests: &Mutex<Vec<Value>>) -> io::Result<()> {
    let request = connection.read_request()?;
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method == "GET" {
        let issuer = format!("https://{host}");
        let metadata = json!({ "issuer": issuer, "token_endpoint": format!("{issuer}/token") });
        return connection.send(response("200 OK", metadata.to_string()));
    }
    let mut shown = json!({ "url": format!("https://{host}{path}") });
    let header = |name: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if let Some(authorization) = header("authorization") {
        shown["authorization"] = json!(authorization);
    }
    match header("content-type") {
        Some("application/json") => shown["json"] = serde_json::from_str(body).unwrap(),
        _ => shown["form"] = form(body),
    }
    let number = {
        let mut requests = requests.lock().unwrap();
        requests.push(shown);
        requests.len() - 1
    };
    let token =
        json!({ "access_token": number.to_string(), "token_type": "bearer", "expires_in": 3600 });
    connection.send(response("200 OK", token.to_string()))
}

/// Returns the fields by name: those that are sent repeated as a list, and a JWT as what it says.
fn form(body: &str) -> Value {
    let mut fields = BTreeMap::<String, Vec<Value>>::new();
    for (name, value) in form_urlencoded::parse(body.as_bytes()).into_owned() {
        fields.entry(name).or_default().push(signed::shown(&value).unwrap_or_else(|| json!(value)));
    }
    let fields = fields.into_iter().map(|(name, mut values)| match values.len() {
        1 => (name, values.remove(0)),
        _ => (name, Value::Array(values)),
    });
    Value::Object(fields.collect())
}
