//! libims and curl side by side: the same proxies, `NO_PROXY` and dead addresses lead the same way.

use std::env;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use support::hostile::Deaf;
use support::network::in_own_network;

/// A listener that remembers the first byte of the last connection on which one came, and closes.
struct Place {
    address: SocketAddr,
    seen: Arc<Mutex<Option<u8>>>,
}

/// Of a TLS handshake.
const TLS: u8 = 0x16;
const CONNECT: u8 = b'C';
const SOCKS5: u8 = 5;

impl Place {
    fn at(address: impl AsRef<str>) -> Self {
        let listener = TcpListener::bind(address.as_ref()).unwrap();
        let place = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&place.seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                // It is noted before the connection is closed, which ends the program that is tested.
                let (Ok(mut stream), mut byte) = (stream, [0]) else { continue };
                if stream.read_exact(&mut byte).is_ok() {
                    *seen.lock().unwrap() = Some(byte[0]);
                }
            }
        });
        place
    }

    fn take(&self) -> Option<u8> {
        self.seen.lock().unwrap().take()
    }
}

fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
    command.envs(environment.iter().copied()).output().unwrap()
}

/// Posts something to `url`; that no one answers is the places' doing.
fn curl(url: &str, environment: &[(&str, &str)]) {
    run("curl", &["--silent", "--max-time", "60", "--data", "x", url], environment);
}

