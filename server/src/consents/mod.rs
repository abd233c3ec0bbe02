//! Weighty things that a person who is logged in says yes to on the phone, in place of password and key of the card.
//!
//! Promises: the phone shows the very thing (what changes, who asked; whose keys, who asked, why; which card; which new phone with which digits); the number is shown only to
//! the session that asked; a yes serves for that one thing, once, in the unit that does it. Refused: a yes of another session, to another thing,
//! or older than five minutes. The key card remains as the other way to each.
//!
//! The walk: [`ask`] asks the phone about a [`Thing`]; [`approve_mandate`], [`approve_recovery`], [`approve_reissue`], [`order_card`] and
//! [`confirm_phone`] do it once it said yes.

mod approve_mandate;
mod approve_recovery;
mod approve_reissue;
mod ask;
mod confirm_phone;
mod error;
mod model;
mod order_card;
pub mod pages;
pub mod read;
pub mod routes;

pub use self::{
    approve_mandate::approve_mandate,
    approve_recovery::approve_recovery,
    approve_reissue::approve_reissue,
    ask::{Question, ask},
    confirm_phone::{ask_for_phone, confirm_phone},
    error::ConsentError,
    model::Thing,
    order_card::order_card,
};
