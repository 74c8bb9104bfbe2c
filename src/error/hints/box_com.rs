//! The refusals by Box.

use super::row::{ANY, ServerHint};
use crate::error::cause::Cause;

/// Box.
pub const BOX: &str = "Box";

const FROM: ServerHint = ServerHint { server: Some(BOX), ..ANY };

pub(super) static HINTS: &[ServerHint] = &[
    ServerHint {
        error: "invalid_client",
        hint: "client_id or client_secret is wrong: copy both from the app's configuration in the \
               Developer Console",
        ..FROM
    },
    ServerHint {
        error: "unauthorized_client",
        hint: "an administrator of the enterprise has not authorized the app, or has to do so once \
               more after a change: Admin Console, Platform Apps",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "signature",
        cause: Some(Cause::WrongKey),
        hint: "the key is not the one whose public key kid names: set kid to the id that the app's \
               configuration shows next to this key's public key, or add the public key there",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "'sub' claim",
        hint: "sub must be the enterprise's id where box_sub_type is enterprise, and a user's id where \
               it is user; the app must be authorized in that enterprise",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "'exp' claim",
        cause: Some(Cause::ClockOrExp),
        hint: "the JWT may live for 60 seconds at most: set lifetime to 45, and check this machine's \
               clock",
        ..FROM
    },
    ServerHint {
        error: "invalid_grant",
        description: "'jti' claim",
        hint: "jti must be a text of 16 to 128 characters that is new in every JWT: set jti to uuid",
        ..FROM
    },
];
