//! The JSON edge of phones: what the phone itself asks (`keycard::wire`), and what its owner and the help desk do.

mod bearer;
mod own;
mod pairing;
mod phone;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use bearer::OfPhone;

use super::PhoneError;
use crate::http::problem::{Kind, Problem};

impl From<PhoneError> for Problem {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::Account(cause) => cause.into(),
            PhoneError::Certificate(cause) => cause.into(),
            PhoneError::Claimed => Self::saying(Kind::AlreadyDone, "phones.claimed"),
            PhoneError::Database(cause) => cause.into(),
            PhoneError::Fault(cause) => Self::saying(Kind::BadRequest, "phones.fault").with("fault", cause),
            PhoneError::Gone => Self::saying(Kind::Gone, "phones.gone"),
            PhoneError::Invalid(faults) => Self::invalid(faults),
            PhoneError::Keycard(cause) => cause.into(),
            PhoneError::Keystore(cause) => Self::unforeseen(&cause),
            PhoneError::NotAttested(_) => Self::saying(Kind::Conflict, "phones.not_attested"),
            PhoneError::NotFound => Self::of(Kind::NotFound),
            PhoneError::NotYet { from } => Self::saying(Kind::Conflict, "phones.not_yet").with("from", from),
            PhoneError::OldPhoneApproves => Self::saying(Kind::Conflict, "phones.old_phone_approves"),
            PhoneError::NotRight => Self::of(Kind::NotRight),
            PhoneError::Notice(cause) => Self::unforeseen(&cause),
            PhoneError::ProveAgain => Self::of(Kind::ProveAgain),
            PhoneError::TooManyPhones { most } => Self::saying(Kind::Conflict, "phones.too_many").with("most", most),
            PhoneError::TooManyTries => Self::of(Kind::TooManyTries),
            PhoneError::WakeNotOffered => Self::saying(Kind::Conflict, "phones.wake_not_offered"),
            PhoneError::Unreadable(_) => Self::unforeseen(&error),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.configure(pairing::configure).configure(phone::configure).configure(own::configure);
}
