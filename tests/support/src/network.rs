//! A network for one test.

use std::env;
use std::process::Command;

use crate::directory::Directory;

/// Runs `body` in a process with a separate, empty network. fd00::1 to fd00::5 are addresses of
/// this machine, /etc/hosts has the lines `hosts`, and the only name server would be at 127.0.0.1.
/// `test` is the name of the calling test, and must not occur in the name of another test.
pub fn in_own_network(test: &str, hosts: &str, body: impl FnOnce()) {
    const INSIDE: &str = "IMS_TEST_IN_OWN_NETWORK";
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let unshare = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "--net"]).args(arguments);
        command
    };
    if !unshare(&["ip", "link", "set", "lo", "up"]).output().is_ok_and(|out| out.status.success()) {
        eprintln!("{test} is skipped: it needs the right to make a network (unshare), and ip");
        return;
    }
    let directory = Directory::new();
    let hosts = directory.write("hosts", format!("127.0.0.1 localhost\n{hosts}"));
    let servers = directory.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1\n");
    let setup = "mount --bind \"$1\" /etc/hosts && mount --bind \"$2\" /etc/resolv.conf && \
                 ip link set lo up && \
                 for i in 1 2 3 4 5; do ip addr add fd00::$i/128 dev lo nodad; done && \
                 exec \"$3\" \"$4\" --nocapture --test-threads=1";
    let output = unshare(&["sh", "-c", setup, "sh"])
        .args([hosts, servers, env::current_exe().unwrap()])
        .arg(test)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("ok. 1 passed"), "{}: {text}", output.status);
}
