//! The exit codes of the command.

use ims::Status;

/// Returns the code of a status. Codes start at 10, so that they leave clap's 2 and the shells' low codes alone.
pub(super) fn exit_code(status: Status) -> u8 {
    match status {
        Status::Argument => 2,
        status => 10 + status as u8,
    }
}
