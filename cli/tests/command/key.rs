//! `ims key`, and the algorithms of `ims jwt`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use openssl::pkey::PKey;
use openssl::x509::X509;
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;
use support::signatures::{ALGORITHMS, is_signed, key_for};

fn ims(folder: &Directory, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
    command.args(args).current_dir(folder.path()).env_clear().output().unwrap()
}

#[track_caller]
fn stdout(folder: &Directory, args: &[&str]) -> String {
    let output = ims(folder, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refusal(folder: &Directory, args: &[&str]) -> (i32, String) {
    let output = ims(folder, args);
    assert!(output.stdout.is_empty());
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn header_and_claims(jwt: &str) -> [Value; 2] {
    let decoded = ims::decode_jwt(jwt.trim()).unwrap();
    [decoded.header, decoded.claims].map(|json| serde_json::from_str(&json).unwrap())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_key_is_its_owners_alone_and_what_to_register_is_printed() {
    let folder = Directory::new();
    for (alg, noun) in [
        ("PS256", "an RSA key of 3072 bits"),
        ("ES256", "an EC key on P-256"),
        ("ES384", "an EC key on P-384"),
        ("ES512", "an EC key on P-521"),
        ("Ed25519", "an Ed25519 key"),
    ] {
        let (key, certificate) = (format!("{alg}.pem"), format!("{alg}.crt"));
        let arguments = ["key", "new", "--alg", alg, "--out", &key, "--certificate", &certificate];
        let printed = stdout(&folder, &arguments);
        assert!(printed.starts_with(&format!("{key} holds {noun}: keep it secret.")), "{printed}");
        assert!(!printed.contains("PRIVATE"), "{printed}");
        let pem = fs::read(folder.path().join(&key)).unwrap();
        let pkey = PKey::private_key_from_pem(&pem).unwrap();
        let public = String::from_utf8(pkey.public_key_to_pem().unwrap()).unwrap();
        assert!(printed.contains(&public), "{printed}");
        assert_eq!(mode(&folder.path().join(&key)), 0o600);
        let own = fs::read(folder.path().join(&certificate)).unwrap();
        let own = X509::from_pem(&own).unwrap();
        assert!(own.public_key().unwrap().public_eq(&pkey) && own.verify(&pkey).unwrap());
        let jwt = stdout(&folder, &["jwt", "--key", &key, "--alg", alg, "--iss", "i"]);
        assert!(is_signed(&jwt, &pkey, alg));
    }
}

#[test]
fn no_file_is_replaced_by_a_new_key() {
    let folder = Directory::new();
    folder.write("old.pem", "old");
    let (code, text) = refusal(&folder, &["key", "new", "--alg", "ES256", "--out", "old.pem"]);
    assert_eq!(code, 2);
    assert!(text.contains("--out old.pem exists"), "{text}");
    let arguments =
        ["key", "new", "--alg", "ES256", "--out", "new.pem", "--certificate", "old.pem"];
    let (_, text) = refusal(&folder, &arguments);
    assert!(text.contains("--certificate old.pem exists"), "{text}");
    assert_eq!(fs::read(folder.path().join("old.pem")).unwrap(), b"old");
    assert!(!folder.path().join("new.pem").exists(), "key and certificate are made as a pair");
    let (code, text) = refusal(&folder, &["key", "new", "--alg", "ES256", "--out", "-"]);
    assert!(code == 2 && text.contains("--out is -, which names no file"), "{text}");
    assert!(!folder.path().join("-").exists());
    for alg in ["none", "HS256", "es256"] {
        let (code, text) = refusal(&folder, &["key", "new", "--alg", alg, "--out", "a"]);
        assert!(code == 2 && text.contains("--alg"), "{text}");
    }
}

#[test]
fn a_key_is_shown_without_its_secret() {
    let folder = Directory::new();
    folder.write("rsa.pem", keys::pkcs8_pem());
    let certificate = self_signed(keys::rsa(), Validity::now());
    folder.write("rsa.crt", certificate.to_pem().unwrap());
    let shown = stdout(&folder, &["key", "show", "rsa.pem", "--certificate", "rsa.crt"]);
    let rows: Vec<&str> = shown.lines().collect();
    assert_eq!(rows[0], "key        an RSA key of 2048 bits");
    assert_eq!(rows[1], "signs with RS256, RS384, RS512, PS256, PS384, PS512");
    assert!(rows[2].starts_with("RFC 7638   ") && rows[2].len() == 11 + 43);
    let der = keys::rsa().public_key_to_der().unwrap();
    let fingerprint = openssl::base64::encode_block(&openssl::sha::sha256(&der));
    assert_eq!(rows[3], format!("Snowflake  SHA256:{fingerprint}"));
    assert!(rows[4].starts_with("x5t#S256   ") && rows[4].len() == 11 + 43);
    assert!(rows[5].starts_with("x5t        ") && rows[5].len() == 11 + 27);

    folder.write("other.crt", self_signed(&keys::ec(), Validity::now()).to_pem().unwrap());
    let (code, text) = refusal(&folder, &["key", "show", "rsa.pem", "--certificate", "other.crt"]);
    assert_eq!(code, 14);
    assert!(text.contains("the certificate does not belong to the private key"), "{text}");
}

#[test]
fn public_keys_are_printed_as_a_jwk_set_or_pem() {
    let folder = Directory::new();
    let keys = [keys::rsa().clone(), key_for("ES384"), key_for("EdDSA")];
    let names = ["a.pem", "b.pem", "c.pem"];
    for (key, name) in keys.iter().zip(names) {
        folder.write(name, key.private_key_to_pem_pkcs8().unwrap());
    }
    let arguments = [&["key", "public"], &names[..], &["--jwks"]].concat();
    let jwks: Value = serde_json::from_str(&stdout(&folder, &arguments)).unwrap();
    let kinds: Vec<&Value> =
        jwks["keys"].as_array().unwrap().iter().map(|key| &key["kty"]).collect();
    assert_eq!(kinds, ["RSA", "EC", "OKP"]);
    for (jwk, name) in jwks["keys"].as_array().unwrap().iter().zip(names) {
        assert_eq!(jwk["use"], "sig");
        assert!(jwk.get("d").is_none() && jwk.get("p").is_none());
        let shown = stdout(&folder, &["key", "show", name]);
        assert!(shown.contains(jwk["kid"].as_str().unwrap()));
    }
    let pems = stdout(&folder, &[&["key", "public"], &names[..], &["--pem"]].concat());
    let expected: String = keys
        .iter()
        .map(|key| String::from_utf8(key.public_key_to_pem().unwrap()).unwrap())
        .collect();
    assert_eq!(pems, expected);
}

#[test]
fn every_algorithm_signs() {
    let folder = Directory::new();
    for algorithm in ALGORITHMS {
        let key = key_for(algorithm);
        folder.write("key.pem", key.private_key_to_pem_pkcs8().unwrap());
        let arguments = ["jwt", "--key", "key.pem", "--alg", algorithm, "--iss", "i"];
        assert!(is_signed(&stdout(&folder, &arguments), &key, algorithm), "{algorithm}");
    }
}

#[test]
fn a_payload_is_signed_as_the_developer_console_shows_it_and_options_replace_its_times() {
    let folder = Directory::new();
    folder.write("key.pem", keys::pkcs8_pem());
    let payload = json!({
        "exp": 1_500_000_060, "iat": 1_500_000_000, "iss": "ORG@AdobeOrg",
        "sub": "ID@techacct.adobe.com", "https://ims-na1.adobelogin.com/s/ent_x": true,
        "aud": "https://ims-na1.adobelogin.com/c/client",
    });
    folder.write("payload.json", payload.to_string());
    let jwt = stdout(&folder, &["jwt", "--key", "key.pem", "--payload", "payload.json"]);
    assert_eq!(header_and_claims(&jwt), [json!({"typ": "JWT", "alg": "RS256"}), payload.clone()]);

    let arguments = [
        "jwt",
        "--key",
        "key.pem",
        "--payload",
        "payload.json",
        "--lifetime",
        "90",
        "--sub",
        "other",
        "--typ",
        "at+jwt",
        "--kid",
        "7",
        "--header",
        r#"{"a":1}"#,
    ];
    let [header, claims] = header_and_claims(&stdout(&folder, &arguments));
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "RS256", "kid": "7", "a": 1}));
    assert_eq!((&claims["exp"], &claims["sub"]), (&json!(1_500_000_090), &json!("other")));

    folder.write("list.json", r#"{"iss":"i","aud":["a","b"],"n":1.50}"#);
    let jwt = stdout(&folder, &["jwt", "--key", "key.pem", "--payload", "list.json"]);
    let [_, claims] = header_and_claims(&jwt);
    assert_eq!((&claims["aud"], claims.get("sub")), (&json!(["a", "b"]), None));
}

#[test]
fn a_bad_payload_or_header_is_refused_by_name() {
    let folder = Directory::new();
    folder.write("key.pem", keys::pkcs8_pem());
    for (payload, words) in [
        ("[]", "--payload is not a JSON object"),
        ("{", "--payload is not a JSON object"),
        ("{}", "iss is missing or empty"),
        (r#"{"iss":"i","exp":"tomorrow"}"#, "--payload holds an exp that is no integer"),
        (r#"{"iss":"i","iss":"j"}"#, "claims_json repeats the claim iss"),
    ] {
        folder.write("payload.json", payload);
        let (code, text) =
            refusal(&folder, &["jwt", "--key", "key.pem", "--payload", "payload.json"]);
        assert_eq!(code, 2);
        assert!(text.contains(words), "{text}");
    }
    for (arguments, words) in [
        (&["--header", r#"{"alg":"none"}"#][..], "header_json repeats the member alg"),
        (&["--alg", "none"], "--alg"),
        (&["--alg", "ES256"], "alg is ES256, but the key is an RSA key"),
        (&["--x5t", "S256"], "--certificate"),
    ] {
        let all = [&["jwt", "--key", "key.pem", "--iss", "i"], arguments].concat();
        let (code, text) = refusal(&folder, &all);
        assert_eq!(code, 2);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn several_audiences_are_signed_as_a_list() {
    let folder = Directory::new();
    folder.write("key.pem", keys::pkcs8_pem());
    let sign = |aud: &str, more: &[&str]| {
        let all = [&["jwt", "--key", "key.pem", "--iss", "i", "--aud", aud], more].concat();
        let [_, claims] = header_and_claims(&stdout(&folder, &all));
        claims
    };
    assert_eq!(sign(r#"["x","y"]"#, &[])["aud"], json!(["x", "y"]));
    assert_eq!(sign(r#" ["x"]"#, &["--claims", "{}"])["aud"], json!(["x"]));
    let with_claims = sign(r#"["x","y"]"#, &["--claims", r#"{"a":1}"#]);
    assert_eq!((&with_claims["aud"], &with_claims["a"]), (&json!(["x", "y"]), &json!(1)));
    assert_eq!(sign("x", &[])["aud"], json!("x"));
    // A shell makes the last of ["x","y"].
    let bad =
        ["[]", "[1]", r#"["x",1]"#, r#"["x""#, r#"[""]"#, r#"{"a":1}"#, "\"x\"", " [x]", "[x,y]"];
    for bad in bad {
        let (code, text) =
            refusal(&folder, &["jwt", "--key", "key.pem", "--iss", "i", "--aud", bad]);
        assert!(
            code == 2 && text.contains("--aud is neither an audience nor a JSON list"),
            "{text}"
        );
        assert!(text.contains(r#"hint: quote a list for the shell: --aud '["a","b"]'"#), "{text}");
    }
}

#[test]
fn a_store_whose_ciphers_openssl_lacks_is_named_and_its_commands_work() {
    let folder = Directory::new();
    let certificate = self_signed(keys::rsa(), Validity::now());
    folder.write("key.pem", keys::pkcs8_pem());
    folder.write("certificate.pem", certificate.to_pem().unwrap());
    let shell = |command: &str| {
        let output = Command::new("sh").args(["-c", command]).current_dir(folder.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    // Google's, and one whose key has the old cipher, too.
    for (name, cipher) in [("google.p12", "3DES"), ("old.p12", "RC2-40")] {
        shell(&format!(
            "openssl pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-{cipher} \
             -macalg sha1 -inkey key.pem -in certificate.pem -passout pass:notasecret -out {name}"
        ));
    }
    let sign = |key: &str, more: &[&str]| {
        let all = [&["jwt", "--key", key, "--iss", "i", "--x5t", "S256"], more].concat();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        // Where OpenSSL comes without its provider of old ciphers.
        command.args(all).current_dir(folder.path()).env_clear();
        command.env("OPENSSL_MODULES", folder.path()).output().unwrap()
    };
    let follow = |output: Output, words: &str, store: &str, made: &str| {
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(words), "{text}");
        let (_, command) = text.trim().rsplit_once(": openssl ").unwrap();
        let command = command.replace("STORE", store).replace(made, "made.pem");
        shell(&format!("openssl {command} -passin pass:notasecret"));
    };
    let lacks = "old.p12 is encrypted in a way that OpenSSL refuses: unsupported";
    follow(sign("old.p12", &[]), lacks, "old.p12", "KEY");
    fs::rename(folder.path().join("made.pem"), folder.path().join("old.pem")).unwrap();
    follow(sign("google.p12", &[]), "certificate is missing", "google.p12", "CERTIFICATE");
    let output = sign("old.pem", &["--certificate", "made.pem"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout(&folder, &["key", "show", "google.p12"]).contains("x5t#S256"));
}

#[test]
fn a_store_has_its_certificate_and_a_jwk_its_kid_and_algorithm() {
    let folder = Directory::new();
    let certificate = self_signed(keys::rsa(), Validity::now());
    let store = openssl::pkcs12::Pkcs12::builder().pkey(keys::rsa()).cert(&certificate).build2("");
    folder.write("store.p12", store.unwrap().to_der().unwrap());
    let shown = stdout(&folder, &["key", "show", "store.p12"]);
    assert!(shown.contains("x5t#S256"), "{shown}");
    let jwt = stdout(
        &folder,
        &["jwt", "--key", "store.p12", "--iss", "i", "--aud", "a", "--x5t", "S256"],
    );
    let [header, _] = header_and_claims(&jwt);
    assert!(shown.contains(header["x5t#S256"].as_str().unwrap()), "{header}");

    let seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let jwk = |kid: &str| json!({"kty": "OKP", "crv": "Ed25519", "d": seed, "x": x, "kid": kid, "alg": "Ed25519"});
    folder.write("set.json", json!({"keys": [jwk("a"), jwk("b")]}).to_string());
    let jwt = stdout(&folder, &["jwt", "--key", "set.json", "--kid", "b", "--iss", "i"]);
    let [header, _] = header_and_claims(&jwt);
    assert_eq!(header, json!({"typ": "JWT", "alg": "Ed25519", "kid": "b"}));
    folder.write("jwk.json", jwk("a").to_string());
    let public = stdout(&folder, &["key", "public", "jwk.json", "--jwks"]);
    let public: Value = serde_json::from_str(&public).unwrap();
    assert_eq!(public["keys"][0]["kid"], "a");
    assert!(!public.to_string().contains(seed));
}
