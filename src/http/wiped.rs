//! The HTTP client's buffers, overwritten when a call ends: they held the request's secrets, and the token.

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};
use zeroize::Zeroize;

/// Overwrites all of the buffers. Nothing in them may be needed any more.
pub(super) fn wipe(buffers: &mut dyn Buffers) {
    let unread = buffers.input().len();
    buffers.input_consume(unread);
    // Of an input without unread bytes, all is free.
    let (input, output) = buffers.tmp_and_output();
    input.zeroize();
    output.zeroize();
}

/// A connection whose buffers are overwritten when it is closed.
#[derive(Debug)]
pub(super) struct Wiped<T: Transport>(pub T);

impl<T: Transport> Drop for Wiped<T> {
    fn drop(&mut self) {
        wipe(self.0.buffers());
    }
}

impl<T: Transport> Transport for Wiped<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
