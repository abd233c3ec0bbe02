//! The app in its real window against a real `segl serve` over HTTPS, with a certificate of its own CA: on SQLite and on PostgreSQL.
//!
//! `SEGL_PHONE_BINARY` is the built app and `SEGL_BINARY` the built service; `./dev phone-test` runs this. Each picture lies in
//! `artifacts/phone/`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![expect(clippy::disallowed_methods, reason = "the test command tells in the environment where it built the app")]

#[allow(dead_code, reason = "the app's own tests use all of it")]
#[path = "../../mobile/shell/tests/window/driver.rs"]
mod driver;

mod demo;
mod service;
mod stories;
