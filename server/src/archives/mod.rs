//! Decryption keys, kept with their whole history and sealed to those who may read old mail; never a key that signs.
//!
//! Promise: neither database nor keystore opens an archived key, nor both together. It is sealed to its own person, and to the company's
//! key as soon as the company has one. Refuses nothing and decides nothing: who may hold a share, and when two bring a key back, is told
//! from above (`recoveries`).
//!
//! **The words.** A *holder* has a key pair: a *person*, whose private half rests under the password; a signatory, whose private half rests
//! under a code; a *company's key*, whose private half is nowhere but in *shares*, each sealed to a holder, two of which bring it back. A
//! *copy* is an archived key sealed to one holder. The company's key has *generations*: a new one whenever its holders change; old copies
//! follow when their person next shows the password ([`tend`]), or when two holders share again.
//!
//! **The walk.** [`recipients`] -> [`Recipients::make`] -> [`store_key`] when a certificate is issued; [`share`] when holders change; then
//! [`open_own`], or [`release`] by one holder and [`open_released`] by another.

mod error;
pub mod jobs;
mod lock;
mod make;
mod model;
mod open;
pub mod read;
mod reshare;
mod rewrap;
mod share;
mod store;
mod tend;

pub use self::{
    error::ArchiveError,
    jobs::holders_changed,
    lock::Lock,
    make::{NewHolder, NewKey, Recipients, new_holder, recipients, remove_holder, standing_recipients, store_holder, store_key},
    model::{CompanyKey, Opened, Owner, Released},
    open::{open_own, open_released, release},
    reshare::{behind, move_on, pass_on},
    rewrap::{RewrappedHolder, rewrap_holder, store_rewrapped_holder},
    share::share,
    tend::tend,
};
