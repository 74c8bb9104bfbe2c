//! The `ims` command as people call it, and all that shows how to call it: README, manual and walks.

mod canaries;
mod commands;
mod curl;
mod doctor;
mod helpers;
mod key;
mod manual;
mod mcp;
mod messages;
mod oidc_provider;
mod postman_walk;
mod providers;
mod readme;
mod rotate;
mod sandbox;
mod terminal;
mod token_command;
mod token_servers;
mod validation;
