//! One person with several signatures: each is one company's, with user id, password and factors of its own.
//!
//! **The words.** *Signatures* are employees with their accounts. A *person* is a set of signatures that somebody has shown to own; we know nothing
//! else of a person. A *link* is on its way between the proof of one signature and the log-in with the other.
//!
//! **Promises.** Signatures are linked by their owner alone, who shows password and second factor of both within a quarter of an hour: never by an
//! administrator's word, never by a name. A session stays one signature's: the list tells company, state and end of the others and opens none of them; to
//! act with another, one logs in with that one. No right, key, card or phone passes from one to the other, and what happens to one (leaving, suspending,
//! revoking) leaves the others as they are. A company never learns that a link exists: mail names no other company, the audit's entries about one
//! signature name no other, no list or file of a company has them. A signature that was activated anew (its password came by an administrator's word)
//! is linked no more: whoever got in by that sees nothing of the others.
//!
//! **Refusals.** A signature with itself; two in one company, unless one of them has ended; more than ten; API keys, which are in others' hands.
//!
//! **The walk.** [`begin`] (proven by one) -> log-in with the other -> [`link`] -> [`read::signatures`] -> [`unlink`].

mod begin;
pub mod epoch;
mod error;
mod link;
mod model;
pub mod pages;
pub mod read;
pub mod routes;
mod store;
mod unlink;

pub use self::{
    begin::{Begun, begin},
    error::PersonError,
    link::link,
    model::{MOST_SIGNATURES, Member, Signature, SignatureState},
    unlink::unlink,
};
