//! The protocol between phone and service: its bytes against an independent program, its rules on seeded random messages, and every byte changed once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answers;
mod bytes;
mod clock;
mod decision;
mod evidence;
mod identity;
mod oath;
mod pairing;
mod payload;
mod pin;
mod plain;
mod sealed;
mod soft;
mod support;
mod wire;
