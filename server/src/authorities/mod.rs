//! The certificate authorities: roots and the issuing authorities under them, founded or brought in from a ceremony, their keys in the keystore
//! or offline; and *cross* certificates, by which another root leads to the same issuing authority.
//!
//! Promise: an authority is used only after its certificate was proven to be a CA's and to belong to the key in the keystore, and nothing
//! is issued for real use while the public address is this machine's own (certificates would point nowhere). It knows neither
//! what was issued (`certificates`) nor what is revoked (`status`).
//!
//! Walk: [`found`] (ceremony) -> [`issuing`] (parsed once, kept) -> [`reserve_ordinals`] in the unit of each intention.

mod address;
mod bring_in;
mod cross;
pub mod epoch;
mod error;
mod found;
mod load;
mod model;
pub mod pages;
mod read;
mod revoked;
pub mod routes;
mod store;
pub mod trust;

pub use self::{
    address::{Addresses, may_issue},
    bring_in::{Brought, bring_in},
    cross::{Cross, bring_in_cross, certificate_named, crosses},
    error::AuthorityError,
    found::found,
    load::{Checked, all, by_id, by_name, check, forget, issuing},
    model::{Kind, Loaded, Names},
    read::{also_of, anchors, chain_of, practice, reserve_ordinals},
    revoked::note_revoked,
};
