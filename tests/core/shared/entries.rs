//! Entries that were tampered with on disk.

use std::fs;

use ims::{Cache, Client, Credentials, CredentialsOptions, Transport};
use support::random::Random;

use super::host::{Host, SharedPlace, soak};

#[test]
fn whatever_becomes_of_an_entry_it_is_a_miss_that_the_next_exchange_heals() {
    let host = Host::new(SharedPlace::File, None);
    let credentials =
        Credentials::from_file(host.credentials("oauth.json"), &CredentialsOptions::default())
            .unwrap();
    let cache: Cache = host.cache().parse().unwrap();
    let token = || {
        let client = Client::new(credentials.clone(), &cache, Transport::default()).unwrap();
        client.token().unwrap().access_token().to_owned()
    };
    let first = token();
    assert_eq!(token(), first, "it is in the cache");
    let path = fs::read_dir(host.cache_directory())
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "token"))
        .unwrap();
    let mut random = Random::seeded(3);
    for round in 0..soak(300, 100_000) {
        let mut entry = fs::read(&path).unwrap();
        let before = host.issued();
        match random.below(4) {
            0 => entry.truncate(random.below(entry.len() as u64) as usize),
            1 => entry.push(random.below(256) as u8),
            _ => {
                let place = random.below(entry.len() as u64) as usize;
                entry[place] ^= 1 << random.below(8);
            }
        }
        fs::write(&path, &entry).unwrap();

        let healed = token();

        assert_eq!(host.issued(), before + 1, "round {round}: a miss");
        assert_eq!(token(), healed, "round {round}: healed");
        assert_eq!(host.issued(), before + 1, "round {round}");
    }
}
