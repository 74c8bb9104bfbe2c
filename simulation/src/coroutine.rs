//! Coroutines: what blocks in one lets the others run, all on one thread.

use std::cell::Cell;
use std::ptr;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine as Inner, CoroutineResult, Yielder};

/// The size of a stack in bytes. Only what is used of it takes memory.
const STACK: usize = 256 * 1024;

thread_local! {
    /// Of the coroutine that runs; null outside of any.
    static RUNNING: Cell<*const Yielder<(), ()>> = const { Cell::new(ptr::null()) };
}

/// Stacks of coroutines that have ended, for the next ones.
#[derive(Default)]
pub struct Stacks(Vec<DefaultStack>);

impl Stacks {
    /// Makes a coroutine that will run `body`.
    pub fn coroutine(&mut self, body: impl FnOnce() + 'static) -> Coroutine {
        let new = || DefaultStack::new(STACK).expect("there is memory for a stack");
        let stack = self.0.pop().unwrap_or_else(new);
        Coroutine(Inner::with_stack(stack, move |yielder, ()| {
            RUNNING.set(yielder);
            body();
        }))
    }

    /// Takes the stack of a coroutine that has ended.
    pub fn take(&mut self, ended: Coroutine) {
        self.0.push(ended.0.into_stack());
    }
}

/// A coroutine. Where it is dropped before its end, its stack is unwound.
pub struct Coroutine(Inner<(), (), ()>);

impl Coroutine {
    /// Runs it until it suspends itself or ends. Returns whether it has ended.
    pub fn resume(&mut self) -> bool {
        let result = self.0.resume(());
        RUNNING.set(ptr::null());
        matches!(result, CoroutineResult::Return(()))
    }

    /// Unwinds its stack.
    pub fn kill(mut self) {
        self.0.force_unwind();
    }
}

/// Suspends the coroutine that runs until it is resumed.
#[expect(unsafe_code, reason = "the code that blocks is not handed the yielder")]
pub fn suspend() {
    let running = RUNNING.get();
    assert!(!running.is_null(), "only a coroutine waits");
    // SAFETY: the yielder lives on the stack of the coroutine that runs, below this frame: RUNNING is set where a
    // coroutine begins to run, and to null where it stops.
    unsafe { (*running).suspend(()) };
    RUNNING.set(running);
}
