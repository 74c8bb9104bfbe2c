//! Every algorithm, signed by PHP.

use support::directory::Directory;
use support::processes::output;
use support::signatures::{ALGORITHMS, is_signed, key_for};

use super::extension::EXTENSION;

#[test]
fn every_algorithm_signs() {
    let folder = Directory::new();
    let script = r#"
        foreach (array_chunk(array_slice($argv, 1), 2) as [$alg, $path]) {
            echo ims_generate_jwt($path, 'i', alg: $alg, header: ['a' => 1]), "\n";
        }
    "#;
    let mut php = EXTENSION.php();
    php.args(["-r", script, "--"]);
    let keys = ALGORITHMS.map(key_for);
    for (key, algorithm) in keys.iter().zip(ALGORITHMS) {
        let pem = key.private_key_to_pem_pkcs8().unwrap();
        php.arg(algorithm).arg(folder.write(&format!("{algorithm}.pem"), pem));
    }
    let jwts = output(&mut php, "");
    assert_eq!(jwts.lines().count(), keys.len());
    for (jwt, (key, algorithm)) in jwts.lines().zip(keys.iter().zip(ALGORITHMS)) {
        assert!(is_signed(jwt, key, algorithm), "{algorithm}");
    }
}
