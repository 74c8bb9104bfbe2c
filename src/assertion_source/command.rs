//! A command that prints a JWT. It runs without a shell, and what it starts ends with it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{self, Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use zeroize::Zeroizing;

use super::content::MAX_LEN;
use crate::environment;
use crate::error::{Error, Status, io_reason, printable};

/// The length of what is kept of the command's standard error, in bytes.
const MAX_COMPLAINT: usize = 4096;

/// The time after which it is looked whether a command has ended that left its output open to another process.
const TICK: Duration = Duration::from_millis(20);

/// The time within which the system gives the id of a process that was reaped to no other: it gives out all other ids first.
const REUSE: Duration = Duration::from_secs(1);

/// The variables of this process that a command gets. Others may hold secrets that are not its business.
const VARIABLES: [&str; 9] =
    ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR"];

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// A path, or a name that is looked up in `PATH`.
    pub program: String,
    pub arguments: Vec<String>,
    /// Further variables of its environment.
    pub variables: Vec<(&'static str, String)>,
}

impl Command {
    /// Returns what the command prints, at most 64 KiB.
    ///
    /// # Errors
    /// [`Status::Timeout`] where it does not end before `deadline`, and [`Status::Credentials`] where it cannot
    /// be started, fails, or prints too much. `problem` continues a sentence that begins with the setting.
    pub fn output(&self, deadline: Instant) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut running = Running::start(self)?;
        let outcome = running.read(deadline);
        let status = running.end();
        let (output, complaint) = outcome?;
        match status {
            Some(status) if !status.success() => Err(failed(&how(status), &output, &complaint)),
            // It may have failed: another part of the program, such as a handler of SIGCHLD, may have taken its status.
            _ if output.trim_ascii().is_empty() => {
                Err(failed("prints nothing", &output, &complaint))
            }
            _ => Ok(output),
        }
    }
}

/// A command that runs, as the leader of a process group of its own.
struct Running {
    child: Child,
    group: Pid,
    /// The last time when it was this process's child: its id is not another's.
    seen_at: Instant,
}

impl Running {
    fn start(command: &Command) -> Result<Self, Error> {
        let variables: Vec<(&str, OsString)> = VARIABLES
            .iter()
            .filter_map(|name| Some((*name, environment::variable(name)?)))
            .collect();
        let child = process::Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            .envs(variables)
            .envs(command.variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| cannot_start(&command.program, &error))?;
        let group = Pid::from_child(&child);
        Ok(Self { child, group, seen_at: Instant::now() })
    }

