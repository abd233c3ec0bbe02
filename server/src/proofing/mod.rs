//! Who somebody is, and how it was seen: documents judged by one table, and a record of each time somebody was vouched for.
//!
//! Promises: `model::RULES` is the whole rule, and pages, API and tests read it; a record is written once and never changed (a birth date that nobody
//! knew is added once); of a document's number only what the keystore makes of it is kept, of a CPR number nothing; a birth date is sealed; the
//! certificates name the record; a record of what sufficed is an operator's who hands over no code to that person (`employees` holds them to it).
//! Refuses: documents that do not suffice, with everything that lacks; whoever is not 15; another birth date than the one on record.
//! The walk: `examine` (read, judge) -> `record`; `read` finds the strongest record, by which codes and cards travel.

mod error;
mod examine;
mod judge;
mod model;
pub mod pages;
pub mod read;
mod record;
pub mod routes;
mod store;
#[cfg(test)]
mod tests;

pub use self::{
    error::ProofingError,
    examine::{Examined, Refused, birth_of_age, examine},
    judge::{Case, judge},
    model::{
        ADULT, Channel, Country, Document, DocumentKind, DocumentRule, Expiry, Lack, Method, Outcome, Presented, Proofing, RULES, Reason,
        Weight, YOUNGEST,
    },
    record::{
        Prepared, complete, fingerprint, prepare, record, refuse, seal_birth_date, seal_birth_dates, vouched, vouched_again, vouched_sealed,
    },
};
