//! The models, each in two thousand orders.

use std::process::Command;

#[test]
fn the_promises_hold_in_every_order_of_what_threads_do_that_chance_chooses() {
    let output = Command::new(env!("CARGO_BIN_EXE_models")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
