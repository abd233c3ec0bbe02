//! Our own mail and letters: whom we can tell (contacts), in which words, and when it was sent.
//!
//! **The words.** A *contact* is a recipient's name, addresses and language, kept by the slices that own the person in their own
//! unit. A *notice* is a kind with its values; it is *sealed* under the keystore before the unit, and *told* inside it: a message
//! row and a job. The job renders, signs and sends; then the sealed content is deleted.
//!
//! **The walk.** `Notice::mail(..)` -> [`seal`] -> [`tell`] (in the unit) -> job [`jobs::send`] -> `render` -> `mime` -> `deliver`.
//!
//! **What it refuses.** A notice without a value that its words name; a temporary password by mail, where its link goes.

mod deliver;
mod error;
pub mod jobs;
mod letter;
mod mime;
mod model;
mod read;
mod render;
pub mod spool;
mod store;
mod tell;
#[cfg(test)]
mod tests;

pub use self::{
    error::NoticeError,
    mime::{Credentials, Signer},
    model::{Channel, Contact, Kind, Notice, Sealed},
    read::{is_new_contact, language_of},
    tell::{change_contact, contact, keep_contact, keep_contacts, keep_former, seal, seal_all, tell, tell_all},
};
