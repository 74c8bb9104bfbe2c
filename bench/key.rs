//! Loading a key, and signing next to OpenSSL alone.

use std::time::UNIX_EPOCH;

use criterion::{Criterion, criterion_group, criterion_main};
use ims::{Algorithm, Claims, Key, generate_jwt};
use openssl::md::Md;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::Signer;
use support::keys;
use support::signatures::key_for;

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    for (name, pem) in [("PKCS#8 PEM", keys::pkcs8_pem()), ("PKCS#1 PEM", keys::pkcs1_pem())] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Key::from_bytes(&pem, None).unwrap());
        });
    }
}

fn sign(criterion: &mut Criterion) {
    let message = [b'x'; 600];
    let mut group = criterion.benchmark_group("sign");

    let mut context = PkeyCtx::new(keys::rsa()).unwrap();
    context.sign_init().unwrap();
    context.set_rsa_padding(Padding::PKCS1).unwrap();
    context.set_signature_md(Md::sha256()).unwrap();
    let digest = openssl::sha::sha256(&message);
    let mut signature = [0; 256];
    group.bench_function("bare EVP_PKEY_sign", |bencher| {
        bencher.iter(|| context.sign(&digest, Some(&mut signature)).unwrap());
    });

    let pem = keys::pkcs8_pem();
    let key = Key::from_bytes(&pem, None).unwrap();
    group.bench_function("Key::sign", |bencher| {
        bencher.iter(|| key.sign(Algorithm::RS256, &message).unwrap());
    });

    let mut claims = Claims::new(
        "ORG@AdobeOrg",
        "ID@techacct.adobe.com",
        "https://ims-na1.adobelogin.com/c/client",
    );
    claims.metascopes = vec!["https://ims-na1.adobelogin.com/s/ent_dataservices_sdk".into()];
    let assertion = claims.into();
    group.bench_function("generate_jwt", |bencher| {
        bencher.iter(|| generate_jwt(&key, &assertion, UNIX_EPOCH).unwrap());
    });
    group.bench_function("generate_jwt, the key's text each call", |bencher| {
        bencher.iter(|| {
            let key = Key::shared_from_bytes(&pem, None).unwrap();
            generate_jwt(&key, &assertion, UNIX_EPOCH).unwrap()
        });
    });
}

/// ES256 and Ed25519, which take microseconds, next to OpenSSL alone.
fn sign_in_microseconds(criterion: &mut Criterion) {
    let message = [b'x'; 600];
    let mut group = criterion.benchmark_group("sign in microseconds");

    let pkey = key_for("ES256");
    let mut context = PkeyCtx::new(&pkey).unwrap();
    context.sign_init().unwrap();
    context.set_signature_md(Md::sha256()).unwrap();
    let mut signature = [0; 72];
    group.bench_function("ES256, bare SHA256 and EVP_PKEY_sign", |bencher| {
        bencher
            .iter(|| context.sign(&openssl::sha::sha256(&message), Some(&mut signature)).unwrap());
    });
    let key = Key::from_bytes(&pkey.private_key_to_pem_pkcs8().unwrap(), None).unwrap();
    group.bench_function("ES256, Key::sign", |bencher| {
        bencher.iter(|| key.sign(Algorithm::ES256, &message).unwrap());
    });

    let pkey = key_for("Ed25519");
    group.bench_function("Ed25519, bare EVP_DigestSign", |bencher| {
        bencher.iter(|| {
            let mut signer = Signer::new_without_digest(&pkey).unwrap();
            signer.sign_oneshot_to_vec(&message).unwrap()
        });
    });
    let key = Key::from_bytes(&pkey.private_key_to_pem_pkcs8().unwrap(), None).unwrap();
    group.bench_function("Ed25519, Key::sign", |bencher| {
        bencher.iter(|| key.sign(Algorithm::Ed25519, &message).unwrap());
    });
}

criterion_group!(benches, load, sign, sign_in_microseconds);
criterion_main!(benches);
