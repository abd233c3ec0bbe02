//! Signatures in PDF documents (PAdES, EN 319 142-1), always as a new revision: the original stays byte for byte a prefix.
//!
//! [`reserve`] makes room, [`Reserved::digest`] gives the digest to approve, [`Digested::embed`] puts the message in; the pause
//! between the last two can outlive the process. Nothing is repaired on the way: what is wrong with a document is said.

mod changes;
mod error;
mod form;
pub mod gate;
mod mentions;
mod pdf;
mod phases;
mod reserve;
mod verify;

pub use changes::{Change, ChangesAfter};
pub use error::PdfError;
pub use phases::{Digested, Signed};
pub use reserve::{Reserved, SignatureRequest, reserve};
pub use verify::{Claims, Coverage, Format, Integrity, MAXIMUM_SIGNATURES, SignatureFault, SignatureReport, verify};
