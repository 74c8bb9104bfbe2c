//! `ims rotate`: whatever happens, the file has a client secret that works.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use ims::{Cache, Client, ClientSecrets, Credentials, CredentialsOptions, ListedSecret, Transport};
use ims_sandbox::{Account, Config, Sandbox};
use serde_json::json;
use support::directory::Directory;

const OLD: &str = "p8e-0ld/s3cret";

/// An account whose project has the I/O Management API, and a credentials file of it.
struct Desk {
    sandbox: Sandbox,
    directory: Directory,
    file: PathBuf,
}

impl Desk {
    fn new(content: &str) -> Self {
        let mut account = Account::default();
        account.client_id = "c1".into();
        account.client_secret = OLD.into();
        account.scopes.extend(ClientSecrets::SCOPE.split(',').map(str::to_owned));
        let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();
        let directory = Directory::new();
        let file = directory.write("credentials.json", content);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        Self { sandbox, directory, file }
    }

    fn own() -> Self {
        Self::new(OWN)
    }

    /// `ims rotate`, to the sandbox or to what stands before it.
    fn command(&self, url: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ims"));
        command.arg("rotate").arg(&self.file).args(["--ims", url, "--api", url]).args(args);
        command.env_clear();
        command
    }

    fn rotate(&self, args: &[&str]) -> Output {
        let numbers = ["--org", "23294", "--credential", "436084"];
        self.command(self.sandbox.url(), &[&numbers[..], args].concat()).output().unwrap()
    }

    fn credentials(&self, scope: Option<&str>) -> Credentials {
        let mut options = CredentialsOptions::default();
        options.ims = Some(self.sandbox.url().parse().unwrap());
        options.scope = scope.map(str::to_owned);
        Credentials::from_file(&self.file, &options).unwrap()
    }

    /// The secrets that the server has, by a token for which the file's secret was good.
    fn listed(&self) -> Vec<ListedSecret> {
        let transport = Transport::default();
        let credentials = self.credentials(Some(ClientSecrets::SCOPE));
        let client = Client::new(credentials, &Cache::None, transport.clone()).unwrap();
        let token = client.token().expect("the file has a secret that works");
        let url = self.sandbox.url();
        let api = ClientSecrets::new(url, "23294", "436084", "c1", &token, &transport);
        api.unwrap().list().unwrap()
    }

    fn secret(&self) -> String {
        self.credentials(None).client_secret().unwrap().expose().clone()
    }

    /// The files next to the credentials.
    fn others(&self) -> Vec<String> {
        let all = fs::read_dir(self.directory.path()).unwrap();
        let all = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        all.filter(|name| name != "credentials.json").collect()
    }

    fn mode(&self, path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }
}

const OWN: &str = "{\r\n\t\"grant\" : \"client_credentials\", \"client_id\": \"c1\",\r\n\
    \t\"client_secret\": \"p8e-0ld/s3cret\", \"scope\": [\"openid\", \"AdobeID\"],\r\n\
    \t\"org_id\": \"SANDBOX@AdobeOrg\"}";

/// What a run prints, which holds no secret.
fn printed(output: &Output) -> String {
    let text = String::from_utf8([&*output.stdout, &output.stderr].concat()).unwrap();
    assert!(!text.contains("p8e-"), "{text}");
    text
}

#[test]
fn a_secret_is_replaced_at_adobe_and_in_the_file_and_nothing_else_changes() {
    let desk = Desk::own();
    let output = desk.rotate(&[]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).contains("is still valid"), "{}", printed(&output));
    let new = desk.secret();
    assert_ne!(new, OLD);
    assert_eq!(fs::read_to_string(&desk.file).unwrap(), OWN.replace(OLD, &new));
    assert_eq!(desk.mode(&desk.file), 0o640);
    assert_eq!(desk.listed().len(), 2);
    // The old one stays until it is asked for, and no third is added meanwhile.
    let record = desk.directory.path().join("credentials.json.rotation");
    assert_eq!(desk.mode(&record), 0o600);
    let again = desk.rotate(&[]);
    assert_eq!(again.status.code(), Some(14));
    assert!(printed(&again).contains("hint: once no program uses it"), "{}", printed(&again));
    assert_eq!(desk.secret(), new);
    let last = desk.rotate(&["--delete-old"]);
    assert!(printed(&last).contains("is deleted"), "{}", printed(&last));
    assert_eq!((desk.secret(), desk.listed().len()), (new.clone(), 1));
    assert_eq!(desk.others(), [] as [&str; 0]);
    // All in one run.
    let whole = desk.rotate(&["--delete-old"]);
    assert!(whole.status.success(), "{}", printed(&whole));
    assert_ne!(desk.secret(), new);
    assert_eq!((desk.listed().len(), desk.others().len()), (1, 0));
}

