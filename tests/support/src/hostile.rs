//! A server that misbehaves byte by byte, as a script tells it, and that records its input.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use openssl::ssl::{SslAcceptor, SslMethod, SslStream, SslVersion};

use crate::certificates::Identity;

/// A server on a free port of 127.0.0.1, until dropped. Every connection has a thread.
pub struct Hostile {
    address: SocketAddr,
    record: Arc<Record>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Record {
    connections: AtomicUsize,
    resumed: AtomicUsize,
    /// The bytes as they arrived, before TLS.
    raw: Mutex<Vec<u8>>,
    requests: Mutex<Vec<String>>,
    stopped: AtomicBool,
}

/// One client's connection, as the server's script sees it.
pub struct Connection {
    stream: Box<dyn Stream>,
    socket: TcpStream,
    record: Arc<Record>,
    /// 0 for the first.
    pub number: usize,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Hostile {
    /// Runs `script` with every connection, which ends with it.
    pub fn run(script: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self::serve(move |stream| Ok(Box::new(stream)), script)
    }

    /// Runs `script` like [`Hostile::run`], over TLS.
    pub fn run_over_tls(
        identity: &Identity,
        script: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::serve(tls(identity, None), script)
    }

    /// Reads each request and sends the first of `answers` to the first one, and so on. The last of
    /// them is sent to all further requests.
    pub fn answering<A: AsRef<[u8]> + Send + Sync + 'static>(
        answers: impl IntoIterator<Item = A>,
    ) -> Self {
        Self::run(in_turn(answers))
    }

    /// Answers like [`Hostile::answering`], over TLS. Requests are counted only after a successful
    /// handshake.
    pub fn answering_over_tls<A: AsRef<[u8]> + Send + Sync + 'static>(
        identity: &Identity,
        answers: impl IntoIterator<Item = A>,
    ) -> Self {
        Self::serve(tls(identity, None), in_turn(answers))
    }

