//! Certificates from intention to end, and the signing keys behind them.
//!
//! Promise: nothing is ever signed that the database does not know. An *intention* (serial, ordinal, the exact bytes to be signed, keys) is
//! committed first, then signed, then *active*; what a crash left between is finished or given up by [`jobs::recover`]. A signing key opens
//! only with its person's password or phone: database and keystore together do not sign. A revoked certificate's key is deleted.
//!
//! **The words.** *Intended*: stored, to be signed. *Active*: signed and known to OCSP. *Abandoned*: never to be finished; since a signature may
//! have been made, it stands on the CRL. *Revoked*: ended. *Imported*: issued elsewhere, with states of its own ([`imported`]). A *blob* is a
//! signing key under keystore and secret; an *opener* is that secret under a password, or sealed to a phone ([`tend`]).
//!
//! **The walk.** [`prepare_for_employee`] (outside a unit) -> [`store_intention`] (in the caller's unit) -> [`finish`] -> [`sign_with`]
//! -> [`revoke`]. Where many are certified at once, [`certify`] and [`finish_all`] let them share statements and commits (`desk`). Whoever
//! brings a key of their own enters by [`prepare_for_keys`], a company by [`prepare_for_company`], a TLS server by [`issue_tls`]. A company's
//! seal, issued here or imported, is chosen and used in [`seals`].

mod adopt;
mod certified;
pub mod code;
mod company;
mod desk;
mod elsewhere;
pub mod ending;
pub mod epoch;
mod error;
mod finish;
mod held;
pub mod imported;
mod intend;
pub mod jobs;
mod keys;
mod lost;
mod model;
mod numbers;
mod openers;
mod ordinals;
mod overview;
pub mod pages;
mod prove;
pub mod read;
mod reopen;
pub mod restore;
mod revoke;
mod revoker;
mod rewrap;
pub mod routes;
pub mod seals;
pub mod service;
mod sign;
mod signer;
mod store;
#[cfg(test)]
mod tests;
mod tls;

pub use self::{
    adopt::adopt,
    company::{CompanyHolder, CompanyProfile, ordered_since, prepare_for_company},
    desk::{certify, finish_all},
    elsewhere::{KeyFile, Loose, Wanted, pack, prepare_for_keys, prepare_key_files},
    error::CertificateError,
    finish::finish,
    held::{finish_held, give_up_held, held_until, hold, let_go},
    intend::{Intention, prepare_for_employee, store_intention},
    lost::{Lost, prepare_lost, revoke_lost, tell_of_lost},
    model::{Certificate, Holder, KeyCarrier, PasswordProtection, Predecessor, Profile, Revoked, Scope, State},
    numbers::{bearer_of_number, give_number, is_number, numbers_taken},
    openers::{PhoneKey, SealedOpener, Tended, end_phone, opener_of, seal_openers, store_openers, store_tended, tend},
    prove::{Proven, prove},
    reopen::{Reopened, has_keys, opened_by, reopen, store_reopened},
    revoke::{By, Which, revoke, revoke_all_of_company, revoke_all_of_employee},
    revoker::Revoker,
    rewrap::{Rewrapped, rewrap_password, store_rewrapped},
    sign::{Opening, sign_with},
    signer::NoticeSigner,
    tls::issue_tls,
};
