//! Documents: uploaded as they are, shown page by page, signed by their owner, verified by anybody.
//!
//! Words: *document*, *revision* (0 is as uploaded, each signature appends one), *signature* (asked, digested, embedded, lapsed).
//! Walk: [`upload`] -> [`ask`] (a key of the card is asked for, bound to document, content, reason and place) -> [`sign`] (password
//! and key; digest stored; key opened once; time stamp; embedded) -> [`verify`]. A company seals without a person, and its document is not
//! kept: [`seal`]. Both make their revision in `revise`.

mod ask;
mod draw;
pub mod epoch;
mod error;
pub mod jobs;
mod lists;
mod model;
pub mod pages;
mod read;
mod revise;
pub mod revocations;
pub mod routes;
pub mod seal;
mod seal_pages;
mod seal_routes;
mod seats;
mod sign;
mod signer;
mod store;
pub mod trust;
mod upload;
pub mod verdict;
mod verify;

pub use self::{
    ask::{Asked, ask, ask_in, certificate_of},
    draw::page as draw_page,
    error::DocumentError,
    model::{Document, DocumentState, Plan, Signature, SignatureState},
    read::{bytes, employee_of, list, one, question, signatures},
    seats::Whose,
    sign::{Approval, sign},
    upload::{Checked, check, store},
    verify::verify,
};
