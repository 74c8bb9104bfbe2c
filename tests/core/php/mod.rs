//! The PHP extension, as `make php` builds it against an installed library.

mod account;
mod algorithms;
mod doctor;
pub mod extension;
mod fpm;
mod oidc_provider;
mod packaging;
mod phpt;
mod readme;
mod requests;
mod rotation;
mod seed;
mod watched;
