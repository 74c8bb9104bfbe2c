//! Example entries for the tests of caches.

use std::time::{Duration, Instant, SystemTime};

use super::account::Account;
use super::entry::{Entry, FoundEndpoint, StoredFailure, StoredToken};
use super::shared::Session;
use crate::error::{Error, Status};
use crate::token::Token;

pub fn account() -> Account<'static> {
    Account { secret: b"secret", client_id: "client", identity: Vec::new() }
}

pub fn token(access_token: &str, expires_at: SystemTime) -> StoredToken {
    let token = Token::new(access_token, None, expires_at);
    StoredToken { token, obtained_at: SystemTime::now() }
}

pub fn failure(failed_at: SystemTime, until: SystemTime) -> StoredFailure {
    let error = Error::new(Status::Rejected, "the token server refused");
    StoredFailure { error, failed_at, until, streak: 1, proof: String::new() }
}

pub fn endpoint(found_at: SystemTime) -> FoundEndpoint {
    FoundEndpoint { url: "https://as.example.com/token".parse().unwrap(), found_at }
}

/// Returns an entry with a token that lives this number of seconds.
pub fn entry(access_token: &str, seconds: u64) -> Entry {
    let expires_at = SystemTime::now() + Duration::from_secs(seconds);
    Entry { token: Some(token(access_token, expires_at)), ..Entry::default() }
}

/// Returns the access token that `session` reads.
pub fn read(session: &mut Session) -> Option<String> {
    Some(session.read()?.token?.token.access_token().to_owned())
}

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}
