//! Why the documents slice refuses.

use certs::{
    cms::CmsError,
    pades::{PdfError, gate::GateFault},
};

use crate::{
    accounts::Refused,
    approvals::ApprovalError,
    certificates::CertificateError,
    keycards::KeycardError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment, text::TextFault},
    timestamps::TimestampError,
};

/// Why.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// About approvals: signing is stopped.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The signature was made already.
    #[error("this signature was made already")]
    AlreadySigned,
    /// Too many files are worked on just now.
    #[error("too many documents are worked on just now")]
    Busy,
    /// The certificate slice refused.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The finished file did not pass its own check; nothing left the service.
    #[error("the signed file did not pass its check: {0}")]
    Gate(#[from] GateFault),
    /// A row or the database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The key of the card was refused.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// The person's signing key is not here: they sign with software of their own.
    #[error("the signing key is with the person")]
    KeyElsewhere,
    /// The signature message could not be made.
    #[error(transparent)]
    Message(#[from] CmsError),
    /// The person has no signing certificate that is active.
    #[error("there is no active signing certificate")]
    NoCertificate,
    /// The company has no seal that is active, or not this one.
    #[error("there is no such active seal")]
    NoSeal,
    /// The message about it could not be sealed.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The person has no phone.
    #[error("the person has no paired phone")]
    NoPhone,
    /// No such document that the actor may see.
    #[error("no such document")]
    NotFound,
    /// Another signature came first, or the question lapsed: ask again.
    #[error("the document changed since the question was asked")]
    Outrun,
    /// No such page.
    #[error("no such page")]
    NoSuchPage,
    /// No phone of the person may sign before its waiting time is over.
    #[error("the phone may not sign before its waiting time is over")]
    PhoneNotYet {
        /// When it may.
        from: Moment,
    },
    /// The person's phones cannot open the signing key yet: the password is needed once.
    #[error("the phones cannot open the signing key yet")]
    PhoneWithoutKey,
    /// The page could not be drawn.
    #[error("the page could not be drawn")]
    Undrawable,
    /// The PDF is not one that we can sign.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The password was refused.
    #[error("the password was refused")]
    Refused(Refused),
    /// Sealing is weighty: password and key are wanted anew.
    #[error("a fresh proof is needed")]
    ProveAgain,
    /// A text breaks its rule.
    #[error("a field breaks its rule")]
    Text(FieldFault),
    /// No time stamp could be had.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// The company sealed enough for an hour.
    #[error("at most {most} documents are sealed in an hour")]
    TooManySeals {
        /// How many.
        most: i64,
    },
    /// The person's yes is too long ago.
    #[error("the person's yes is too long ago")]
    TooLate,
    /// More bytes than allowed.
    #[error("the document has more than {most} bytes")]
    TooLarge {
        /// The limit.
        most: usize,
    },
}

impl DocumentError {
    /// Whether the phone cannot be asked just now, and the card can.
    pub fn leaves_the_card(&self) -> bool {
        let full = matches!(self, Self::Approval(ApprovalError::Full | ApprovalError::Paused { .. }));
        full || matches!(self, Self::NoPhone | Self::PhoneNotYet { .. } | Self::PhoneWithoutKey)
    }

    /// A fault of a line of text.
    pub fn text(field: &'static str, fault: TextFault) -> Self {
        Self::Text(FieldFault::text(field, fault))
    }
}

impl From<Refused> for DocumentError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}
