//! The search for the reason why there is no token: one check after the other, each with a hint.
//!
//! Offline first: the credentials part by part, then this machine. Online, the way to the server, a
//! real exchange, and what the server says of the token.
//!
//! ```
//! use std::path::Path;
//!
//! use ims::doctor::{Outcome, Setup, examine};
//!
//! let setup = Setup::new(Some(Path::new("service_token.json")));
//! let mut checks = Vec::new();
//! examine(&setup, false, &mut |check| checks.push(check));
//! let first_error = checks.iter().find(|check| check.outcome == Outcome::Error).unwrap();
//! assert_eq!(first_error.name, "file"); // there is none
//! ```
//!
//! The `ims doctor` command is the same as a program.

mod setup;
mod check;
mod assertion;
mod account;
mod cache;
mod machine;
mod online;

pub use check::{Check, Outcome};
pub use setup::Setup;

/// Runs all checks and gives each to `report` as soon as it is made; only with `online` does it
/// send anything. Takes at most as long as the exchange, the validation and the cache may, each as
/// [`Transport`](crate::Transport) says.
pub fn examine(setup: &Setup, online: bool, report: &mut dyn FnMut(Check)) {
    let credentials = account::examine(setup, report);
    machine::examine(&setup.transport, credentials.as_ref(), report);
    let Some(credentials) = credentials else {
        if online {
            let hint = "fix the credentials first, then try again";
            report(Check::warning("server", "skipped: the credentials cannot be used", hint));
        }
        return;
    };
    let cache = cache::examine(setup, &credentials, online, report);
    if online {
        online::examine(&setup.transport, &credentials, cache, report);
    }
}
