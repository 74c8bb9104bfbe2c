//! The library as its users meet it, from Rust, C and PHP: a room for each promise.
//!
//! Tests that need an allocator of their own are programs of their own: `memory` and `wipes`.

mod algorithms;
mod answers;
mod architecture;
mod authlib;
mod c;
mod claims;
mod client;
mod client_assertions;
mod connection;
mod credentials;
mod debian;
mod demo;
mod dependencies;
mod exports;
mod external_account;
mod faults;
mod files;
mod header;
mod install;
mod keys;
mod metadata;
mod oidc_provider;
mod on_behalf_of;
mod peer_clients;
mod php;
mod process;
mod proxy;
mod recipes;
mod release;
mod retries;
mod rotation;
mod secrets;
mod seed;
mod set_user_id;
mod settings;
mod shared;
mod tls;
mod told_apart;
mod tokens;
mod tools;
mod user_sync;
mod verifiers;
mod workload;

// What several rooms use.
mod c_programs;
mod claim_sets;
mod discovery;
mod exchanges;
mod findings;
