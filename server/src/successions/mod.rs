//! Who acts for a company changes from outside: a takeover when its administrators have left, a change of an association's board.
//!
//! Promises: a *takeover* names a new superadministrator and the administrators whose posts end; it is done when as many signatories have signed as
//! the company's rule needs, by a mailed link or on the printed form that an operator records with its scan. A *change of board* names new signatories
//! with their rule, and who administers; it is done when an operator other than whoever asked has compared it with the minutes, which are kept sealed.
//! Either is one unit: the new ones in, the old ones out with their API keys, webhooks disabled, audited, everybody concerned told. Administrators and
//! signatories are told before, when it is asked for. Who the successor is is decided when it is asked for, and signed for by name and address.
//!
//! Refuses: a second one of the same company while one waits; a signature of somebody who may not sign any more; an approval without minutes; an
//! approval, or a form, of whoever asked or opened while another operator could; alone they wait three days, and any signatory can refuse meanwhile;
//! whoever else has the successor's address at the end; whatever would leave the company without anybody who can act for it.
//!
//! A signatory who has no log-in *requests* a takeover by the company's number and the own address; an operator *opens* it. While one waits, posts
//! and agreement stay ([`read::is_open`]).
//!
//! **The walk.** [`start`], or [`request()`] and [`open()`], -> [`sign()`] and [`decline`] (takeover), or [`keep_minutes`] and [`approve`] (board) -> `perform`, which has `companies`
//! and `employees` do it; what waits is done by `complete`. [`end`] takes it back, or [`withdraw()`] by the requester's link. `told` tells.

mod approve;
mod asking;
mod complete;
mod content;
mod end;
pub mod epoch;
mod error;
pub mod form;
pub mod jobs;
mod lapse;
mod link;
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
mod scan;
mod sign;
mod start;
mod store;
mod told;
mod wish;
mod withdraw;
pub mod withdraw_pages;

pub use self::{
    approve::approve,
    end::end,
    error::SuccessionError,
    link::send_again,
    minutes::{keep_minutes, minutes},
    model::{Signature, Succession, SuccessionKind, SuccessionState},
    open::open,
    request::{Request, keep, request},
    scan::scan,
    sign::{Form, Outcome, SignedBy, decline, sign},
    start::{Prepared, prepare, start},
    wish::{Successor, Wish},
    withdraw::withdraw,
};
