//! Reading credentials files, each of a format that people have. The key is read with them.

use std::fs;

use criterion::{Criterion, criterion_group, criterion_main};
use ims::{Credentials, CredentialsOptions};
use support::directory::Directory;
use support::keys;

fn read(criterion: &mut Criterion) {
    let key = String::from_utf8(keys::pkcs8_pem()).unwrap().replace('\n', "\\n");
    let directory = Directory::new();
    fs::write(directory.path().join("private.key"), keys::pkcs8_pem()).unwrap();
    let options = CredentialsOptions::default();
    let mut group = criterion.benchmark_group("read");
    for (format, text) in [
        (
            "AEM",
            format!(
                r#"{{"ok":true,"integration":{{"imsEndpoint":"ims-na1.adobelogin.com",
                "metascopes":"ent_aem_cloud_api","technicalAccount":{{"clientId":"c",
                "clientSecret":"s"}},"email":"u@techacct.adobe.com","id":"D@techacct.adobe.com",
                "org":"X@AdobeOrg","privateKey":"{key}","publicKey":""}},"statusCode":200}}"#
            ),
        ),
        (
            "libims's own",
            format!(
                r#"{{"client_id":"c","client_secret":"s","org_id":"X@AdobeOrg",
                "technical_account_id":"D@techacct.adobe.com","metascopes":["ent_x"],
                "private_key":"{key}"}}"#
            ),
        ),
        (
            "aepp",
            r#"{"org_id":"X@AdobeOrg","client_id":"c","secret":"s","scopes":"openid,AdobeID",
            "sandbox-name":"prod","environment":"prod"}"#
                .into(),
        ),
        (
            "Google",
            format!(
                r#"{{"type":"service_account","project_id":"p","private_key_id":"k",
                "private_key":"{key}","client_email":"a@b.example","client_id":"1",
                "auth_uri":"https://h/a","token_uri":"https://h/t",
                "auth_provider_x509_cert_url":"https://h/b","client_x509_cert_url":"https://h/c"}}"#
            ),
        ),
        (
            ".env",
            "IMS_CLIENT_ID=c\nIMS_CLIENT_SECRETS=[\"s\"]\nIMS_ORG_ID=X@AdobeOrg\n\
             IMS_SCOPES=[\"openid\"]\nOTHER=1\n"
                .into(),
        ),
        (
            "user-sync",
            "enterprise:\n  org_id: X@AdobeOrg\n  client_id: c\n  client_secret: s\n  \
             tech_acct_id: D@techacct.adobe.com\n  priv_key_path: private.key\n"
                .into(),
        ),
    ] {
        let file = directory.write("credentials", text);
        group.bench_function(format, |bencher| {
            bencher.iter(|| Credentials::from_file(&file, &options).unwrap());
        });
    }
}

criterion_group!(benches, read);
criterion_main!(benches);
