//! Each recipe of `ims new`, as it is, gets a token from its vendor's host, which is played here and
//! checks what the vendor's documents ask for. With one wrong setting, the hint names it.

mod clients;
mod grants;
mod server;
mod vendor;
mod workloads;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use ims::{Cache, Client, Credentials, CredentialsOptions, Error, Proxy, Token, Transport};
use ims_sandbox::{Account, Config, Sandbox};
use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};
use support::certificates::{Validity, self_signed};
use support::directory::Directory;
use support::host::Host;
use support::keys;

use self::vendor::Vendor;
use crate::exchanges::{assert_shows_no_secret, transport};

/// Those whose server is Adobe's.
const ADOBES: [&str; 2] = ["adobe", "adobe-oauth"];

static OTHER_KEY: LazyLock<PKey<Private>> =
    LazyLock::new(|| PKey::private_key_from_pem(&keys::new_pkcs8_pem()).unwrap());

fn vendors() -> Vec<Vendor> {
    let of_keys = grants::vendors().into_iter().chain(clients::vendors());
    of_keys.chain(workloads::vendors()).collect()
}

/// The recipe's file, where what a platform sets is that of the tests.
fn recipe_file(server: &str) -> String {
    let path = format!("{}/recipes/{server}.json", env!("CARGO_MANIFEST_DIR"));
    let recipe = fs::read_to_string(path).unwrap();
    workloads::PLATFORM.iter().fold(recipe, |text, (here, tested)| text.replace(here, tested))
}

/// The recipe's file with other values of some settings; a setting that is null is left out.
fn changed(server: &str, changes: &Value) -> String {
    let mut account: Value = serde_json::from_str(&recipe_file(server)).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        account[name] = value.clone();
    }
    account.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    account.to_string()
}

/// A directory with the files that recipes name, and others that belong to no account.
fn directory() -> Directory {
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    let certificate = self_signed(keys::rsa(), Validity::a_year()).to_pem().unwrap();
    directory.write("certificate.pem", certificate);
    directory.write("other.key", OTHER_KEY.private_key_to_pem_pkcs8().unwrap());
    directory.write("other.pem", self_signed(&OTHER_KEY, Validity::a_year()).to_pem().unwrap());
    directory
}

/// A played host of a vendor, and a directory for its clients.
struct Played {
    directory: Directory,
    transport: Transport,
    /// What the token server got, headers and body.
    requests: Arc<Mutex<Vec<String>>>,
    _host: Host,
}

impl Played {
    fn new(vendor: Vendor) -> Self {
        let host = vendor.host();
        let directory = directory();
        workloads::write_jwts(&directory, &vendor);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let host = Host::play(host, move |connection| server::serve(connection, &vendor, &seen));
        let mut transport = transport();
        transport.proxy = Proxy::Url(format!("http://{}", host.proxy()).into());
        transport.ca_file = Some(directory.write("root.pem", host.root()));
        Self { directory, transport, requests, _host: host }
    }

    fn token(&self, recipe: &str) -> Result<Token, Error> {
        let file = self.directory.write("credentials.json", recipe);
        Client::builder().transport(self.transport.clone()).from_file(file)?.token()
    }
}

#[test]
fn every_recipe_gets_a_token_from_its_vendors_host_as_it_is() {
    for vendor in vendors() {
        let name = vendor.name;
        let token = Played::new(vendor).token(&recipe_file(name));
        let token = token.unwrap_or_else(|error| panic!("{name}: {error}; {:?}", error.hint()));
        assert_eq!(token.access_token(), server::TOKEN, "{name}");
    }
}

#[test]
fn the_recipe_that_names_an_issuer_needs_no_token_url() {
    let vendor = vendors().into_iter().find(|vendor| vendor.name == "mcp").unwrap();
    let token = Played::new(vendor).token(&changed("mcp", &json!({ "token_url": null })));
    assert_eq!(token.unwrap().access_token(), server::TOKEN);
}

#[test]
fn one_wrong_setting_gets_the_hint_that_names_it() {
    for mut vendor in vendors() {
        let (name, wrong) = (vendor.name, std::mem::take(&mut vendor.wrong));
        assert!(wrong.len() >= 2, "{name}");
        let played = Played::new(vendor);
        for (changes, setting) in wrong {
            let error = played.token(&changed(name, &changes)).unwrap_err();
            assert_names(&error, setting, &format!("{name} {changes}"));
        }
    }
}

/// Holds an error to be the server's, with a hint that has `setting` in it as a word.
fn assert_names(error: &Error, setting: &str, case: &str) {
    assert!(error.http_status().is_some(), "{case}: not the server's: {error}");
    let hint = error.hint().unwrap_or_else(|| panic!("{case}: no hint for {error}"));
    let words = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), " ");
    let named = format!(" {} ", words(hint)).contains(&format!(" {} ", words(setting)));
    assert!(named, "{case}: {setting} is not named: {error}; {hint}");
    assert_shows_no_secret(error, &["CLIENT_SECRET", "another secret"]);
}

/// The sandbox checks what Adobe does.
struct Adobe {
    directory: Directory,
    sandbox: Sandbox,
}

impl Adobe {
    fn new(recipe: &str) -> Self {
        let directory = directory();
        let file = directory.write("credentials.json", recipe_file(recipe));
        let credentials = Credentials::from_file(file, &CredentialsOptions::default()).unwrap();
        let account = Account::from_credentials(&credentials).unwrap();
        let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
        Self { directory, sandbox }
    }

    fn token(&self, recipe: &str) -> Result<Token, Error> {
        let file = self.directory.write("credentials.json", recipe);
        let mut options = CredentialsOptions::default();
        options.ims = Some(self.sandbox.url().parse().unwrap());
        let credentials = Credentials::from_file(file, &options)?;
        Client::new(credentials, &Cache::Memory, transport())?.token()
    }
}

#[test]
fn adobes_recipes_get_a_token_from_the_sandbox() {
    for name in ADOBES {
        let token = Adobe::new(name).token(&recipe_file(name)).unwrap();
        assert_eq!(token.token_type(), "bearer", "{name}");
    }
}

#[test]
fn one_wrong_setting_of_adobes_recipes_gets_the_hint_that_names_it() {
    for (name, changes, setting) in [
        ("adobe", json!({ "private_key": "other.key" }), "private key"),
        ("adobe", json!({ "metascopes": ["ent_other_sdk"] }), "metascope"),
        ("adobe", json!({ "client_id": "another" }), "client id"),
        ("adobe", json!({ "client_secret": "another secret" }), "client secret"),
        ("adobe-oauth", json!({ "client_secret": "another secret" }), "client secret"),
        ("adobe-oauth", json!({ "client_id": "another" }), "client id"),
        ("adobe-oauth", json!({ "scope": ["openid", "other"] }), "scope"),
    ] {
        let error = Adobe::new(name).token(&changed(name, &changes)).unwrap_err();
        assert_names(&error, setting, &format!("{name} {changes}"));
    }
}

#[test]
fn no_recipe_is_left_out_here_and_in_the_manual() {
    let tested = vendors().into_iter().map(|vendor| vendor.name).chain(ADOBES);
    let tested: BTreeSet<String> = tested.map(str::to_owned).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(root.join("recipes")).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = files.map(|name| name.replace(".json", "")).collect();
    assert_eq!(tested, there);
    let page = fs::read_to_string(root.join("docs/src/token-servers.md")).unwrap();
    for name in there {
        assert!(page.contains(&format!("/recipes/{name}.json}}}}")), "{name}");
    }
}
