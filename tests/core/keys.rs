//! Private keys: what is taken, what is refused and how, and what a key can do.

mod certificates;
mod encrypted;
mod files;
mod foreign;
mod jwk;
mod mangled;
mod paths;
mod pkcs12;
mod refused;

use std::collections::HashSet;
use std::error::Error as _;
use std::fs::{self, File, Permissions};
use std::io::{BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, thread};

use ims::{Algorithm, Error, Key, Status};
use openssl::base64;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs5::bytes_to_key;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use openssl::symm::{self, Cipher};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys::{self, Derivation};
use support::signatures::verifies as verifies_by;

const PASSPHRASE: &[u8] = b"correct horse";

#[test]
fn a_process_keeps_the_64_keys_that_were_used_last() {
    let pem = keys::pkcs8_pem();
    // A key that is not encrypted takes any passphrase, which makes it another shared key.
    let key = |number: u32| {
        Key::shared_from_bytes(pem.as_ref(), Some(number.to_string().as_bytes())).unwrap()
    };
    let first = key(0);
    (1..64).map(key).for_each(drop);
    assert!(Arc::ptr_eq(&first, &key(0)), "63 others were used since");
    (64..128).map(key).for_each(drop);
    assert!(!Arc::ptr_eq(&first, &key(0)), "64 others were used since");
}

/// The key in `bytes` signs as [`keys::rsa`] does.
#[track_caller]
fn assert_loads(bytes: impl AsRef<[u8]>) {
    assert_loads_with(bytes, None);
}

#[track_caller]
fn assert_loads_with(bytes: impl AsRef<[u8]>, passphrase: Option<&[u8]>) {
    let key = Key::from_bytes(bytes.as_ref(), passphrase).unwrap();
    assert!(verifies(keys::rsa(), b"message", &key.sign(Algorithm::RS256, b"message").unwrap()));
}

fn verifies(key: &PKey<Private>, message: &[u8], signature: &[u8]) -> bool {
    let mut verifier = Verifier::new(MessageDigest::sha256(), key).unwrap();
    verifier.verify_oneshot(signature, message).unwrap()
}

/// `bytes` are refused with `status`, and the text says `words`.
#[track_caller]
fn assert_refused(bytes: impl AsRef<[u8]>, status: Status, words: &str) {
    assert_error(&Key::from_bytes(bytes.as_ref(), None).unwrap_err(), status, words);
}

#[track_caller]
fn assert_error(error: &Error, status: Status, words: &str) {
    assert_eq!(error.status(), status, "{error}");
    assert!(error.message().contains(words), "{error} does not say {words}");
    assert!(error.source().is_none());
}

/// The file at `path` is refused as [`Status::Key`], soon, by its name, and the text says `words`.
#[track_caller]
fn assert_file_refused(path: &Path, words: &str) {
    let begin = Instant::now();
    let error = Key::from_file(path, None).unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(1));
    assert_error(&error, Status::Key, words);
    assert_error(&error, Status::Key, path.to_str().unwrap());
}

/// PEM of the unencrypted PKCS#8 key.
fn pem() -> String {
    String::from_utf8(keys::pkcs8_pem()).unwrap()
}

/// What stands between the first and the last line of PEM, on one line.
fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.contains("-----")).collect()
}

/// n, e, d, p, q, dp, dq and qInv of [`keys::rsa`].
fn parts() -> [BigNum; 8] {
    let rsa = keys::rsa().rsa().unwrap();
    [
        rsa.n(),
        rsa.e(),
        rsa.d(),
        rsa.p().unwrap(),
        rsa.q().unwrap(),
        rsa.dmp1().unwrap(),
        rsa.dmq1().unwrap(),
        rsa.iqmp().unwrap(),
    ]
    .map(|part| part.to_owned().unwrap())
}

/// Runs a command of a shell in `directory`.
#[track_caller]
fn run(directory: &Path, command: &str) {
    let output = Command::new("sh").args(["-c", command]).current_dir(directory).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {text}");
}

