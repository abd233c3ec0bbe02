//! Why a log-in, a proof, a session or an API key is refused.

use crate::{
    accounts::{AccountError, Why},
    approvals::{ApprovalError, State},
    certificates::CertificateError,
    keycards::KeycardError,
    notices::NoticeError,
    phones::PhoneError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
    tokens::TokenError,
};

/// Why a log-in, a proof, a session or an API key is refused.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// About the password.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// About the signing keys, when a password changes.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The user id is another by now, or the account blocked: nothing was changed.
    #[error("it was changed meanwhile")]
    ChangedMeanwhile,
    /// Card or phone must answer before the password is looked at.
    #[error("card or phone must answer first")]
    AnswerFirst {
        /// The last digits of the card's number.
        card_ending: String,
        /// Which number on it.
        key_number: String,
        /// Who is asked, and why.
        why: Why,
    },
    /// About the code token.
    #[error(transparent)]
    CodeToken(#[from] TokenError),
    /// About the request to the phone.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The company does not let its people log in in this way.
    #[error("the company does not allow this factor")]
    FactorNotAllowed,
    /// The log-in is used, or too old.
    #[error("the log-in is used or too old")]
    Gone,
    /// Fields break their rules.
    #[error("fields break their rules")]
    Invalid(Vec<FieldFault>),
    /// About the key.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// No such session or API key, or somebody else's.
    #[error("not there")]
    NotFound,
    /// A notice could not be prepared.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// User id, password or key is not right, or the person may not act any more.
    #[error("user id, password or key is not right")]
    NotRight(Why),
    /// The phone has not said yes: how its request stands.
    #[error("the phone has not said yes")]
    Phone(State),
    /// About the phone's codes.
    #[error(transparent)]
    PhoneCode(#[from] PhoneError),
    /// While certificates wait, after a forgotten password was replaced, no factor is added.
    #[error("certificates wait until {until}")]
    StillWaits {
        /// From when they follow.
        until: Moment,
    },
    /// A weighty change needs password and key again.
    #[error("prove yourself again")]
    ProveAgain,
    /// So many API keys are enough.
    #[error("at most {most} API keys")]
    TooManyTokens {
        /// The limit.
        most: usize,
    },
}
