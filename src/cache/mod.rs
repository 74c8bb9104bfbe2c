//! The shared cache of tokens, for several processes and machines: sealed entries in files or in
//! Redis.
//!
//! A cache only saves exchanges. Whatever is wrong with it costs one more exchange, but no call
//! fails because of it.

// The modules are in the order of use: each uses only those above it.
mod problem;
mod entry;
mod account;
mod survey;
mod backend;
mod seal;
mod directory;
mod file;
mod breaker;
mod redis;
mod location;
mod shared;
mod probe;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod contract;

pub(crate) use account::Account;
pub(crate) use backend::LockRank;
pub(crate) use entry::{Entry, FoundEndpoint, StoredFailure, StoredToken, WorkedSecret};
pub use location::Cache;
pub(crate) use problem::Problem;
pub(crate) use seal::{MAX_FAILURE, digest};
pub(crate) use shared::{Locking, Session, SharedCache};
#[cfg(fuzzing)]
pub(crate) use {redis::problems as redis_problems, seal::reopened};
