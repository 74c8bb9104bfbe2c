//! What can be told of a cache before it is used.

use super::problem::Problem;

/// The place of a cache, and its problems that are known before it is used.
pub(crate) struct Survey {
    pub place: String,
    pub problems: Vec<Problem>,
    /// The reason why a probe needs to be asked for, in words that follow `place`: the cache is on
    /// the network, or would be created by the probe. `None`: it may be probed.
    pub idle: Option<&'static str>,
}
