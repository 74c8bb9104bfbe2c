//! Secrets that stand nowhere else, and the search for them in what programs print, however that encodes them.

use openssl::base64;
use serde_json::json;

/// A client secret that is another text in every encoding.
pub const SECRET: &str = "c4nary+s/cr~t=9";
/// A token, in the same way.
pub const TOKEN: &str = "c4nary+t/k~n=97";

/// The secrets of the files in tests/files, and those to put there.
const PLANTED: [(&str, &str); 2] = [("made-up-secret", SECRET), ("made-up-token", TOKEN)];

/// Returns a file of tests/files whose secrets are canaries; one that is no text stays as it is.
pub fn planted(file: &[u8]) -> Vec<u8> {
    let Ok(text) = str::from_utf8(file) else { return file.to_vec() };
    let planted = PLANTED
        .iter()
        .fold(text.to_owned(), |text, (made_up, canary)| text.replace(made_up, canary));
    planted.into_bytes()
}

/// Fails where `shown` holds one of the secrets, plain or encoded.
pub fn assert_none_shows(shown: &str, secrets: &[&str], about: &str) {
    let lower_case = shown.to_lowercase();
    for secret in secrets {
        for (encoding, text) in encodings(secret) {
            let place = match encoding {
                "hexadecimal digits" | "percent-encoding" => lower_case.find(&text.to_lowercase()),
                _ => shown.find(&text),
            };
            let around = place.map(|place| {
                let from = shown.floor_char_boundary(place.saturating_sub(200));
                let to = shown.floor_char_boundary((place + 200).min(shown.len()));
                &shown[from..to]
            });
            assert_eq!(around, None, "{about}: {secret} shows, encoding: {encoding}");
        }
    }
}

/// Returns the texts in which a secret may show, each with the name of its encoding.
fn encodings(secret: &str) -> Vec<(&'static str, String)> {
    let bytes = secret.as_bytes();
    let each = |code: fn(u8) -> String| bytes.iter().map(|byte| code(*byte)).collect::<String>();
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let percent = |keeps: &dyn Fn(u8) -> bool| -> String {
        bytes
            .iter()
            .map(|byte| match keeps(*byte) {
                true => char::from(*byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect()
    };
    let json = json!(secret).to_string();
    let mut all = vec![
        ("none", secret.to_owned()),
        ("percent-encoding", percent(&is_unreserved)),
        ("percent-encoding", percent(&|byte| is_unreserved(byte) && byte != b'~')),
        ("percent-encoding", percent(&|_| false)),
        ("hexadecimal digits", each(|byte| format!("{byte:02x}"))),
        ("JSON", json.trim_matches('"').replace('/', "\\/")),
        ("JSON", each(|byte| format!("\\u{byte:04x}"))),
        ("HTML", each(|byte| format!("&#{byte};"))),
        ("Rust", format!("{secret:?}").trim_matches('"').to_owned()),
        ("a list of bytes", format!("{bytes:?}").trim_matches(['[', ']']).to_owned()),
    ];
    // The digits that every text with the secret has, wherever it stands in a group of three bytes.
    for before in 0..3_usize {
        let text = [&[0; 2][..before], bytes].concat();
        let digits = base64::encode_block(&text);
        let own = &digits[(before * 8).div_ceil(6)..text.len() * 8 / 6];
        all.push(("base64", own.to_owned()));
        all.push(("base64url", own.replace('+', "-").replace('/', "_")));
    }
    all
}
