//! People in companies: invited, enrolled, changed, left.
//!
//! The words: who *vouches* for a person decides how the *temporary password* travels: by letter, or shown once to an administrator who
//! saw the person in person. The link travels by mail. *Activating* needs both and gives user id, password, key card and certificates.
//! Who is *suspended* may do nothing, and keeps everything, until that is lifted.
//! *Renewing* gives new keys and certificates under the same identity; a *change* of name or address asks for it.
//! An *import* invites many from one file ([`import`]).
//! The walk: `appoint` (the signatories' agreement makes the first administrator) -> `invite` -> `activate` -> `renew`, `change`, `suspend` -> `leave`.
//! Operators have accounts without a company; `operators` invites the first.

pub mod activate;
pub mod agenda;
pub mod appoint;
pub mod carrier;
pub mod change;
pub mod change_telephone;
pub mod close;
pub mod code_token;
pub mod cpr_number;
pub mod desk;
pub mod details;
pub mod epoch;
mod error;
pub mod export;
pub mod factors;
pub mod handout;
mod identify;
pub mod import;
pub mod invite;
mod invite_many;
pub mod jobs;
pub mod leave;
pub mod list;
mod model;
pub mod operators;
pub mod order_card;
pub mod pages;
pub mod pickup;
pub mod rank;
pub mod read;
pub mod reissue;
pub mod renew;
pub mod routes;
mod store;
pub mod succeed;
pub mod suspend;
#[cfg(test)]
mod tests;
mod used;

pub use self::{
    error::EmployeeError,
    model::{Details, EmailInCertificate, Employee, EmployeeState, Person, Standing, Suspension, Vouching},
    read::standing,
    used::note_used,
};
