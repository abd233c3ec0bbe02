//! How refusals about accounts are told.

use super::AccountError;
use crate::{
    http::problem::{Kind, Problem},
    platform::fault::FieldFault,
};

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::AnswerFirst(_) => Self::of(Kind::AnswerFirst),
            AccountError::Database(cause) => cause.into(),
            AccountError::Gone => Self::of(Kind::Gone),
            AccountError::Hashing(cause) => Self::unforeseen(&cause),
            AccountError::Invalid(faults) => Self::invalid(faults),
            AccountError::Keystore(cause) => Self::unforeseen(&cause),
            AccountError::NotFound => Self::of(Kind::NotFound),
            AccountError::NotRight | AccountError::Refused(_) => Self::of(Kind::NotRight),
            AccountError::Opener(cause) => Self::unforeseen(&cause),
            AccountError::ProveAgain => Self::of(Kind::ProveAgain),
            AccountError::TooManyApiKeys { most } => Self::saying(Kind::Conflict, "api_keys.too_many").with("most", most),
            AccountError::TooManyTries { until, .. } => Self::saying(Kind::TooManyTries, "logins.closed_until").with("until", until),
            AccountError::UserIdTaken => Self::invalid(vec![FieldFault::new("user_id", "field_taken")]),
        }
    }
}
