//! The keys and clients that a process shares: a caller who names the same key or credentials again gets the same object.
//!
//! A program that names its key or credentials in every call pays once for reading them. The registry notices when a file
//! or a variable that they were read from has changed. It is bounded, its tables are searched by digests and so hold no
//! secret as a key, and it has no lock that a fork could leave locked in the child.

mod digest;
mod table;
mod watched_file;
mod clients;
mod keys;
#[cfg(test)]
mod tests;
