//! The reason why Redis cannot be used, with a hint.

use std::io::{self, ErrorKind};

use ::redis::ServerError;
use rustix::io::Errno;

use super::address::Address;
use crate::error::{io_reason, printable};

/// A response that is not Redis's protocol.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Garbage;

impl From<Garbage> for Failure {
    fn from(_: Garbage) -> Self {
        Self::away("does not respond as Redis does").with_hint("check host and port")
    }
}

/// The problem, in words that follow `Redis at HOST:PORT`.
#[derive(Debug)]
pub(super) struct Failure {
    pub problem: String,
    /// The step that solves it.
    pub hint: Option<String>,
    /// True if the server is gone or broken. False if it refuses, if the call has no time left, or
    /// if the problem is this process's own.
    pub is_away: bool,
}

impl Failure {
    pub fn away(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: None, is_away: true }
    }

    pub fn refused(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: None, is_away: false }
    }

    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Tells an `error` of the network. How long was waited, the session's budget knows.
    pub fn network(does_what: &str, error: &io::Error) -> Self {
        let lacking = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
        let is_ours =
            lacking.map(|errno| Some(errno.raw_os_error())).contains(&error.raw_os_error());
        let is_late = error.kind() == ErrorKind::TimedOut;
        let hint = match (is_ours, is_late) {
            (true, _) => "this process or host is at its limit of descriptors or memory",
            (_, true) => "see whether it is overloaded, or a firewall is in between",
            _ => "check that it runs, and host and port",
        };
        Self {
            problem: format!("{does_what}: {}", io_reason(error)),
            hint: Some(hint.to_owned()),
            is_away: !is_ours && !is_late,
        }
    }

    /// An error that the server itself sent. It responds: so it is not left alone.
    pub fn server(error: &ServerError, address: &Address) -> Self {
        let code = error.code();
        let known = match (code, &address.sentinel) {
            ("READONLY" | "MASTERDOWN", Some(_)) => {
                Some(("it is the master no longer", "wait until the Sentinels know the new one"))
            }
            _ => cause_and_hint(code, error.details().unwrap_or_default()),
        };
        let shown = printable(code, &address.secrets());
        match known {
            Some((cause, "")) => Self::refused(format!("refuses ({shown}): {cause}")),
            Some((cause, hint)) => {
                Self::refused(format!("refuses ({shown}): {cause}")).with_hint(hint)
            }
            None => Self::refused(format!("refuses ({shown})")).with_hint("see its log"),
        }
    }
}

/// Returns the cause of an error, and what to do about it, or "". The general code `ERR` is told apart
/// by its text.
fn cause_and_hint(code: &str, details: &str) -> Option<(&'static str, &'static str)> {
    let is_about = |part: &str| details.contains(part);
    Some(match code {
        "NOAUTH" => ("it wants a password", "write it into the URL as redis://USER:PASSWORD@HOST"),
        "WRONGPASS" => {
            ("user or password of the URL are wrong", "check them, each percent-encoded in the URL")
        }
        "NOPERM" => (
            "its user may not do this",
            "allow it with ACL SETUSER USER ~ims:* +getrange +set +del +watch +unwatch +multi +exec",
        ),
        "DENIED" => ("it is in protected mode", "give it a password or a bind address"),
        "OOM" => ("it is full", "raise maxmemory or set maxmemory-policy volatile-lru"),
        "MISCONF" => ("it cannot save to disk and takes no writes", "see its log and its disk"),
        "READONLY" => (
            "it is a replica, which takes no writes",
            "name the master, or its Sentinels with redis+sentinel://",
        ),
        "MASTERDOWN" => (
            "it is a replica that has lost its master",
            "name the master, or its Sentinels with redis+sentinel://",
        ),
        "NOREPLICAS" => {
            ("it has fewer replicas than it wants for writes", "see min-replicas-to-write")
        }
        "LOADING" => ("it is still loading its data", "wait until it has"),
        "BUSY" => ("it runs a script that does not end", "stop that with SCRIPT KILL"),
        "CLUSTERDOWN" => ("its cluster is down", "see redis-cli --cluster check HOST:PORT"),
        "MOVED" | "ASK" => (
            "the nodes of its cluster send from one to another",
            "see redis-cli --cluster check HOST:PORT",
        ),
        "TRYAGAIN" => ("its cluster is moving the key", "wait until it has"),
        "ERR" if is_about("without any password configured") || is_about("no password is set") => {
            ("it has no password", "leave it out of the URL")
        }
        "ERR" if is_about("invalid password") => ("the URL's password is wrong", ""),
        "ERR" if is_about("cluster mode") => {
            ("a cluster has no databases", "leave the number out of the URL")
        }
        "ERR" if is_about("DB index") => {
            ("it has no database of this number", "see its setting databases")
        }
        "ERR" if is_about("number of clients") => ("it has too many clients", "raise maxclients"),
        "ERR" if is_about("unknown command") => (
            "it does not know a command",
            "GETRANGE, SET and DEL must not be renamed, and redis:// must not name a Sentinel",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use ::redis::{Value, parse_redis_value};

    use super::*;

    fn server(url: &str, reply: &str) -> Failure {
        let address = Address::parse(&url.into()).unwrap();
        match parse_redis_value(reply.as_bytes()).unwrap() {
            Value::ServerError(error) => Failure::server(&error, &address),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_server_says_is_explained_in_one_line_and_never_repeated() {
        for (reply, hint) in [
            ("-NOAUTH Authentication required.", "it wants a password"),
            ("-WRONGPASS invalid username-password pair or user is disabled.", "are wrong"),
            ("-NOPERM this user has no permissions to run the 'set' command", "ACL SETUSER"),
            ("-OOM command not allowed when used memory > 'maxmemory'.", "maxmemory-policy"),
            ("-READONLY You can't write against a read only replica.", "name the master"),
            ("-MASTERDOWN Link with MASTER is down", "name the master"),
            ("-LOADING Redis is loading the dataset in memory", "wait"),
            ("-CLUSTERDOWN Hash slot not served", "--cluster check"),
            ("-MOVED 1 127.0.0.1:1", "--cluster check"),
            ("-ERR max number of clients reached", "maxclients"),
            ("-ERR DB index is out of range", "databases"),
            ("-ERR unknown command 'SET', with args beginning with: 's3cret'", "renamed"),
            ("-WHAT \u{1b}[31ms3cret", "see its log"),
            ("-s3cret", "see its log"),
        ] {
            let failure = server("redis://:s3cret@h", &format!("{reply}\r\n"));
            let said = format!("{}; {}", failure.problem, failure.hint.unwrap_or_default());
            assert!(said.contains(hint), "{reply}: {said}");
            assert!(!said.contains("s3cret") && !said.contains('\u{1b}'));
            assert!(!failure.is_away, "{reply}");
        }
        let demoted = server("redis+sentinel://h/mine", "-READONLY You can't write\r\n");
        assert!(demoted.problem.contains("the master no longer"), "{}", demoted.problem);
    }

    #[test]
    fn what_this_process_lacks_says_nothing_about_the_server() {
        for (errno, is_away) in [(Errno::MFILE, false), (Errno::CONNREFUSED, true)] {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            assert_eq!(Failure::network("cannot be reached", &error).is_away, is_away);
        }
        let late = ErrorKind::TimedOut.into();
        assert!(!Failure::network("does not respond", &late).is_away);
    }
}
