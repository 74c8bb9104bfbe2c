//! `make fuzz`: writes what each target of fuzz/ begins with, into the folder that is given.

use std::path::Path;
use std::{env, fs};

use support::files::folder;
use support::responses::{TOKEN, http, json, token_answer};

const GRANTED: &str = r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3600,"scope":"openid","refresh_token":"r","list":[1,{"a":null}]}"#;

/// What token servers say, each a status, headers and a body.
const RESPONSES: [&str; 14] = [
    "200\ncontent-type: application/json\n\n",
    "400\n\n{\"error\":\"invalid_client\",\"error_description\":\"made-up-secret is wrong\"}",
    "400\nx-debug-id: made-up-secret\n\n{\"error\":{\"code\":7,\"message\":\"bWFkZS11cC1zZWNyZXQ=\"}}",
    "401\nretry-after: 7\n\nmade%2Dup-secret",
    "401\n\n{\"errors\":[{\"detail\":\"made-up&#45;secret\"}],\"trace_id\":\"1\"}",
    "429\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\ndate: Wed, 21 Oct 2026 07:27:00 GMT\n\n",
    "500\n\n<!DOCTYPE html><title>no</title>",
    "503\n\n\"m\\u0061de-up-secret\"",
    "302\nlocation: https://example.com\n\n",
    "200\n\n{\"success\":false,\"error\":\"\"}",
    "200\n\n{\"id_token\":\"e30.eyJleHAiOjE5MDAwMDAwMDB9.c2ln\"}",
    "200\n\n{\"access_token\":\"e30.eyJjcmVhdGVkX2F0IjoiMTgwMDAwMDAwMDAwMCIsImV4cGlyZXNfaW4iOiI4NjQwMDAwMCJ9.c2ln\"}",
    "200\n\n{\"access_token\":\"t\",\"expires_in\":\"3600\",\"expires_on\":1900000000,\"ext_expires_in\":1e3}",
    "200\n\n{\"accessToken\":\"t\",\"expireTime\":\"2030-01-02T03:04:05.678Z\"}",
];

const METADATA: [&str; 3] = [
    "200\n\n{\"issuer\":\"https://as.example.com\",\"token_endpoint\":\"https://as.example.com/token\",\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\"],\"grant_types_supported\":[\"client_credentials\"]}",
    "200\n\n{\"issuer\":\"https://as.example.com\",\"token_endpoint\":\"http://127.0.0.1:1/\"}",
    "404\n\n",
];

const ENTRIES: [&str; 3] = [
    r#"{"token":{"access_token":"t0ken","scope":"openid","expires_at":1900000000000,"obtained_at":1799999999000,"texts":[["id_token","a"]],"values":[["list",[1,{"a":1.0e400}]]]},"failure":null,"endpoint":null,"worked":null}"#,
    r#"{"token":null,"failure":{"error":{"status":"Rejected","problem":"refused","message":"refused"},"failed_at":1799999999000,"until":1800000009000,"streak":3,"proof":"00"},"endpoint":null,"worked":null}"#,
    r#"{"token":null,"failure":null,"endpoint":{"url":"https://as.example.com/token","found_at":1799999999000},"worked":{"proof":"00","worked_at":1799999999000}}"#,
];

const REPLIES: [&str; 12] = [
    "+OK\r\n",
    "$-1\r\n",
    "$2\r\n\r\n\r\n",
    "*-1\r\n",
    "*2\r\n$1\r\na\r\n:7\r\n",
    "-MOVED 1 127.0.0.1:7000\r\n",
    "-ASK 1 :7001\r\n+QUEUED\r\n",
    "-NOAUTH Authentication required.\r\n",
    "-ERR unknown command 'SET', with args beginning with: 'made-up-secret'\r\n",
    "-MISCONF \u{1b}[31mmade-up-secret\r\n",
    "-made-up-secret\r\n",
    "-MOVED 1 made-up-secret:1\r\n",
];

const PROXIES: [&str; 8] = [
    "http://proxy.example:3128\nexample.com,.b, 10.0.0.0/8 ::1/64\nims.example.com",
    "http://ada:made-up-secret@proxy.example\n*\nims.example.com",
    "socks5://ada:made-up-secret@[::1]:1080\n\n10.1.2.3",
    "https://proxy.example:0\nfe80::/10\n[fe80::1]:8443",
    "proxy.example\n[::1],a:1,*.b,https://c\na",
    "http://ada:made-up-secret@proxy.example/path#\na\na",
    "http://ada:made%ZZup@proxy.example\na\na",
    "ftp://ada:made-up-secret@proxy.example\na\na",
];

const CLAIMS: [&str; 4] = [
    r#"{"a":1.0e400,"b":[{"c":"\ud83d\ude00"}],"iat":1}"#,
    r#"{"nbf":1800000000,"aud":["a","b"]}"#,
    r#"{"a":1,"a":2}"#,
    "{}",
];

fn main() {
    let to = env::args_os().nth(1).expect("the folder to write to");
    let seeds = Seeds { to: Path::new(&to) };
    for name in ["keys", "credentials"] {
        let target = if name == "keys" { "key" } else { name };
        for file in fs::read_dir(folder().join(name)).unwrap() {
            seeds.write(target, fs::read(file.unwrap().path()).unwrap());
        }
    }
    seeds.all("jwt", CLAIMS);
    seeds.all("jwt", [TOKEN, "e30.eyJleHAiOjE5MDAwMDAwMDB9.c2ln"]);
    seeds.all("response", RESPONSES);
    seeds.write("response", format!("200\n\n{GRANTED}"));
    seeds.all("metadata", METADATA);
    seeds.all("cache_entry", ENTRIES);
    seeds.all("redis", REPLIES);
    seeds.all("proxy", PROXIES);
    let chunked = format!("{:x}\r\n{GRANTED}\r\n0\r\n\r\n", GRANTED.len());
    seeds.all(
        "http",
        [
            token_answer(),
            json("200 OK", GRANTED),
            http("400 Bad Request", "Content-Encoding: gzip\r\n", "x"),
            json(
                "401 Unauthorized",
                r#"{"error":"invalid_client","error_description":"made-up-secret"}"#,
            ),
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}").into(),
            [
                &b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"[..],
                &token_answer(),
            ]
            .concat(),
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec(),
            b"HTTP/1.0 200 OK\r\n\r\n{}".to_vec(),
        ],
    );
}

struct Seeds<'a> {
    to: &'a Path,
}

impl Seeds<'_> {
    fn all<S: AsRef<[u8]>>(&self, target: &str, seeds: impl IntoIterator<Item = S>) {
        seeds.into_iter().for_each(|seed| self.write(target, seed));
    }

    /// Writes one; its name is its number.
    fn write(&self, target: &str, seed: impl AsRef<[u8]>) {
        let folder = self.to.join(target);
        fs::create_dir_all(&folder).unwrap();
        let number = fs::read_dir(&folder).unwrap().count();
        fs::write(folder.join(number.to_string()), seed).unwrap();
    }
}
