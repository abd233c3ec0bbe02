//! Our own mail and letters: whom we can tell (contacts), in which words, and when it was sent.
//!
//! **The words.** A *contact* is a recipient's name, addresses and language, kept by the slices that own the person in their own
//! unit. A *notice* is a kind with its values; it is *sealed* under the keystore before the unit, and *told* inside it: a message
//! row and a job. The job renders, signs and sends; then the sealed content is deleted.
//!
//! **The walk.** `Notice::mail(..)` -> [`seal`] -> [`tell`] (in the unit) -> job [`jobs::send`] -> `render` -> `mime` -> `deliver`.
//!
//! **What could not be delivered** stands beside its recipient, and can be sent again for two weeks.
//!
//! **Letters** are either spooled as files for a print service, or rest sealed in a queue until an operator prints them, never one of their own
//! ordering: [`letters`].
//!
//! **What it refuses.** A notice without a value that its words name; a temporary password or a card by mail, where its link goes; both in one batch of letters.

mod deliver;
mod error;
pub mod jobs;
mod letter;
pub mod letters;
mod mime;
mod model;
pub mod pages;
mod read;
mod render;
pub mod routes;
pub mod spool;
mod store;
mod telephones;
mod tell;
#[cfg(test)]
mod tests;
mod texts;
mod undelivered;

pub use self::{
    error::{LetterError, NoticeError},
    mime::{Credentials, Signer},
    model::{Carried, Channel, Class, Contact, Kind, Living, Notice, Sealed, SharedLiving},
    read::{former_contacts, is_new_contact, language_of},
    telephones::{
        ChangedTelephone, change_telephone, count_text, forget_telephone_since, is_new_telephone, keep_telephone, prepare_telephone,
        telephone, typed_telephone,
    },
    tell::{change_contact, contact, keep_contact, keep_contacts, keep_former, seal, seal_all, tell, tell_all},
    texts::{TextError, Texting, has_texts},
    undelivered::{Undelivered, send_again, undelivered, undelivered_among},
};