#[test]
fn each_format_that_holds_a_secret_keeps_all_else_to_the_byte() {
    let console = json!({"project": {"id": "1", "name": "P", "title": "p8e-0ld/s3cret-title",
    "org": {"id": "2", "name": "O", "ims_org_id": "SANDBOX@AdobeOrg"},
    "workspace": {"id": "3", "name": "W", "details": {"credentials": [
        {"id": "5", "name": "OAuth", "integration_type": "oauth_server_to_server",
            "oauth_server_to_server": {"client_id": "c1", "client_secrets": [OLD],
                "technical_account_email": "e", "technical_account_id": "t",
                "scopes": ["openid", "AdobeID"]}},
        {"id": "6", "name": "Key", "integration_type": "apikey", "api_key": {"client_id": "k"}},
    ]}}}});
    let console = serde_json::to_string_pretty(&console).unwrap();
    let numbers = ["--org", "1", "--credential", "2"];
    for (content, args) in [
        (console.as_str(), &[][..]),
        (
            "# p8e\nIMS_CLIENT_ID=c1\nIMS_CLIENT_SECRETS=[\"p8e-0ld/s3cret\"] # \u{e4}\nIMS_SCOPES=openid\nIMS_ORG_ID=SANDBOX@AdobeOrg",
            &numbers,
        ),
        (
            "export API_KEY='c1'\r\nCLIENT_SECRET=p8e-0ld/s3cret\r\nIMS_ORG=SANDBOX@AdobeOrg\r\nSCOPES=openid,AdobeID\r\n",
            &numbers,
        ),
        (
            r#"{"org_id":"SANDBOX@AdobeOrg","client_id":"c1","secret":"p8e-0ld/s3cret","scopes":"openid"}"#,
            &numbers,
        ),
        (
            r#"{"name":"x","values":[{"key":"CLIENT_SECRET","value":"p8e-0ld/s3cret","enabled":true},{"key":"API_KEY","value":"c1","enabled":true},{"key":"SCOPES","value":"openid","enabled":true},{"key":"IMS_ORG","value":"SANDBOX@AdobeOrg","enabled":true}]}"#,
            &numbers,
        ),
    ] {
        let desk = Desk::new(content);
        let mut command = desk.command(desk.sandbox.url(), args);
        let output = command.arg("--delete-old").output().unwrap();
        assert!(output.status.success(), "{content}: {}", printed(&output));
        let new = desk.secret();
        assert_ne!(new, OLD, "{content}");
        let expected =
            content.replace(OLD, &new).replace(&format!("{new}-title"), "p8e-0ld/s3cret-title");
        assert_eq!(fs::read_to_string(&desk.file).unwrap(), expected);
    }
}

#[test]
fn what_cannot_be_rotated_is_refused_before_anything_is_changed() {
    let escaped = OWN.replace("p8e-0ld", "p8e\\u002d0ld");
    let several = OWN
        .replace(",\r\n\t\"org_id\": \"SANDBOX@AdobeOrg\"", "")
        .replace("secret\": \"p8e-0ld/s3cret\"", "secrets\": [\"p8e-0ld/s3cret\", \"x\"]");
    for (content, problem) in [
        (escaped.as_str(), "its client secret is not found in its text"),
        (&several, "holds several client secrets"),
    ] {
        let desk = Desk::new(content);
        let output = desk.rotate(&[]);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(14), "{text}");
        assert!(text.contains(problem) && text.contains("credentials.json"), "{text}");
        assert_eq!(fs::read_to_string(&desk.file).unwrap(), *content);
        assert_eq!(desk.sandbox.exchanges("c1").unwrap().issued, 0, "nothing is sent");
        assert_eq!(desk.others(), [] as [&str; 0]);
    }
    let desk = Desk::own();
    let other = OWN.replace("\"scope\"", "\"token_url\": \"https://example.com/token\", \"scope\"");
    let other = desk.directory.write("other.json", other);
    let output = Command::new(env!("CARGO_BIN_EXE_ims")).arg("rotate").arg(other).output().unwrap();
    assert_eq!(output.status.code(), Some(14));
    let text = printed(&output);
    assert!(text.contains("is not for OAuth Server-to-Server of Adobe IMS"), "{text}");
    let output = desk.command(desk.sandbox.url(), &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("--org and --credential are missing"), "{output:?}");
}

#[test]
fn a_second_secret_of_someone_else_is_never_deleted() {
    let desk = Desk::own();
    let mut account = Account::default();
    account.client_id = "c1".into();
    account.client_secret = OLD.into();
    account.further_secrets = vec!["someone-elses".into()];
    account.scopes.extend(ClientSecrets::SCOPE.split(',').map(str::to_owned));
    desk.sandbox.set_account(account).unwrap();
    let output = desk.rotate(&["--delete-old"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(14), "{text}");
    assert!(
        text.contains("the list of client secrets: the credential has 2 client secrets"),
        "{text}"
    );
    assert_eq!(desk.listed().len(), 2);
    assert_eq!(fs::read_to_string(&desk.file).unwrap(), OWN);
}

#[test]
fn a_project_without_the_api_is_told_what_to_add() {
    let desk = Desk::own();
    let mut account = Account::default();
    account.client_id = "c1".into();
    account.client_secret = OLD.into();
    desk.sandbox.set_account(account).unwrap();
    let output = desk.rotate(&[]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(18), "{text}");
    assert!(
        text.contains("the access token for the API:") && text.contains("I/O Management API"),
        "{text}"
    );
}

/// The request at which a run is cut off, by its number.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// The request does not reach the server.
    Before(usize),
    /// The server's response does not reach the run.
    After(usize),
}