fn libims(url: &str, environment: &[(&str, &str)]) {
    let secrets = [("IMS_JWT", "e30.e30.e30"), ("IMS_CLIENT_SECRET", "secret")];
    let arguments =
        ["exchange", "--client-id", "a", "--timeout", "60", "--max-attempts", "1", "--token-url"];
    let ims = env!("CARGO_BIN_EXE_ims");
    let output = run(ims, &[&arguments[..], &[url]].concat(), &[&secrets, environment].concat());
    // 2 and 3 are for what is given wrongly.
    let code = output.status.code().unwrap();
    assert!(code > 3, "{url} {environment:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Which of `places` each of the two got to, and with what: first curl, then libims.
fn ways(url: &str, environment: &[(&str, &str)], places: &[&Place]) -> [Vec<Option<u8>>; 2] {
    [curl, libims].map(|program| {
        program(url, environment);
        places.iter().map(|place| place.take()).collect()
    })
}

/// Whether curl still takes a blank for what stands between two entries of `NO_PROXY`.
fn curl_separates_by_blanks() -> bool {
    let output = run("curl", &["--version"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    let version = text.split_whitespace().nth(1).unwrap();
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap()) < (8, 9)
}

#[test]
fn no_proxy_means_the_same_to_both() {
    let hosts = "127.0.0.1 ims.example.com example.com example.com. notexample.com\n";
    in_own_network("no_proxy_means_the_same_to_both", hosts, || {
        let proxy = Place::at("127.0.0.1:0");
        let server = Place::at("127.0.0.1:0");
        let six = Place::at(format!("[::1]:{}", server.address.port()));
        let through = format!("http://{}", proxy.address);
        let port = server.address.port();
        let with_port = format!("127.0.0.1:{port},example.com:{port}");
        let mut addresses = vec![
            "*",
            " *",
            "a.example,*",
            "127.0.0.1",
            "127.0.0",
            "0.0.1",
            "127.0.0.0/8",
            "126.0.0.0/7",
            "127.0.0.0/32",
            "127.0.0.1/32",
            "127.0.0.1/33",
            "0.0.0.0/0",
            "::1",
            "[::1]",
            "::1/129",
            "::ffff:127.0.0.1",
            "localhost",
            &with_port,
        ];
        let mut names = vec![
            "*",
            "*,a.example",
            "example.com",
            ".example.com",
            "..example.com",
            "EXAMPLE.com.",
            ".example.com.",
            "com",
            ".",
            "a.example,,example.com,",
            "a.example , example.com",
            "*.example.com",
            "mple.com",
            "ims.example.com",
            "127.0.0.1",
            "https://example.com",
            &with_port,
        ];
        // What changed with versions of curl: libims takes all of it.
        if curl_separates_by_blanks() {
            names.extend(["a.example example.com", "a.example\texample.com b.example"]);
            addresses.extend(["a.example 127.0.0.1 ::1", " 127.0.0.1 b.example"]);
        } else {
            addresses.extend(["0:0::0:1", "::1/128", "::/8"]);
        }
        let to = |hosts: &[&'static str], rows: &[&str]| {
            for (host, no_proxy) in
                rows.iter().flat_map(|row| hosts.iter().map(move |host| (host, row)))
            {
                let environment = [("HTTPS_PROXY", through.as_str()), ("NO_PROXY", no_proxy)];
                let url = format!("https://{host}:{port}/token");
                let [curl, libims] = ways(&url, &environment, &[&proxy, &server, &six]);
                assert_eq!(curl, libims, "{host} with NO_PROXY={no_proxy:?}");
                assert!(curl.iter().flatten().count() == 1, "{host} {no_proxy:?}: {curl:?}");
            }
        };
        to(&["127.0.0.1", "[::1]"], &addresses);
        to(&["example.com", "ims.example.com", "notexample.com"], &names);
        to(&["example.com."], &["example.com", "example.com.", ".com", "ims.example.com"]);
    });
}

#[test]
fn a_proxy_is_found_and_spoken_to_the_same_way() {
    in_own_network("a_proxy_is_found_and_spoken_to_the_same_way", "", || {
        let (proxy, server) = (Place::at("127.0.0.1:0"), Place::at("127.0.0.1:0"));
        // Where a proxy without port is looked for.
        let (default, secure) = (Place::at("127.0.0.1:1080"), Place::at("127.0.0.1:443"));
        let url = format!("https://{}/token", server.address);
        let at = proxy.address;
        for (variable, value, place, byte) in [
            ("HTTPS_PROXY", format!("http://{at}"), &proxy, CONNECT),
            ("https_proxy", format!("http://user:pass@{at}/"), &proxy, CONNECT),
            ("HTTPS_PROXY", format!("{at}"), &proxy, CONNECT),
            ("HTTPS_PROXY", format!("https://{at}"), &proxy, TLS),
            ("HTTPS_PROXY", format!("socks5://{at}"), &proxy, SOCKS5),
            ("HTTPS_PROXY", format!("socks5h://user:pass@{at}"), &proxy, SOCKS5),
            ("HTTPS_PROXY", "http://127.0.0.1".into(), &default, CONNECT),
            ("HTTPS_PROXY", "127.0.0.1".into(), &default, CONNECT),
            ("HTTPS_PROXY", "socks5h://127.0.0.1".into(), &default, SOCKS5),
            ("HTTPS_PROXY", "https://127.0.0.1".into(), &secure, TLS),
            ("HTTPS_PROXY", String::new(), &server, TLS),
            ("HTTP_PROXY", format!("http://{at}"), &server, TLS),
            ("http_proxy", format!("http://{at}"), &server, TLS),
        ] {
            let environment = [(variable, value.as_str())];
            let places = [&proxy, &server, &default, &secure];
            let [curl, libims] = ways(&url, &environment, &places);
            assert_eq!(curl, libims, "{variable}={value}");
            let expected = places.map(|other| (other.address == place.address).then_some(byte));
            assert_eq!(libims, expected, "{variable}={value}");
        }
    });
}

#[test]
fn dead_addresses_of_a_name_lead_both_to_the_live_one() {
    let hosts = "fd00::1 one\n127.0.0.1 one\n\
                 fd00::1 two\nfd00::2 two\n127.0.0.1 two\n\
                 fd00::1 four\nfd00::2 four\nfd00::3 four\nfd00::4 four\n127.0.0.1 four\n\
                 fd00::1 mixed\n127.0.0.2 mixed\nfd00::2 mixed\n127.0.0.1 mixed\n\
                 fd00::5 refusing\n127.0.0.1 refusing\n";
    in_own_network("dead_addresses_of_a_name_lead_both_to_the_live_one", hosts, || {
        let server = Place::at("127.0.0.1:0");
        let port = server.address.port();
        let dead = ["[fd00::1]", "[fd00::2]", "[fd00::3]", "[fd00::4]", "127.0.0.2"];
        let _dead = dead.map(|host| Deaf::at(format!("{host}:{port}")));
        for host in ["one", "two", "four", "mixed", "refusing"] {
            let url = format!("https://{host}:{port}/token");
            for program in [curl, libims] {
                let start = Instant::now();
                program(&url, &[]);
                assert_eq!(server.take(), Some(TLS), "{host}");
                // The addresses take a quarter of a second each; one after the other, they would
                // share out the 60 s of the deadline.
                assert!(start.elapsed() < Duration::from_secs(10), "{host}");
            }
        }
    });
}
