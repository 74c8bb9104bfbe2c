//! Private keys: what is taken, what is refused and how, and what a key can do.

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
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use openssl::symm::{self, Cipher};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys::{self, Derivation};

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

// ---- what is refused ----

#[test]
fn an_empty_key_is_refused() {
    assert_refused("", Status::Key, "is empty");
    assert_refused(" \r\n", Status::Key, "is empty");
}

#[test]
fn garbage_is_refused() {
    for garbage in ["x", "hello, world", "0", "{}", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----"] {
        assert_refused(garbage, Status::Key, "the private key is");
    }
    let empty = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----";
    assert_refused(empty, Status::Key, "is damaged");
    let random: Vec<u8> =
        (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_refused(random, Status::Key, "neither PEM nor DER");
    assert_refused([0x30; 60_000], Status::Key, "is damaged");
    assert_refused([[0x30, 0x80]; 30_000].as_flattened(), Status::Key, "is damaged");
}

#[test]
fn a_key_cut_anywhere_is_refused() {
    let (pem, der) = (pem(), keys::pkcs8_der());
    for len in 1..pem.trim_end().len() {
        assert_refused(&pem[..len], Status::Key, "the private key is");
    }
    for len in 1..der.len() {
        assert_refused(&der[..len], Status::Key, "the private key is");
    }
}

#[test]
fn a_key_with_any_bit_flipped_is_refused_or_signs_the_same_and_its_text_never_shows() {
    let signature = Key::from_bytes(&keys::pkcs8_pem(), None)
        .unwrap()
        .sign(Algorithm::RS256, b"message")
        .unwrap();
    let mut texts = HashSet::new();
    for original in [keys::pkcs8_pem(), keys::pkcs8_der(), keys::pkcs1_der()] {
        for position in 0..original.len() {
            let mut flipped = original.clone();
            flipped[position] ^= 1 << (position % 8);
            match Key::from_bytes(&flipped, Some(PASSPHRASE)) {
                Ok(key) => assert_eq!(key.sign(Algorithm::RS256, b"message").unwrap(), signature),
                Err(error) => {
                    assert_eq!(error.status(), Status::Key, "{error}");
                    texts.insert(format!("{error:?}"));
                }
            }
        }
    }
    let digits = body(&pem());
    for part in digits.as_bytes().windows(12).map(|part| str::from_utf8(part).unwrap()) {
        assert!(!texts.iter().any(|text| text.contains(part)), "{texts:#?}");
    }
}

#[test]
fn an_encrypted_key_with_any_byte_altered_never_panics() {
    for original in [
        base64::decode_block(&body(str::from_utf8(&keys::encrypted_pem(PASSPHRASE)).unwrap()))
            .unwrap(),
        keys::legacy_encrypted_pem(PASSPHRASE),
    ] {
        // Everything up to the ciphertext, and some of that.
        for position in (0..200).chain((200..original.len()).step_by(50)) {
            let mut altered = original.clone();
            altered[position] ^= 1 << (position % 8);
            if let Err(error) = Key::from_bytes(&altered, Some(PASSPHRASE)) {
                assert!(matches!(error.status(), Status::Key | Status::Passphrase), "{error}");
            }
        }
    }
}

#[test]
fn a_key_in_utf_16_is_refused_and_the_text_says_so() {
    let little: Vec<u8> = pem().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = pem().encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_refused(&little, Status::Key, "UTF-16");
    assert_refused(&big, Status::Key, "UTF-16");
    assert_refused([b"\xff\xfe", &little[..]].concat(), Status::Key, "UTF-16");
    assert_refused([b"\xfe\xff", &big[..]].concat(), Status::Key, "UTF-16");
}

#[test]
fn a_public_key_or_certificate_in_its_place_is_refused_and_the_text_says_which() {
    let rsa = keys::rsa().rsa().unwrap();
    assert_refused(keys::public_key_pem(), Status::Key, "is a public key");
    assert_refused(rsa.public_key_to_pem_pkcs1().unwrap(), Status::Key, "is a public key");
    assert_refused(rsa.public_key_to_der().unwrap(), Status::Key, "is a public key");
    for ssh in ["ssh-rsa AAAAB3NzaC1yc2E me@host\n", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3Nz"] {
        assert_refused(ssh, Status::Key, "is a public key");
    }
    let certificate = self_signed(keys::rsa(), Validity::now());
    assert_refused(certificate.to_pem().unwrap(), Status::Key, "is a certificate");
    assert_refused(certificate.to_der().unwrap(), Status::Key, "is a certificate");
}

#[test]
fn a_pkcs12_store_or_an_openssh_key_in_its_place_is_refused_with_the_command_that_helps() {
    let certificate = self_signed(keys::rsa(), Validity::now());
    let mut store = Pkcs12::builder();
    let store = store.pkey(keys::rsa()).cert(&certificate).build2("secret").unwrap();
    let error = Key::from_bytes(&store.to_der().unwrap(), None).unwrap_err();
    assert_error(&error, Status::Key, "PKCS#12");
    assert!(error.hint().unwrap().contains("openssl pkcs12"));

    let openssh = base64::encode_block(&[b"openssh-key-v1\0".as_slice(), &[0; 200]].concat());
    let pem = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{openssh}\n-----END OPENSSH PRIVATE KEY-----\n"
    );
    let error = Key::from_bytes(pem.as_bytes(), None).unwrap_err();
    assert_error(&error, Status::Key, "OpenSSH");
    assert!(error.hint().unwrap().contains("ssh-keygen"));
}

