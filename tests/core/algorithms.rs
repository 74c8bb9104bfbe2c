//! Every algorithm with every kind of key: the RFCs' own examples, and what a key cannot do.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ims::{
    Algorithm, Assertion, Claims, Error, Key, Secret, SigningKey, Status, Thumbprint, decode_jwt,
    generate_jwt,
};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::symm::Cipher;
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;
use support::signatures::{self, ALGORITHMS, key_for};

fn key_of(algorithm: Algorithm) -> PKey<Private> {
    key_for(algorithm.name())
}

fn loaded(key: &PKey<Private>) -> Key {
    Key::from_bytes(&key.private_key_to_pem_pkcs8().unwrap(), None).unwrap()
}

fn algorithms_of_keys() -> impl Iterator<Item = Algorithm> {
    ALGORITHMS.into_iter().map(|name| name.parse().unwrap())
}

fn bytes(base64url: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(base64url.as_str().unwrap()).unwrap()
}

fn number(base64url: &Value) -> BigNum {
    BigNum::from_slice(&bytes(base64url)).unwrap()
}

/// The private key of a JWK of the RFCs.
fn key_of_jwk(jwk: &Value) -> PKey<Private> {
    let curve = match jwk["crv"].as_str() {
        None => {
            let rsa = keys::rsa_of_primes(number(&jwk["p"]), number(&jwk["q"]), 65537);
            return PKey::from_rsa(rsa).unwrap();
        }
        Some("Ed25519") => {
            return PKey::private_key_from_raw_bytes(&bytes(&jwk["d"]), Id::ED25519).unwrap();
        }
        Some("P-256") => Nid::X9_62_PRIME256V1,
        Some(_) => Nid::SECP521R1,
    };
    let group = EcGroup::from_curve_name(curve).unwrap();
    let public =
        EcKey::from_public_key_affine_coordinates(&group, &number(&jwk["x"]), &number(&jwk["y"]))
            .unwrap();
    let private =
        EcKey::from_private_components(&group, &number(&jwk["d"]), public.public_key()).unwrap();
    PKey::from_ec_key(private).unwrap()
}

/// The public key of a JWK, as a server reads it.
fn public_key_of_jwk(jwk: &str) -> PKey<Public> {
    let jwk: Value = serde_json::from_str(jwk).unwrap();
    let curve = match jwk["crv"].as_str() {
        None => {
            let rsa = Rsa::from_public_components(number(&jwk["n"]), number(&jwk["e"])).unwrap();
            return PKey::from_rsa(rsa).unwrap();
        }
        Some("Ed25519") => {
            return PKey::public_key_from_raw_bytes(&bytes(&jwk["x"]), Id::ED25519).unwrap();
        }
        Some("P-256") => Nid::X9_62_PRIME256V1,
        Some("P-384") => Nid::SECP384R1,
        Some(_) => Nid::SECP521R1,
    };
    let group = EcGroup::from_curve_name(curve).unwrap();
    let key =
        EcKey::from_public_key_affine_coordinates(&group, &number(&jwk["x"]), &number(&jwk["y"]));
    PKey::from_ec_key(key.unwrap()).unwrap()
}

fn verifies(key: &PKey<Public>, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    signatures::verifies(key, algorithm.name(), message, signature)
}

