//! Encrypted keys and their passphrases.

use super::*;

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
    for broken in [
        "DEK-Info: AES-128-CBC,00",
        "DEK-Info: AES-128-CBC",
        "DEK-Info: AES-128-ECB,",
        "DEK-Info: AES\0,00",
        "X",
    ] {
        let start = pem.find("DEK-Info").unwrap();
        let line = &pem[start..start + pem[start..].find('\n').unwrap()];
        let error = Key::from_bytes(pem.replace(line, broken).as_bytes(), Some(PASSPHRASE));
        assert_eq!(error.unwrap_err().status(), Status::Key, "{broken}");
    }
}

/// Any DER in RFC 1421's encryption, as pycryptodome and older OpenSSL write it.
fn encrypted_by_headers(label: &str, der: &[u8], name: &str, cipher: Cipher) -> String {
    let iv = vec![7; cipher.iv_len().unwrap()];
    let key = bytes_to_key(cipher, MessageDigest::md5(), PASSPHRASE, Some(&iv[..8]), 1).unwrap();
    let encrypted = symm::encrypt(cipher, &key.key, Some(&iv), der).unwrap();
    format!(
        "-----BEGIN {label}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: {name},{}\n\n{}\n-----END {label}-----",
        "07".repeat(iv.len()),
        base64::encode_block(&encrypted)
    )
}

#[test]
fn a_key_of_any_label_that_is_encrypted_by_its_headers_loads() {
    // user-sync's `encrypt` writes PKCS#8 so, by pycryptodome 3.9.
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "ANY PRIVATE KEY"] {
        for (name, cipher) in [
            ("DES-EDE3-CBC", Cipher::des_ede3_cbc()),
            ("AES-128-CBC", Cipher::aes_128_cbc()),
            ("AES-256-CBC", Cipher::aes_256_cbc()),
            ("CAMELLIA-256-CBC", Cipher::camellia_256_cbc()),
        ] {
            for der in [keys::pkcs8_der(), keys::pkcs1_der()] {
                let pem = encrypted_by_headers(label, &der, name, cipher);
                assert_loads_with(&pem, Some(PASSPHRASE));
                let error = Key::from_bytes(pem.as_bytes(), None).unwrap_err();
                assert_error(&error, Status::Passphrase, "no passphrase is given");
                let error = Key::from_bytes(pem.as_bytes(), Some(b"wrong")).unwrap_err();
                assert_error(&error, Status::Passphrase, "the passphrase is wrong");
            }
        }
    }
    let ec = keys::ec().ec_key().unwrap().private_key_to_der().unwrap();
    let pem = encrypted_by_headers("EC PRIVATE KEY", &ec, "DES-EDE3-CBC", Cipher::des_ede3_cbc());
    let key = Key::from_bytes(pem.as_bytes(), Some(PASSPHRASE)).unwrap();
    assert_eq!(key.default_algorithm(), Algorithm::ES256);
}

#[test]
fn a_key_in_the_encryption_of_older_pkcs12_loads() {
    let directory = Directory::new();
    directory.write("key.pem", keys::pkcs8_pem());
    for scheme in ["PBE-SHA1-3DES", "PBE-SHA1-2DES"] {
        run(
            directory.path(),
            &format!(
                "openssl pkcs8 -topk8 -v1 {scheme} -in key.pem -passout 'pass:correct horse' -out {scheme}"
            ),
        );
        let pem = fs::read(directory.path().join(scheme)).unwrap();
        assert_loads_with(&pem, Some(PASSPHRASE));
        let error = Key::from_bytes(&pem, Some(b"wrong")).unwrap_err();
        assert_error(&error, Status::Passphrase, "the passphrase is wrong");
    }
}
