//! Changes of who may act for a company: an administrator made, the post handed over, the agreement changed.
//!
//! Promises: one who administers alone changes it at once, and everybody concerned is told; where a second administrator is active, nothing is
//! changed before one of them consents, after a fresh proof or on the phone. Refused: one's own consent; a second change while one waits; the
//! consent to what somebody asked for who is no superadministrator any more. The walk: [`ask`] -> [`approve`] (or [`end`]) -> `perform`, which
//! has `employees` and `companies` do it, in one unit.

mod approve;
mod ask;
mod end;
pub mod epoch;
mod error;
pub mod jobs;
mod model;
pub mod pages;
mod perform;
pub mod read;
pub mod routes;
mod store;
mod wish;

pub use self::{
    approve::{Approval, approvable, approve, approve_by, open},
    ask::{Outcome, ask},
    end::end,
    error::MandateError,
    model::{Mandate, MandateState},
    wish::{Wish, describe},
};
