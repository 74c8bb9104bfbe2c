//! A page as a reader would follow it: in one shell, from a directory where the introduction was
//! followed before.

use std::env;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use snapbox::IntoData;
use snapbox::filter::NormalizeToExpected;
use support::directory::Directory;
use support::processes::free_ports;
use support::root;

use super::page::{Block, Page};

/// The ports that pages show begin with these digits, and one more follows. Each run has others,
/// for several may run at once.
const PORTS: &str = "840";
/// The home directory that pages show.
const HOME: &str = "/home/ada";
/// Stands after what each step prints.
const END: char = '\u{1e}';
/// Seconds for a page; one that hangs would never end.
const TIME_LIMIT: &str = "600";

/// The text of the page, with what its commands print now.
pub fn followed(page: &Page) -> String {
    let introduction = Page::read("introduction.md");
    let own = steps(page);
    let before = if page.path == introduction.path { Vec::new() } else { steps(&introduction) };
    let mut text = page.text.clone();
    if own.is_empty() {
        return text;
    }
    let printed = printed(&before.iter().chain(&own).collect::<Vec<_>>(), page.name());
    for (step, printed) in own.iter().zip(&printed[before.len()..]).rev() {
        if let Step::Command { output, .. } = step {
            let shown = page.text[output.clone()].to_owned().into_data();
            let printed = printed.to_owned().into_data();
            let printed = NormalizeToExpected::new().redact().normalize(printed, &shown);
            text.replace_range(output.clone(), &printed.to_string());
        }
    }
    text
}

enum Step {
    /// Lies in the directory from here on.
    File { name: String, content: String },
    /// Must succeed; what it prints is not shown.
    Script(String),
    /// What it prints is shown.
    Command { text: String, output: Range<usize> },
}

fn steps(page: &Page) -> Vec<Step> {
    let of_block = |block: &Block| match (block.file(), block.language()) {
        (Some(name), _) => vec![Step::File { name: name.to_owned(), content: block.shown() }],
        (None, "sh") => vec![Step::Script(block.content.to_owned())],
        (None, "console") => commands(block),
        _ => Vec::new(),
    };
    page.blocks().iter().flat_map(of_block).collect()
}

/// Each command of a transcript follows `$ `, and its further lines `> `.
fn commands(block: &Block) -> Vec<Step> {
    let mut commands = Vec::new();
    let mut end = block.place.start;
    for line in block.content.split_inclusive('\n') {
        end += line.len();
        if let Some(text) = line.strip_prefix("$ ") {
            commands.push(Step::Command { text: text.to_owned(), output: end..end });
            continue;
        }
        let Some(Step::Command { text, output }) = commands.last_mut() else {
            panic!("a transcript begins with a command, not with {line}");
        };
        match line.strip_prefix("> ").filter(|_| output.start == output.end) {
            Some(more) => {
                text.push_str(more);
                *output = end..end;
            }
            None => output.end = end,
        }
    }
    commands
}

/// What each of the steps prints, to standard output and error alike, as the manual shows it.
fn printed(steps: &[&Step], page: &str) -> Vec<String> {
    let ports = free_ports();
    let script = with_ports(&script(steps), &ports);
    let (home, installed) = (Directory::new(), installation());
    let ims = Path::new(env!("CARGO_BIN_EXE_ims")).parent().unwrap().display();
    let shell = Command::new("timeout")
        .args([TIME_LIMIT, "sh", "-c", &script])
        .current_dir(home.path())
        .env_clear()
        .env("PATH", format!("{ims}:{}", env::var("PATH").unwrap()))
        .env("HOME", home.path())
        .env("PKG_CONFIG_PATH", installed.path())
        .env("LD_LIBRARY_PATH", installed.path())
        .env("PHP_INI_SCAN_DIR", &*super::php::INI_SCAN_DIR)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(shell.stdout).unwrap();
    let said = said.replace(home.path().to_str().unwrap(), HOME);
    let said = (0_u8..).zip(&ports).fold(said, |said, (digit, port)| {
        said.replace(&format!(":{port}"), &format!(":{PORTS}{digit}"))
    });
    assert!(shell.status.success(), "{page} ended with {}:\n{said}", shell.status);
    said.split_terminator(END).map(whole_lines).collect()
}

/// `text` with this run's ports instead of those that it shows.
fn with_ports(text: &str, ports: &[u16; 10]) -> String {
    let mut parts = text.split(PORTS);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.chars().next().and_then(|digit| digit.to_digit(10)) {
            Some(digit) => write!(replaced, "{}{}", ports[digit as usize], &part[1..]).unwrap(),
            None => write!(replaced, "{PORTS}{part}").unwrap(),
        }
    }
    replaced
}

/// Transcripts are made of lines, whether or not the last one ends.
fn whole_lines(text: &str) -> String {
    let ended = text.is_empty() || text.ends_with('\n');
    format!("{text}{}", if ended { "" } else { "\n" })
}

fn script(steps: &[&Step]) -> String {
    // What is left running ends with the shell.
    let mut script = String::from("exec 2>&1\ntrap 'trap \"\" TERM; kill 0' EXIT\n");
    for step in steps {
        match step {
            Step::File { name, content } => {
                writeln!(script, "cat > {name} <<'END OF FILE'\n{content}END OF FILE")
            }
            Step::Script(text) => writeln!(script, "set -e\n{text}set +e"),
            Step::Command { text, .. } => write!(script, "{text}"),
        }
        .unwrap();
        // The next command may ask how this one ended.
        writeln!(script, "ended=$?; printf '{END}'; (exit $ended)").unwrap();
    }
    script + "exit 0\n"
}

/// What `make install` gives a C program.
fn installation() -> Directory {
    let installed = Directory::new();
    let root = root();
    let library = env::current_exe().unwrap().with_file_name("libims.so");
    for link in ["libims.so", "libims.so.0"] {
        symlink(&library, installed.path().join(link)).unwrap();
    }
    let pkg_config = fs::read_to_string(root.join("bindings/c/ims.pc.in")).unwrap();
    let pkg_config = pkg_config
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@LIBDIR@", installed.path().to_str().unwrap())
        .replace("@INCLUDEDIR@", root.join("include").to_str().unwrap());
    installed.write("ims.pc", pkg_config);
    installed
}
