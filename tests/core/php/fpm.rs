//! PHP's own process manager behind nginx: what workers share.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ims_sandbox::Fault;
use support::processes::{Running, free_port};

use super::account::Host;
use super::extension::EXTENSION;

const WORKERS: usize = 8;
const REQUESTS: usize = 2000;
const CONCURRENCY: usize = 32;
/// By then every worker has done all that it does once.
const WARM_UP: usize = 50;
/// A worker's heap may take another page or two for what comes at once.
const NOISE_BYTES: u64 = 256 * 1024;

/// Says which worker answers, with how much memory, and which token. The pause has all workers take part.
const SCRIPT: &str = r#"<?php
$client = Ims\Client::fromFile(__DIR__ . '/service_token.json', cache: 'file:' . __DIR__ . '/cache');
$token = $client->token();
usleep(2000);
$pages = explode(' ', file_get_contents('/proc/self/statm'))[1];
echo getmypid(), ' ', $pages * 4096, ' ', md5($token->accessToken);
"#;

/// FPM and nginx.
struct Site {
    host: Host,
    port: u16,
    fpm: Running,
    _nginx: Running,
}

impl Drop for Site {
    /// A manager that is killed leaves its workers behind.
    fn drop(&mut self) {
        self.signal("TERM");
        let _ = self.fpm.0.wait();
    }
}

/// What a worker said.
struct Answer {
    worker: u32,
    memory: u64,
    token: String,
}

