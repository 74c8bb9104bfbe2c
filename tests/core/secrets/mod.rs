//! No secret shows in what any door prints, or stays in memory: canaries for key, passphrase, client secret, JWT and token.
//!
//! Python's door is `python/tests/test_canaries.py`, and the command's `cli/tests/command/canaries.rs`.

mod doors;
mod echo;
mod log_lines;
mod memory;
