//! What people take for a private key: named, with a command that makes a key of it. Each command is run.

use std::path::PathBuf;

use super::*;

/// A file that a tool wrote, and the error of it as a key.
fn made_by(commands: &str, file: &str) -> (Directory, PathBuf, Error) {
    let directory = Directory::new();
    directory.write("key.pem", keys::pkcs8_pem());
    directory.write("pkcs1.pem", keys::pkcs1_pem());
    directory.write("ec.pem", keys::ec_pem());
    directory.write("certificate.pem", certificate_pem(Validity::a_year()));
    run(directory.path(), commands);
    let path = directory.path().join(file);
    let error = Key::from_file(&path, None).unwrap_err();
    assert_error(&error, Status::Key, path.to_str().unwrap());
    (directory, path, error)
}

/// Follows the hint with `options` at the end of its command; gives what was written.
#[track_caller]
fn assert_hint_makes_a_key(commands: &str, file: &str, words: &str, options: &str) {
    let (directory, _, error) = made_by(commands, file);
    assert_error(&error, Status::Key, words);
    let key = follow(&error, directory.path(), file, options);
    Key::from_bytes(&key, Some(PASSPHRASE)).unwrap();
}

#[test]
fn a_key_of_openssh_is_read_and_an_encrypted_one_once_its_passphrase_is_off() {
    for kind in ["rsa -b 2048", "rsa -b 3072", "ed25519", "ecdsa", "ecdsa -b 384", "ecdsa -b 521"] {
        let directory = Directory::new();
        run(directory.path(), &format!("ssh-keygen -q -t {kind} -N '' -f ssh"));
        let key = Key::from_file(directory.path().join("ssh"), None).unwrap();
        key.sign(key.default_algorithm(), b"message").unwrap();
        // As a copy of it often is.
        let encrypted =
            format!("ssh-keygen -q -t {kind} -N 'correct horse' -f ssh && chmod 644 ssh");
        let words = "is in OpenSSH's own form, encrypted";
        assert_hint_makes_a_key(&encrypted, "ssh", words, "-P 'correct horse'");
    }
    let (_, _, error) = made_by("ssh-keygen -q -t rsa -b 2048 -N '' -f ssh", "ssh.pub");
    assert_error(&error, Status::Key, "is a public key");
}

#[test]
fn a_key_of_openssh_is_the_one_that_its_public_key_says_or_is_refused() {
    let directory = Directory::new();
    for kind in ["rsa", "ecdsa", "ed25519"] {
        run(directory.path(), &format!("ssh-keygen -q -t {kind} -N '' -f {kind}"));
        let file = directory.path().join(kind);
        let key = Key::from_file(&file, None).unwrap();
        // ssh-keygen writes a public key of Ed25519 in no other form.
        if kind != "ed25519" {
            run(directory.path(), &format!("ssh-keygen -e -m PKCS8 -f {kind}.pub > {kind}.pem"));
            let public = fs::read_to_string(directory.path().join(format!("{kind}.pem"))).unwrap();
            assert_eq!(key.public_pem().unwrap(), public);
        }
        let text = fs::read_to_string(&file).unwrap();
        let digits: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let bytes = base64::decode_block(&digits).unwrap();
        for place in (0..bytes.len()).step_by(7) {
            let mut altered = bytes.clone();
            altered[place] ^= 1;
            // Only the comment may be another.
            let Ok(altered) = Key::from_bytes(&altered, None) else { continue };
            assert_eq!(altered.public_pem().unwrap(), key.public_pem().unwrap(), "{kind} {place}");
        }
    }
}

#[test]
fn a_key_of_putty_is_named_and_its_command_works() {
    let ppk = "puttygen pkcs1.pem -O private -o key.ppk";
    assert_hint_makes_a_key(ppk, "key.ppk", "PuTTY's form (.ppk)", "");
    let com = "puttygen pkcs1.pem -O private-sshcom -o key.com";
    assert_hint_makes_a_key(com, "key.com", "ssh.com's form", "");
}

#[test]
fn a_java_key_store_is_named_and_its_command_works() {
    for (kind, words) in [("JKS", "a Java key store (JKS)"), ("JCEKS", "a Java key store (JCEKS)")]
    {
        let make = format!(
            "keytool -genkeypair -keyalg RSA -keysize 2048 -alias a -dname CN=a -storetype {kind} \
             -keystore store -storepass 'correct horse' -keypass 'correct horse'"
        );
        let options = "-srcstorepass 'correct horse' -deststorepass 'correct horse'";
        assert_hint_makes_a_key(&make, "store", words, options);
    }
}

