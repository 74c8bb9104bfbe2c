//! Memory that threads share: before each use of it, the world may let other threads run.

use std::ops::Deref;
use std::sync::atomic;

use super::world::access;

/// What has operations that are each one step.
#[derive(Default)]
pub(crate) struct Shared<T>(T);

pub(crate) type AtomicBool = Shared<atomic::AtomicBool>;
pub(crate) type AtomicU32 = Shared<atomic::AtomicU32>;
pub(crate) type AtomicU64 = Shared<atomic::AtomicU64>;
pub(crate) type ArcSwap<T> = Shared<arc_swap::ArcSwap<T>>;
pub(crate) type ArcSwapOption<T> = Shared<arc_swap::ArcSwapOption<T>>;

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        access();
        &self.0
    }
}

impl AtomicBool {
    pub const fn new(value: bool) -> Self {
        Self(atomic::AtomicBool::new(value))
    }
}

impl AtomicU32 {
    pub const fn new(value: u32) -> Self {
        Self(atomic::AtomicU32::new(value))
    }
}

impl AtomicU64 {
    pub const fn new(value: u64) -> Self {
        Self(atomic::AtomicU64::new(value))
    }
}

impl<T> ArcSwap<T> {
    pub fn from_pointee(value: T) -> Self {
        Self(arc_swap::ArcSwap::from_pointee(value))
    }
}

impl<T> ArcSwapOption<T> {
    pub const fn const_empty() -> Self {
        Self(arc_swap::ArcSwapOption::const_empty())
    }

    pub fn empty() -> Self {
        Self::const_empty()
    }
}