/// Runs the command of an error's hint on `file`, with `options` for what it would ask; gives what it wrote.
#[track_caller]
fn follow(error: &Error, directory: &Path, file: &str, options: &str) -> Vec<u8> {
    let hint = error.hint().unwrap();
    let (_, command) = hint.rsplit_once(": ").unwrap();
    let is_named = |word: &str| {
        matches!(word, "NEW_KEY" | "NEW_STORE") || word == "KEY" && command.contains("STORE")
    };
    let words = command.split(' ').map(|word| match word {
        made if is_named(made) => "made",
        "KEY" | "STORE" => file,
        word => word,
    });
    let command = words.collect::<Vec<_>>().join(" ");
    run(directory, &format!("{command} {options}"));
    fs::read(directory.join("made")).unwrap()
}

fn certificate_pem(validity: Validity) -> Vec<u8> {
    self_signed(keys::rsa(), validity).to_pem().unwrap()
}

// ---- what works ----

#[test]
fn pkcs8_and_pkcs1_as_pem_and_der_work() {
    assert_loads(keys::pkcs8_pem());
    assert_loads(keys::pkcs1_pem());
    assert_loads(keys::pkcs8_der());
    assert_loads(keys::pkcs1_der());
}

#[test]
fn base64_of_der_or_of_pem_works() {
    assert_loads(base64::encode_block(&keys::pkcs8_der()));
    assert_loads(base64::encode_block(&keys::pkcs1_der()));
    assert_loads(body(&pem()));
    assert_loads(base64::encode_block(&keys::pkcs8_pem()));
}

#[test]
fn pem_of_any_line_length_and_ends_works() {
    let (pem, body) = (pem(), body(&pem()));
    let wrapped = |width| {
        let lines: Vec<_> = body.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", lines.join("\n"))
    };
    assert_loads(pem.replace('\n', "\r\n"));
    assert_loads(pem.replace('\n', "\r"));
    assert_loads(pem.replace('\n', " "));
    assert_loads(pem.replace('\n', ""));
    assert_loads(pem.replace('\n', "\n\n"));
    assert_loads(pem.replace('\n', " \t\n    "));
    assert_loads(pem.trim_end());
    assert_loads(wrapped(76));
    assert_loads(wrapped(1));
    assert_loads(wrapped(10_000));
}

#[test]
fn pem_with_literal_line_breaks_works() {
    assert_loads(pem().replace('\n', "\\n"));
    assert_loads(pem().replace('\n', "\\r\\n"));
    assert_loads(pem().replace('\n', "\\\\n"));
    // As PHP's json_encode writes it.
    assert_loads(format!("{{\"key\":\"{}\"}}", pem().replace('\n', "\\n").replace('/', "\\/")));
}

#[test]
fn pem_after_a_bom_or_other_text_works() {
    assert_loads(format!("\u{feff}{}", pem()));
    assert_loads(format!("Bag Attributes\n    friendlyName: ü\nKey Attributes: <none>\n{}", pem()));
    assert_loads([b"localKeyID: \xfc\xff\n".as_slice(), &keys::pkcs1_pem()].concat());
    assert_loads(format!("\u{feff}{}", body(&pem())));
}

#[test]
fn utf_16_and_utf_32_work_with_and_without_a_byte_order_mark() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let certificate = String::from_utf8(certificate_pem(Validity::a_year())).unwrap();
    let forms: [fn(char) -> Vec<u8>; 4] = [
        |c| c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        |c| c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        |c| u32::from(c).to_le_bytes().to_vec(),
        |c| u32::from(c).to_be_bytes().to_vec(),
    ];
    for form in forms {
        let of = |text: &str| text.chars().flat_map(form).collect::<Vec<u8>>();
        for begin in ["", "\u{feff}", "\u{feff}Notiz für 🔑\r\n"] {
            let text = of(&format!("{begin}{}", pem()));
            assert_loads(&text);
            assert_loads(base64::encode_block(&text));
        }
        Key::from_bytes(&of(jwk), None).unwrap();
        let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
        key.check_certificate(&of(&certificate), SystemTime::now()).unwrap();
    }
}