#[test]
fn a_key_of_microsoft_is_named_and_its_command_works() {
    let pvk = "openssl rsa -in pkcs1.pem -outform PVK -pvk-none -out key.pvk";
    assert_hint_makes_a_key(pvk, "key.pvk", "Microsoft's PVK form", "");
    let blob = "openssl rsa -in pkcs1.pem -outform MSBLOB -out key.blob";
    assert_hint_makes_a_key(blob, "key.blob", "Microsoft's blob form", "");
    let (_, _, error) =
        made_by("openssl rsa -in pkcs1.pem -pubout -outform MSBLOB -out key.blob", "key.blob");
    assert_error(&error, Status::Key, "a public key in Microsoft's blob form");
}

#[test]
fn an_archive_is_named_and_its_command_works() {
    assert_hint_makes_a_key("gzip -k key.pem", "key.pem.gz", "a gzip archive", "");
    assert_refused(b"PK\x03\x04\x14\0\0\0", Status::Key, "is a zip archive");
}

#[test]
fn certificates_requests_and_bundles_are_named() {
    let request = "openssl req -new -key key.pem -subj /CN=a";
    for (commands, words) in [
        (format!("{request} -out file"), "a request for a certificate (CSR)"),
        (format!("{request} -outform DER -out file"), "a request for a certificate (CSR)"),
        ("openssl crl2pkcs7 -nocrl -certfile certificate.pem -out file".into(), "a PKCS#7 bundle"),
        (
            "openssl crl2pkcs7 -nocrl -certfile certificate.pem -outform DER -out file".into(),
            "a PKCS#7 bundle",
        ),
        ("cp certificate.pem file".into(), "is a certificate"),
        ("openssl x509 -in certificate.pem -outform DER -out file".into(), "is a certificate"),
        ("openssl pkey -in key.pem -pubout -out file".into(), "is a public key"),
        (
            "openssl rsa -in key.pem -RSAPublicKey_out -outform DER -out file".into(),
            "is a public key",
        ),
        ("openssl ecparam -name prime256v1 -out file".into(), "a curve without a key"),
    ] {
        let (_, _, error) = made_by(&commands, "file");
        assert_error(&error, Status::Key, words);
        assert!(error.hint().unwrap().contains("give "), "{error:?}");
    }
}

#[test]
fn parameters_of_keys_are_named() {
    for kind in [
        "DSA -pkeyopt dsa_paramgen_bits:1024",
        "DH -pkeyopt dh_paramgen_prime_len:512",
        "DHX -pkeyopt dh_rfc5114:1",
    ] {
        for form in ["PEM", "DER"] {
            let make =
                format!("openssl genpkey -genparam -algorithm {kind} -outform {form} -out file");
            let (_, _, error) = made_by(&make, "file");
            assert_error(&error, Status::Key, "the parameters of DSA or Diffie-Hellman");
        }
    }
}

#[test]
fn what_is_encrypted_for_a_certificate_is_named_and_its_command_works() {
    for (form, words) in [
        ("PEM", "is encrypted for a certificate (CMS)"),
        ("DER", "is encrypted for a certificate (CMS)"),
        ("SMIME", "is a message that S/MIME encrypted"),
    ] {
        for cipher in ["aes256", "aes-256-gcm"] {
            let make = format!(
                "openssl cms -encrypt -binary -{cipher} -in key.pem -outform {form} -out file \
                 certificate.pem"
            );
            let (directory, _, error) = made_by(&make, "file");
            assert_error(&error, Status::Key, words);
            fs::rename(directory.path().join("key.pem"), directory.path().join("CERTIFICATE_KEY"))
                .unwrap();
            let key = follow(&error, directory.path(), "file", "");
            Key::from_bytes(&key, None).unwrap();
        }
    }
}

#[test]
fn what_openssl_enc_wrote_is_named_and_its_command_works() {
    let make = "openssl enc -aes-256-cbc -pbkdf2 -pass pass:a -in key.pem -out file";
    assert_hint_makes_a_key(make, "file", "is encrypted by openssl enc", "-pass pass:a");
    let (directory, path, _) = made_by(make, "file");
    let encoded = base64::encode_block(&fs::read(path).unwrap());
    drop(directory);
    assert_refused(encoded, Status::Key, "is encrypted by openssl enc");
}

