//! Why something with a phone is refused.

use certs::keystore::KeystoreError;

use crate::{
    accounts::AccountError,
    certificates::CertificateError,
    keycards::KeycardError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
};

/// Why something with a phone is refused.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// The password was not accepted.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The signing keys could not be opened for the phone.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Another phone has claimed the invitation.
    #[error("another phone has claimed this invitation")]
    Claimed,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What the phone sent breaks a rule of the protocol.
    #[error("what the phone sent does not hold: {0}")]
    Fault(#[from] keycard::Fault),
    /// The invitation is used or too old, or the pairing has gone on.
    #[error("the pairing is used, gone on or too old")]
    Gone,
    /// A field breaks its rule.
    #[error("a field breaks its rule")]
    Invalid(Vec<FieldFault>),
    /// The key of the card was not accepted.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The phone may not do this before its waiting time is over.
    #[error("the phone may not do this before its waiting time is over")]
    NotYet {
        /// When it may.
        from: Moment,
    },
    /// A move is approved by the phone that one moves from.
    #[error("the present phone approves the move")]
    OldPhoneApproves,
    /// The policy asks for an attestation, and this phone has none that is good.
    #[error("the phone's attestation is not good: {0}")]
    NotAttested(&'static str),
    /// No such phone, or somebody else's.
    #[error("no such phone")]
    NotFound,
    /// Token, code or signature is not right.
    #[error("not right")]
    NotRight,
    /// A message could not be sealed.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The weighty change needs password and key again.
    #[error("needs a fresh proof")]
    ProveAgain,
    /// Something that was kept does not read.
    #[error("what was kept of a phone does not read: {0}")]
    Unreadable(&'static str),
    /// So many phones are enough.
    #[error("at most {most} phones")]
    TooManyPhones {
        /// The limit.
        most: usize,
    },
    /// Too many wrong tries from one network.
    #[error("too many wrong tries")]
    TooManyTries,
}
