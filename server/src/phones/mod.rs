//! Paired phones: a person's digital key cards. How a phone is paired, what the service holds of it, and how it ends.
//!
//! **The words.** An *invitation* is what the page shows (QR and code), good for ten minutes, once. A *claim* is what the phone answers: its keys,
//! proven. A *pairing* is that way, from invitation to confirmation; a *phone* is what the person has confirmed, with password and a key of the card.
//! The *share* is what the vault of a phone without key hardware needs besides the PIN. The protocol is the crate `keycard`.
//!
//! **Promises.** Every step is claimed by one guarded change: a token is used once, a claim made once, a fourth phone refused, a PIN tried five times,
//! an offline code taken once. What signs for the service is the identity key, which phones pin. Before the first signature a new phone waits;
//! the person is told at once and can cancel by one tap. The pairing record stands signed in the audit.
//!
//! **Refusals.** A claim of another token, another service or another phone; a level of protection that nobody proved; a phone's request after it
//! was ended.
//!
//! **The walk.** [`invite`] -> the phone: [`introduce`], [`offer`], [`claim`], [`agree`] -> the person: [`ask`], [`confirm`] -> the phone: [`status`]
//! gives the token by which it names itself from then on ([`OfPhone`]).

mod agree;
mod attest;
mod block;
mod block_other;
mod by_phone;
mod channel;
mod claim;
mod confirm;
mod draw;
mod end;
pub mod epoch;
mod error;
pub mod identity;
mod invite;
pub mod jobs;
mod key_description;
mod model;
mod name;
mod offer;
pub mod offline;
mod openers;
mod qr;
pub mod read;
mod routes;
mod share;
mod status;
mod store;
mod wake;

pub use self::{
    agree::agree,
    attest::{Expected as ExpectedAttestation, Of as AttestationOf, Proven as ProvenAttestation, verify as verify_attestation},
    block::{Certificates, Which, block_at_request},
    block_other::block_other,
    by_phone::{Confirming, confirm_by, confirming, keep_openers, prepare_by},
    channel::{KeptWake, forget_wake, keep_wake, wake_of},
    claim::claim,
    confirm::{Prepared, ask, confirm, refuse},
    end::{block, block_all, block_since, cancel, remove, remove_itself, serves},
    error::PhoneError,
    invite::{Invited, NewInvitation, Whom, invite},
    model::{MOST_PHONES, Pairing, PairingState, Phone, PhoneState},
    name::rename,
    offer::{introduce, offer},
    openers::tend,
    qr::{Qr, qr},
    routes::{OfPhone, configure},
    share::{ask_nonce, ask_share, change_pin},
    status::status,
    wake::{Hints, listen, wake, wake_here, wake_told},
};
