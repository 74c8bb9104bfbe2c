//! `make demo` shows a newcomer what it should.

use std::fs;
use std::path::Path;

use support::processes::{make, output};

#[test]
fn the_demo_shows_a_token_and_a_refusal_even_where_others_need_a_proxy() {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo with blanks");
    fs::create_dir_all(&temporary).unwrap();
    let mut demo = make("demo");
    demo.env("TMPDIR", &temporary).env("HTTPS_PROXY", "http://127.0.0.1:9");

    let said = output(&mut demo, "");

    assert_eq!(said.matches("\n    bearer token ey").count(), 4, "C twice, PHP, Python: {said}");
    assert!(said.contains("\n    hint: the certificate registered"), "{said}");
    assert!(said.contains(" 400 POST /ims/exchange/jwt sandbox-client invalid_token"), "{said}");
    assert_eq!(
        said.matches(" 200 POST /ims/exchange/jwt sandbox-client token").count(),
        1,
        "{said}"
    );
    assert!(said.contains("\n    x-gw-ims-org-id: SANDBOX@AdobeOrg"), "{said}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "it cleans up after itself");
}
