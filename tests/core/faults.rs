//! Every system call of a cold token call and of warm ones fails once: the call ends in a token or a typed error, within
//! its deadline, leaves nothing behind, and the next process gets a token. So it is with a cache in files, with one in Redis, and
//! with a token server over TLS.
//!
//! `make test` gives each third call one of the errors that it can have, or kills the process there; `make inject` (IMS_INJECT)
//! gives each call all of them.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::json;
use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::Hostile;
use support::keys;
use support::redis::Redis;

use crate::c_programs::compile;
use crate::exchanges::json as response;

/// The timeout of a call is 10 s, and each process makes three at most. Tracing takes its time.
const LONGEST: Duration = Duration::from_secs(40);

/// The errors that a system call can have, by its manual page, and that of the first is the one of `make test`. A call that
/// is not listed cannot fail for a reason that is not the caller's mistake.
const ERRORS: [(&str, &[&str]); 34] = [
    ("access", &["EACCES", "ENOENT", "EIO"]),
    ("bind", &["EADDRINUSE", "ENOMEM"]),
    ("clone", &["EAGAIN", "ENOMEM"]),
    ("clone3", &["EAGAIN", "ENOMEM"]),
    ("close", &["EIO", "EINTR", "ENOSPC"]),
    (
        "connect",
        &[
            "ECONNREFUSED",
            "ENETUNREACH",
            "EHOSTUNREACH",
            "ETIMEDOUT",
            "EADDRNOTAVAIL",
            "EACCES",
            "EAGAIN",
            "EINTR",
        ],
    ),
    ("epoll_create1", &["EMFILE", "ENFILE", "ENOMEM"]),
    ("faccessat", &["EACCES", "ENOENT", "EIO"]),
    ("fcntl", &["EINTR", "ENOLCK"]),
    ("flock", &["ENOLCK", "EINTR", "EAGAIN"]),
    ("fstat", &["EIO", "ENOMEM"]),
    ("getdents64", &["ENOENT"]),
    ("getrandom", &["ENOSYS", "EINTR"]),
    ("getsockname", &["ENOBUFS"]),
    ("getsockopt", &["ENOMEM"]),
    ("ioctl", &["ENOMEM"]),
    ("lseek", &["ESPIPE"]),
    ("mkdir", &["ENOSPC", "EACCES", "EROFS", "EDQUOT", "ENOMEM"]),
    ("mmap", &["ENOMEM"]),
    ("mprotect", &["ENOMEM"]),
    ("munmap", &["ENOMEM"]),
    ("newfstatat", &["EACCES", "ENOENT", "EIO", "ENOMEM"]),
    (
        "openat",
        &[
            "EMFILE", "EACCES", "ENOENT", "ENFILE", "ENOMEM", "ENOSPC", "EROFS", "EDQUOT", "EINTR",
            "EIO", "ELOOP",
        ],
    ),
    ("poll", &["EINTR", "ENOMEM"]),
    ("ppoll", &["EINTR", "ENOMEM"]),
    ("read", &["EIO", "EINTR", "EISDIR"]),
    ("recvfrom", &["ECONNRESET", "ETIMEDOUT", "EINTR", "ENOMEM"]),
    ("rename", &["EACCES", "ENOSPC", "EIO", "EROFS", "EDQUOT"]),
    ("sendto", &["EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM", "EINTR"]),
    ("setsockopt", &["ENOBUFS", "ENOMEM"]),
    ("socket", &["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EACCES", "EAFNOSUPPORT"]),
    ("statx", &["EACCES", "ENOENT", "EIO", "ENOMEM"]),
    ("unlink", &["EACCES", "EIO", "EROFS"]),
    ("write", &["ENOSPC", "EIO", "EDQUOT", "EFBIG", "EINTR", "EPIPE"]),
];

/// What system calls of other names are, in the same table.
const SAME: [(&str, &str); 6] = [
    ("stat", "newfstatat"),
    ("lstat", "newfstatat"),
    ("unlinkat", "unlink"),
    ("mkdirat", "mkdir"),
    ("renameat2", "rename"),
    ("writev", "write"),
];

fn errors(name: &str) -> &'static [&'static str] {
    let name = SAME.iter().find(|(other, _)| *other == name).map_or(name, |(_, same)| same);
    ERRORS.iter().find(|(known, _)| *known == name).map_or(&[], |(_, errors)| errors)
}

/// The program of tests/c/faults.c, its account, its server and its cache.
struct Desk {
    directory: Directory,
    _server: Hostile,
    redis: Option<Redis>,
}

impl Desk {
    fn with_files() -> Self {
        Self::new(false, None)
    }

    fn with_redis() -> Self {
        Self::new(false, Some(Redis::start(&[])))
    }

    fn over_tls() -> Self {
        Self::new(true, None)
    }

