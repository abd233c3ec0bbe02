//! What nobody may forget, as tests: the floors, epochs, SQL, words, problems, permissions, the API, migrations, audit, configuration, README, tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, reason = "tests say what they expect")]

mod api;
mod audit;
mod config;
mod database;
mod engines;
mod epochs;
mod floors;
mod migrations;
mod permissions;
mod plans;
mod problems;
mod readme;
mod sizes;
mod source;
mod sql;
mod tables;
mod words;
