//! Companies and associations: registered by an operator, accepted by their signatories, then active.
//!
//! The words: a *company* has a CVR number; an *association* always has a number of ours (`F-` and eight digits) and perhaps a CVR number
//! too. A *signatory* may bind it and signs the agreement over a mailed link or on a printed form, as
//! many of them as the signing rule needs. *Administrators* are a set of employees, and *superadministrators* among
//! them, never empty once the company is active, make the others and change the agreement ([`amend`]). The walk: `register` -> `agreement` -> `employees::appoint`, which records here who administers. An administrator
//! then orders certificates of the company itself ([`order`]), or imports what somebody else issued to it ([`import`]).

mod administrators;
pub mod agreement;
pub mod amend;
mod close;
pub mod decline;
pub mod epoch;
mod error;
pub mod form;
pub mod import;
mod import_pages;
mod import_routes;
pub mod jobs;
pub mod lookup;
mod lookup_routes;
mod model;
pub mod order;
mod order_pages;
mod order_routes;
pub mod pages;
pub mod read;
pub mod refresh;
pub mod register;
pub mod routes;
mod store;
pub mod withdraw;

pub use self::{
    administrators::{appoint, end_administrator, record_first},
    close::{close, hold_open},
    error::CompanyError,
    model::{AdministratorPost, AgreementText, Company, CompanyKind, CompanyState, Nominee, OrderState, SeenForm, Signatory},
};
