//! Authlib and nginx, started for the tests.

use std::env;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use ims::{Assertion, Key, Proxy, Secret, Transport, generate_jwt};
use serde_json::{Value, json};
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::keys;
use support::processes::{Running, free_port, python};
use support::random::{AWKWARD, Random};
use support::signatures::{ALGORITHMS, key_for};

use crate::claim_sets;

/// The server's issuer identifier.
pub const ISSUER: &str = "https://issuer.example";
/// The secret of the clients that it proves, as long as HS512 needs.
const CLIENT_SECRET: &str = "a secret as long as SHA-512's output has bytes, that is 64 of them";

/// What the server registered, and what it is to read from the account's JWT.
pub struct Account {
    pub assertion: Assertion,
    pub read: Value,
    pub client_secret: String,
}

impl Account {
    pub fn jwt(&self) -> Secret {
        let key = Key::from_bytes(&keys::pkcs8_pem(), None).unwrap();
        generate_jwt(&key, &self.assertion, SystemTime::now()).unwrap()
    }
}

/// Authlib and nginx, for as long as a test uses them.
pub struct Server {
    pub accounts: Vec<Account>,
    /// The credentials of a client for each algorithm, the first for RS256.
    pub clients: Vec<Value>,
    /// Its `/token` and `/ims/exchange/jwt` are Authlib's, the others nginx's own. TLS 1.3.
    pub url: String,
    /// The same `/token`, over TLS 1.2.
    pub tls_1_2_url: String,
    /// How to reach it.
    pub transport: Transport,
    /// A CA that did not sign its certificate.
    pub other_ca: PathBuf,
    _nginx: Running,
    _authlib: Running,
    _directory: Directory,
}

impl Server {
    /// The one server of this program: statics are never dropped, so the tests share it.
    pub fn running() -> Arc<Self> {
        static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        server.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Self::start());
            *server = Arc::downgrade(&started);
            started
        })
    }

    fn start() -> Self {
        let directory = Directory::new();
        let accounts = accounts();
        let socket = directory.path().join("authlib.sock");
        let (mut clients, registered): (Vec<_>, Vec<_>) = clients().unzip();
        let authlib = authlib(&socket, &accounts, &registered);

        let authority = Authority::new("the server's");
        let identity = authority.server(&["localhost"], Validity::now());
        directory.write("server.pem", identity.chain_pem());
        directory.write("server.key", identity.key_pem());
        let (port, tls_1_2_port) = (free_port(), free_port());
        directory.write("nginx.conf", nginx_conf(&socket, port, tls_1_2_port));
        let nginx = nginx(&directory, tls_1_2_port);

        let mut transport = Transport::default();
        transport.ca_file = Some(directory.write("ca.pem", authority.pem()));
        transport.proxy = Proxy::None;
        transport.max_attempts = 1;
        let url = format!("https://localhost:{port}");
        for client in &mut clients {
            client["grant"] = "client_credentials".into();
            client["issuer"] = ISSUER.into();
            client["token_url"] = format!("{url}/token").into();
            client["alg"] = client["client_id"].clone();
        }
        Self {
            accounts,
            clients,
            url,
            tls_1_2_url: format!("https://localhost:{tls_1_2_port}"),
            transport,
            other_ca: directory.write("other_ca.pem", Authority::new("another").pem()),
            _nginx: nginx,
            _authlib: authlib,
            _directory: directory,
        }
    }
}

fn accounts() -> Vec<Account> {
    let random = &mut Random::seeded(3);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let account = |_| {
        let (assertion, read) = claim_sets::random(random, now);
        Account { assertion, read, client_secret: random.text(AWKWARD) }
    };
    (0..1_000).map(account).collect()
}

/// Returns the credentials of a client for each algorithm, and what the server registers of it.
fn clients() -> impl Iterator<Item = (Value, Value)> {
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    let by_key = move |alg| {
        let key = key_for(alg);
        let private = text(key.private_key_to_pem_pkcs8().unwrap());
        let public = text(key.public_key_to_pem().unwrap());
        (
            json!({ "client_id": alg, "client_auth": "private_key_jwt", "private_key": private }),
            json!({ "client_id": alg, "alg": alg, "public_key": public }),
        )
    };
    let by_secret = |alg| {
        let secret = CLIENT_SECRET;
        (
            json!({ "client_id": alg, "client_auth": "client_secret_jwt", "client_secret": secret }),
            json!({ "client_id": alg, "alg": alg, "client_secret": secret }),
        )
    };
    ALGORITHMS.into_iter().map(by_key).chain(["HS256", "HS384", "HS512"].map(by_secret))
}

fn authlib(socket: &Path, accounts: &[Account], clients: &[Value]) -> Running {
    let registered = |account: &Account| {
        json!({
            "iss": account.assertion.claims.iss,
            "sub": account.assertion.claims.sub,
            "aud": account.assertion.claims.aud,
            "client_secret": account.client_secret,
        })
    };
    let config = json!({
        "socket": socket,
        "public_key": keys::public_key_pem(),
        "issuer": ISSUER,
        "clients": clients,
        "accounts": accounts.iter().map(registered).collect::<Vec<_>>(),
    });
    Running::start(&mut python("authlib_server.py"), &format!("{config}\n"), || socket.exists())
}

fn nginx(directory: &Directory, port: u16) -> Running {
    // Debian keeps it in /usr/sbin, which is not on every user's PATH.
    let path = env::var("PATH").unwrap_or_default();
    let mut command = Command::new("nginx");
    command.env("PATH", format!("{path}:/usr/sbin"));
    command.args(["-c", "nginx.conf", "-e", "error.log", "-p"]).arg(directory.path());
    Running::start(&mut command, "", || TcpStream::connect(("127.0.0.1", port)).is_ok())
}

fn nginx_conf(socket: &Path, port: u16, tls_1_2_port: u16) -> String {
    let socket = socket.display();
    format!(
        r#"
daemon off;
master_process off;
pid nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path client_body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols TLSv1.3;
        location / {{ proxy_pass http://unix:{socket}; }}
        location /down {{ proxy_pass http://unix:nobody.sock; }}
        location /busy {{ add_header Retry-After 3600 always; return 429; }}
        location /forbidden {{ deny all; }}
        location /moved {{ return 302 https://localhost:{port}/token; }}
        location /page {{ default_type text/html; return 200 "<p>Sign in</p>"; }}
    }}
    server {{
        listen 127.0.0.1:{tls_1_2_port} ssl;
        ssl_protocols TLSv1.2;
        location / {{ proxy_pass http://unix:{socket}; }}
    }}
}}
"#
    )
}
