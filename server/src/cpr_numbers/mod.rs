//! CPR numbers of employees, where their company has said on what ground it takes them (NemID's "CPR-tilknytning").
//!
//! **Promises.** Without a company's *subscription* no number is taken. Of a number only what the keystore makes of it is kept, bound to the company: nobody
//! reads one out again, two companies' rows cannot be compared, and it stands in no certificate, log, address, refusal or mail. One question is
//! answered: *is this number this employee's?*, yes or no, as NemID's match service did; five wrong ones a day of one employee, then none. Who leaves,
//! and whose company ends its subscription, is forgotten in the same unit.
//!
//! **Refusals.** What is no day of birth with a serial number of that century; whoever is not 15 (`employees` asks); a number that another employee of the
//! company has. The check digit is no rule: since 2007 there are numbers without one.
//!
//! **The walk.** [`subscribe`] -> [`prepare`] and [`note`] -> [`is_it`] -> [`forget`], [`unsubscribe`].

mod ask;
mod error;
pub mod jobs;
mod model;
mod note;
pub mod read;
mod routes;
mod store;
mod subscribe;

pub use self::{
    ask::is_it,
    error::CprError,
    model::{CprNumber, MOST_WRONG, Subscription},
    note::{Prepared, forget, note, prepare},
    subscribe::{subscribe, unsubscribe},
};
