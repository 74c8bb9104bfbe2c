//! Fleets of a thousand seeds.

use std::process::{Command, Output};

fn simulate(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
    command.env_remove("TRACE").envs(variables.iter().copied());
    command.output().unwrap()
}

fn hold(variables: &[(&str, &str)]) {
    let output = simulate(variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_promises_hold_in_a_thousand_fleets_one_of_them_the_largest() {
    hold(&[("FROM", "0"), ("SEEDS", "1000")]);
}

#[test]
fn a_seed_happens_again_byte_for_byte() {
    for seed in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        let [first, second] = [0; 2].map(|_| simulate(&[("TRACE", seed)]).stdout);
        assert!(first.len() > 1000, "{seed}");
        assert!(first == second, "{seed}");
    }
}