impl Site {
    fn start() -> Self {
        let host = Host::new();
        let port = free_port();
        let folder = host.directory.path().display().to_string();
        host.directory.write("token.php", SCRIPT);
        host.directory.write(
            "fpm.conf",
            format!(
                "[global]\nerror_log = {folder}/fpm.log\ndaemonize = no\nprocess_control_timeout = 30s\n\
                 [site]\nlisten = {folder}/fpm.socket\nlisten.backlog = 1024\npm = static\npm.max_children = {WORKERS}\n\
                 user = {user}\ngroup = {group}\n\
                 php_admin_value[ims.cache] = \"redis://user:s3cret@127.0.0.1:1/0\"\n",
                user = output_of("id", "-un"),
                group = output_of("id", "-gn"),
            ),
        );
        host.directory.write(
            "nginx.conf",
            format!(
                "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n\
                 events {{ worker_connections 256; }}\n\
                 http {{ access_log off; client_body_temp_path {folder}/nginx; fastcgi_temp_path {folder}/nginx;\n\
                 proxy_temp_path {folder}/nginx; uwsgi_temp_path {folder}/nginx; scgi_temp_path {folder}/nginx;\n\
                 server {{ listen 127.0.0.1:{port} backlog=1024; location / {{\n\
                 fastcgi_pass unix:{folder}/fpm.socket; include /etc/nginx/fastcgi_params;\n\
                 fastcgi_param SCRIPT_FILENAME {folder}/token.php; }} }} }}\n"
            ),
        );
        let mut command = Command::new(fpm_program());
        command
            .args(["-R", "-n", "-F", "-d"])
            .arg(format!("extension={}", EXTENSION.module().display()));
        command.arg("-y").arg(host.path("fpm.conf"));
        EXTENSION.environment(&mut command);
        let socket = host.path("fpm.socket");
        let fpm = Running::start(&mut command, "", || UnixStream::connect(&socket).is_ok());
        let mut command = Command::new("/usr/sbin/nginx");
        command.args(["-e", "stderr", "-c"]).arg(host.path("nginx.conf"));
        let nginx =
            Running::start(&mut command, "", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { host, port, fpm, _nginx: nginx }
    }

    fn signal(&self, name: &str) {
        let process = self.fpm.0.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// One request; fails the test where there is no answer, or an error.
    fn ask(&self) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let said: Vec<&str> = body.split(' ').collect();
        let [worker, memory, token] = said.try_into().unwrap_or_else(|_| panic!("{answer}"));
        Answer {
            worker: worker.parse().unwrap(),
            memory: memory.parse().unwrap(),
            token: token.to_owned(),
        }
    }

    /// The answers to all requests, in about their order; `midway` happens when half of them are answered.
    fn load(&self, midway: impl Fn() + Sync) -> Vec<Answer> {
        let asked = AtomicUsize::new(0);
        let answers = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..CONCURRENCY {
                scope.spawn(|| {
                    while asked.fetch_add(1, Ordering::SeqCst) < REQUESTS {
                        let answer = self.ask();
                        let mut answers = answers.lock().unwrap();
                        answers.push(answer);
                        if answers.len() == REQUESTS / 2 {
                            midway();
                        }
                    }
                });
            }
        });
        answers.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[test]
fn workers_share_one_exchange_and_their_memory_stays_flat() {
    let site = Site::start();

    let answers = site.load(|| ());

    assert_eq!(answers.len(), REQUESTS);
    assert_eq!(site.host.issued(), 1);
    assert!(answers.iter().all(|answer| answer.token == answers[0].token));
    let mut workers: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for answer in &answers {
        workers.entry(answer.worker).or_default().push(answer.memory);
    }
    assert_eq!(workers.len(), WORKERS);
    for (worker, memory) in workers {
        let (warm, last) = (memory[WARM_UP], memory[memory.len() - 1]);
        assert!(last <= warm + NOISE_BYTES, "worker {worker} grew from {warm} to {last} bytes");
    }
}

#[test]
fn a_graceful_reload_costs_no_exchange_and_no_request() {
    let site = Site::start();

    let answers = site.load(|| {
        site.signal("USR2");
    });

    assert_eq!(answers.len(), REQUESTS);
    assert_eq!(site.host.issued(), 1);
    let workers: BTreeSet<u32> = answers.iter().map(|answer| answer.worker).collect();
    assert_eq!(workers.len(), 2 * WORKERS, "all were replaced");
}

#[test]
fn a_key_file_that_is_replaced_costs_one_exchange_more() {
    let site = Site::start();

    let answers = site.load(|| {
        let pem = site.host.other_key.private_key_to_pem_pkcs8().unwrap();
        let new = site.host.directory.write("new.key", pem);
        fs::rename(new, site.host.path("private.key")).unwrap();
    });

    assert_eq!(answers.len(), REQUESTS);
    assert_eq!(site.host.issued(), 2);
    let last = &answers[REQUESTS - 1].token;
    assert_ne!(*last, answers[0].token);
    // Requests that were under way may still have the old one.
    assert!(answers[REQUESTS / 2 + CONCURRENCY..].iter().all(|answer| answer.token == *last));
}

#[test]
fn clients_that_hang_up_while_their_worker_waits_leave_nothing_behind() {
    let site = Site::start();
    let mut slow = Fault::default();
    slow.latency = Duration::from_millis(500);
    site.host.sandbox.inject(slow).unwrap();

    for _ in 0..2 * WORKERS {
        let mut stream = TcpStream::connect(("127.0.0.1", site.port)).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    }
    let answers = site.load(|| ());

    assert_eq!(answers.len(), REQUESTS);
    assert_eq!(site.host.issued(), 1);
    let workers: BTreeSet<u32> = answers.iter().map(|answer| answer.worker).collect();
    assert_eq!(workers.len(), WORKERS, "none was replaced");
}

#[test]
fn a_password_of_the_pool_s_settings_is_shown_to_no_script() {
    let site = Site::start();
    let shown = "strtr(ini_get('ims.cache') . print_r(ini_get_all('ims'), true), \" \\n\", '__')";
    site.host.directory.write("token.php", format!("<?php echo '1 1 ', {shown};"));
    // Also in a worker's second request, which finds what the first one left.
    for _ in 0..4 * WORKERS {
        let shown = site.ask().token;
        assert!(shown.starts_with("redis://(not_shown)@127.0.0.1:1/0"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

/// Its name holds PHP's version.
fn fpm_program() -> PathBuf {
    let programs = fs::read_dir("/usr/sbin").unwrap().map(|entry| entry.unwrap().path());
    let is_fpm = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("php-fpm"))
    };
    let found = programs.filter(is_fpm).max();
    found.expect("php-fpm: run `make test`, which installs what tests need")
}

fn output_of(program: &str, argument: &str) -> String {
    support::processes::output(Command::new(program).arg(argument), "").trim().to_owned()
}
