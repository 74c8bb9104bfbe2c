//! PKCS#12 stores: the key, its certificate, and what decrypting one costs.

use ims::{
    Assertion, Claims, Credentials, CredentialsOptions, Thumbprint, decode_jwt, generate_jwt,
};

use super::*;

/// The ciphers that programs have written for key and certificate: OpenSSL 3 and today's Java, and what
/// Windows, older Java and older OpenSSL wrote.
const TODAY: &str = "-certpbe AES-256-CBC -keypbe AES-256-CBC";
const BEFORE: &str = "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1";
/// As Google's stores are.
const GOOGLES: &str = "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1";
const ONLY_LEGACY: &str = "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-RC2-40 -macalg sha1";

/// A store of [`keys::rsa`] and a certificate, as `openssl pkcs12 -export` makes it.
fn store(options: &str, passphrase: &str) -> Vec<u8> {
    let directory = Directory::new();
    directory.write("key.pem", keys::pkcs8_pem());
    directory.write("certificate.pem", certificate_pem(Validity::a_year()));
    run(
        directory.path(),
        &format!(
            "openssl pkcs12 -export -inkey key.pem -in certificate.pem -name privatekey {options} \
             -passout 'pass:{passphrase}' -out store.p12"
        ),
    );
    fs::read(directory.path().join("store.p12")).unwrap()
}

#[test]
fn a_store_is_read_with_its_passphrase_and_brings_its_certificate() {
    for options in
        [TODAY, BEFORE, "-keypbe NONE -certpbe NONE", "-nomac", "-keypbe AES-128-CBC -certpbe NONE"]
    {
        let store = store(options, "correct horse");
        assert_loads_with(&store, Some(PASSPHRASE));
        assert_loads_with(base64::encode_block(&store), Some(PASSPHRASE));
        let key = Key::from_bytes(&store, Some(PASSPHRASE)).unwrap();
        let certificate = key.certificates().unwrap_or_else(|| panic!("{options}"));
        key.check_certificate(certificate, SystemTime::now()).unwrap();
    }
}

#[test]
fn a_passphrase_may_have_any_characters() {
    for options in [TODAY, BEFORE] {
        for passphrase in ["Grüße, 日本", "👍", &"x".repeat(100)] {
            assert_loads_with(store(options, passphrase), Some(passphrase.as_bytes()));
        }
    }
}

#[test]
fn a_store_is_read_without_a_passphrase_where_it_is_empty_or_googles() {
    for options in [TODAY, BEFORE] {
        for passphrase in ["", "notasecret"] {
            assert_loads_with(store(options, passphrase), None);
            assert_loads_with(store(options, passphrase), Some(b""));
        }
        let error = Key::from_bytes(&store(options, "correct horse"), None).unwrap_err();
        assert_error(
            &error,
            Status::Passphrase,
            "PKCS#12 store with a passphrase, and none is given",
        );
        for wrong in [&b"wrong"[..], b"notasecret"] {
            let error = Key::from_bytes(&store(options, "correct horse"), Some(wrong)).unwrap_err();
            assert_error(&error, Status::Passphrase, "the passphrase is wrong");
        }
    }
}

#[test]
fn a_store_of_old_ciphers_is_read_with_its_certificate_and_the_process_gets_no_further_cipher() {
    for options in [GOOGLES, ONLY_LEGACY] {
        let google = store(options, "notasecret");
        assert_loads_with(&google, None);
        let key = Key::from_bytes(&google, None).unwrap();
        key.check_certificate(key.certificates().unwrap(), SystemTime::now()).unwrap();
        let own = store(options, "correct horse");
        assert_loads_with(&own, Some(PASSPHRASE));
        let error = Key::from_bytes(&own, Some(b"wrong")).unwrap_err();
        assert_error(&error, Status::Passphrase, "the passphrase is wrong");
    }
    let rc2 = Cipher::from_nid(Nid::RC2_40_CBC).unwrap();
    symm::decrypt(rc2, &[0; 5], Some(&[0; 8]), &[0; 8]).unwrap_err();
    assert!(openssl::cipher::Cipher::fetch(None, "RC2-40-CBC", None).is_err());
}

