//! The address of a Redis, parsed from its URL.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use ::redis::{ConnectionAddr, IntoConnectionInfo};
use zeroize::Zeroizing;

use crate::cache::problem::misconfigured;
use crate::error::Error;
use crate::secret::Secret;

const GRAMMAR: &str = "write redis://USER:PASSWORD@HOST:PORT/DATABASE, \
    redis+cluster://USER:PASSWORD@HOST:PORT,HOST:PORT or \
    redis+sentinel://USER:PASSWORD@HOST:PORT,HOST:PORT/SERVICE/DATABASE, each part encoded; \
    rediss for TLS";
const PARAMETERS: &str = "a URL's parameters are ssl_certfile, ssl_keyfile and ssl_ca_certs, each with an absolute path, \
     of rediss; sentinel_username and sentinel_password of redis+sentinel";
/// Sentinel's own, where the URL names none.
const SENTINEL_PORT: u16 = 26379;

/// The servers of a Redis URL, and how they let us in.
pub(in crate::cache) struct Address {
    /// The server, the nodes of the cluster, or the Sentinels: at least one.
    pub nodes: Vec<Node>,
    pub login: Login,
    pub database: i64,
    /// The TLS files; `None` for a connection without TLS.
    pub tls: Option<TlsFiles>,
    pub sentinel: Option<Sentinel>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cache) struct Node {
    pub host: String,
    pub port: u16,
}

#[derive(Default)]
pub(in crate::cache) struct Login {
    pub user: Option<String>,
    pub password: Option<Secret>,
}

/// The Sentinels know the master of `service`.
pub(in crate::cache) struct Sentinel {
    pub service: String,
    pub login: Login,
}

/// PEM files for this connection only.
#[derive(Default)]
pub(in crate::cache) struct TlsFiles {
    pub certificate: Option<PathBuf>,
    /// The file of the private key; `None` if the certificate's file holds the key too.
    pub key: Option<PathBuf>,
    pub ca: Option<PathBuf>,
}

impl Address {
    /// # Errors
    /// [`Status::Cache`](crate::Status::Cache), without a word of the URL: it may hold a password.
    pub fn parse(url: &Secret) -> Result<Self, Error> {
        let bad = || misconfigured("is not a Redis URL").with_hint(GRAMMAR);
        let (scheme, rest) = url.expose().split_once("://").ok_or_else(bad)?;
        let scheme = Scheme::parse(scheme).ok_or_else(bad)?;
        // Other libraries use the fragment to turn verification off.
        if rest.contains('#') {
            return Err(bad());
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority
            .rsplit_once('@')
            .map_or(("", authority), |(login, hosts)| (&authority[..=login.len()], hosts));
        let (service, database) = match scheme.kind {
            Deployment::Sentinel => path.split_once('/').unwrap_or((path, "")),
            Deployment::Server | Deployment::Cluster => ("", path),
        };
        let mut nodes = Vec::new();
        let mut login_and_database = None;
        for host in hosts.split(',') {
            // The crate parses rediss only if its own TLS is compiled in.
            let one = Zeroizing::new(format!("redis://{login}{host}/{database}"));
            let info = one.as_str().into_connection_info().map_err(|_| bad())?;
            let ConnectionAddr::Tcp(name, port) = info.addr() else { return Err(bad()) };
            let names_a_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
            let port = match scheme.kind {
                Deployment::Sentinel if !names_a_port => SENTINEL_PORT,
                _ => *port,
            };
            nodes.push(Node { host: name.clone(), port });
            let settings = info.redis_settings();
            login_and_database = Some((
                Login {
                    user: settings.username().map(str::to_owned),
                    password: settings.password().map(Secret::from),
                },
                settings.db(),
            ));
        }
        let (login, database) = login_and_database.ok_or_else(bad)?;
        let has_databases = scheme.kind != Deployment::Cluster;
        let is_one = nodes.len() == 1 || scheme.kind != Deployment::Server;
        let is_sound = nodes.iter().all(|node| !node.host.is_empty());
        if !is_one || !is_sound || database < 0 || database > 0 && !has_databases {
            return Err(bad());
        }
        let sentinel = match scheme.kind {
            Deployment::Sentinel if is_service(service) => {
                Some(Sentinel { service: service.to_owned(), login: Login::default() })
            }
            Deployment::Sentinel => return Err(bad()),
            Deployment::Server | Deployment::Cluster => None,
        };
        let tls = scheme.tls.then(TlsFiles::default);
        let mut address = Self { nodes, login, database, tls, sentinel };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            address.set(&name, value).ok_or_else(|| {
                misconfigured("is a Redis URL with a parameter that is wrong").with_hint(PARAMETERS)
            })?;
        }
        Ok(address)
    }

    /// Takes one parameter of the URL; `None` where it is unknown or wrong.
    fn set(&mut self, name: &str, value: Cow<str>) -> Option<()> {
        if let "sentinel_username" | "sentinel_password" = name {
            let login = &mut self.sentinel.as_mut()?.login;
            match name {
                "sentinel_username" => login.user = Some(value.into_owned()),
                _ => login.password = Some(value.into_owned().into()),
            }
            return Some(());
        }
        let tls = self.tls.as_mut()?;
        let file = match name {
            "ssl_certfile" => &mut tls.certificate,
            "ssl_keyfile" => &mut tls.key,
            "ssl_ca_certs" => &mut tls.ca,
            _ => return None,
        };
        let path = PathBuf::from(value.into_owned());
        path.is_absolute().then(|| *file = Some(path))
    }