#[test]
fn a_key_and_a_certificate_in_one_file_work() {
    let certificate = certificate_pem(Validity::now());
    assert_loads([keys::pkcs8_pem(), certificate.clone()].concat());
    assert_loads([certificate, keys::pkcs1_pem()].concat());
}

#[test]
fn an_encrypted_key_works_with_its_passphrase() {
    assert_loads_with(keys::encrypted_pem(PASSPHRASE), Some(PASSPHRASE));
    assert_loads_with(keys::legacy_encrypted_pem(PASSPHRASE), Some(PASSPHRASE));
    assert_loads_with(keys::scrypt_encrypted_der(PASSPHRASE, 1 << 14, 8, 1), Some(PASSPHRASE));
}

#[test]
fn a_passphrase_is_bytes_and_at_most_1024_of_them() {
    for passphrase in [&[b'x'; 1024][..], b"\xff\xfe latin", b"with\0nul"] {
        assert_loads_with(keys::encrypted_pem(passphrase), Some(passphrase));
    }
}

#[test]
fn an_encrypted_key_works_in_any_pem_form_too() {
    for encrypted in [keys::encrypted_pem(PASSPHRASE), keys::legacy_encrypted_pem(PASSPHRASE)] {
        let pem = String::from_utf8(encrypted).unwrap();
        assert_loads_with(pem.replace('\n', "\r\n"), Some(PASSPHRASE));
        assert_loads_with(pem.replace('\n', "\\n"), Some(PASSPHRASE));
        assert_loads_with(pem.replace('\n', "  \n  "), Some(PASSPHRASE));
    }
    let pem = String::from_utf8(keys::legacy_encrypted_pem(PASSPHRASE)).unwrap();
    let (headers, digits) = pem.split_once("\n\n").unwrap();
    assert_loads_with(format!("{headers}\n\n{}", digits.replacen('\n', "", 20)), Some(PASSPHRASE));
}

#[test]
fn the_passphrase_of_an_unencrypted_key_is_ignored() {
    assert_loads_with(keys::pkcs8_pem(), Some(PASSPHRASE));
    assert_loads_with(keys::pkcs1_der(), Some(b""));
}

#[test]
fn a_key_of_8192_bits_works() {
    let p = BigNum::get_rfc3526_prime_6144().unwrap();
    let q = BigNum::get_rfc3526_prime_2048().unwrap();
    let rsa = keys::rsa_of_primes(p, q, 65537);
    let key = Key::from_bytes(&rsa.private_key_to_pem().unwrap(), None).unwrap();
    let signature = key.sign(Algorithm::RS256, b"message").unwrap();
    assert!(verifies(&PKey::from_rsa(rsa).unwrap(), b"message", &signature));
}

// ---- what a key can do ----

/// An RSA key for PSS signatures alone, made with these parameters.
fn pss(parameters: &str) -> (PKey<Private>, Result<Key, Error>) {
    let directory = Directory::new();
    let command = format!(
        "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 {parameters} -out key.pem"
    );
    run(directory.path(), &command);
    let pem = fs::read(directory.path().join("key.pem")).unwrap();
    (PKey::private_key_from_pem(&pem).unwrap(), Key::from_bytes(&pem, None))
}

