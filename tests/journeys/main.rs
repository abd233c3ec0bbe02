//! Stories, one file per role, told through HTTP alone and judged from outside. Every story runs on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod administrator;
mod auditor;
mod backup;
mod ceremony;
mod clock;
mod crash;
mod directory;
mod documents;
mod employee;
mod enrolment;
mod faults;
mod imported;
mod operator;
mod outsider;
mod program;
mod races;
mod recovery;
mod renewal;
mod rest;
mod revocation;
mod seals;
mod signatory;
mod token;
mod trust;
