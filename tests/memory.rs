//! No file costs memory out of proportion to its own size, and no more time than its length asks for.
//! Allocations are counted, for memory as the system reports it tells little.

use ims::{Credentials, CredentialsOptions, Key};
use support::counting::{Counting, counted};
use support::files::Table;
use support::keys;
use support::mutations::mutations;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What anything costs that is bounded by itself, such as the names of a JSON object.
const CONSTANT: usize = 64 * 1024;

/// `begin`, as many times `part` as fit into `len` bytes, and `end`.
fn filled(len: usize, begin: &str, part: &str, end: &str) -> String {
    let count = (len - begin.len() - end.len()) / part.len();
    format!("{begin}{}{end}", part.repeat(count))
}

/// As [`filled`], each part with its number for `#`.
fn numbered(len: usize, begin: &str, part: &str, end: &str) -> String {
    let mut text = begin.to_owned();
    for number in 0.. {
        let part = part.replace('#', &number.to_string());
        if text.len() + part.len() + end.len() > len {
            break;
        }
        text += &part;
    }
    text + end
}

const MAX_LEN: usize = 256 * 1024;

/// Credentials files, each with what costs most of something; they need not be good ones.
fn costly_files(len: usize) -> Vec<(&'static str, String)> {
    let console =
        r#"{"project":{"org":{"ims_org_id":"X@AdobeOrg"},"workspace":{"details":{"credentials":["#;
    let own = r#"{"client_id":"c","client_secret":"s","scope":["#;
    let yaml = "enterprise:\n  org_id: a\n";
    vec![
        ("empty quoted values", filled(len, "", "A=''\n", "")),
        ("quoted values that are read", filled(len, "", "IMS='a'\n", "")),
        ("quotes that never end", filled(len, "A=`\n", "B=\"'\n", "")),
        ("one quoted value", filled(len, "PRIVATE_KEY=\"", "a", "\"\nAPI_KEY=a\n")),
        ("one escaped value", filled(len, "PRIVATE_KEY=\"", "\\n", "\"\nAPI_KEY=a\n")),
        ("a list in a variable", filled(len, "SCOPES=[\"a\"", ",\"\"", "]\nIMS_CLIENT_ID=a\n")),
        ("secrets in a variable", filled(len, "IMS_CLIENT_SECRETS=[\"a\"", ",\"\"", "]\n")),
        ("lists", filled(len, r#"{"values":["#, "[],", "[]]}")),
        ("numbers", filled(len, r#"{"values":["#, "0,", "0]}")),
        ("numbers in what is not read", filled(len, r#"{"integration":{},"a":["#, "0,", "0]}")),
        ("objects", filled(len, r#"{"integration":{},"a":["#, r#"{"":0},"#, "{}]}")),
        ("names", numbered(len, r#"{"integration":{},"#, "\"#\":0,", r#""a":0}}"#)),
        ("escaped names", filled(len, r#"{"integration":{},""#, "\\n", r#"":0}"#)),
        ("depth", filled(len, r#"{"integration":"#, "[", "")),
        ("entries of Postman", filled(len, r#"{"values":["#, "{},", "{}]}")),
        (
            "variables of Postman",
            filled(len, r#"{"values":["#, r#"{"key":"IMS","value":"a"},"#, "{}]}"),
        ),
        ("entries of a project", filled(len, console, "{},", "{}]}}}}")),
        ("credentials of a project", filled(len, console, r#"{"jwt":{}},"#, "{}]}}}}")),
        ("names of a project", numbered(len, console, "{\"name\":\"#\",\"jwt\":{}},", "{}]}}}}")),
        ("a list of texts", filled(len, own, "\"a\",", "\"\"]}")),
        ("a list of escaped texts", filled(len, own, "\"\\u0061\",", "\"\"]}")),
        ("an escaped text", filled(len, r#"{"client_id":"c","private_key":""#, "\\n", "\"}")),
        (
            "a text of Google's",
            filled(len, r#"{"type":"service_account","client_email":""#, "a", "\"}"),
        ),
        ("an account", filled(len, r#"{"technical_account_id":""#, "&", "\"}")),
        (
            "an organization",
            filled(
                len,
                r#"{"client_id":"c","client_secret":"s","metascopes":"a","technical_account_id":"a@b","org_id":""#,
                "&=",
                "\"}",
            ),
        ),
        (
            "claims",
            filled(
                len,
                r#"{"client_id":"c","client_secret":"s","metascopes":"a","technical_account_id":"a@b","org_id":"a@AdobeOrg","claims":{"a":["#,
                "0,",
                "0]}}",
            ),
        ),
        (
            "names of claims",
            numbered(
                len,
                r#"{"client_id":"c","client_secret":"s","metascopes":"a","technical_account_id":"a@b","org_id":"a@AdobeOrg","claims":{"#,
                "\"#\":0,",
                "\"a\":0}}",
            ),
        ),
        ("lines of YAML", numbered(len, yaml, "  a#: b\n", "")),
        ("lists of YAML", filled(len, "enterprise: ", "[", "")),
        ("entries of YAML", filled(len, "enterprise:\n  org_id: a\n  x: [", "a,", "]\n")),
        ("a text of YAML", filled(len, "enterprise:\n  org_id: ", "a", "\n")),
        ("an escaped text of YAML", filled(len, "enterprise:\n  org_id: \"", "\\n", "\"\n")),
        ("a block of YAML", filled(len, "enterprise:\n  priv_key_data: |\n", "    a\n", "")),
        ("comments of YAML", filled(len, yaml, "#\n", "")),
        ("aliases of YAML", filled(len, "a: &a b\nenterprise:\n  x: [", "*a,", "]\n")),
        ("nothing", filled(len, "", "\n", "a")),
        ("raw line breaks", filled(len, r#"{"client_id":""#, "\n", "\"}")),
        ("escaped line breaks", filled(len, "{", "\\n", "}")),
        ("escaped line breaks between variables", filled(len, "A=b", "\\nA=b", "")),
        ("line breaks of old Macs", filled(len, "A=b", "\rA=b", "")),
        ("an escaped document", filled(len, r#"{\"client_id\":\""#, r"\\", r#"\"}"#)),
        ("comments", filled(len, "{", "//\n", "}")),
        ("comments that never end", filled(len, "{", "/*", "}")),
        ("backslashes", filled(len, "{", "\\", "}")),
        ("commas", filled(len, "{", ",", "}")),
        ("names without quotes", numbered(len, "{", "a#:0,", "}")),
        ("words", filled(len, "{", "a ", "}")),
        ("no-break spaces", filled(len, "{", "\u{a0}", "}")),
        ("texts in single quotes", filled(len, "{'client_id':[", "'',", "]}")),
        ("double quotes in single quotes", filled(len, "{'client_id':'", "\"", "'}")),
        ("single quotes that never end", filled(len, "{\"a\":", "'\n", "}")),
        ("objects one after the other", filled(len, "", "{}\n", "")),
        ("a list of objects", filled(len, "[", "{},", "{}]")),
        ("base64", encoded(len, 1)),
        ("base64 of base64", encoded(len, 2)),
        ("base64 of base64 of base64", encoded(len, 3)),
        ("base64 that is none", filled(len, "", "A", "")),
        ("a JSON string", filled(len, "\"", "a", "\"")),
        ("a JSON string of a JSON string", filled(len, r#""\"{"#, r"\\n", r#"}\"""#)),
        ("keys without quotes", filled(len, "", "A=-----BEGIN \n", "")),
        ("tabs in YAML", filled(len, "enterprise:\n", "\ta: b\n", "")),
        ("tabs and blanks in YAML", filled(len, "enterprise:\n  a: b\n", "\t\n", "\tc: d\n")),
    ]
}

/// An account that is encoded as base64 this many times.
fn encoded(len: usize, layers: u32) -> String {
    let inner = (0..layers).fold(len, |len, _| len * 3 / 4 - 3);
    let text = filled(inner, "{\"client_id\":\"", "a", "\"}");
    (0..layers).fold(text, |text, _| openssl::base64::encode_block(text.as_bytes()))
}

fn read_credentials(text: impl AsRef<[u8]>) -> (usize, usize) {
    let file = support::directory::Directory::new();
    let path = file.path().join("credentials");
    std::fs::write(&path, text).unwrap();
    let options = CredentialsOptions::default();
    counted(|| drop(Credentials::from_file(&path, &options)))
}

#[test]
fn no_credentials_file_costs_four_times_its_size() {
    for len in [MAX_LEN, MAX_LEN / 4, MAX_LEN / 16] {
        for (what, text) in costly_files(len) {
            let (peak, _) = read_credentials(&text);
            let most = 7 * text.len() / 2 + CONSTANT;
            assert!(peak < most, "{what}: {} bytes cost {peak}", text.len());
        }
    }
}

#[test]
fn no_credentials_file_in_utf_16_costs_four_times_its_size() {
    for (what, text) in costly_files(MAX_LEN / 16) {
        let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (peak, _) = read_credentials(&text);
        assert!(peak < 7 * text.len() / 2 + CONSTANT, "{what}: {} bytes cost {peak}", text.len());
    }
}

#[test]
fn no_mutated_file_costs_more_memory_or_work_than_its_size_asks_for() {
    for (table, is_key) in [(Table::credentials(), false), (Table::keys(), true)] {
        for case in &table.cases {
            for mutation in mutations(&case.read()) {
                let bytes = &mutation.bytes;
                let (peak, total) = match is_key {
                    true => counted(|| drop(Key::from_bytes(bytes, Some(b"passphrase")))),
                    false => read_credentials(bytes),
                };
                let about = format!("{}, {}: {} bytes", case.file, mutation.name, bytes.len());
                assert!(peak < 4 * bytes.len() + CONSTANT, "{about} cost {peak}");
                assert!(total < 32 * bytes.len() + 4 * CONSTANT, "{about} took {total}");
            }
        }
    }
}

#[test]
fn what_a_credentials_file_allocates_grows_as_its_size_does() {
    for ((what, quarter), (_, whole)) in
        costly_files(MAX_LEN / 4).into_iter().zip(costly_files(MAX_LEN))
    {
        let (less, more) = (read_credentials(&quarter).1, read_credentials(&whole).1);
        assert!(more < 6 * less + CONSTANT, "{what}: {less} bytes for a quarter, {more} for all");
    }
}

/// A PKCS#12 store with a key whose bytes are `encrypted`.
fn store(encrypted: &[u8]) -> Vec<u8> {
    let tagged = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        let [_, _, high, low] = u32::try_from(content.len()).unwrap().to_be_bytes();
        let len = match (high, low) {
            (0, 0..0x80) => vec![low],
            (0, _) => vec![0x81, low],
            _ => vec![0x82, high, low],
        };
        [&[tag], &len[..], &content].concat()
    };
    let oid = |text: &str| {
        let oid = openssl::asn1::Asn1Object::from_str(text).unwrap();
        let bytes = oid.as_slice();
        [&[6, bytes.len() as u8], bytes].concat()
    };
    let data = oid("1.2.840.113549.1.7.1");
    let parameters = tagged(0x30, &[&[4, 1, 0], &[2, 1, 1]]);
    let algorithm = tagged(0x30, &[&oid("1.2.840.113549.1.12.1.3"), &parameters]);
    let key = tagged(0x30, &[&algorithm, &tagged(4, &[encrypted])]);
    let bag = tagged(0x30, &[&oid("1.2.840.113549.1.12.10.1.2"), &tagged(0xa0, &[&key])]);
    let info = |content: &[u8]| tagged(0x30, &[&data, &tagged(0xa0, &[&tagged(4, &[content])])]);
    let bags = tagged(0x30, &[&bag]);
    tagged(0x30, &[&[2, 1, 3], &info(&tagged(0x30, &[&info(&bags)]))])
}

#[test]
fn no_key_costs_four_times_its_size() {
    const MAX_LEN: usize = 64 * 1024;
    let pem = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let encoded = |bytes: &[u8]| openssl::base64::encode_block(bytes);
    let parts = [&[0x30, 0x82, 0xb0, 0x00][..], &[5, 0].repeat(0xb000 / 2)].concat();
    let algorithm = [
        &[0x30, 0x82, 0xb0, 0x0b, 2, 1, 0][..],
        &[0x30, 0x82, 0xb0, 0x00],
        &[5, 0].repeat(0xb000 / 2),
        &[4, 0],
    ]
    .concat();
    let nested = encoded(encoded(pem("PRIVATE KEY", &"M".repeat(24_000)).as_bytes()).as_bytes());
    let header =
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";
    for (what, bytes) in [
        ("digits", filled(MAX_LEN, "", "M", "").into_bytes()),
        ("lines", filled(MAX_LEN, "", "M\n", "").into_bytes()),
        ("blocks", filled(MAX_LEN, "", &pem("A", ""), "").into_bytes()),
        ("a block", pem("PRIVATE KEY", &"MAAA".repeat(16_000)).into_bytes()),
        ("parts", parts.clone()),
        ("parts in PEM", pem("PRIVATE KEY", &encoded(&parts)).into_bytes()),
        ("parts of an algorithm", algorithm),
        ("base64 of PEM", nested.into_bytes()),
        (
            "an encrypted block",
            pem("RSA PRIVATE KEY", &format!("{header}{}", "MAAA".repeat(15_900))).into_bytes(),
        ),
        (
            "a quoted block",
            format!("\"{}\"", pem("PRIVATE KEY", &"MAA\",\n\"A".repeat(8_000))).into(),
        ),
        ("a URL's escapes", pem("PRIVATE KEY", &"MAAA%0A".repeat(9_000)).into_bytes()),
        (
            "long dashes",
            pem("PRIVATE KEY", &"MAAA".repeat(16_000)).replace("--", "\u{2014}").into(),
        ),
        ("keys of a set", filled(MAX_LEN, r#"{"keys":["#, r#"{"kty":""},"#, "{}]}").into_bytes()),
        ("numbers of a set", filled(MAX_LEN, r#"{"keys":["#, "1,", "1]}").into_bytes()),
        ("operations of a JWK", filled(MAX_LEN, r#"{"kty":"RSA","key_ops":["#, "1,", "1]}").into()),
        ("a number of a JWK", filled(MAX_LEN, r#"{"kty":"RSA","d":"","n":""#, "A", "\"}").into()),
        ("an escaped kid", filled(MAX_LEN, r#"{"kty":"RSA","kid":""#, "\\n", "\"}").into()),
        (
            "an RSA key in XML",
            filled(MAX_LEN, "<RSAKeyValue><Modulus>", "A", "</Modulus></RSAKeyValue>").into(),
        ),
        ("a store", store(&[7; 64_000])),
        (
            "an encrypted key",
            keys::encrypted_der(&keys::Derivation::Pbkdf2 { iterations: 1 }, &[7; 65_000]),
        ),
    ] {
        assert!(bytes.len() <= MAX_LEN, "{what}");
        let (peak, _) = counted(|| drop(Key::from_bytes(&bytes, Some(b"wrong"))));
        assert!(peak < 4 * bytes.len() + 4096, "{what}: {} bytes cost {peak}", bytes.len());
    }
}
