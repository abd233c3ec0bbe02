//! How refusals about CPR numbers are told. None of them repeats a number.

use super::CprError;
use crate::{
    http::problem::{Kind, Problem},
    platform::fault::FieldFault,
};

impl From<CprError> for Problem {
    fn from(error: CprError) -> Self {
        match error {
            CprError::AlreadyDone => Self::of(Kind::AlreadyDone),
            CprError::Database(cause) => cause.into(),
            CprError::Invalid(faults) => Self::invalid(faults),
            CprError::Keystore(cause) => Self::unforeseen(&cause),
            CprError::NotNoted => Self::saying(Kind::Conflict, "cpr_numbers.not_noted"),
            CprError::NotSubscribed => Self::saying(Kind::Conflict, "cpr_numbers.not_subscribed"),
            CprError::Taken => Self::invalid(vec![FieldFault::new("cpr", "field_cpr_taken")]),
            CprError::TooManyWrong { most } => Self::saying(Kind::TooManyTries, "cpr_numbers.too_many_wrong").with("most", most),
        }
    }
}
