//! What the tests share: a world (service, database, clock, mailbox), people by role who use only HTTP, the program as a process,
//! and foreign tools.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

pub mod approver;
pub mod card;
pub mod client;
pub mod elsewhere;
pub mod hook;
pub mod life;
pub mod mailbox;
pub mod maker;
pub mod ntp;
pub mod papers;
pub mod peers;
pub mod phone;
pub mod pki;
pub mod places;
pub mod program;
pub mod push;
pub mod register;
pub mod roles;
pub mod schema;
pub mod texts;
pub mod token;
pub mod tsa;
pub mod visitor;
pub mod world;