    fn new(is_tls: bool, redis: Option<Redis>) -> Self {
        let directory = Directory::new();
        compile("faults", directory.path());
        let token = json!({ "access_token": "t0ken", "expires_in": 3600 }).to_string();
        let answers = [response("200 OK", token)];
        let authority = Authority::new("authority");
        let (server, url) = if is_tls {
            let identity = authority.server(&["127.0.0.1"], Validity::now());
            let server = Hostile::answering_over_tls(&identity, answers);
            let url = server.https_url();
            (server, url)
        } else {
            let server = Hostile::answering(answers);
            let url = server.url();
            (server, url)
        };
        directory.write("private.key", keys::pkcs8_pem());
        directory.write("ca.pem", authority.pem());
        let account = json!({
            "grant": "jwt_exchange", "client_id": "c", "client_secret": "s", "private_key": "private.key",
            "token_url": url, "org_id": "org@AdobeOrg", "technical_account_id": "account@techacct.adobe.com",
            "metascopes": "ent_x",
        });
        directory.write("credentials.json", account.to_string());
        Self { directory, _server: server, redis }
    }

    fn files(&self) -> PathBuf {
        self.directory.path().join("cache")
    }

    fn cache(&self) -> String {
        self.redis.as_ref().map_or_else(|| format!("file:{}", self.files().display()), Redis::url)
    }

    fn empty_cache(&self) {
        match &self.redis {
            Some(redis) => assert_eq!(redis.ask(&["FLUSHALL"]).trim(), "OK"),
            None => drop(fs::remove_dir_all(self.files())),
        }
    }

    /// Runs the program, with these options of strace before it.
    fn run(&self, options: &[String]) -> (Output, Duration) {
        let command = match options {
            [] => Command::new(self.program()),
            options => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-o"]).arg(self.directory.path().join("trace"));
                strace.args(options).arg("-E").arg(library_path(self.directory.path()));
                strace.arg(self.program());
                strace
            }
        };
        let begun = Instant::now();
        let output = self.command(command).output().unwrap();
        (output, begun.elapsed())
    }

    fn command(&self, mut command: Command) -> Command {
        command
            .env("LD_LIBRARY_PATH", self.directory.path())
            .env("CREDENTIALS", self.directory.path().join("credentials.json"))
            .env("CACHE", self.cache())
            .env("CA_FILE", self.directory.path().join("ca.pem"))
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy");
        command
    }

    fn program(&self) -> PathBuf {
        self.directory.path().join("faults")
    }

    /// Returns the system calls between the two of getppid: each its name, and how many of that name went before.
    fn calls(&self) -> Vec<(String, usize)> {
        self.run(&[]);
        self.empty_cache();
        let (ran, _) = self.run(&["-e".into(), "trace=all".into()]);
        assert_eq!(lines(&ran), ["token t0ken", "token t0ken", "token t0ken", "left 0"]);
        let trace = fs::read_to_string(self.directory.path().join("trace")).unwrap();
        let mut counts = BTreeMap::<String, usize>::new();
        let mut calls = Vec::new();
        let mut markers = 0;
        for line in trace.lines() {
            let Some((_, line)) = line.split_once(' ') else { continue };
            let name = line.trim_start().split('(').next().unwrap_or_default().to_owned();
            if name == "getppid" {
                markers += 1;
                continue;
            }
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            if markers == 1 {
                calls.push((name, *count));
            }
        }
        assert_eq!(markers, 2, "{trace}");
        calls
    }

    /// Runs the program cold while a call has a fault, such as `error=EIO`, and then without. Returns how the first ended.
    fn outcome(&self, name: &str, number: usize, fault: &str) -> String {
        let about = format!("{name} {number}: {fault}");
        self.empty_cache();
        let (ran, took) = self.run(&["-e".into(), format!("inject={name}:{fault}:when={number}")]);
        assert!(took < LONGEST, "{about}: {took:?}");
        let outcome = outcome(&ran, &about);
        let was_killed = !ran.status.success();
        let (left, leaked) = (self.strays(), lines(&ran).last().cloned().unwrap_or_default());
        // What could not be removed stays for the next process.
        let keeps = was_killed || name.starts_with("unlink");
        assert!(keeps || left.is_empty(), "{about}: {left:?} are left: {}", shown(&ran));
        // What strace did not close stays open, as does /dev/urandom, which the crate getrandom then reads.
        let opens = was_killed || name == "close" || fault == "error=ENOSYS";
        assert!(opens || leaked == "left 0", "{about}: descriptors: {leaked}");

        let (next, took) = self.run(&[]);
        let three = ["token t0ken", "token t0ken", "token t0ken", "left 0"];
        assert_eq!(lines(&next), three, "{about}: the next process: {}", shown(&next));
        // A lock that is held would keep it for 5 s. In Redis, that of a process which could not give it back is.
        let longest = if self.redis.is_some() { LONGEST } else { Duration::from_secs(5) };
        assert!(took < longest, "{about}: the next process took {took:?}");
        assert_eq!(self.strays(), [""; 0], "{about}: after the next process");
        outcome
    }

    /// Returns the files in the cache that are neither entries nor locks.
    fn strays(&self) -> Vec<String> {
        let files = fs::read_dir(self.files()).into_iter().flatten();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let is_known = |name: &String| [".token", ".lock"].iter().any(|end| name.ends_with(end));
        names.filter(|name| !is_known(name)).collect()
    }
}

