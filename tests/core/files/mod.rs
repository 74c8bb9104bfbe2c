//! Each file of `tests/files` gives in Rust, C and PHP what its table says, and `python/tests/test_files.py` checks the same in
//! Python. `SNAPSHOTS=overwrite cargo test --test core files::` writes what Rust gives into the tables: read the diff.

pub mod doors;
mod internet;
mod mutations;
mod signed;

use serde_json::Value;
use support::files::Table;

use self::doors::{Door, Given};
use self::internet::Internet;

#[test]
fn every_credentials_file_gives_the_same_request_or_error_at_every_door() {
    let internet = Internet::new();
    check(Table::credentials(), |door, table| {
        let shown = |given: Given| match given {
            Given::Token(number) => internet.request(number),
            given => given.without_request(),
        };
        door.tokens(table, &internet).into_iter().map(shown).collect()
    });
}

#[test]
fn every_key_file_signs_or_is_refused_the_same_at_every_door() {
    check(Table::keys(), |door, table| {
        door.jwts(table).into_iter().map(Given::without_request).collect()
    });
}

fn check(mut table: Table, gives: impl Fn(Door, &Table) -> Vec<Value>) {
    let given = gives(Door::Rust, &table);
    table.overwrite(&given);
    table.assert_gives(&given);
    for door in [Door::C, Door::Php] {
        table.assert_gives(&gives(door, &table));
    }
}
