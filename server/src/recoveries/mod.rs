//! Old mail stays readable: one's own decryption keys fetched again, and those of somebody who cannot or will not, recovered by two.
//!
//! Promise: nobody recovers alone. One administrator asks, another person approves with a share of the company's key, and only the one who
//! asked collects, once, as PKCS#12. The employee is told at once and may object for 48 hours, unless they had left
//! when it was asked for; dismissing them later shortens nothing. Refuses: the same
//! person twice, also under another hat, keys that sign (the archive has none), and a company with fewer than two holders, whose page says so before it is needed.
//!
//! **The words.** *Asked*, *approved*, *collected*; or *objected*, *withdrawn*, *lapsed*. A *holder* has a share of the company's key: each
//! administrator with a password, and each signatory who took a code. The approver's share travels sealed to the one who asked: at rest
//! nothing opens without that person's password.
//!
//! **The walk.** [`ask`] -> [`approve()`] -> [`collect()`]; [`object()`] and [`withdraw`] end it; [`fetch_own`] needs nobody else.

mod approve;
mod ask;
mod bundle;
mod collect;
pub mod epoch;
mod error;
mod history;
pub mod jobs;
mod model;
mod object;
pub mod pages;
pub mod read;
mod reshare;
pub mod routes;
pub mod share_pages;
pub mod share_routes;
mod signatories;
mod standing;
mod store;

pub use self::{
    approve::{Approval, approvable, approve, approve_by, open},
    ask::{Prepared, ask, prepare},
    bundle::{Bundle, KeyFile},
    collect::collect,
    error::RecoveryError,
    history::fetch_own,
    model::{OBJECTION, Recovery, RecoveryState},
    object::{object, told_of_end, withdraw},
    reshare::{Reshared, reshare},
    standing::{Holder, Possibility, Standing, standing},
};
