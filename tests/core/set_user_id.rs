//! A program with more rights than its caller obeys nothing of its environment.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use support::certificates::{Authority, Validity};
use support::directory::Directory;
use support::hostile::Hostile;
use support::processes::output;

const TEST: &str = "a_set_user_id_program_obeys_nothing_of_its_environment";
const NOBODY: &str = "65534";
const ANSWER: &str = r#"{"access_token":"the-token","token_type":"bearer","expires_in":3600}"#;

/// Compiles the program where every user may run it, next to a library that it finds by itself: the
/// loader looks for none in the environment of such a program.
fn compile(folder: &Path) {
    let library = env::current_exe().unwrap().with_file_name("libims.so");
    fs::copy(library, folder.join("libims.so.0")).unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Werror", "-Iinclude"])
        .args(["tests/c/set_user_id.c", "-o"])
        .arg(folder.join("program"))
        .arg("-L")
        .arg(folder)
        .arg("-l:libims.so.0")
        .arg(format!("-Wl,-rpath,{}", folder.display()));
    output(&mut gcc, "");
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_set_user_id_program_obeys_nothing_of_its_environment() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("{TEST} is skipped: only root can make a set-user-ID program of root's");
        return;
    }
    let authority = Authority::new("a stranger's");
    let identity = authority.server(&["127.0.0.1"], Validity::now());
    let length = ANSWER.len();
    let answer =
        || [format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{ANSWER}").into_bytes()];
    let server = Hostile::answering_over_tls(&identity, answer());
    let plain = Hostile::answering(answer());
    let target = server.address();
    let proxy = Hostile::run(move |proxy| {
        proxy.read_request()?;
        proxy.send("HTTP/1.1 200 OK\r\n\r\n")?;
        proxy.tunnel(target)
    });

    let folder = Directory::new();
    compile(folder.path());
    let authorities = folder.write("authorities.pem", authority.pem());
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(65534), None).unwrap();
    let program = folder.path().join("program");
    let run = |mode| {
        fs::set_permissions(&program, Permissions::from_mode(mode)).unwrap();
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
            .arg(&program)
            .args([server.https_url(), plain.url()])
            .env_clear()
            .env("HTTPS_PROXY", format!("http://{}", proxy.address()))
            .env("SSL_CERT_FILE", &authorities)
            .envs(["HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"].map(|name| (name, &home)))
            .envs([("IMS_CLIENT_ID", "client"), ("IMS_CLIENT_SECRETS", "[\"secret\"]")])
            .envs([("IMS_ORG_ID", "org@AdobeOrg"), ("IMS_SCOPES", "[\"openid\"]")]);
        output(&mut command, "")
    };

    let obeyed = run(0o755);
    assert!(
        obeyed.contains("privileged: 0\nexchange: 0 \nenvironment: 0 \nenvironment, shared: 0 \n"),
        "{obeyed}"
    );
    assert_eq!((proxy.connections(), server.requests().len()), (1, 1));
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "its token is cached");
    fs::remove_dir_all(home.join("ims")).unwrap();

    let ignored = run(0o4755);
    if ignored.contains("privileged: 0") {
        eprintln!("{TEST} is skipped: this file system knows no set-user-ID programs");
        return;
    }
    assert_eq!(proxy.connections(), 1, "the caller's proxy is not used");
    assert_eq!(server.requests().len(), 1, "the caller's CA is not trusted");
    assert!(ignored.contains("exchange: 6 TLS with"), "{ignored}");
    assert!(ignored.contains("environment: 4 "), "{ignored}");
    assert!(ignored.contains("environment, shared: 4 "), "{ignored}");
    assert!(ignored.contains("more rights than its caller"), "{ignored}");
    assert!(ignored.contains("cached: the-token"), "{ignored}");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "the caller's directories are not used");
}
