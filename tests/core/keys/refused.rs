//! What is refused, and how.

use super::*;

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
fn utf_16_and_utf_32_with_a_damaged_character_are_refused_and_the_text_says_so() {
    let little: Vec<u8> = pem().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide: Vec<u8> = pem().chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    for damaged in [&little[..little.len() - 1], &[&little[..], b"\x00\xd8"].concat()] {
        assert_refused(damaged, Status::Key, "is UTF-16 text with a damaged character");
    }
    for damaged in [&wide[..wide.len() - 3], &[&wide[..], b"\x00\x11\x00\x00"].concat()] {
        assert_refused(damaged, Status::Key, "is UTF-32 text with a damaged character");
    }
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
fn keys_of_other_kinds_are_refused_by_name() {
    for (key, name) in [
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