    /// Reads what it prints until it has ended.
    fn read(&mut self, deadline: Instant) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), Error> {
        let internal = |error: Errno| Error::new(Status::Internal, format!("poll: {error}"));
        let mut output = Zeroizing::new(Vec::with_capacity(MAX_LEN + 1));
        let mut complaint = Vec::with_capacity(MAX_COMPLAINT);
        let (mut stdout, mut stderr) = (self.child.stdout.take(), self.child.stderr.take());
        while stdout.is_some() || stderr.is_some() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(too_late());
            }
            let was_ended = self.has_ended();
            let fds = [stdout.as_ref().map(AsFd::as_fd), stderr.as_ref().map(AsFd::as_fd)];
            let mut polled: Vec<PollFd<'_>> = fds
                .iter()
                .flatten()
                .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
                .collect();
            let wait = if was_ended { Duration::ZERO } else { left.min(TICK) };
            let wait = Timespec::try_from(wait).unwrap_or_default();
            let ready = retry_on_intr(|| poll(&mut polled, Some(&wait))).map_err(internal)?;
            if ready == 0 && was_ended {
                // What it left running may hold the output open for ever.
                break;
            }
            let mut is_ready = polled.iter().map(|fd| !fd.revents().is_empty());
            let [of_stdout, of_stderr] =
                fds.map(|fd| fd.is_some() && is_ready.next().unwrap_or_default());
            if of_stdout && take(&mut stdout, &mut output, MAX_LEN + 1) {
                stdout = None;
            }
            if of_stderr && take(&mut stderr, &mut complaint, MAX_COMPLAINT) {
                stderr = None;
            }
            if output.len() > MAX_LEN {
                return Err(bad("prints over 64 KiB"));
            }
            if was_ended && complaint.len() == MAX_COMPLAINT {
                // What it left running may never stop to complain.
                stderr = None;
            }
        }
        while !self.has_ended() {
            if Instant::now() >= deadline {
                return Err(too_late());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok((output, complaint))
    }

    /// Returns whether the command itself has ended. It is not reaped, so that its id stays its own.
    fn has_ended(&mut self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let state = retry_on_intr(|| waitid(WaitId::Pid(self.group), options));
        if state.is_ok() {
            self.seen_at = Instant::now();
        }
        !matches!(state, Ok(None))
    }

    /// Kills it and what it started, and returns how it ended. Returns `None` if that is not known.
    fn end(mut self) -> Option<ExitStatus> {
        self.has_ended();
        // Another part of the program, or the system where SIGCHLD is ignored, may have reaped it. What it started
        // is still in its group then.
        if self.seen_at.elapsed() < REUSE {
            let _ = kill_process_group(self.group, Signal::KILL);
        }
        self.child.wait().ok()
    }
}

/// Reads what is there. Returns true at the end; what goes over `limit` is dropped.
fn take(from: &mut Option<impl Read>, into: &mut Vec<u8>, limit: usize) -> bool {
    let mut buffer = Zeroizing::new([0; 4096]);
    let Some(pipe) = from else { return true };
    match pipe.read(&mut *buffer) {
        Ok(0) => true,
        Ok(read) => {
            let room = limit.saturating_sub(into.len()).min(read);
            into.extend_from_slice(&buffer[..room]);
            false
        }
        Err(error) => error.kind() != io::ErrorKind::Interrupted,
    }
}

fn too_late() -> Error {
    Error::new(Status::Timeout, "did not end before the deadline")
        .with_hint("see what it waits for, or allow more time")
}

fn cannot_start(program: &str, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound if program.contains('/') && Path::new(program).exists() => {
            "its first line names a program that does not exist: change that line"
        }
        io::ErrorKind::NotFound => "give the path of the program, or a name that PATH finds",
        _ if Errno::from_io_error(error) == Some(Errno::NOEXEC) => {
            "begin a script with a line that names its shell, such as #!/bin/sh"
        }
        io::ErrorKind::PermissionDenied => "let this user execute it (chmod u+x PROGRAM)",
        _ => "run it by hand as the same user",
    };
    bad(format!("cannot be started: {}", io_reason(error))).with_hint(hint)
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit status {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "failed".to_owned(),
    }
}

/// Returns the error of a command that failed, with what it said of that.
fn failed(how: &str, output: &[u8], complaint: &[u8]) -> Error {
    let output = String::from_utf8_lossy(output);
    let complaint = String::from_utf8_lossy(complaint);
    let secrets: Vec<&str> = output.split_whitespace().collect();
    let said = printable(&crate::error::redact(&complaint, &secrets), &[]);
    let problem = if said.is_empty() { how.to_owned() } else { format!("{how}: {said}") };
    bad(problem).with_hint("run it by hand as the same user")
}

fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Credentials, problem)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use support::directory::Directory;

    use super::*;

    fn shell(script: &str) -> Command {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        Command { program: "sh".into(), arguments, variables: vec![("FURTHER", "a b".into())] }
    }

    fn within(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    fn problem(script: &str) -> String {
        shell(script).output(within(60)).unwrap_err().to_string()
    }

    #[test]
    fn its_output_is_returned_and_its_environment_is_clean() {
        let output = shell("echo \"$FURTHER $CARGO_MANIFEST_DIR\"; cat").output(within(60));
        assert_eq!(*output.unwrap(), b"a b \n");
    }

    #[test]
    fn a_failure_tells_the_status_and_what_the_command_said_in_one_line() {
        assert_eq!(
            problem("echo eyJhbGciOi1234; printf 'no\\nidea\\033[1m eyJhbGciOi1234' >&2; exit 3"),
            "ended with exit status 3: no idea [1m [redacted]"
        );
        assert_eq!(problem("kill -9 $$"), "was ended by signal 9");
        let none = Command { program: "/no/such".into(), arguments: vec![], variables: vec![] };
        let error = none.output(within(60)).unwrap_err();
        assert_eq!(error.to_string(), "cannot be started: No such file or directory");
    }

    #[test]
    fn a_command_that_prints_nothing_is_told_with_what_it_said() {
        assert_eq!(problem("true"), "prints nothing");
        assert_eq!(problem("echo; echo 'log in first' >&2"), "prints nothing: log in first");
    }

    #[test]
    fn a_script_that_cannot_be_started_is_told_what_its_first_line_lacks() {
        let folder = Directory::new();
        let hint = |content: &str| {
            let script = folder.write("script", content);
            fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
            let program = script.to_str().unwrap().to_owned();
            let command = Command { program, arguments: vec![], variables: vec![] };
            command.output(within(60)).unwrap_err().hint().unwrap().to_owned()
        };
        assert!(hint("printf jwt").contains("#!/bin/sh"));
        assert!(hint("#!/no/such/shell\n").contains("its first line"));
    }

    #[test]
    fn what_runs_away_and_never_stops_to_complain_delays_nothing() {
        let folder = Directory::new();
        let pid = folder.path().join("pid");
        let script = format!(
            "setsid sh -c 'echo $$ > {0}; exec yes >&2' & until test -s {0}; do :; done; echo jwt",
            pid.display()
        );
        let began = Instant::now();
        assert_eq!(*shell(&script).output(within(60)).unwrap(), b"jwt\n");
        assert!(began.elapsed() < Duration::from_secs(50));
        let pid = fs::read_to_string(&pid).unwrap();
        let _ = process::Command::new("kill").arg(pid.trim()).status();
    }

    #[test]
    fn a_megabyte_is_refused() {
        assert_eq!(problem("head -c 1000000 /dev/zero"), "prints over 64 KiB");
        // A long complaint blocks nothing.
        let output = shell("head -c 1000000 /dev/zero >&2; echo done").output(within(60));
        assert_eq!(*output.unwrap(), b"done\n");
    }

    #[test]
    fn what_hangs_is_killed_with_its_children_at_the_deadline() {
        let folder = Directory::new();
        let pids = folder.path().join("pids");
        let script = format!("sleep 1000 & echo $! > {0}; sleep 1000", pids.display());
        let deadline = Instant::now() + Duration::from_millis(400);
        let error = shell(&script).output(deadline).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        let sleeper = fs::read_to_string(&pids).unwrap();
        assert_gone(sleeper.trim());
    }

    #[test]
    fn what_forks_away_delays_nothing_and_is_killed() {
        let folder = Directory::new();
        let pids = folder.path().join("pids");
        let script = format!("sleep 1000 & echo $! > {}; echo jwt", pids.display());
        assert_eq!(*shell(&script).output(within(60)).unwrap(), b"jwt\n");
        let sleeper = fs::read_to_string(&pids).unwrap();
        assert_gone(sleeper.trim());
    }

    /// The process is killed, though its reaper may not have come yet.
    fn assert_gone(pid: &str) {
        for _ in 0..6000 {
            match fs::read_to_string(format!("/proc/{pid}/stat")) {
                Ok(stat) if !stat.contains(") Z ") => std::thread::sleep(Duration::from_millis(10)),
                _ => return,
            }
        }
        panic!("{pid} is still there");
    }
}