    /// Every secret of the URL.
    pub fn secrets(&self) -> Vec<&str> {
        let sentinel = self.sentinel.as_ref().map(|sentinel| &sentinel.login);
        let logins = [Some(&self.login), sentinel];
        let passwords = logins.into_iter().flatten().filter_map(|login| login.password.as_ref());
        passwords.map(|password| password.expose().as_str()).collect()
    }
}

impl Node {
    /// Parses `HOST:PORT` of a cluster's node; without a host, it is the one of `current`.
    pub fn parse(text: &str, current: &Self) -> Option<Self> {
        // An IPv6 address has no brackets here.
        let (host, port) = text.rsplit_once(':')?;
        let host = if host.is_empty() { &current.host } else { host };
        Some(Self { host: host.to_owned(), port: port.parse().ok()? })
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

struct Scheme {
    kind: Deployment,
    tls: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deployment {
    Server,
    Cluster,
    Sentinel,
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        let (redis, kind) = text.split_once('+').unwrap_or((text, ""));
        let kind = match kind {
            "cluster" => Deployment::Cluster,
            "sentinel" => Deployment::Sentinel,
            "" if text == redis => Deployment::Server,
            _ => return None,
        };
        match redis {
            "redis" => Some(Self { kind, tls: false }),
            "rediss" => Some(Self { kind, tls: true }),
            _ => None,
        }
    }
}

/// Sentinel's own rule for the name of a master.
fn is_service(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    !name.is_empty() && name.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, Error> {
        Address::parse(&url.into())
    }

    fn nodes(address: &Address) -> String {
        let nodes: Vec<String> = address.nodes.iter().map(Node::to_string).collect();
        nodes.join(" ")
    }

    #[test]
    fn a_url_names_a_server_the_nodes_of_a_cluster_or_sentinels_and_their_service() {
        let server = parse("redis://ada:s3%40cret@[::1]:7000/3").unwrap();
        assert_eq!((nodes(&server).as_str(), server.database), ("[::1]:7000", 3));
        assert_eq!(server.login.user.as_deref(), Some("ada"));
        assert_eq!(server.secrets(), ["s3@cret"]);
        assert!(server.tls.is_none() && server.sentinel.is_none());

        let cluster = parse("rediss+cluster://:s3cret@a:7000,[2001:db8::1],c").unwrap();
        assert_eq!(nodes(&cluster), "a:7000 [2001:db8::1]:6379 c:6379");
        assert!(cluster.tls.is_some() && cluster.sentinel.is_none());

        let url = "redis+sentinel://:one@a,[::1]:7,c:26380/mine/2?sentinel_password=two%26";
        let sentinels = parse(url).unwrap();
        assert_eq!(nodes(&sentinels), "a:26379 [::1]:7 c:26380");
        assert_eq!(sentinels.sentinel.as_ref().unwrap().service, "mine");
        assert_eq!(sentinels.database, 2);
        assert_eq!(sentinels.secrets(), ["one", "two&"]);
    }

    #[test]
    fn a_client_certificate_is_named_as_other_libraries_name_it() {
        let url = "rediss://h?ssl_certfile=/c%20d.pem&ssl_keyfile=/k.pem&ssl_ca_certs=/ca.pem";
        let files = parse(url).unwrap().tls.unwrap();
        let name = |path: Option<PathBuf>| path.unwrap().to_str().unwrap().to_owned();
        assert_eq!(name(files.certificate), "/c d.pem");
        assert_eq!((name(files.key), name(files.ca)), ("/k.pem".into(), "/ca.pem".into()));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_a_word_of_it() {
        for (url, hint) in [
            ("redis://s3cret@a,b", GRAMMAR),
            ("redis+cluster://:s3cret@a,b/1", GRAMMAR),
            ("redis+cluster://:s3cret@a,,b", GRAMMAR),
            ("redis+sentinel://:s3cret@a", GRAMMAR),
            ("redis+sentinel://:s3cret@a/s3 cret", GRAMMAR),
            ("redis+sentinel://:s3cret@a/mine/one", GRAMMAR),
            ("redis+other://:s3cret@a", GRAMMAR),
            ("rediss://:s3cret@h#insecure", GRAMMAR),
            ("rediss://:s3cret@h?ssl_cert_reqs=none", PARAMETERS),
            ("rediss://:s3cret@h?ssl_certfile=s3cret.pem", PARAMETERS),
            ("redis://:s3cret@h?ssl_certfile=/s3cret.pem", PARAMETERS),
            ("redis://h?sentinel_password=s3cret", PARAMETERS),
        ] {
            let Err(error) = parse(url) else { panic!("{url}") };
            assert_eq!(error.hint(), Some(hint), "{url}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn a_clusters_node_may_have_an_ipv6_address_or_no_name() {
        let current = Node { host: "here".into(), port: 1 };
        let parse = |text: &str| Node::parse(text, &current).map(|node| node.to_string());
        assert_eq!(parse("10.0.0.1:7000").unwrap(), "10.0.0.1:7000");
        assert_eq!(parse("::1:7000").unwrap(), "[::1]:7000");
        assert_eq!(parse(":7000").unwrap(), "here:7000");
        assert_eq!(parse("nonsense"), None);
        assert_eq!(parse("a:70000"), None);
    }
}