#[test]
fn keys_of_other_kinds_are_refused_by_name() {
    for (key, name) in [
        (keys::rsa_pss(), "an RSA-PSS key"),
        (keys::dsa(), "a DSA key"),
        (PKey::generate_x25519().unwrap(), "an X25519 key"),
        (PKey::generate_x448().unwrap(), "an X448 key"),
        (PKey::generate_ed448().unwrap(), "an Ed448 key"),
        (keys::on_curve(Nid::SECP256K1), "an EC key on secp256k1"),
        (keys::on_curve(Nid::SECP224R1), "an EC key on P-224"),
        (keys::on_curve(Nid::BRAINPOOL_P256R1), "an EC key on another curve"),
    ] {
        assert_refused(key.private_key_to_pem_pkcs8().unwrap(), Status::Key, name);
        assert_refused(key.private_key_to_pkcs8().unwrap(), Status::Key, name);
        let encrypted = key
            .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), PASSPHRASE)
            .unwrap();
        assert_error(
            &Key::from_bytes(&encrypted, Some(PASSPHRASE)).unwrap_err(),
            Status::Key,
            name,
        );
    }
    let own_form = keys::on_curve(Nid::SECP256K1).ec_key().unwrap().private_key_to_pem().unwrap();
    assert_refused(own_form, Status::Key, "an EC key on secp256k1");
}

#[test]
fn an_rsa_key_under_2048_or_over_8192_bits_is_refused() {
    for bits in [512, 1024, 2047] {
        let rsa = Rsa::generate(bits).unwrap();
        assert_refused(rsa.private_key_to_pem().unwrap(), Status::Key, &format!("{bits} bits"));
    }
    let p = BigNum::get_rfc3526_prime_6144().unwrap();
    let q = BigNum::get_rfc3526_prime_3072().unwrap();
    let rsa = keys::rsa_of_primes(p, q, 65537);
    assert_refused(rsa.private_key_to_pem().unwrap(), Status::Key, "9216 bits");
}

