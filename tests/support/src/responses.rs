//! Responses of token servers, byte by byte.

pub const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";

/// Makes a whole HTTP response; `headers` each end in CR LF.
pub fn http(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

pub fn json(status: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    http(status, "Content-Type: application/json\r\n", body)
}

/// Makes the response of Adobe's JWT exchange: a token for an hour, counted in milliseconds.
pub fn token_answer() -> Vec<u8> {
    let body =
        format!(r#"{{"token_type":"bearer","access_token":"{TOKEN}","expires_in":3600000}}"#);
    json("200 OK", body)
}
