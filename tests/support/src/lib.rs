//! What the tests stand on: real keys, real certificates, and servers that behave or do not.
//! Knows nothing of libims.

pub mod certificates;
pub mod directory;
pub mod hostile;
pub mod keys;
pub mod network;
pub mod processes;
pub mod random;
pub mod redis;
pub mod volume;
