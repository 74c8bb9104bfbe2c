//! A file that was damaged on its way gives what the whole one gives, or an error: never a token of another account, and
//! never a panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use ims::{Claims, Credentials, CredentialsOptions, Error, Key, generate_jwt};
use support::directory::Directory;
use support::files::{Case, Table, folder};
use support::mutations::{Kind, mutations};

use super::signed;

/// The parts of a request, by name.
type Request = BTreeMap<&'static str, String>;

#[test]
fn a_mutated_credentials_file_gives_the_same_request_or_an_error() {
    let directory = Directory::new();
    for file in ["private.key", "encrypted.key", "token.jwt"] {
        directory.write(file, fs::read(folder().join("credentials").join(file)).unwrap());
    }
    let mut shares = Shares::default();
    for case in &Table::credentials().cases {
        let read = |bytes: &[u8]| request(&directory.write("file", bytes), case);
        let whole = read(&case.read());
        for mutation in mutations(&case.read()) {
            let about = format!("{}: {}", case.file, mutation.name);
            let mutated = read(&mutation.bytes);
            if let Err(error) = &mutated {
                assert_is_told(error, &about);
            }
            let Ok(whole) = &whole else { continue };
            shares.count(mutation.kind, mutated.is_ok());
            let Ok(mutated) = mutated else { continue };
            let changed = changed(whole, &mutated);
            let may_change = may_change(case, mutation.kind);
            assert!(changed.len() <= usize::from(may_change), "{about}: {changed:?}");
        }
    }
    shares.print("credentials files");
}

/// Returns whether a mutation may change what one setting says: a byte within it is another, or its end cannot be seen, for lines
/// without quotes end wherever they are cut.
fn may_change(case: &Case, kind: Kind) -> bool {
    match kind {
        Kind::Flip | Kind::Blanks => true,
        Kind::Cut | Kind::Quotes => {
            [".env", ".yml", ".yaml"].iter().any(|end| case.file.ends_with(end))
        }
        Kind::LineBreaks | Kind::Encoding | Kind::Escapes => false,
    }
}

/// Returns the settings that differ. The audience is made of the host and the client id, the names of
/// metascopes are made of the host, Google's subject is the issuer, and a client's JWT is issued by its id.
/// Where the one setting is damaged that chooses the grant, its name is unknown, which is told in a warning, and the
/// request is the other grant's for the same client. A client that lost its secret does not authenticate itself by it.
fn changed(whole: &Request, mutated: &Request) -> Vec<&'static str> {
    let differs = |name: &str| whole[name] != mutated[name];
    // A grant without a JWT has no key.
    let has_key = |request: &Request| request["key"] != format!("{:?}", None::<Vec<u8>>);
    let is_other_grant = differs("grant_type") || has_key(whole) != has_key(mutated);
    let is_made = |name: &str| match name {
        "client_id" | "client_secret" | "grant_type" => false,
        _ if is_other_grant => true,
        "client_auth" => differs("client_secret"),
        "aud" => differs("token_url") || differs("client_id"),
        "metascopes" => differs("token_url"),
        "iss" => differs("client_id"),
        "sub" => differs("iss"),
        _ => false,
    };
    whole.keys().copied().filter(|name| differs(name) && !is_made(name)).collect()
}

#[test]
fn a_mutated_key_file_signs_as_the_whole_one_or_is_refused() {
    let directory = Directory::new();
    let mut shares = Shares::default();
    for case in &Table::keys().cases {
        let passphrase = case.options.get("passphrase").map(String::as_bytes);
        let signer = &case.gives["signed_by"];
        for mutation in mutations(&case.read()) {
            let about = format!("{}: {}", case.file, mutation.name);
            let jwt = Key::from_file(directory.write("file", &mutation.bytes), passphrase)
                .and_then(|key| {
                    generate_jwt(&key, &Claims::new("i", "s", "a").into(), SystemTime::now())
                });
            if let Err(error) = &jwt {
                assert_is_told(error, &about);
            }
            if signer.is_null() {
                continue;
            }
            shares.count(mutation.kind, jwt.is_ok());
            let Ok(jwt) = jwt else { continue };
            // Any 32 bytes are a key of Ed25519.
            let may_change = mutation.kind == Kind::Flip && signer == "ed25519";
            let by = &signed::shown(jwt.expose()).unwrap()["signed_by"];
            assert!(by == signer || may_change, "{about}: {by}");
        }
    }
    shares.print("key files");
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// Returns the parts of the request of a file.
fn request(path: &Path, case: &Case) -> Result<Request, Error> {
    let mut options = CredentialsOptions::default();
    let given = |name: &str| case.options.get(name).cloned();
    (options.name, options.scope) = (given("name"), given("scope"));
    (options.subject, options.audience) = (given("subject"), given("audience"));
    let credentials = Credentials::from_file(path, &options)?;
    // Checks the key, and its certificate.
    credentials.checked_key(SystemTime::now())?;
    let claims = credentials.claims().cloned().unwrap_or_default();
    Ok(Request::from([
        ("token_url", credentials.token_url().to_string()),
        ("client_id", text(credentials.client_id())),
        (
            "client_secret",
            text(credentials.client_secret().ok().map(|secret| secret.expose().as_str())),
        ),
        ("grant_type", text(credentials.grant_type())),
        ("client_auth", format!("{:?}", credentials.client_auth())),
        ("scope", text(credentials.scope())),
        ("iss", claims.iss),
        ("sub", text(claims.sub.as_deref())),
        ("aud", text(claims.aud.as_deref())),
        ("metascopes", claims.metascopes.join(",")),
        ("claims", text(claims.claims_json.as_deref())),
        ("key", format!("{:?}", credentials.public_key()?)),
    ]))
}

/// Holds an error to one line that names the file.
fn assert_is_told(error: &Error, about: &str) {
    let message = error.message();
    assert!(message.contains(" file /") && !message.contains('\n'), "{about}: {message}");
    assert!(message.len() < 1000, "{about}: {message}");
}

/// How many mutations of each kind were read, of how many.
#[derive(Default)]
struct Shares(BTreeMap<String, (usize, usize)>);

impl Shares {
    fn count(&mut self, kind: Kind, is_read: bool) {
        let (read, all) = self.0.entry(format!("{kind:?}")).or_default();
        *read += usize::from(is_read);
        *all += 1;
    }

    fn print(&self, what: &str) {
        println!("{what}: {:?}", self.0);
    }
}
