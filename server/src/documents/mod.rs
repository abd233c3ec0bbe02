//! Documents: uploaded as they are, shown page by page, signed by their owner, verified by anybody.
//!
//! Words: *document*, *revision* (0 is as uploaded, each signature appends one), *signature* (asked, digested, embedded, lapsed).
//! Walk: [`upload`] -> [`ask_phone`] (the phone shows document, content, reason and place) -> [`take_release`] (the phone's yes, with the
//! secret that opens the key), or [`ask`] (a key of the card, bound to the same) -> [`sign`] (password and key) -> the one way of every
//! signature, `complete`: digest stored; key opened once; value stored; time stamp; embedded -> [`verify`]. A company seals without a person, and its document is not
//! kept: [`seal`]. Both make their revision in `revise`.

mod ask;
mod ask_phone;
mod complete;
mod draw;
pub mod epoch;
mod error;
pub mod jobs;
mod lists;
mod model;
pub mod pages;
mod phone_pages;
mod phone_routes;
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
mod take_release;
pub mod trust;
mod upload;
pub mod verdict;
mod verify;

pub use self::{
    ask::{Asked, ask, ask_in, certificate_of},
    ask_phone::{
        AskedPhone, Asking, SigningState, Stands, Way, ask_phone, extend_phone, phone_stands, prepare_phone, way_of, withdraw_phone,
    },
    draw::page as draw_page,
    error::DocumentError,
    model::{Document, DocumentState, Plan, Signature, SignatureState},
    read::{bytes, employee_of, list, one, question, signatures},
    seats::Whose,
    sign::{Approval, sign},
    take_release::take_release,
    upload::{Checked, check, store},
    verify::verify,
};
