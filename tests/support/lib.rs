//! What the tests share: a world (service, database, clock, mailbox), people by role who use only HTTP, and foreign tools.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

pub mod peers;