#[test]
fn a_store_of_java_is_read() {
    let directory = Directory::new();
    run(
        directory.path(),
        "keytool -genkeypair -keyalg RSA -keysize 2048 -alias a -dname CN=a -storetype PKCS12 \
         -keystore store.p12 -storepass 'correct horse'",
    );
    let store = fs::read(directory.path().join("store.p12")).unwrap();
    let key = Key::from_bytes(&store, Some(PASSPHRASE)).unwrap();
    key.check_certificate(key.certificates().unwrap(), SystemTime::now()).unwrap();

    run(
        directory.path(),
        "keytool -genkeypair -keyalg EC -groupname secp256r1 -alias b -dname CN=b -storetype PKCS12 \
         -keystore store.p12 -storepass 'correct horse'",
    );
    let two = fs::read(directory.path().join("store.p12")).unwrap();
    let error = Key::from_bytes(&two, Some(PASSPHRASE)).unwrap_err();
    assert_error(&error, Status::Key, "more than one private key");
    let hint = error.hint().unwrap().replace("STORE -srcalias ALIAS", "store.p12 -srcalias b");
    let (_, command) = hint.split_once(": ").unwrap();
    let command = command.replace("NEW_STORE", "one.p12");
    run(
        directory.path(),
        &format!("{command} -srcstorepass 'correct horse' -deststorepass 'correct horse'"),
    );
    let one = fs::read(directory.path().join("one.p12")).unwrap();
    let key = Key::from_bytes(&one, Some(PASSPHRASE)).unwrap();
    assert_eq!(key.default_algorithm(), Algorithm::ES256);
}

#[test]
fn a_store_without_a_key_is_refused() {
    let directory = Directory::new();
    directory.write("certificate.pem", certificate_pem(Validity::a_year()));
    run(
        directory.path(),
        "openssl pkcs12 -export -nokeys -in certificate.pem -passout pass: -out store.p12",
    );
    let store = fs::read(directory.path().join("store.p12")).unwrap();
    assert_refused(store, Status::Key, "is a PKCS#12 store without a private key");
}

#[test]
fn a_store_costs_no_more_than_an_encrypted_key_and_is_refused_before_any_work() {
    let iterated = |count: u32| store(&format!("{TODAY} -iter {count} -nomac"), "notasecret");
    assert_loads_with(iterated(200_000), Some(b"notasecret"));
    // The cost is that of the key and of the certificate.
    let error = Key::from_bytes(&iterated(600_000), Some(b"notasecret")).unwrap_err();
    assert_error(&error, Status::Key, "over 1000000 iterations");
}

#[test]
fn a_store_cut_or_altered_anywhere_is_refused_or_signs_the_same() {
    let signature = |key: &Key| key.sign(Algorithm::RS256, b"message").unwrap();
    for options in [TODAY, BEFORE] {
        let store = store(&format!("{options} -iter 1"), "notasecret");
        let signed = signature(&Key::from_bytes(&store, None).unwrap());
        for len in (1..store.len()).step_by(7) {
            assert_refused(&store[..len], Status::Key, "the private key is");
        }
        for position in (0..200).chain((200..store.len()).step_by(11)) {
            let mut altered = store.clone();
            altered[position] ^= 1 << (position % 8);
            match Key::from_bytes(&altered, None) {
                Ok(key) => assert_eq!(signature(&key), signed),
                Err(error) => {
                    assert!(matches!(error.status(), Status::Key | Status::Passphrase), "{error}");
                }
            }
        }
    }
}

#[test]
fn the_thumbprint_of_a_store_needs_no_certificate() {
    let key = Key::from_bytes(&store(TODAY, "notasecret"), None).unwrap();
    let mut assertion = Assertion::from(Claims::new("a", "a", "b"));
    assertion.header.x5t = Some(Thumbprint::S256);
    let jwt = generate_jwt(&key, &assertion, SystemTime::now()).unwrap();
    let header = decode_jwt(jwt.expose()).unwrap().header;
    let own = key.certificate_thumbprint(Thumbprint::S256, key.certificates().unwrap()).unwrap();
    assert!(header.contains(&own), "{header}");
}

#[test]
fn credentials_take_a_store_and_check_its_certificate() {
    let directory = Directory::new();
    let credentials = |name: &str| {
        let json = format!(
            r#"{{"grant":"jwt_bearer","token_url":"https://a.example/token","iss":"a","sub":"a",
                "aud":"b","x5t":"S256","private_key":"{name}"}}"#
        );
        let file = directory.write("credentials.json", json);
        Credentials::from_file(file, &CredentialsOptions::default())
    };
    directory.write("store.p12", store(TODAY, "notasecret"));
    let good = credentials("store.p12").unwrap();
    let key = good.checked_key(SystemTime::now()).unwrap();
    good.grant(key.as_ref(), SystemTime::now()).unwrap();
    assert_eq!(good.certificates().unwrap().len(), 1);

    let later = SystemTime::now() + Duration::from_secs(400 * 86_400);
    let error = good.checked_key(later).unwrap_err();
    assert_error(&error, Status::Credentials, "the certificate in private_key has expired");
    assert_error(&error, Status::Credentials, "credentials.json");

    directory.write("key.pem", keys::pkcs8_pem());
    let error = credentials("key.pem").unwrap_err();
    assert_error(&error, Status::Credentials, "certificate is missing");
}
