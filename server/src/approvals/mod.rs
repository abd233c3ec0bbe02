//! Asks a person, on the phone: what is about to happen is shown there, and the two digits from the other screen are typed there.
//!
//! Promises: what the phone shows is signed by the service and what it answers is signed by the phone, over the same bytes; both are kept
//! as evidence. A request lives two minutes (to ten, by the person's own limit; more time is given ten times), is answered once, and is over
//! after three wrong numbers. At most three wait for one person; one takes another's place only from the same session and for the same purpose.
//! Of the three, one is kept for sessions, and one for these and for networks where the person has logged in before; who knows nothing but the
//! password has the third. Refused, for a while: a network or a session whose requests nobody answers, and strangers of whatever networks after
//! six that nobody answered; the person's own networks and sessions never are for what others ask. The number is shown by the page that began,
//! and never sent to a phone.
//!
//! The walk: [`prepare`] signs the payload, [`ask`] writes it in the asker's unit, [`decide`] judges the phone's answer, and the asker pulls
//! it: [`redeem`] turns a yes into a [`crate::platform::consent::Consent`], once.
//!
//! To sign, the phone sends the secret of the signing key with its yes, sealed to one process for this one request (`release`); that process hands
//! it to whoever signs, through [`crate::platform::release::TakesRelease`].

mod ask;
mod consent;
mod decide;
pub mod epoch;
mod error;
mod events;
mod evidence;
mod extend;
mod hub;
pub mod jobs;
mod limit;
mod model;
mod not_me;
pub mod pages;
mod prepare;
mod push;
pub mod read;
mod refusal;
mod release;
pub mod routes;
mod store;

pub use self::{
    ask::{Asked, ask, supersede, withdraw},
    consent::redeem,
    decide::decide,
    error::ApprovalError,
    evidence::evidence,
    extend::{extend, extend_own},
    hub::wake,
    limit::set_limit,
    model::{Ask, Began, Initiator, Standing, Standpoint, State, spoken},
    not_me::{end_stop, require_unstopped},
    prepare::{Prepared, prepare, words, words_of},
    refusal::{NotAsked, not_asked},
};
