//! The promises that every target holds: memory in proportion to the input, errors of one line, and no secret in any
//! text.

use std::cell::RefCell;
use std::sync::Once;
use std::time::{Duration, SystemTime};

use ims::Error;
use support::counting::{Counting, counted};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The secret of every account here. That of the files in tests/files, too.
pub const SECRET: &str = "made-up-secret";

/// A text of an error that is longer is no line that a person reads.
const MAX_TEXT: usize = 4096;

/// The time by every clock here: what was found is found again.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Calls `read`, which may cost `factor` times the input and `constant` bytes.
pub fn within<T>(input: &[u8], factor: usize, constant: usize, read: impl FnOnce() -> T) -> T {
    let mut result = None;
    let (peak, _) = counted(|| result = Some(read()));
    let most = factor * input.len() + constant;
    assert!(peak <= most, "{} bytes cost {peak}, and may cost {most}", input.len());
    result.unwrap()
}

/// Checks all that an error shows.
pub fn check_error(error: &Error, secrets: &[&str]) {
    assert!(!error.message().is_empty());
    for text in [
        Some(error.message()),
        error.hint(),
        error.oauth_error(),
        error.oauth_description(),
        error.uri(),
        error.debug_id(),
    ]
    .into_iter()
    .flatten()
    {
        check_text(text, secrets);
    }
    check_secrets(&format!("{error} {error:?}"), secrets);
}

/// Checks a text that a user may see.
pub fn check_text(text: &str, secrets: &[&str]) {
    assert!(!text.contains(char::is_control), "not one line: {text:?}");
    assert!(text.len() <= MAX_TEXT, "{} bytes: {text}", text.len());
    check_secrets(text, secrets);
}

fn check_secrets(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} shows in {text}");
    }
}

/// Checks that `text` repeats no 24 digits of base64 in a row that `input` has.
pub fn check_repeats_no_digits(text: &str, input: &[u8]) {
    const LONG: usize = 24;
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_=".contains(byte);
    for window in text.as_bytes().windows(LONG).filter(|window| window.iter().all(is_digit)) {
        let repeats = input.windows(LONG).any(|there| there == window);
        assert!(!repeats, "{} of the input shows in {text}", String::from_utf8_lossy(window));
    }
}

/// Returns whether the only place of [`SECRET`] in the input is the value of a setting that is a secret by its name.
pub fn holds_one_secret(input: &[u8]) -> bool {
    const BEFORE: [&str; 6] = [
        "\"client_secret\":\"",
        "\"client_secret\": \"",
        "CLIENT_SECRET=",
        "client_secret: ",
        "\"passphrase\":\"",
        "\"passphrase\": \"",
    ];
    let places: Vec<usize> = input
        .windows(SECRET.len())
        .enumerate()
        .filter(|(_, window)| *window == SECRET.as_bytes())
        .map(|(place, _)| place)
        .collect();
    let [place] = places[..] else { return false };
    let is_whole = input.get(place + SECRET.len()).is_none_or(|byte| b"\"\r\n".contains(byte));
    is_whole && BEFORE.iter().any(|before| input[..place].ends_with(before.as_bytes()))
}

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl log::Log for Lines {
    fn enabled(&self, metadata: &log::Metadata) -> bool {
        metadata.target().starts_with("ims")
    }

    fn log(&self, record: &log::Record) {
        if self.enabled(record.metadata()) {
            LINES.with_borrow_mut(|lines| lines.push(record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

/// Begins to collect the library's log of this thread.
pub fn log_lines() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        log::set_logger(&Lines).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    LINES.with_borrow_mut(Vec::clear);
}

/// Checks the lines that were logged since [`log_lines`].
pub fn check_log_lines(secrets: &[&str]) {
    LINES.with_borrow(|lines| lines.iter().for_each(|line| check_text(line, secrets)));
}

/// A response as the targets read it from a text: the status, headers in lines, an empty line, the body.
pub struct Response<'a> {
    pub status: u16,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a [u8],
}

impl<'a> Response<'a> {
    pub fn of(input: &'a [u8]) -> Option<Self> {
        let head = input.windows(2).position(|pair| pair == b"\n\n")?;
        let mut lines = str::from_utf8(&input[..head]).ok()?.lines();
        let status = lines.next()?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(": ")).collect();
        Some(Self { status, headers, body: &input[head + 2..] })
    }
}