fn library_path(folder: &Path) -> String {
    format!("LD_LIBRARY_PATH={}", folder.display())
}

fn lines(ran: &Output) -> Vec<String> {
    String::from_utf8_lossy(&ran.stdout).lines().map(str::to_owned).collect()
}

fn shown(ran: &Output) -> String {
    format!("{}: {}{}", ran.status, lines(ran).join("; "), String::from_utf8_lossy(&ran.stderr))
}

/// Returns the outcome in a word or two, of those that may be.
fn outcome(ran: &Output, about: &str) -> String {
    use std::os::unix::process::ExitStatusExt;
    const SIGKILL: i32 = 9;
    const SIGABRT: i32 = 6;
    match ran.status.signal() {
        Some(SIGKILL) if about.contains("signal=KILL") => return "killed".to_owned(),
        // ims.h: a process without memory ends.
        Some(SIGABRT) if about.contains("ENOMEM") || about.starts_with("brk") => {
            return "aborted".to_owned();
        }
        None => {}
        Some(_) => panic!("{about}: {}", shown(ran)),
    }
    // An error of the C program's own lines, or of the loader, is no outcome of a call.
    assert!(ran.status.success(), "{about}: {}", shown(ran));
    let lines = lines(ran);
    let errors: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("error ")).collect();
    match errors.first() {
        None => "token".to_owned(),
        Some(error) => {
            let (status, message) = error.split_once(' ').unwrap();
            assert!(!message.is_empty(), "{about}");
            // IMS_ERR_INTERNAL is no type.
            let status = ims::Status::ALL.into_iter().find(|it| (*it as i32).to_string() == status);
            let status = status.unwrap();
            assert!(status != ims::Status::Internal, "{about}: {message}");
            format!("{status:?}")
        }
    }
}

#[test]
fn reads_and_writes_of_a_byte_each_are_a_token() {
    for desk in [Desk::with_files(), Desk::with_redis(), Desk::over_tls()] {
        let ran = desk.command(Command::new(desk.program())).env("SHORT", "1").output().unwrap();
        assert_eq!(
            lines(&ran),
            ["token t0ken", "token t0ken", "token t0ken", "left 0"],
            "{}",
            shown(&ran)
        );
    }
}

#[test]
fn a_system_call_that_fails_costs_a_typed_error_at_most() {
    each_call_fails("with files", Desk::with_files);
}

#[test]
fn a_system_call_that_fails_with_redis_costs_a_typed_error_at_most() {
    each_call_fails("with Redis", Desk::with_redis);
}

#[test]
fn a_system_call_that_fails_over_tls_costs_a_typed_error_at_most() {
    each_call_fails("over TLS", Desk::over_tls);
}

fn each_call_fails(about: &str, desk: impl FnOnce() -> Desk) {
    let is_whole = env::var_os("IMS_INJECT").is_some();
    let traced =
        Command::new("strace").args(["-qq", "true"]).output().expect("make installs strace");
    if !traced.status.success() {
        assert!(
            !is_whole,
            "strace may not trace here: {}",
            String::from_utf8_lossy(&traced.stderr)
        );
        eprintln!("the faults {about} are skipped: strace may not trace here");
        return;
    }
    let desk = desk();
    let calls = desk.calls();
    assert!(calls.len() > 60, "{calls:?}");
    let mut outcomes = BTreeMap::<String, usize>::new();
    let mut unlisted = BTreeMap::<&str, usize>::new();
    let (mut faults, mut failed) = (0, Vec::new());
    for (place, (name, number)) in calls.iter().enumerate() {
        let errors = errors(name);
        if errors.is_empty() {
            *unlisted.entry(name).or_default() += 1;
        }
        let mut all: Vec<String> = errors.iter().map(|errno| format!("error={errno}")).collect();
        // The end of a file, or of what the server sends, comes early; no memory, as brk says it.
        if ["read", "recvfrom", "brk"].contains(&name.as_str()) {
            all.insert(0, "retval=0".to_owned());
        }
        all.push("signal=KILL".to_owned());
        if !is_whole {
            // Each third call once, each of its faults at one of them.
            let number = place / 3 % all.len();
            let is_one = place % 3 == 0 && !errors.is_empty();
            all = if is_one { vec![all.swap_remove(number)] } else { Vec::new() };
        }
        for fault in all {
            faults += 1;
            let run = || desk.outcome(name, *number, &fault);
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                Ok(outcome) => *outcomes.entry(outcome).or_default() += 1,
                Err(reason) => {
                    failed.push(reason.downcast_ref::<String>().cloned().unwrap_or_default())
                }
            }
        }
    }
    println!(
        "{about}: {} calls, {faults} faults: {outcomes:?}; only killed there: {unlisted:?}",
        calls.len()
    );
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}