/// Stands before the server, and kills the run at a request. Returns true where it has ended before.
fn cut_off(desk: &Desk, cut: Cut) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let numbers = ["--org", "23294", "--credential", "436084", "--delete-old"];
    let mut command = desk.command(&url, &numbers);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let server: SocketAddr = desk.sandbox.url().strip_prefix("http://").unwrap().parse().unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut count = 0;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let mut text = String::new();
            child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
            assert!(status.success(), "{cut:?}: {text}");
            return true;
        }
        let Ok((mut from, _)) = listener.accept() else {
            thread::sleep(Duration::from_millis(1));
            continue;
        };
        count += 1;
        from.set_nonblocking(false).unwrap();
        let request = whole_message(&mut from);
        if matches!(cut, Cut::Before(at) if at == count) {
            return kill(&mut child);
        }
        let mut to = TcpStream::connect(server).unwrap();
        to.write_all(&request).unwrap();
        let response = whole_message(&mut to);
        if matches!(cut, Cut::After(at) if at == count) {
            return kill(&mut child);
        }
        from.write_all(&response).unwrap();
    }
}

fn kill(child: &mut Child) -> bool {
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

/// Reads head and body.
fn whole_message(from: &mut TcpStream) -> Vec<u8> {
    let (mut message, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&message).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            if message.len() >= end + 4 + length.unwrap_or(0) {
                return message;
            }
        }
        let read = from.read(&mut part).unwrap();
        assert_ne!(read, 0, "a whole message comes");
        message.extend_from_slice(&part[..read]);
    }
}

#[test]
fn a_run_that_is_cut_off_at_any_step_is_finished_by_the_next_one() {
    let desk = Desk::own();
    for cut in [Cut::Before as fn(usize) -> Cut, Cut::After] {
        let mut at = 1;
        while !cut_off(&desk, cut(at)) {
            // At each moment the file has a secret that works.
            assert!((1..=2).contains(&desk.listed().len()), "{at}");
            let next = desk.rotate(&["--delete-old"]);
            assert!(next.status.success(), "{:?}: {}", cut(at), printed(&next));
            assert_eq!(desk.listed().len(), 1, "{:?}", cut(at));
            assert_eq!(desk.others(), [] as [&str; 0], "{:?}", cut(at));
            let text = fs::read_to_string(&desk.file).unwrap();
            assert_eq!(text, OWN.replace(OLD, &desk.secret()));
            at += 1;
        }
        assert!(at > 6, "{at} requests are made");
    }
}

#[test]
fn a_run_that_is_killed_at_random_leaves_a_secret_that_works() {
    let desk = Desk::own();
    let count = if env::var_os("IMS_SOAK").is_some() { 1000 } else { 20 };
    let numbers = ["--org", "23294", "--credential", "436084", "--delete-old"];
    for number in 0..count {
        let mut child = desk.command(desk.sandbox.url(), &numbers);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Spread over the time of a run by a number without a pattern.
        thread::sleep(Duration::from_micros(number * 7919 % 150_000));
        let _ = child.kill();
        child.wait().unwrap();
        assert!((1..=2).contains(&desk.listed().len()), "{number}");
    }
    let last = desk.rotate(&["--delete-old"]);
    assert!(last.status.success(), "{}", printed(&last));
    assert_eq!(desk.listed().len(), 1);
    assert_eq!(desk.others(), [] as [&str; 0]);
}

#[test]
fn what_a_killed_run_was_writing_does_not_stay() {
    let desk = Desk::own();
    desk.directory.write("credentials.json.rotation.new", "p8e-a/s3cret");
    let next = desk.rotate(&["--delete-old"]);
    assert!(next.status.success(), "{}", printed(&next));
    assert_eq!(desk.others(), [] as [&str; 0]);
}

#[test]
fn another_name_of_the_file_does_not_keep_a_secret_that_is_deleted() {
    let desk = Desk::own();
    fs::hard_link(&desk.file, desk.directory.path().join("other.json")).unwrap();
    let output = desk.rotate(&["--delete-old"]);
    assert_eq!(output.status.code(), Some(14));
    let text = printed(&output);
    assert!(
        text.contains("has another name (a hard link), which would keep the old secret"),
        "{text}"
    );
    assert_eq!(desk.listed().len(), 1);
}

#[test]
fn two_runs_do_not_meet() {
    let desk = Desk::own();
    let folder = fs::File::open(desk.directory.path()).unwrap();
    folder.lock().unwrap();
    let output = desk.rotate(&[]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(14), "{text}");
    assert!(text.contains("another ims rotate is at work in its folder"), "{text}");
    assert_eq!(fs::read_to_string(&desk.file).unwrap(), OWN);
}
