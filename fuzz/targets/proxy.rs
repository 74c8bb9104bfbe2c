//! A proxy and its exceptions are read or refused, and the password never shows. The input has a line each: the proxy,
//! NO_PROXY, and the host that is asked.

#![no_main]

use std::env;

use ims::{Proxy, TokenUrl, Transport, fuzzing};
use libfuzzer_sys::fuzz_target;
use libims_fuzz::{SECRET, check_error, check_text, within};

fuzz_target!(|input: &str| {
    let mut lines = input.split('\n');
    let [Some(proxy), Some(exceptions), Some(host)] = [lines.next(), lines.next(), lines.next()]
    else {
        return;
    };
    let Ok(url) = format!("https://{host}/token").parse::<TokenUrl>() else { return };
    if proxy.contains('\0') || exceptions.contains('\0') {
        return;
    }
    // SAFETY: no other thread runs.
    unsafe {
        env::set_var("https_proxy", proxy);
        env::set_var("no_proxy", exceptions);
    }
    // In the place of a password, it is one.
    let is_password = proxy.matches(SECRET).count() == 1 && proxy.contains(&format!(":{SECRET}@"));
    let secrets: &[&str] = if is_password { &[SECRET] } else { &[] };
    let mut transport = Transport::default();
    let from_environment =
        within(input.as_bytes(), 64, 64 * 1024, || fuzzing::proxy(&transport, &url));
    match from_environment {
        Ok((place, useless)) => {
            place.iter().for_each(|place| check_text(place, secrets));
            assert!(useless.len() <= exceptions.len());
            if exceptions == "*" {
                assert_eq!(place, None);
            }
        }
        Err(error) => check_error(&error, secrets),
    }
    if let Ok(given) = proxy.parse::<Proxy>() {
        transport.proxy = given;
        match fuzzing::proxy(&transport, &url) {
            Ok((place, _)) => place.iter().for_each(|place| check_text(place, secrets)),
            Err(error) => check_error(&error, secrets),
        }
    }
});
