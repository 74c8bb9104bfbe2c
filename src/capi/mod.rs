//! The C ABI: the functions of `include/ims.h`, which is made from these files. A door without
//! decisions: each function reads its arguments and calls the core, inside [`guard()`].
//!
//! All of the library's `unsafe` is here. It rests on what a C caller owes every library: a pointer
//! is NULL or points to what its type says for the whole call, a text ends in NUL, and an object
//! was made by this library and has not been freed.

// The names are C's.
#![allow(non_camel_case_types)]

mod guard;
#[cfg(all(target_os = "linux", not(feature = "vendored")))]
mod openssl_init;

mod objects;

// In the header's order, which cbindgen takes from here.
mod error;
mod arguments;
mod make;
mod key;
mod jwt;
mod exchange;
mod client;
mod doctor;
mod version;

/// Every object is immutable or locked inside: C programs share them between threads.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<error::ims_error>();
    shared::<key::ims_key>();
    shared::<exchange::ims_token>();
    shared::<client::ims_client>();
    shared::<doctor::ims_report>();
};