#[test]
fn an_rsa_pss_key_signs_by_the_algorithms_of_its_parameters_alone() {
    use Algorithm::{PS256, PS384, PS512};
    let of = |hash: &str, salt: u32| {
        format!(
            "-pkeyopt rsa_pss_keygen_md:{hash} -pkeyopt rsa_pss_keygen_mgf1_md:{hash} \
             -pkeyopt rsa_pss_keygen_saltlen:{salt}"
        )
    };
    for (parameters, own) in [
        (String::new(), &[PS256, PS384, PS512][..]),
        (of("sha256", 32), &[PS256]),
        (of("sha256", 20), &[PS256]),
        (of("sha384", 48), &[PS384]),
        (of("sha512", 0), &[PS512]),
    ] {
        let (theirs, key) = pss(&parameters);
        let key = key.unwrap();
        assert_eq!(key.algorithms(), own);
        assert_eq!(key.default_algorithm(), own[0]);
        assert_eq!(key.description(), "an RSA-PSS key of 2048 bits");
        for algorithm in own {
            let signature = key.sign(*algorithm, b"message").unwrap();
            let public = support::signatures::public(&theirs);
            assert!(verifies_by(&public, algorithm.name(), b"message", &signature));
        }
        let error = key.sign(Algorithm::RS256, b"message").unwrap_err();
        assert_error(&error, Status::Argument, "alg is RS256, but the key is an RSA-PSS key");
        if own.contains(&PS256) {
            let certificate = self_signed(&theirs, Validity::a_year()).to_pem().unwrap();
            key.check_certificate(&certificate, SystemTime::now()).unwrap();
        }
    }
    for (parameters, words) in [
        (of("sha1", 20), "for another hash"),
        (of("sha256", 64), "a salt longer than its hash"),
        (of("sha256", 32).replace("mgf1_md:sha256", "mgf1_md:sha384"), "for another hash"),
    ] {
        assert_error(&pss(&parameters).1.unwrap_err(), Status::Key, words);
    }
}

#[test]
fn a_key_never_shows_and_goes_between_threads() {
    fn assert_shared<T: Send + Sync>(_: &T) {}
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    assert_shared(&key);
    assert_eq!(format!("{key:?}"), "Key { .. }");
}

#[test]
fn many_threads_sign_with_one_key() {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    thread::scope(|scope| {
        for thread in 0..8 {
            let key = &key;
            scope.spawn(move || {
                for number in 0..50 {
                    let message = format!("message {number} of thread {thread}");
                    let signature = key.sign(Algorithm::RS256, message.as_bytes()).unwrap();
                    assert!(verifies(keys::rsa(), message.as_bytes(), &signature));
                }
            });
        }
    });
}

#[test]
fn the_openssl_error_queue_of_the_thread_is_left_as_it_was_found() {
    let certificate = certificate_pem(Validity::now());
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let encrypted = keys::encrypted_pem(PASSPHRASE);
    let calls: [&dyn Fn(); 7] = [
        &|| drop(Key::from_bytes(&keys::pkcs1_pem(), None).unwrap()),
        &|| drop(Key::from_bytes(b"garbage", None).unwrap_err()),
        &|| drop(Key::from_bytes(&encrypted, Some(b"wrong")).unwrap_err()),
        &|| drop(Key::from_file("/dev/null", None).unwrap_err()),
        &|| drop(key.sign(Algorithm::RS256, b"message").unwrap()),
        &|| key.check_certificate(&certificate, SystemTime::now()).unwrap(),
        &|| drop(key.check_certificate(b"0garbage", SystemTime::now()).unwrap_err()),
    ];
    let found = BigNum::from_dec_str("no number")
        .err()
        .into_iter()
        .chain(PKey::public_key_from_der(b"no key").err());
    let found: Vec<ErrorStack> = found.collect();
    assert!(!found.is_empty());
    for call in calls {
        call();
        assert!(ErrorStack::get().errors().is_empty());

        found.iter().for_each(ErrorStack::put);
        call();
        let found = found.iter().flat_map(|stack| stack.errors());
        let left = ErrorStack::get();
        let texts = |errors: &mut dyn Iterator<Item = &openssl::error::Error>| {
            errors.map(|error| format!("{error:?}")).collect::<Vec<_>>()
        };
        assert_eq!(texts(&mut left.errors().iter()), texts(&mut found.into_iter()));
    }
}