#[test]
fn a_key_of_openpgp_in_binary_is_named() {
    // The first bytes that GnuPG writes: keys, and messages for a key or a passphrase.
    for first in [
        &b"\x95\x03\x98\x04"[..],
        b"\x94\x58\x04",
        b"\x99\x01\x0d\x04",
        b"\x98\x33\x04",
        b"\x85\x01\x0c\x03",
        b"\x8c\x0d\x04\x09",
        b"\xc5\xc0\x10\x06",
    ] {
        let file = [first, &[0x5f; 40]].concat();
        assert_refused(&file, Status::Key, "is a file of OpenPGP");
        assert_refused(base64::encode_block(&file), Status::Key, "is a file of OpenPGP");
    }
}

#[test]
fn what_signs_no_jwt_is_named_with_the_command_for_a_new_key() {
    for (file, words) in [
        (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQVY\n-----END PGP PRIVATE KEY BLOCK-----\n",
            "a key of PGP",
        ),
        ("# created: 2026-01-01\nAGE-SECRET-KEY-1QQQQ\n", "a key of age"),
        ("AGE-SECRET-KEY-1QQQQ", "a key of age"),
        ("untrusted comment: minisign encrypted secret key\nRWRTY0Iy\n", "a key of minisign"),
        ("age-encryption.org/v1\n-> X25519 a\n", "age encrypted"),
        ("SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0", "the SSH protocol 1"),
        ("pkcs11:token=a;object=b", "the name of a key in a PKCS#11 token"),
        (
            "-----BEGIN TSS2 PRIVATE KEY-----\nMIIB8g==\n-----END TSS2 PRIVATE KEY-----\n",
            "the handle of a key in a TPM",
        ),
    ] {
        let error = Key::from_bytes(file.as_bytes(), None).unwrap_err();
        assert_error(&error, Status::Key, words);
        let directory = Directory::new();
        Key::from_bytes(&follow(&error, directory.path(), "key", ""), None).unwrap();
    }
    let weak = Rsa::generate(1024).unwrap().private_key_to_pem().unwrap();
    let error = Key::from_bytes(&weak, None).unwrap_err();
    let directory = Directory::new();
    Key::from_bytes(&follow(&error, directory.path(), "key", ""), None).unwrap();
}

#[test]
fn pages_and_pointers_are_named() {
    for (file, words) in [
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "an HTML page"),
        ("\n<html><head><title>404</title>", "an HTML page"),
        ("<Error><Code>AccessDenied</Code></Error>", "is XML, but no RSAKeyValue"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "encrypted by Ansible Vault"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        ("\0GITCRYPT\0abcdefghijkl", "encrypted by git-crypt"),
        ("\0\0\0\x02\0\0\0\x14abcdefgh", "Bouncy Castle (BKS)"),
        ("SQLite format 3\0\x10\0\x01\x01", "a database of SQLite"),
        ("kych\0\x01\0\0\0\0\0\x10", "a keychain of macOS"),
        ("%PDF-1.7\n%\n1 0 obj", "a PDF"),
        ("apiVersion: v1\nkind: Secret\ndata:\n  tls.key: LS0tLS1C\n", "a manifest of Kubernetes"),
        (r#"{"apiVersion":"v1","kind":"Secret","data":{"a":"LS0t"}}"#, "a manifest of Kubernetes"),
        (r#"{"data":"ENC[AES256_GCM,data:a,type:str]","sops":{}}"#, "encrypted by SOPS"),
        ("key: ENC[AES256_GCM,data:a,type:str]\nsops:\n    a: b\n", "encrypted by SOPS"),
        ("vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==", "Vault"),
        ("eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.", "a JWT, not a key"),
    ] {
        assert_refused(file, Status::Key, words);
        assert_refused(base64::encode_block(file.as_bytes()), Status::Key, words);
    }
}

#[test]
fn an_rsa_key_in_xml_is_read() {
    let text = |part: &BigNum| base64::encode_block(&part.to_vec());
    let [n, e, d, p, q, dp, dq, inverse] = &parts();
    let (public, private) = (
        format!("<Modulus>{}</Modulus><Exponent>{}</Exponent>", text(n), text(e)),
        format!(
            "<P>{}</P><Q>{}</Q><DP>{}</DP><DQ>{}</DQ><InverseQ>{}</InverseQ><D>{}</D>",
            text(p),
            text(q),
            text(dp),
            text(dq),
            text(inverse),
            text(d)
        ),
    );
    assert_loads(format!("<RSAKeyValue>{public}{private}</RSAKeyValue>"));
    let spaced = format!("{public}{private}").replace('>', ">\n  ");
    assert_loads(format!(
        "\u{feff}<?xml version=\"1.0\"?>\n<RSAKeyValue>\n{spaced}</RSAKeyValue>\n"
    ));
    assert_refused(
        format!("<RSAKeyValue>{public}</RSAKeyValue>"),
        Status::Key,
        "is a public key in XML",
    );
}