fn vectors() -> Value {
    let path = support::root().join("tests/vectors/jose.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_rfcs_examples_are_signed_to_the_letter_or_verified_where_a_signature_has_chance_in_it() {
    for vector in vectors()["signatures"].as_array().unwrap() {
        let name = &vector["name"];
        let key = loaded(&key_of_jwk(&vector["key"]));
        let algorithm: Algorithm = vector["alg"].as_str().unwrap().parse().unwrap();
        let (signed, signature) = (vector["signed"].as_str().unwrap(), bytes(&vector["signature"]));
        let ours = key.sign(algorithm, signed.as_bytes()).unwrap();
        let public_key = public_key_of_jwk(&key.public_jwk());
        assert!(verifies(&public_key, algorithm, signed.as_bytes(), &signature), "{name}");
        assert!(verifies(&public_key, algorithm, signed.as_bytes(), &ours), "{name}");
        let is_deterministic =
            matches!(algorithm, Algorithm::RS256 | Algorithm::EdDSA | Algorithm::Ed25519);
        assert_eq!(ours == signature, is_deterministic, "{name}");
        assert_eq!(ours.len(), signature.len(), "{name}");
    }
}

#[test]
fn a_key_s_thumbprint_is_that_of_the_rfcs_examples() {
    for vector in vectors()["thumbprints"].as_array().unwrap() {
        let key = loaded(&key_of_jwk(&vector["key"]));
        assert_eq!(vector["thumbprint"], key.thumbprint(), "{}", vector["name"]);
    }
}

#[test]
fn a_key_in_any_of_its_forms_signs_with_each_of_its_algorithms() {
    for algorithm in algorithms_of_keys() {
        let key = key_of(algorithm);
        let passphrase = b"correct horse".as_slice();
        let mut forms = vec![
            key.private_key_to_pem_pkcs8().unwrap(),
            key.private_key_to_pkcs8().unwrap(),
            key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), passphrase).unwrap(),
        ];
        if let Ok(ec) = key.ec_key() {
            forms.push(ec.private_key_to_pem().unwrap());
            forms.push(ec.private_key_to_der().unwrap());
            forms
                .push(ec.private_key_to_pem_passphrase(Cipher::aes_128_cbc(), passphrase).unwrap());
        }
        for form in forms {
            let key = Key::from_bytes(&form, Some(passphrase)).unwrap();
            let signature = key.sign(algorithm, b"message").unwrap();
            for public_key in [
                public_key_of_jwk(&key.public_jwk()),
                PKey::public_key_from_pem(key.public_pem().unwrap().as_bytes()).unwrap(),
            ] {
                assert!(verifies(&public_key, algorithm, b"message", &signature), "{algorithm}");
                assert!(!verifies(&public_key, algorithm, b"another", &signature), "{algorithm}");
            }
        }
    }
}

#[test]
fn one_key_signs_with_several_algorithms_in_turn() {
    let key = loaded(keys::rsa());
    let public_key = public_key_of_jwk(&key.public_jwk());
    for _ in 0..2 {
        for algorithm in key.algorithms() {
            let signature = key.sign(*algorithm, b"message").unwrap();
            assert!(verifies(&public_key, *algorithm, b"message", &signature), "{algorithm}");
        }
    }
}

#[test]
fn a_new_key_signs_with_the_algorithm_that_it_was_made_for() {
    for algorithm in algorithms_of_keys().filter(|one| *one != Algorithm::RS512) {
        let key = Key::generate(algorithm).unwrap();
        let pem = key.private_pem().unwrap();
        let again = Key::from_bytes(pem.expose().as_bytes(), None).unwrap();
        assert_eq!(key.thumbprint(), again.thumbprint());
        again.sign(algorithm, b"message").unwrap();
        let certificate = key.self_signed_certificate("a service", 1, SystemTime::now()).unwrap();
        key.check_certificate(certificate.as_bytes(), SystemTime::now()).unwrap();
    }
    let error = Key::generate(Algorithm::HS256).unwrap_err();
    assert_eq!(error.message(), "alg is HS256, which signs with a client secret");
}

// ---- JWTs ----

fn assertion() -> Assertion {
    Claims::new("issuer", "subject", "audience").into()
}

fn signed(key: &Key, assertion: &Assertion) -> Result<Secret, Error> {
    generate_jwt(key, assertion, UNIX_EPOCH)
}

fn header(jwt: &Secret) -> String {
    decode_jwt(jwt.expose()).unwrap().header
}

