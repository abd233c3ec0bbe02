//! HTTP craft that knows no capability: who asks, what may they, what came in, how refusals look.

pub mod assets;
pub mod body;
pub mod csrf;
pub mod document;
pub mod envelope;
pub mod front;
pub mod guard;
pub mod health;
pub mod help;
pub mod idempotency;
pub mod listing;
pub mod menu;
pub mod network;
pub mod operations;
pub mod page;
pub mod permissions;
pub mod problem;
pub mod scopes;
pub mod upload;

#[cfg(test)]
mod parts_tests;
