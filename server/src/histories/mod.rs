//! What was done in a person's name: log-ins, refused ones too, approvals, signatures, cards, phones, passwords, and who did it. Read from the audit.
//!
//! **Promises.** A person sees entries about their own account and employment, and of those only what is theirs: no other person's name, no reason
//! that an administrator gave. Who did it is told as a role. Entries begin with the update that brought this list, but for those whose subject is the
//! account or the employment, which are as old as the audit.

mod model;
pub mod pages;
mod read;
pub mod routes;

pub use self::{
    model::{By, Kind, Line},
    read::{Wanted, file, page},
};
