//! Changes of who may act for a company: an administrator made, the post handed over, the agreement changed, another superadministrator demoted,
//! suspended or removed.
//!
//! Promises: one who administers alone changes it at once, and everybody concerned is told; where a second administrator is active, nothing is
//! changed before one of them consents, after a fresh proof or on the phone. Where nobody can consent who could within a week, or where it takes the
//! only other superadministrator away, it waits a week: those who held a post, whom it takes something from and those who may sign for the company
//! are told at once, and any of them, or an operator, refuses it; then it is judged again and done. Refused: one's own consent, and that of whom it is
//! against; a second change while one waits; what somebody asked for who is no superadministrator any more; whatever says who acts for the company
//! while its signatories are asked about that. The walk: [`ask`] (or [`ask_to_remove`]) -> [`approve`], [`end`] or `let_pass` -> `perform`, which has
//! `employees` and `companies` do it, in one unit.

mod approve;
mod ask;
mod end;
pub mod epoch;
mod error;
pub mod jobs;
mod lapse;
mod let_pass;
mod mails;
mod model;
mod others;
pub mod pages;
mod perform;
pub mod read;
mod removal_pages;
mod removal_routes;
mod remove;
pub mod routes;
mod stop_pages;
mod store;
mod wish;

pub use self::{
    approve::{Approval, approvable, approve, approve_by, open},
    ask::{Outcome, ask},
    end::{end, end_by_link},
    error::MandateError,
    model::{Mandate, MandateState},
    remove::ask_to_remove,
    wish::{Wish, describe},
};
