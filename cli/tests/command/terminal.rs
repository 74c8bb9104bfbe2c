//! What `ims` shows on a terminal and nowhere else: colours, and what it waits for.

use std::process::Command;
use std::time::Duration;

use ims_sandbox::{Account, Config, Fault, Sandbox};
use serde_json::json;
use support::directory::Directory;
use support::processes::output;

const ESCAPE: char = '\u{1b}';

struct Desk {
    sandbox: Sandbox,
    directory: Directory,
}

impl Desk {
    fn new() -> Self {
        let sandbox = Sandbox::start(Config::new(vec![Account::default()])).unwrap();
        let directory = Directory::new();
        for (name, secret) in [("credentials.json", "sandbox-secret"), ("wrong.json", "wrong")] {
            let own = json!({
                "ims": sandbox.url(), "client_id": "sandbox-client", "client_secret": secret,
                "scope": "openid",
            });
            directory.write(name, own.to_string());
        }
        Self { sandbox, directory }
    }

    /// What a terminal gets when `command` is typed in.
    fn terminal(&self, command: &str) -> String {
        let mut script = self.shell("script");
        script.args(["-qec", &format!("{command}; true"), "/dev/null"]);
        output(&mut script, "").replace("\r\n", "\n")
    }

    fn shell(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::path::Path::new(env!("CARGO_BIN_EXE_ims")).parent().unwrap().display();
        command.current_dir(self.directory.path()).env_clear();
        command.env("PATH", format!("{path}:{}", std::env::var("PATH").unwrap()));
        command.env("XDG_RUNTIME_DIR", self.directory.path()).env("TERM", "xterm");
        command
    }
}

#[test]
fn errors_hints_and_checks_are_coloured_on_a_terminal() {
    let desk = Desk::new();
    for command in ["ims token wrong.json", "ims doctor credentials.json"] {
        assert!(desk.terminal(command).contains(ESCAPE), "{command}");
        for plain in [format!("NO_COLOR=1 {command}"), format!("{command} 2>&1 | cat")] {
            let shown = desk.terminal(&plain);
            assert!(!shown.contains(ESCAPE), "{plain}: {shown:?}");
        }
    }
    let shown = desk.terminal("ims token wrong.json 2> file; cat file");
    assert!(shown.starts_with("error: the token server refused"), "{shown:?}");
}

#[test]
fn a_call_that_takes_over_a_second_says_whom_it_waits_for_and_leaves_no_trace() {
    let desk = Desk::new();
    let host = desk.sandbox.url().strip_prefix("http://").unwrap().to_owned();
    // Where the machine is busy, a call takes over a second by itself: not each time.
    let mut quick = (0..30).map(|_| desk.terminal("ims token --cache none credentials.json"));
    assert!(quick.any(|shown| shown.starts_with("eyJ")));

    desk.sandbox.inject(Fault::latency(Duration::from_millis(1500))).unwrap();
    let shown = desk.terminal("ims token --cache none credentials.json");
    // Each line is written over by blanks, and the last by what was waited for.
    let mut parts: Vec<&str> = shown.split('\r').collect();
    assert!(parts.pop().unwrap().starts_with("eyJ"), "{shown:?}");
    assert!(!parts.is_empty(), "{shown:?}");
    for line in parts.chunks(2) {
        assert!(line[0].starts_with(&format!("ims: waiting for {host} ... ")), "{shown:?}");
        assert_eq!(line[1], " ".repeat(line[0].len()), "{shown:?}");
    }
    let shown = desk.terminal("ims token --cache none credentials.json 2>&1 | cat");
    assert!(shown.starts_with("eyJ"), "{shown:?}");
}
