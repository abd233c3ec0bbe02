//! A new password in place of a forgotten one, with a paired phone (`security.md` sections 2 and 5).
//!
//! **The words.** An *asking* is a user id that somebody typed. A *link* is what the mail brings, good for a day, once. A *reset* is what one
//! browser does with it. What is *pending* is the new password as argon2id made it, in the memory of the process that asked the phone.
//!
//! **Promises.** Whoever asks is told the same, at the same cost, whether or not the user id is anybody's. *No phone is woken before a correct
//! password or a known device*: here the mailed link takes the password's place. A stranger cannot ring a phone, whoever reads the mail alone
//! gets no further than the phone, and whoever has the phone alone has nothing to answer. The new password is typed before the phone is asked, so
//! that what the phone releases is used at once and nothing waits: at rest there is neither the password nor a secret of a key. One yes opens all
//! the person's keys; verifier, openers, sessions and temporary passwords change in one unit; a crash before it leaves the old password as it was.
//!
//! **Refusals.** A link used in another browser; a phone in its waiting time; a person who said "this was not me" and has not shown since who they
//! are; mail to an address that is newer than three days. *A key card is not enough*: it opens no signing key. Without a phone the way is the
//! administrator's, with new certificates; the page says so before.
//!
//! **The walk.** [`ask_link`] -> `jobs::send_link` -> the mail -> [`ask`] -> the phone -> [`take_release`] (`finish`).

mod ask;
mod ask_link;
pub mod epoch;
mod error;
mod finish;
pub mod jobs;
mod model;
pub mod pages;
mod pending;
mod read;
pub mod routes;
mod send_link;
mod store;

pub use self::{
    ask::{By, Chosen, ask},
    ask_link::ask_link,
    error::ResetError,
    finish::take_release,
    model::{Asked, Stands},
    read::stands,
};
