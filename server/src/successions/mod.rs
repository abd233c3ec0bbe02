//! Who acts for a company changes from outside: a takeover when its administrators have left, a change of an association's board.
//!
//! Promises: a *takeover* names a new superadministrator and the administrators whose posts end; it is done when as many signatories have signed as
//! the company's rule needs, by a mailed link or on the printed form that an operator records. A *change of board* names new signatories with their
//! rule, and who administers; it is done when an operator other than whoever asked has compared it with the minutes, which are kept sealed. Either is
//! one unit: the new ones in, the old ones out, audited, everybody concerned told. Administrators and signatories are told before, when it is asked for.
//!
//! Refuses: a second one of the same company while one waits; a signature of somebody who may not sign any more; an approval without minutes, or by
//! whoever asked while another operator could; whatever would leave the company without anybody who can act for it.
//!
//! A signatory who has no log-in *requests* a takeover by the company's number and the own address; an operator *opens* it.
//!
//! **The walk.** [`start`], or [`request()`] and [`open()`], -> [`sign()`] and [`decline`] (takeover), or [`keep_minutes`] and [`approve`] (board) -> `perform`, which has `companies`
//! and `employees` do it. [`end`] takes it back.

mod approve;
mod end;
pub mod epoch;
mod error;
pub mod form;
pub mod jobs;
pub mod link_pages;
pub mod link_routes;
mod minutes;
mod model;
mod open;
pub mod pages;
mod perform;
pub mod read;
mod request;
pub mod request_pages;
pub mod routes;
mod sign;
mod start;
mod store;
mod wish;

pub use self::{
    approve::approve,
    end::end,
    error::SuccessionError,
    minutes::{keep_minutes, minutes},
    model::{Signature, Succession, SuccessionKind, SuccessionState},
    open::open,
    request::{Request, keep, request},
    sign::{Form, Outcome, SignedBy, decline, sign},
    start::{Prepared, prepare, start},
    wish::{Successor, Wish},
};