    /// Answers like [`Hostile::answering`], over one outdated version of TLS.
    pub fn answering_over_old_tls<A: AsRef<[u8]> + Send + Sync + 'static>(
        identity: &Identity,
        version: SslVersion,
        answers: impl IntoIterator<Item = A>,
    ) -> Self {
        Self::serve(tls(identity, Some(version)), in_turn(answers))
    }

    fn serve(
        wrap: impl Fn(Recorded) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        script: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let server = Arc::clone(&record);
        let (wrap, script) = (Arc::new(wrap), Arc::new(script));
        let listener = thread::spawn(move || {
            for stream in listener.incoming() {
                if server.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let number = server.connections.fetch_add(1, Ordering::SeqCst);
                let (wrap, script) = (Arc::clone(&wrap), Arc::clone(&script));
                let record = Arc::clone(&server);
                thread::spawn(move || {
                    // Many tests make a client close the connection or refuse TLS.
                    let socket = stream?;
                    let stream = Recorded { stream: socket.try_clone()?, record: record.clone() };
                    let stream = wrap(stream)?;
                    script(&mut Connection { stream, socket, record, number })
                });
            }
        });
        Self { address, record, listener: Some(listener) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT/token`.
    pub fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// `https://127.0.0.1:PORT/token`.
    pub fn https_url(&self) -> String {
        format!("https://{}/token", self.address)
    }

    /// Returns the number of connections.
    pub fn connections(&self) -> usize {
        self.record.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of connections that resumed a TLS session.
    pub fn resumed(&self) -> usize {
        self.record.resumed.load(Ordering::SeqCst)
    }

    /// The requests that scripts read, headers and body.
    pub fn requests(&self) -> Vec<String> {
        self.record.requests.lock().unwrap().clone()
    }

    /// Returns all that clients sent, with TLS if they used it.
    pub fn received(&self) -> Vec<u8> {
        self.record.raw.lock().unwrap().clone()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.record.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees the end.
        let _ = TcpStream::connect(self.address);
        self.listener.take().map(JoinHandle::join);
    }
}

impl Connection {
    /// Reads a request to the end of its body, as Content-Length counts it, or until the client
    /// stops.
    pub fn read_request(&mut self) -> io::Result<String> {
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        while !is_whole(&request) {
            match self.stream.read(&mut chunk)? {
                0 => break,
                read => request.extend(&chunk[..read]),
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        self.record.requests.lock().unwrap().push(request.clone());
        Ok(request)
    }

    /// Reads exactly this number of bytes.
    pub fn read(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())?;
        self.stream.flush()
    }

    /// Sends byte by byte, one every `pause`.
    pub fn drip(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> io::Result<()> {
        bytes.as_ref().iter().try_for_each(|byte| {
            thread::sleep(pause);
            self.send([*byte])
        })
    }

    /// Sends the same again and again until the client goes away.
    pub fn flood(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        loop {
            self.send(&bytes)?;
        }
    }

    /// Carries bytes to and from `address`, as a proxy does after CONNECT.
    pub fn tunnel(&mut self, address: SocketAddr) -> io::Result<()> {
        let mut server = TcpStream::connect(address)?;
        let mut from_server = server.try_clone()?;
        let mut to_client = self.socket.try_clone()?;
        let back = thread::spawn(move || {
            let _ = io::copy(&mut from_server, &mut to_client);
            let _ = to_client.shutdown(Shutdown::Write);
        });
        io::copy(&mut self.stream, &mut server)?;
        server.shutdown(Shutdown::Both)?;
        back.join().map_err(|_| ErrorKind::Other.into())
    }

    /// The server's own.
    pub fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    /// Carries bytes to and from `address` in turn, like a proxy whose own connection uses TLS.
    pub fn relay(&mut self, address: SocketAddr) -> io::Result<()> {
        let mut server = TcpStream::connect(address)?;
        let patience = Some(Duration::from_millis(5));
        server.set_read_timeout(patience)?;
        self.socket.set_read_timeout(patience)?;
        let mut chunk = [0; 16 * 1024];
        loop {
            if let Some(read) = came(self.stream.read(&mut chunk))? {
                if read == 0 {
                    return Ok(());
                }
                server.write_all(&chunk[..read])?;
            }
            if let Some(read) = came(server.read(&mut chunk))? {
                if read == 0 {
                    return Ok(());
                }
                self.send(&chunk[..read])?;
            }
        }
    }

    /// Says nothing until the client goes away.
    pub fn hang(&mut self) -> io::Result<()> {
        while self.stream.read(&mut [0; 4096])? > 0 {}
        Ok(())
    }
}

/// Returns the number of bytes that were read, or `None` if none came in time.
fn came(read: io::Result<usize>) -> io::Result<Option<usize>> {
    match read {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// An address where connections are neither taken nor refused: its queue is full.
pub struct Deaf {
    listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Deaf {
    pub fn new() -> Self {
        Self::at("127.0.0.1:0")
    }

    pub fn at(address: impl AsRef<str>) -> Self {
        let listener = TcpListener::bind(address.as_ref()).unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(100));
        let queue = std::iter::from_fn(|| connect().ok()).collect();
        Self { listener, _queue: queue }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }
}

impl Default for Deaf {
    fn default() -> Self {
        Self::new()
    }
}

fn in_turn<A: AsRef<[u8]> + Send + Sync + 'static>(
    answers: impl IntoIterator<Item = A>,
) -> impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static {
    let answers: Vec<A> = answers.into_iter().collect();
    move |connection| {
        connection.read_request()?;
        connection.send(&answers[connection.number.min(answers.len() - 1)])
    }
}

/// Returns whether a request has all of its body, as Content-Length counts it.
pub fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap());
    body.len() >= length
}

fn tls(
    identity: &Identity,
    version: Option<SslVersion>,
) -> impl Fn(Recorded) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&identity.key).unwrap();
    acceptor.set_certificate(&identity.certificate).unwrap();
    for between in &identity.chain {
        acceptor.add_extra_chain_cert(between.clone()).unwrap();
    }
    if let Some(version) = version {
        // Allows ciphers that OpenSSL 3 considers too weak.
        acceptor.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
        acceptor.set_min_proto_version(Some(version)).unwrap();
        acceptor.set_max_proto_version(Some(version)).unwrap();
    }
    let acceptor = acceptor.build();
    move |stream| {
        let stream: SslStream<Recorded> = acceptor.accept(stream).map_err(io::Error::other)?;
        let resumed = usize::from(stream.ssl().session_reused());
        stream.get_ref().record.resumed.fetch_add(resumed, Ordering::SeqCst);
        Ok(Box::new(stream))
    }
}

/// A socket that notes what comes in.
#[derive(Debug)]
struct Recorded {
    stream: TcpStream,
    record: Arc<Record>,
}

impl Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            match self.stream.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => break done?,
            }
        };
        self.record.raw.lock().unwrap().extend(&buffer[..read]);
        Ok(read)
    }
}

impl Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record")
    }
}
