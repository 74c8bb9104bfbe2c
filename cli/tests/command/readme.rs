//! What the README shows is what the tests compile and run.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use ims_sandbox::{Account, Config, PublicKey, Sandbox};
use support::directory::Directory;
use support::keys;
use support::processes::{Running, output, without_cargos_variables};
use support::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The shell commands below this heading.
fn commands(heading: &str) -> Vec<String> {
    let readme = read("README.md");
    let (_, section) = readme.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A shell in `directory` that finds `ims`, and no proxy or secret of the caller's.
fn shell(directory: &Directory, script: &str) -> Command {
    let ims = Path::new(env!("CARGO_BIN_EXE_ims")).parent().unwrap().display().to_string();
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(directory.path());
    shell.env("PATH", format!("{ims}:{}", env::var("PATH").unwrap()));
    shell.env_remove("IMS_CLIENT_SECRET").env_remove("IMS_JWT");
    shell
}

/// One line, shaped as IMS makes its tokens.
fn assert_is_token(text: &str) {
    assert!(text.starts_with("eyJ") && text.trim_end().split('.').count() == 3, "{text}");
}

#[test]
fn the_c_example_is_the_one_that_is_compiled_and_run() {
    let readme = read("README.md");
    let (_, block) = readme.split_once("```c\n").unwrap();
    let shown = block.split("```").next().unwrap();
    let example = read("bindings/c/example.c");
    // The README shows lines of `main` without their indentation.
    let lines: Vec<&str> = example.lines().map(|l| l.strip_prefix("    ").unwrap_or(l)).collect();
    assert!(lines.join("\n").contains(shown), "README.md shows another bindings/c/example.c");
}

/// The loader looks into /usr/lib and /usr/local/lib alone.
#[test]
fn the_commands_for_another_prefix_build_an_example_that_finds_the_library() {
    let other_prefix = commands("Install").into_iter().find(|block| block.contains("PREFIX="));
    let other_prefix = other_prefix.unwrap();
    let home = Directory::new();
    let mut shell = shell(&home, &format!("{other_prefix}\nunset LD_LIBRARY_PATH; ims --version"));
    shell.current_dir(root());
    // It installs what cargo built for the tests, and tells the machine's loader and fish nothing.
    shell.env("PROFILE", "dev").env("AS_ROOT", "");
    without_cargos_variables(&mut shell);
    for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let folder = Path::new(&env::var("HOME").unwrap()).join(folder);
        shell.env(variable, env::var_os(variable).unwrap_or(folder.into()));
    }
    let said = output(shell.env("HOME", home.path()), "");
    assert!(said.contains(concat!("\nims ", env!("CARGO_PKG_VERSION"), "\nOpenSSL ")), "{said}");

    let mut example = Command::new(root().join("target/example"));
    let ran = example.env_remove("LD_LIBRARY_PATH").output().unwrap();

    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.starts_with("usage: "), "{said}");
}

#[test]
fn the_python_example_is_the_one_that_the_demo_runs() {
    let example = format!("```python\n{}```", read("python/examples/example.py"));
    assert!(
        read("README.md").contains(&example),
        "README.md shows another python/examples/example.py"
    );
}

#[test]
fn the_commands_for_adobe_get_tokens() {
    let directory = Directory::new();
    directory.write("private.key", keys::pkcs8_pem());
    directory.write("secret.txt", "sandbox-secret\n");
    let mut account = Account::default();
    account.client_id = "CLIENT_ID".into();
    account.org_id = "ORG@AdobeOrg".into();
    account.technical_account_id = "ID@techacct.adobe.com".into();
    account.metascopes = vec!["ent_dataservices_sdk".into()];
    account.public_keys.push(PublicKey::from_bytes(keys::public_key_pem().as_bytes()).unwrap());
    let sandbox = Sandbox::start(Config::new(vec![account])).unwrap();

    let [from_file, steps] = commands("From the shell").try_into().unwrap();
    let credentials = format!(
        "IMS={}\nAPI_KEY=CLIENT_ID\nCLIENT_SECRET=sandbox-secret\nSCOPES=openid\n",
        sandbox.url()
    );
    directory.write("service_token.json", credentials);
    let mut from_file = shell(&directory, &from_file);
    assert_is_token(&output(from_file.env("XDG_RUNTIME_DIR", directory.path()), ""));
    let headers = fs::read_to_string(directory.path().join("headers.txt")).unwrap();
    assert!(headers.contains("x-api-key: CLIENT_ID\n"), "{headers}");
    assert_eq!(sandbox.exchanges("CLIENT_ID").unwrap().issued, 1);

    let [find] = commands("Find the fault").try_into().unwrap();
    let found = output(shell(&directory, &find).env("XDG_RUNTIME_DIR", directory.path()), "");
    for line in [
        "ok      validation: the server accepts the new token",
        "Not verified: anyone can write a JWT.",
        "done: the access token was ended at the server",
    ] {
        assert!(found.lines().any(|said| said == line), "{found}");
    }

    let retired = commands("What Adobe has retired");
    assert_eq!(retired.len(), 1);
    for script in [steps].into_iter().chain(retired) {
        // Instead of Adobe.
        let here = format!("ims exchange --ims {} ", sandbox.url());
        let script = script.replace("ims exchange ", &here);
        assert_is_token(&output(&mut shell(&directory, &script), ""));
    }
}

#[test]
fn the_commands_without_adobe_get_a_token() {
    let directory = Directory::new();
    let [start, ask] = commands("Test without Adobe").try_into().unwrap();
    // Any port that is free; the shell becomes the sandbox, to be stopped with it.
    let start = start.trim_end().replace("ims sandbox", "exec ims sandbox");
    let start = format!("{start} --port 0 --ready-file url.txt > log.txt 2>&1");
    let url = directory.path().join("url.txt");
    let _sandbox = Running::start(&mut shell(&directory, &start), "", || url.exists());

    let url = fs::read_to_string(&url).unwrap();
    assert!(ask.contains("http://127.0.0.1:8400"));
    let ask = ask.replace("http://127.0.0.1:8400", url.trim());
    assert_is_token(&output(&mut shell(&directory, &ask), ""));
}
