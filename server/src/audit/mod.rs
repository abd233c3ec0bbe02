//! The append-only memory: who did what to whom, when. Chained by hashes, signed at checkpoints, verifiable by anybody.
//!
//! **The words.** An *entry* is written by [`record`] in the unit of the change that it tells. Its *body* is canonical bytes
//! ([`Body`]); personal values stand beside it, the body holds salted *commitments* to them, so that erasing a value leaves the
//! chain whole. The *sequencer* ([`sequence`]) numbers entries and chains their hashes. A *checkpoint* ([`checkpoint`]) signs the
//! head of the chain. [`verify`] reads everything again and names each entry that was edited, removed, moved or inserted.
//!
//! **The walk.** `record` -> (within a second) `sequence` -> (hourly, and every 1,000 entries) `checkpoint` -> `verify`.
//!
//! **What it cannot show.** Entries lost after the newest checkpoint that somebody outside holds.

mod chain;
pub mod checkpoint;
mod error;
pub mod jobs;
mod model;
pub mod pages;
pub mod read;
mod record;
pub mod routes;
pub mod sequence;
mod store;
#[cfg(test)]
mod tests;
pub mod verify;

pub use self::{
    checkpoint::{Published, TimestampSource},
    error::AuditError,
    model::{Body, Entry, Event},
    record::{record, record_all},
    verify::{Finding, Verdict, verify},
};
