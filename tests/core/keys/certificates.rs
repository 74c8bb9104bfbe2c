//! Certificates, and the keys that they belong to.

use super::*;

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