#[test]
fn an_rsa_exponent_under_65537_is_refused() {
    for e in [3, 17, 65535] {
        let p = BigNum::get_rfc2409_prime_1024().unwrap();
        let q = BigNum::get_rfc3526_prime_1536().unwrap();
        let rsa = keys::rsa_of_primes(p, q, e);
        assert_refused(rsa.private_key_to_pem().unwrap(), Status::Key, "public exponent");
    }
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

#[test]
fn a_key_with_any_one_part_altered_is_refused() {
    assert_loads(keys::pkcs1_of_parts(&parts()));
    for altered in 0..8 {
        for bit in [1, 7, 15] {
            let mut parts = parts();
            let part = &mut parts[altered];
            if part.is_bit_set(bit) { part.clear_bit(bit) } else { part.set_bit(bit) }.unwrap();
            assert_refused(
                keys::pkcs1_of_parts(&parts),
                Status::Key,
                "parts do not belong together",
            );
        }
        let mut parts = parts();
        parts[altered] = BigNum::new().unwrap();
        assert_refused(keys::pkcs1_of_parts(&parts), Status::Key, "the private key");
    }
}

#[test]
fn a_key_with_a_part_that_is_right_but_for_one_modulus_is_refused() {
    let one = BigNum::from_u32(1).unwrap();
    let [n, _, d, p, q, dp, dq, q_inverse] = &parts();
    let (p_less_1, q_less_1) = (p - &one, q - &one);
    for (altered, part) in [
        (2, d + &p_less_1),
        (2, d + &q_less_1),
        (2, d + &(&p_less_1 * &q_less_1)),
        (5, dp + &p_less_1),
        (6, dq + &q_less_1),
        (7, q_inverse + p),
        (7, q_inverse + n),
    ] {
        let mut parts = parts();
        parts[altered] = part;
        let der = keys::pkcs1_of_parts(&parts);
        assert_refused(der, Status::Key, "parts do not belong together");
    }
}

#[test]
fn der_that_goes_on_after_its_end_is_refused() {
    for mut der in [keys::pkcs8_der(), keys::pkcs1_der()] {
        der.push(0);
        assert_refused(&der, Status::Key, "goes on after its end");
    }
}

#[test]
fn two_keys_in_one_file_are_refused() {
    let two = [keys::pkcs8_pem(), keys::pkcs1_pem()].concat();
    assert_refused(two, Status::Key, "more than one private key");
    let two = [keys::pkcs8_der(), keys::pkcs8_der()].concat();
    assert_refused(two, Status::Key, "goes on after its end");
}

#[test]
fn key_text_over_64_kib_is_a_bad_argument() {
    let most = pem() + &" ".repeat(64 * 1024 - pem().len());
    assert_loads(&most);
    assert_refused(format!("{most} "), Status::Argument, "the private key is over 64 KiB");
}

// ---- passphrases ----

#[test]
fn an_encrypted_key_without_passphrase_is_refused_at_once() {
    for encrypted in [
        keys::encrypted_pem(PASSPHRASE),
        keys::legacy_encrypted_pem(PASSPHRASE),
        keys::scrypt_encrypted_der(PASSPHRASE, 1 << 14, 8, 1),
    ] {
        for nothing in [None, Some(&b""[..])] {
            let error = Key::from_bytes(&encrypted, nothing).unwrap_err();
            assert_error(&error, Status::Passphrase, "no passphrase is given");
        }
    }
}

/// Runs `test` alone, on a terminal of its own, as `role`, until it ends or is asked for a
/// passphrase; gives what the terminal showed.
fn on_a_terminal(test: &str, role: &str) -> String {
    let program = env::current_exe().unwrap();
    let command = format!("'{}' {test} --nocapture", program.display());
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("ROLE_ON_TERMINAL", role)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = Vec::new();
    for byte in BufReader::new(script.stdout.take().unwrap()).bytes() {
        shown.push(byte.unwrap());
        if shown.ends_with(b"pass phrase:") {
            script.kill().unwrap();
        }
    }
    script.wait().unwrap();
    String::from_utf8(shown).unwrap()
}

#[test]
fn an_encrypted_key_without_passphrase_writes_nothing_to_a_terminal() {
    let name = "an_encrypted_key_without_passphrase_writes_nothing_to_a_terminal";
    let encrypted = [keys::encrypted_pem(PASSPHRASE), keys::legacy_encrypted_pem(PASSPHRASE)];
    match env::var("ROLE_ON_TERMINAL").as_deref() {
        Ok("libims") => {
            print!("<begin>");
            for encrypted in encrypted {
                for passphrase in [None, Some(&b""[..]), Some(b"wrong")] {
                    let error = Key::from_bytes(&encrypted, passphrase).unwrap_err();
                    assert_eq!(error.status(), Status::Passphrase);
                }
            }
            print!("<end>");
        }
        Ok(_) => assert!(PKey::private_key_from_pem(&encrypted[0]).is_err()),
        Err(_) => {
            // Without libims OpenSSL would ask here, so this is a terminal where it can.
            assert!(on_a_terminal(name, "OpenSSL").contains("Enter PEM pass phrase"));
            assert!(on_a_terminal(name, "libims").contains("<begin><end>"));
        }
    }
}

#[test]
fn a_wrong_passphrase_is_refused_whatever_its_bytes() {
    let [kib, more] = [vec![b'x'; 1024], vec![b'x'; 1025]];
    let wrong = [&b"wrong"[..], b"correct horse ", b"with\0nul", b"\0", b"\xff\xfe", &kib, &more];
    for encrypted in [keys::encrypted_pem(PASSPHRASE), keys::legacy_encrypted_pem(PASSPHRASE)] {
        for passphrase in wrong {
            let error = Key::from_bytes(&encrypted, Some(passphrase)).unwrap_err();
            assert_error(&error, Status::Passphrase, "passphrase");
        }
    }
}

#[test]
fn a_wrong_passphrase_whose_padding_is_right_by_chance_is_still_a_wrong_passphrase() {
    // One of about 256 is.
    for encrypted in [keys::encrypted_pem(PASSPHRASE), keys::legacy_encrypted_pem(PASSPHRASE)] {
        for number in 0..800 {
            let wrong = format!("wrong {number}");
            let error = Key::from_bytes(&encrypted, Some(wrong.as_bytes())).unwrap_err();
            assert_error(&error, Status::Passphrase, "the passphrase is wrong");
        }
    }
}

#[test]
fn a_key_encrypted_in_a_way_that_openssl_lacks_is_refused_with_the_command_that_helps() {
    let pem = String::from_utf8(keys::legacy_encrypted_pem(PASSPHRASE)).unwrap();
    let unknown = pem.replace("AES-128-CBC", "ROT-13");
    let error = Key::from_bytes(unknown.as_bytes(), Some(PASSPHRASE)).unwrap_err();
    assert_error(&error, Status::Key, "unsupported encryption");
    assert!(error.hint().unwrap().contains("openssl pkey"));
}

#[test]
fn a_key_of_as_many_iterations_as_owasp_asks_for_loads() {
    let pem = keys::pkcs8_pem();
    let iterated = |options: &[&str]| {
        let mut openssl = Command::new("openssl")
            .args(["pkcs8", "-topk8", "-passout", "pass:correct horse"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        openssl.stdin.take().unwrap().write_all(&pem).unwrap();
        openssl.wait_with_output().unwrap().stdout
    };
    assert_loads_with(iterated(&["-iter", "600000"]), Some(PASSPHRASE));
    assert_loads_with(iterated(&["-scrypt", "-scrypt_p", "7"]), Some(PASSPHRASE));
}

#[test]
fn over_1_000_000_iterations_are_refused_whatever_the_passphrase() {
    for iterations in [1_000_001, 1 << 31, u64::MAX] {
        let der = keys::encrypted_der(&Derivation::Pbkdf2 { iterations }, &[0; 1232]);
        assert_costs_too_much(&der, "over 1000000 iterations");
    }
    let der = keys::encrypted_der(&Derivation::Pbkdf2 { iterations: 100_000 }, &[0; 1232]);
    let error = Key::from_bytes(&der, Some(PASSPHRASE)).unwrap_err();
    assert_error(&error, Status::Passphrase, "the passphrase is wrong");
}

#[test]
fn scrypt_that_costs_more_or_that_openssl_refuses_is_refused_whatever_the_passphrase() {
    for (n, r, p) in [(1 << 19, 8, 1), (1 << 14, 8, 8), (1 << 40, 8, 1), (1 << 62, 1 << 62, 1)] {
        let der = keys::encrypted_der(&Derivation::Scrypt { n, r, p }, &[0; 1232]);
        assert_costs_too_much(&der, "over 1000000 iterations");
    }
    let der = keys::encrypted_der(&Derivation::Scrypt { n: 1 << 15, r: 8, p: 1 }, &[0; 1232]);
    assert_costs_too_much(&der, "scrypt of over 32 MiB");
}

/// Refused whatever the passphrase, and before any work is done: after it, a passphrase is wrong.
#[track_caller]
fn assert_costs_too_much(der: &[u8], problem: &str) {
    let digits = base64::encode_block(der);
    let block = |label: &str, header: &str| {
        format!("-----BEGIN {label}-----\n{header}{digits}\n-----END {label}-----\n")
    };
    let pem = block("ENCRYPTED PRIVATE KEY", "");
    let twice = base64::encode_block(pem.as_bytes());
    for bytes in [
        der.to_vec(),
        digits.clone().into_bytes(),
        block("RSA PRIVATE KEY", "").into_bytes(),
        block("ANY PRIVATE KEY", "Comment: 4,ENCRYPTE\n").into_bytes()[..].to_vec(),
        base64::encode_block(twice.as_bytes()).into_bytes(),
        twice.into_bytes(),
        pem.into_bytes(),
    ] {
        let error = Key::from_bytes(&bytes, Some(PASSPHRASE)).unwrap_err();
        assert_error(&error, Status::Key, "");
    }
    let error = Key::from_bytes(der, Some(PASSPHRASE)).unwrap_err();
    assert_error(&error, Status::Key, problem);
    let other = block("OTHER PRIVATE KEY", "X-Proc-Type: 4,ENCRYPTED\n\n");
    assert_error(
        &Key::from_bytes(other.as_bytes(), Some(PASSPHRASE)).unwrap_err(),
        Status::Key,
        "",
    );
}

#[test]
fn a_key_that_is_encrypted_by_its_headers_hides_no_derivation() {
    let costly = Derivation::Pbkdf2 { iterations: 1 << 31 };
    let der = keys::encrypted_der(&costly, &[0; 1232]);
    let hidden = format!(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{}\n-----END ENCRYPTED PRIVATE KEY-----\n",
        base64::encode_block(&der)
    );
    let pem = String::from_utf8(keys::legacy_encrypted_pem(PASSPHRASE)).unwrap();
    let end = "-----END RSA PRIVATE KEY-----";
    // Before and after its own digits, behind an END line that is broken, and in a header.
    for hiding in [
        pem.replace(end, &format!("-----END RSA PRIVATE K\nEY-----\n{hidden}{end}")),
        pem.replace(end, &format!("-----END RSA PRIVATE KEY\n-----\n{hidden}{end}")),
        pem.replace("\n\n", &format!("\n\n{hidden}")),
        pem.replace("\n\n", &format!("\n\n-----END RSA PRIV\n{hidden}")),
    ] {
        let error = Key::from_bytes(hiding.as_bytes(), Some(PASSPHRASE)).unwrap_err();
        assert_eq!(error.status(), Status::Key, "{error}");
    }
    for header in [format!("X: {hidden}"), format!("X: {}{hidden}", "x".repeat(252))] {
        let hiding = pem.replace("\n\n", &format!("\n{}\n\n", header.replace('\n', "\\\\")));
        assert_loads_with(hiding, Some(PASSPHRASE));
    }
    // Encrypted twice, with the same passphrase.
    let iv = [7; 16];
    let key =
        bytes_to_key(Cipher::aes_128_cbc(), MessageDigest::md5(), PASSPHRASE, Some(&iv[..8]), 1);
    let twice = symm::encrypt(Cipher::aes_128_cbc(), &key.unwrap().key, Some(&iv), &der).unwrap();
    let twice = format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{}\n\n{}\n{end}",
        "07".repeat(16),
        base64::encode_block(&twice)
    );
    let error = Key::from_bytes(twice.as_bytes(), Some(PASSPHRASE)).unwrap_err();
    assert_error(&error, Status::Key, "is encrypted twice");
}

#[test]
fn a_key_that_is_encrypted_by_its_headers_loads_with_every_cipher_that_openssl_writes() {
    let rsa = keys::rsa().rsa().unwrap();
    for cipher in [
        Cipher::aes_128_cbc(),
        Cipher::aes_192_cbc(),
        Cipher::aes_256_cbc(),
        Cipher::des_ede3_cbc(),
        Cipher::camellia_256_cbc(),
    ] {
        let pem = rsa.private_key_to_pem_passphrase(cipher, PASSPHRASE).unwrap();
        assert_loads_with(pem, Some(PASSPHRASE));
    }
    let pem = String::from_utf8(keys::legacy_encrypted_pem(PASSPHRASE)).unwrap();
    for broken in
        ["DEK-Info: AES-128-CBC,00", "DEK-Info: AES-128-CBC", "DEK-Info: AES-128-ECB,", "X"]
    {
        let start = pem.find("DEK-Info").unwrap();
        let line = &pem[start..start + pem[start..].find('\n').unwrap()];
        let error = Key::from_bytes(pem.replace(line, broken).as_bytes(), Some(PASSPHRASE));
        assert_eq!(error.unwrap_err().status(), Status::Key, "{broken}");
    }
}

// ---- files ----

#[test]
fn a_key_file_works() {
    let directory = Directory::new();
    let path = directory.write("key.pem", keys::encrypted_pem(PASSPHRASE));
    Key::from_file(&path, Some(PASSPHRASE)).unwrap();
    let error = Key::from_file(&path, None).unwrap_err();
    assert_error(&error, Status::Passphrase, &format!("key file {}", path.display()));
}

#[test]
fn a_missing_file_is_refused_by_name() {
    let directory = Directory::new();
    assert_file_refused(&directory.path().join("missing.pem"), "No such file");
    let file = directory.write("key.pem", pem());
    assert_file_refused(&file.join("below"), "Not a directory");
    let link = directory.path().join("loop");
    std::os::unix::fs::symlink(&link, &link).unwrap();
    assert_file_refused(&link, "symbolic links");
}

const WITHOUT_CAPABILITIES: &str = "TEST_WITHOUT_CAPABILITIES";

#[test]
fn an_unreadable_file_is_refused_with_a_hint() {
    let directory = Directory::new();
    let path = directory.write("key.pem", pem());
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() && env::var_os(WITHOUT_CAPABILITIES).is_none() {
        // The superuser reads every file, but not without capabilities.
        let again = Command::new("setpriv")
            .args(["--bounding-set=-all", "--inh-caps=-all"])
            .arg(env::current_exe().unwrap())
            .arg("an_unreadable_file_is_refused_with_a_hint")
            .env(WITHOUT_CAPABILITIES, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && text.contains("ok. 1 passed"), "{text}");
        return;
    }
    let error = Key::from_file(&path, None).unwrap_err();
    assert_error(&error, Status::Key, "Permission denied");
    assert!(error.hint().unwrap().contains("chown"));
}

#[test]
fn a_directory_fifo_or_device_is_refused_by_name() {
    let directory = Directory::new();
    assert_file_refused(directory.path(), "is a directory");
    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_file_refused(&fifo, "not a regular file");
    assert_file_refused(Path::new("/dev/zero"), "not a regular file");
    assert_file_refused(Path::new("/dev/null"), "not a regular file");
}

#[test]
fn an_empty_file_or_one_of_100_mb_is_refused_by_name() {
    let directory = Directory::new();
    assert_file_refused(&directory.write("empty.pem", ""), "is empty");
    let large = directory.path().join("large.pem");
    File::create(&large).unwrap().set_len(100_000_000).unwrap();
    assert_file_refused(&large, "over 64 KiB");
}

#[test]
fn a_key_given_as_the_name_of_its_file_does_not_show() {
    // A short key is as long as a name may be.
    let ed25519 = PKey::generate_ed25519().unwrap().private_key_to_pkcs8().unwrap();
    for text in [pem(), body(&pem()), String::from("-----BEGIN"), base64::encode_block(&ed25519)] {
        let error = Key::from_file(&text, None).unwrap_err();
        assert_error(&error, Status::Key, "its name is not shown");
        assert!(!format!("{error:?}").contains(&text));
    }
    for name in ["nul\0", "private", "MAIN", "a/b/c"] {
        let words = format!("key file {}", name.trim_end_matches('\0'));
        assert_error(&Key::from_file(name, None).unwrap_err(), Status::Key, &words);
    }
}

// ---- what a key can do ----

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

// ---- certificates ----

/// 2026-01-01 to 2026-12-31, UTC.
const YEAR_2026: Validity = Validity { from: 1_767_225_600, until: 1_798_675_200 };

fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
}

#[test]
fn a_certificate_that_belongs_to_the_key_is_taken_from_its_first_to_its_last_second() {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let certificate = self_signed(keys::rsa(), YEAR_2026);
    let (pem, der) = (certificate.to_pem().unwrap(), certificate.to_der().unwrap());
    let text = String::from_utf8(pem.clone()).unwrap();
    let other = self_signed(&keys::ec(), YEAR_2026).to_pem().unwrap();
    for form in [
        pem.clone(),
        der.clone(),
        base64::encode_block(&der).into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\\n").into_bytes(),
        [keys::pkcs8_pem(), pem.clone()].concat(),
        [other, pem].concat(),
    ] {
        for now in [YEAR_2026.from, YEAR_2026.from + 1_000_000, YEAR_2026.until] {
            key.check_certificate(&form, at(now)).unwrap();
        }
    }
}

#[track_caller]
fn assert_certificate_refused(certificate: &[u8], now: i64, words: &str) -> Error {
    let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
    let error = key.check_certificate(certificate, at(now)).unwrap_err();
    assert_error(&error, Status::Credentials, words);
    assert!(error.hint().is_some());
    error
}

#[test]
fn a_certificate_that_does_not_belong_to_the_key_is_refused() {
    for other in [PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(), keys::ec()] {
        let certificate = self_signed(&other, YEAR_2026).to_pem().unwrap();
        let words = "the certificate does not belong to the private key";
        assert_certificate_refused(&certificate, YEAR_2026.from, words);
    }
}

#[test]
fn a_certificate_that_has_expired_is_refused_with_its_dates() {
    let certificate = certificate_pem(YEAR_2026);
    let error = assert_certificate_refused(
        &certificate,
        YEAR_2026.until + 1,
        "the certificate has expired",
    );
    assert_error(&error, Status::Credentials, "from Jan  1 00:00:00 2026 GMT to Dec 31");
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_refused_with_its_dates() {
    let certificate = certificate_pem(YEAR_2026);
    let error = assert_certificate_refused(&certificate, YEAR_2026.from - 1, "is not valid yet");
    assert_error(&error, Status::Credentials, "from Jan  1 00:00:00 2026 GMT to Dec 31");
    assert_certificate_refused(&certificate, 0, "is not valid yet");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let (pem, large) = (certificate_pem(YEAR_2026), vec![b'x'; 70_000]);
    assert_certificate_refused(b"", YEAR_2026.from, "is not an X.509 certificate");
    assert_certificate_refused(b"garbage", YEAR_2026.from, "is not an X.509 certificate");
    assert_certificate_refused(&large, YEAR_2026.from, "is over 64 KiB");
    assert_certificate_refused(&keys::pkcs8_pem(), YEAR_2026.from, "holds no certificate");
    for len in (1..pem.len() - 1).step_by(7) {
        assert_certificate_refused(&pem[..len], YEAR_2026.from, "the certificate is");
    }
}
