//! oidc-provider, a token server that we did not write, with a client for each algorithm that it has.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::directory::Directory;
use crate::processes::{Running, node};
use crate::signatures::claims;

/// The server; it ends with this value.
pub struct OidcProvider {
    requests: Vec<Request>,
    _running: Running,
}

/// A request for a token.
pub struct Request {
    /// In libims's own format.
    pub credentials: Value,
    /// The access token's `client_id`, `aud` and `scope`, which may be null.
    pub claims: Value,
}

impl OidcProvider {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let mut command = node("oidc_provider.js");
        let mut running = Running::start(command.stdout(Stdio::piped()), "", || true);
        let mut line = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let requests: Vec<Value> = serde_json::from_str(&line).unwrap();
        let requests = requests.into_iter().map(|mut request| Request {
            credentials: request["credentials"].take(),
            claims: request["claims"].take(),
        });
        Self { requests: requests.collect(), _running: running }
    }

    /// Returns the requests that it grants, first one for each algorithm.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Returns the first request of the client that proves itself with `alg`.
    pub fn request(&self, alg: &str) -> &Request {
        let request = self.requests.iter().find(|request| request.credentials["alg"] == alg);
        request.unwrap_or_else(|| panic!("oidc-provider has no {alg}"))
    }

    /// Returns the arguments of a program in another language: the issuer, the id and the path of the private key of a
    /// client, and the path of a credentials file for each request.
    pub fn arguments(&self, folder: &Directory) -> Vec<String> {
        let credentials = &self.request("ES256").credentials;
        let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
        let write = |name: &str, content: String| folder.write(name, content).display().to_string();
        let client = [text("issuer"), text("client_id"), write("key.pem", text("private_key"))];
        let files = self.requests.iter().enumerate().map(|(number, request)| {
            write(&format!("{number}.json"), request.credentials.to_string())
        });
        client.into_iter().chain(files).collect()
    }

    /// Checks what such a program printed: a line with the access token for each request, and one with the OAuth error
    /// that the server has for a JWT of the client which it had before.
    #[track_caller]
    pub fn assert_printed(&self, output: &str) {
        let lines: Vec<&str> = output.lines().collect();
        assert_eq!(lines.len(), self.requests.len() + 1, "{output}");
        for (token, request) in lines.iter().zip(&self.requests) {
            request.assert_granted(token);
        }
        assert_eq!(lines[self.requests.len()], "invalid_client");
    }
}

impl Request {
    /// Checks that the access token is for the client and for what it asked for.
    #[track_caller]
    pub fn assert_granted(&self, token: &str) {
        let token = claims(token);
        let [client_id, aud, scope] = ["client_id", "aud", "scope"].map(|name| &token[name]);
        assert_eq!(json!({ "client_id": client_id, "aud": aud, "scope": scope }), self.claims);
    }
}