#[test]
fn a_jwt_has_the_key_s_default_algorithm_or_the_one_that_is_asked_for() {
    for (key, default) in [
        (keys::rsa().clone(), "RS256"),
        (key_of(Algorithm::ES256), "ES256"),
        (key_of(Algorithm::ES384), "ES384"),
        (key_of(Algorithm::ES512), "ES512"),
        (key_of(Algorithm::EdDSA), "EdDSA"),
    ] {
        let key = loaded(&key);
        let alg = |jwt: &Secret| header(jwt).replace(r#"{"typ":"JWT","alg":"#, "");
        assert_eq!(alg(&signed(&key, &assertion()).unwrap()), format!("\"{default}\"}}"));
        for algorithm in key.algorithms() {
            let mut assertion = assertion();
            assertion.header.alg = Some(*algorithm);
            let jwt = signed(&key, &assertion).unwrap();
            assert_eq!(alg(&jwt), format!("\"{algorithm}\"}}"));
            let (message, signature) = jwt.expose().rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let public_key = public_key_of_jwk(&key.public_jwk());
            assert!(verifies(&public_key, *algorithm, message.as_bytes(), &signature));
        }
    }
}

#[test]
fn an_algorithm_that_the_key_does_not_have_is_an_error_that_lists_what_it_has() {
    for (key, alg, message, hint) in [
        (
            keys::rsa().clone(),
            Algorithm::ES256,
            "alg is ES256, but the key is an RSA key",
            "RS256, RS384",
        ),
        (
            keys::ec(),
            Algorithm::RS256,
            "alg is RS256, but the key is an EC key on P-256",
            "signs with ES256",
        ),
        (
            keys::ec(),
            Algorithm::ES384,
            "alg is ES384, but the key is an EC key on P-256",
            "signs with ES256",
        ),
        (
            key_of(Algorithm::EdDSA),
            Algorithm::HS256,
            "alg is HS256, but the key is an Ed25519 key",
            "EdDSA, Ed25519",
        ),
    ] {
        let mut assertion = assertion();
        assertion.header.alg = Some(alg);
        let error = signed(&loaded(&key), &assertion).unwrap_err();
        assert_eq!((error.status(), error.field()), (Status::Argument, Some("alg")));
        assert_eq!(error.message(), message);
        assert!(error.hint().unwrap().contains(hint), "{error:?}");
    }
}

#[test]
fn the_header_s_members_are_in_order_and_further_ones_follow() {
    let key = loaded(keys::rsa());
    let certificate = self_signed(keys::rsa(), Validity::now());
    let mut assertion = assertion();
    assertion.header.typ = Some("client-authentication+jwt".into());
    assertion.header.kid = Some("7".into());
    assertion.header.certificate = Some(certificate.to_pem().unwrap());
    assertion.header.x5t = Some(Thumbprint::S256);
    assertion.header.x5c = true;
    assertion.header.header_json = Some(r#"{"zip": 1.50, "a": [2]}"#.into());
    let digest = certificate.digest(MessageDigest::sha256()).unwrap();
    let der = openssl::base64::encode_block(&certificate.to_der().unwrap());
    assert_eq!(
        header(&signed(&key, &assertion).unwrap()),
        format!(
            r#"{{"typ":"client-authentication+jwt","alg":"RS256","kid":"7","x5t#S256":"{}","x5c":["{der}"],"zip":1.50,"a":[2]}}"#,
            URL_SAFE_NO_PAD.encode(digest),
        )
    );
    assertion.header.x5t = Some(Thumbprint::S1);
    let digest = certificate.digest(MessageDigest::sha1()).unwrap();
    let x5t = format!(r#""x5t":"{}""#, URL_SAFE_NO_PAD.encode(digest));
    assert!(header(&signed(&key, &assertion).unwrap()).contains(&x5t));
}

#[test]
fn a_certificate_that_is_not_the_key_s_is_refused_by_name() {
    let key = loaded(keys::rsa());
    let mut assertion = assertion();
    assertion.header.x5t = Some(Thumbprint::S256);
    let error = signed(&key, &assertion).unwrap_err();
    assert_eq!(error.message(), "certificate is missing: x5t and x5c are made of it");
    for (certificate, problem) in [
        (
            self_signed(&keys::ec(), Validity::now()).to_pem().unwrap(),
            "does not belong to the private key",
        ),
        (b"garbage".to_vec(), "is not an X.509 certificate"),
        (keys::pkcs8_pem(), "holds no certificate"),
    ] {
        assertion.header.certificate = Some(certificate);
        let error = signed(&key, &assertion).unwrap_err();
        assert_eq!(error.field(), Some("certificate"));
        assert!(error.message().contains(problem), "{error}");
    }
}

#[test]
fn header_members_that_would_override_others_are_refused() {
    let key = loaded(keys::rsa());
    let certificate = self_signed(keys::rsa(), Validity::now()).to_pem().unwrap();
    for (json, problem) in [
        (r#"{"alg":"none"}"#, "repeats the member alg"),
        (r#"{"typ":"x"}"#, "repeats the member typ"),
        (r#"{"kid":"x"}"#, "repeats the member kid"),
        (r#"{"x5t#S256":"x"}"#, "repeats the member x5t#S256"),
        (r#"{"x5c":[]}"#, "repeats the member x5c"),
        (r#"{"a":1,"a":2}"#, "repeats the member a"),
        (r#"{"b64":false}"#, "holds b64"),
        (r#"{"crit":["x"]}"#, "holds crit, which lists x: it must be a further member"),
        (r#"{"crit":["alg"]}"#, "holds crit, which lists alg"),
        (r#"{"crit":["kid"],"x":1}"#, "holds crit, which lists kid"),
        (r#"{"crit":[]}"#, "holds crit, which must be a list of names"),
        (r#"{"crit":"x","x":1}"#, "holds crit, which must be a list of names"),
        (r#"{"":1}"#, "holds a name that is missing or empty"),
        (r#"["a"]"#, "is not a JSON object"),
        (r#"{"a":1"#, "is not a JSON object"),
        ("", "is not a JSON object"),
        (&format!(r#"{{"a":"{}"}}"#, "x".repeat(8192 - 7)), "is over 8 KiB"),
    ] {
        let mut assertion = assertion();
        assertion.header.kid = Some("7".into());
        assertion.header.certificate = Some(certificate.clone());
        assertion.header.x5t = Some(Thumbprint::S256);
        assertion.header.x5c = true;
        assertion.header.header_json = Some(json.into());
        let error = signed(&key, &assertion).unwrap_err();
        assert_eq!((error.status(), error.field()), (Status::Argument, Some("header_json")));
        assert!(error.message().contains(problem), "{error}");
    }
    let mut assertion = assertion();
    assertion.header.header_json = Some(r#"{"crit":["x"],"x":1}"#.into());
    assert!(signed(&key, &assertion).is_ok());
    let longest = format!(r#"{{"a":"{}"}}"#, "x".repeat(8192 - 8));
    assertion.header.header_json = Some(longest);
    assert!(signed(&key, &assertion).is_ok());
    assertion.header.typ = Some("a\nb".into());
    assert_eq!(signed(&key, &assertion).unwrap_err().field(), Some("typ"));
}

#[test]
fn subject_and_audience_may_be_left_out_and_the_audience_may_be_a_list() {
    let key = loaded(keys::rsa());
    let mut assertion = Assertion::default();
    assertion.claims.iss = "app".into();
    let payload = |assertion: &Assertion| {
        decode_jwt(signed(&key, assertion).unwrap().expose()).unwrap().claims
    };
    assert_eq!(payload(&assertion), r#"{"iss":"app","exp":300,"iat":0}"#);
    assertion.claims.claims_json = Some(r#"{"aud":["a","b"]}"#.into());
    assert_eq!(payload(&assertion), r#"{"iss":"app","exp":300,"iat":0,"aud":["a","b"]}"#);
    assertion.claims.aud = Some("a".into());
    let error = signed(&key, &assertion).unwrap_err();
    assert_eq!(error.message(), "claims_json repeats the claim aud");
}

#[test]
fn a_client_secret_signs_with_hs256_hs384_and_hs512() {
    let vector = &vectors()["secret"];
    let secret = bytes(&vector["k"]);
    let (message, signature) = (vector["signed"].as_str().unwrap(), bytes(&vector["signature"]));
    let hmac = |secret: &[u8], digest, message: &str| {
        let key = PKey::hmac(secret).unwrap();
        let mut signer = openssl::sign::Signer::new(digest, &key).unwrap();
        signer.sign_oneshot_to_vec(message.as_bytes()).unwrap()
    };
    assert_eq!(hmac(&secret, MessageDigest::sha256(), message), signature, "{}", vector["name"]);

    let secret = "a secret that is as long as the longest hash is, which is 64 bytes long";
    let key = SigningKey::Secret(secret.into());
    for (alg, digest) in [
        (None, MessageDigest::sha256()),
        (Some(Algorithm::HS256), MessageDigest::sha256()),
        (Some(Algorithm::HS384), MessageDigest::sha384()),
        (Some(Algorithm::HS512), MessageDigest::sha512()),
    ] {
        let mut assertion = assertion();
        assertion.header.alg = alg;
        let jwt = key.jwt(&assertion, UNIX_EPOCH).unwrap();
        let (message, signature) = jwt.expose().rsplit_once('.').unwrap();
        let expected = URL_SAFE_NO_PAD.encode(hmac(secret.as_bytes(), digest, message));
        assert_eq!(signature, expected);
        let read: Value = serde_json::from_str(&header(&jwt)).unwrap();
        assert_eq!(read["alg"], json!(alg.unwrap_or(Algorithm::HS256).name()));
    }
}

#[test]
fn a_short_secret_or_a_key_s_algorithm_is_refused_by_name() {
    for (secret, alg, field, problem) in [
        ("short", Algorithm::HS256, "client_secret", "has 5 bytes; HS256 needs 32"),
        (&"x".repeat(63), Algorithm::HS512, "client_secret", "has 63 bytes; HS512 needs 64"),
        (&"x".repeat(64), Algorithm::RS256, "alg", "is RS256, but a client secret signs"),
    ] {
        let mut assertion = assertion();
        assertion.header.alg = Some(alg);
        let error = SigningKey::Secret(secret.into()).jwt(&assertion, UNIX_EPOCH).unwrap_err();
        assert_eq!((error.field(), &*error.problem()), (Some(field), problem));
        assert!(!format!("{error:?}").contains("xxx"));
    }
    let mut assertion = assertion();
    assertion.header.x5t = Some(Thumbprint::S1);
    let error = SigningKey::Secret("x".repeat(64).into()).jwt(&assertion, UNIX_EPOCH).unwrap_err();
    assert_eq!(error.field(), Some("x5t"));
}

// ---- bad keys ----

#[track_caller]
fn assert_refused(key: &[u8], problem: &str) {
    let error = Key::from_bytes(key, None).unwrap_err();
    assert_eq!(error.status(), Status::Key);
    assert!(error.message().contains(problem), "{error}");
}

#[test]
fn a_key_whose_parts_do_not_belong_together_is_refused() {
    for algorithm in [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512] {
        let (key, other) =
            (key_of(algorithm).ec_key().unwrap(), key_of(algorithm).ec_key().unwrap());
        let mixed =
            EcKey::from_private_components(key.group(), key.private_key(), other.public_key());
        let mixed = mixed.unwrap();
        for form in [
            mixed.private_key_to_der().unwrap(),
            PKey::from_ec_key(mixed).unwrap().private_key_to_pkcs8().unwrap(),
        ] {
            assert_refused(&form, "its parts do not belong together");
        }

        // The private scalar is 1 to the curve's order less 1.
        let mut context = BigNumContext::new().unwrap();
        let mut order = BigNum::new().unwrap();
        key.group().order(&mut order, &mut context).unwrap();
        let der = key.private_key_to_der().unwrap();
        let scalar = key.private_key().to_vec_padded(order.num_bytes()).unwrap();
        let place = der.windows(scalar.len()).position(|part| part == scalar).unwrap();
        for bad in [vec![0; scalar.len()], order.to_vec(), vec![0xff; scalar.len()]] {
            let mut der = der.clone();
            der[place..place + bad.len()].copy_from_slice(&bad);
            assert_refused(&der, "its parts do not belong together");
        }

        // A public point that is not on the curve.
        let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
        let point = key.public_key().to_bytes(key.group(), form, &mut context).unwrap();
        let place = der.windows(point.len()).position(|part| part == point).unwrap();
        let mut off = der.clone();
        off[place + point.len() - 1] ^= 1;
        assert!(
            EcPoint::from_bytes(key.group(), &off[place..place + point.len()], &mut context)
                .is_err()
        );
        assert_refused(&off, "its parts do not belong together");
    }
}

#[test]
fn a_key_that_is_cut_off_at_any_byte_is_refused() {
    for algorithm in [Algorithm::ES256, Algorithm::ES512, Algorithm::EdDSA] {
        let der = key_of(algorithm).private_key_to_pkcs8().unwrap();
        for len in 1..der.len() {
            let error = Key::from_bytes(&der[..len], None).unwrap_err();
            assert_eq!(error.status(), Status::Key, "{len}");
        }
    }
}

#[test]
fn an_ec_key_with_a_described_curve_is_refused_with_the_command_that_helps() {
    let directory = Directory::new();
    let path = directory.write("explicit.pem", "");
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-pkeyopt", "ec_param_enc:explicit", "-out"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(made.status.success());
    let error = Key::from_file(&path, None).unwrap_err();
    assert!(error.message().contains("describes its curve"), "{error}");
    assert!(error.hint().unwrap().contains("ec_param_enc named_curve"));
}
