//! The examples of credentials.

use std::path::Path;

use ims::{Cache, Client, Credentials, CredentialsOptions, Error, Key, Token, Transport};
use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::keys;

use super::page::Page;

/// The token server that the examples name.
const BEARER_SERVER: &str = "https://auth.example.com";

/// Gets a token by every example; answers their files' names.
pub fn tokens() -> Vec<String> {
    let sandbox = sandbox();
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let page = Page::read("credentials.md");
    let mut names = Vec::new();
    for block in page.blocks() {
        let Some(name) = block.file() else { continue };
        let text = with_real_keys(&block.shown()).replace(BEARER_SERVER, sandbox.url());
        let path = directory.write(name, text);
        for options in options(name, sandbox.url()) {
            token(&path, &options).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
        names.push(name.to_owned());
    }
    names
}

fn token(file: &Path, options: &CredentialsOptions) -> Result<Token, Error> {
    let credentials = Credentials::from_file(file, options)?;
    Client::new(credentials, &Cache::None, Transport::default())?.token()
}

/// What is given next to the file; one for each of its credentials.
fn options(name: &str, url: &str) -> Vec<CredentialsOptions> {
    let mut here = CredentialsOptions::default();
    if name != "service-account.json" {
        here.ims = Some(url.parse().unwrap());
    }
    if name != "console.json" {
        return vec![here];
    }
    let [mut jwt, mut oauth] = [here.clone(), here];
    jwt.name = Some("JWT".into());
    jwt.key = Some(Key::from_bytes(&keys::pkcs8_pem(), None).unwrap());
    oauth.name = Some("OAuth".into());
    vec![jwt, oauth]
}

/// Knows the account of the examples.
fn sandbox() -> Sandbox {
    let key = PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap();
    let mut adobe = Account::default();
    adobe.client_id = "cm-p1-e2-integration-3".into();
    adobe.client_secret = "secret-of-the-client".into();
    adobe.org_id = "0A1B2C3D4E5F@AdobeOrg".into();
    adobe.technical_account_id = "D8E1F2A3B4C5@techacct.adobe.com".into();
    adobe.metascopes =
        ["ent_aem_cloud_api", "ent_dataservices_sdk", "ent_user_sdk"].map(Into::into).into();
    adobe.scopes = ["openid", "AdobeID", "user_management_sdk"].map(Into::into).into();
    adobe.public_keys.push(key.clone());
    let mut google = Account::default();
    google.org_id = "reports@example.com".into();
    google.public_keys.push(key);
    Sandbox::start(Config::new(vec![adobe, google])).unwrap()
}

/// The text with keys and a certificate where pages show three dots.
fn with_real_keys(text: &str) -> String {
    let certificate = self_signed(keys::rsa(), Validity::now()).to_pem().unwrap();
    let pems = [keys::pkcs1_pem(), keys::pkcs8_pem(), certificate];
    pems.into_iter().fold(text.to_owned(), |text, pem| {
        let pem = String::from_utf8(pem).unwrap();
        let lines: Vec<&str> = pem.lines().collect();
        ["\\r\\n", "\\n"].iter().fold(text, |text, line_break| {
            let shown = [lines[0], "...", lines[lines.len() - 1]].join(line_break);
            text.replace(&shown, &lines.join(line_break))
        })
    })
}
