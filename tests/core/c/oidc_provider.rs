//! oidc-provider, asked by C.

use support::directory::Directory;
use support::oidc_provider::OidcProvider;

use super::run;

#[test]
fn oidc_provider_verifies_every_algorithm_and_takes_no_assertion_twice() {
    let (server, folder) = (OidcProvider::start(), Directory::new());
    let arguments = server.arguments(&folder);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    server.assert_printed(&run("oidc_provider", &arguments));
}
