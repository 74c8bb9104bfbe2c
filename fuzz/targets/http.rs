//! Whatever bytes a server sends, an exchange ends in time: in a token, or a typed error.

#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use ims::{Grant, Proxy, TokenUrl, Transport, exchange};
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{SECRET, check_error, check_log_lines, log_lines, within};
use support::certificates::Authority;
use support::directory::Directory;
use support::hostile::is_whole;

/// What the server sends next.
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    // The whole request: otherwise the close would drop what was sent.
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    while !is_whole(&request) {
        match stream.read(&mut chunk)? {
            0 => break,
            read => request.extend(&chunk[..read]),
        }
    }
    stream.write_all(&ANSWER.lock().unwrap())?;
    stream.shutdown(Shutdown::Write)
}

fn url() -> &'static TokenUrl {
    static URL: OnceLock<TokenUrl> = OnceLock::new();
    URL.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        thread::spawn(move || listener.incoming().for_each(|stream| drop(stream.map(answer))));
        url.parse().unwrap()
    })
}

fn ca_file() -> &'static PathBuf {
    static FILE: OnceLock<(Directory, PathBuf)> = OnceLock::new();
    let make = || {
        let directory = Directory::new();
        let file = directory.write("ca.pem", Authority::new("authority").pem());
        (directory, file)
    };
    &FILE.get_or_init(make).1
}

fuzz_target!(|input: &[u8]| {
    let url = url();
    *ANSWER.lock().unwrap() = input.to_vec();
    let mut transport = Transport::default();
    transport.timeout = Duration::from_secs(20);
    transport.max_attempts = 1;
    transport.proxy = Proxy::None;
    // Otherwise each exchange reads the system's, for which plain HTTP has no use.
    transport.ca_file = Some(ca_file().clone());
    let grant = Grant::jwt_exchange("client", SECRET, "e30.e30.end");
    log_lines();
    let start = Instant::now();
    let result = within(input, 16, 1024 * 1024, || exchange(url, &grant, &transport));
    // The server closes the connection: nothing waits for the deadline.
    assert!(start.elapsed() < transport.timeout);
    if let Err(error) = result {
        check_error(&error, &[SECRET]);
    }
    check_log_lines(&[SECRET]);
});
