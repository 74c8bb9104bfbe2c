//! An internet whose every token server refuses, and repeats all of the request in ways that servers have.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::{Connection, Hostile};

use crate::exchanges::json as response;

pub struct Echo {
    proxy: Hostile,
    _server: Hostile,
    directory: Directory,
    jwts: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    /// Plays each of `hosts`.
    pub fn new(hosts: &[&str]) -> Self {
        let authority = Authority::new("root of every host");
        let directory = Directory::new();
        directory.write("root.pem", authority.pem());
        let identity = authority.server(hosts, Validity::now());
        let jwts = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&jwts);
        let server = Hostile::run_over_tls(&identity, move |connection| echo(connection, &seen));
        let address = server.address();
        let proxy = Hostile::run(move |connection| {
            connection.read_request()?;
            connection.send("HTTP/1.1 200 Connection established\r\n\r\n")?;
            connection.tunnel(address)
        });
        Self { proxy, _server: server, directory, jwts }
    }

    pub fn proxy(&self) -> String {
        format!("http://{}", self.proxy.address())
    }

    pub fn ca_file(&self) -> String {
        self.directory.path().join("root.pem").display().to_string()
    }

    /// Returns the signatures of the JWTs that it got.
    pub fn signatures(&self) -> Vec<String> {
        self.jwts.lock().unwrap().clone()
    }
}

fn echo(connection: &mut Connection, jwts: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let request = connection.read_request()?;
    for word in request.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)) {
        let segments: Vec<&str> = word.split('.').collect();
        if let [header, _, signature] = segments[..]
            && header.starts_with("eyJ")
        {
            jwts.lock().unwrap().push(signature.to_owned());
        }
    }
    let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body = match connection.number % 4 {
        0 => json!({ "error": "invalid_client", "error_description": request }).to_string(),
        1 => json!({ "error": body, "error_uri": format!("https://e/?{body}") }).to_string(),
        2 => json!({ "errors": [{ "message": STANDARD.encode(body) }], "trace_id": body })
            .to_string(),
        _ => body.to_owned(),
    };
    connection.send(response("400 Bad Request", body))
}
