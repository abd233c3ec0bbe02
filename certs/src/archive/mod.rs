//! Decryption keys kept with their whole history, so that old mail stays readable (`security.md` section 2).
//!
//! Promise: an archived key opens for the holders it was sealed to and for nobody else; not for the keystore, not for the database. A
//! holder is a person, whose private half rests under a password, or a company, whose private half exists only in shares, two of which
//! bring it back. Refuses: any key that may sign. Only a [`DecryptionKey`] can be sealed, and it leaves only beside an
//! [`EncryptionCertificate`], which no certificate for signatures becomes.
//!
//! Sealing is HPKE base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Sharing is Shamir's over GF(256).

mod certificate;
mod decryption_key;
mod error;
mod holder;
mod random;
mod share;

pub use self::{
    certificate::EncryptionCertificate,
    decryption_key::DecryptionKey,
    error::ArchiveError,
    holder::{HolderKey, HolderPublic},
    share::{MOST_SHARES, Share, THRESHOLD, join, split},
};
