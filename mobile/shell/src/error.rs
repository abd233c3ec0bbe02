//! Every refusal of the app, as a code with its numbers. The words stand in the screens, in each language.

use keycard::pairing::CodeError;
use keycard::payload::{PayloadError, Untimely};
use keycard::pin::PinError;
use keycard::{ClockError, DeviceKeyError, Fault, OpenError, SignedError};
use serde::Serialize;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum AppError {
    /// The request is from the future.
    #[error("the request is from the future")]
    Ahead,
    /// The service's answer is not understood.
    #[error("the service's answer is not understood")]
    Answer,
    /// The authority's certificate is none.
    #[error("this is no certificate in PEM")]
    BadAuthority,
    /// The address is none.
    #[error("this is no address")]
    BadAddress,
    /// The invitation is none.
    #[error("this is no invitation")]
    BadInvitation,
    /// The phone's name breaks a rule.
    #[error("this is no name for a phone")]
    BadName,
    /// The number is not two digits.
    #[error("the number has two digits")]
    BadNumber,
    /// What was scanned is not what stands beside a number.
    #[error("this is not the code beside the number")]
    BadScan,
    /// The service asks for patience.
    #[error("too many tries: wait a little")]
    Busy,
    /// The code has another length.
    #[error("the code has 17 letters, here are {found}")]
    CodeCount {
        /// How many there are.
        found: usize,
    },
    /// A sign is no letter of a code.
    #[error("the sign at place {place} does not occur in a code")]
    CodeSign {
        /// Which, counted from one.
        place: usize,
    },
    /// One letter of the code is wrong.
    #[error("one letter of the code is wrong")]
    CodeSlip,
    /// The decision was made and has not arrived: it is sent again.
    #[error("the decision has not arrived yet")]
    DecisionUnderway,
    /// What is shown is not what was to be decided: look again.
    #[error("the request has changed")]
    Changed,
    /// The phone's keys or its pairing are gone.
    #[error("the keys are gone: pair the phone again")]
    Gone,
    /// The request's time is over.
    #[error("the request has lapsed")]
    Lapsed,
    /// The keys are locked.
    #[error("the keys are locked")]
    Locked,
    /// The system opens keys by biometrics alone, and none are enrolled.
    #[error("no finger and no face is enrolled on this phone")]
    NoBiometrics,
    /// The service is not reached.
    #[error("the service is not reached")]
    NoConnection,
    /// There is no such thing, or no longer.
    #[error("there is no such thing")]
    NotFound,
    /// The phone has no screen lock, or no hardware that keeps keys.
    #[error("this phone keeps no keys: it needs a screen lock")]
    NoHardware,
    /// These keys have no PIN.
    #[error("keys in hardware have no PIN")]
    NoPin,
    /// No offline secret is kept.
    #[error("no offline secret is kept yet")]
    NoOffline,
    /// What was scanned belongs to another request.
    #[error("this is the code of another request")]
    OtherScan,
    /// What came is not from the service that was paired.
    #[error("this is not the service that was paired")]
    OtherService,
    /// A PIN has four to eight digits.
    #[error("a PIN has four to eight digits")]
    PinDigits,
    /// The PIN is one of the first that anybody tries.
    #[error("the PIN is too simple")]
    PinSimple,
    /// The service refuses this phone.
    #[error("the service refuses: {status}")]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// The name of the problem, or empty.
        problem: String,
    },
    /// The disk does not do what it should.
    #[error("the phone's storage fails")]
    Storage,
    /// The connection is not trusted.
    #[error("the connection is not trusted")]
    Untrusted,
    /// The service's clock cannot be learnt.
    #[error("the answer took too long")]
    TooSlow,
    /// The PIN is wrong.
    #[error("the PIN is wrong")]
    WrongPin {
        /// How many tries are left, if the service said so.
        tries_left: Option<u8>,
    },
}

impl From<CodeError> for AppError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Count { found } => Self::CodeCount { found },
            CodeError::ForeignSign { place } => Self::CodeSign { place },
            CodeError::Slip => Self::CodeSlip,
        }
    }
}

impl From<PinError> for AppError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::NotDigits => Self::PinDigits,
            PinError::TooSimple => Self::PinSimple,
        }
    }
}

impl From<DeviceKeyError> for AppError {
    fn from(error: DeviceKeyError) -> Self {
        match error {
            DeviceKeyError::AlreadyThere => Self::Storage,
            DeviceKeyError::NotAvailable => Self::NoHardware,
            DeviceKeyError::Cancelled | DeviceKeyError::Locked => Self::Locked,
            DeviceKeyError::Gone => Self::Gone,
            DeviceKeyError::NotEnrolled => Self::NoBiometrics,
            DeviceKeyError::WrongPin { tries_left } => Self::WrongPin { tries_left },
        }
    }
}

/// A person who breaks off, or a key that refuses, says nothing of the service; what does not open was not sealed by it.
impl From<OpenError<DeviceKeyError>> for AppError {
    fn from(error: OpenError<DeviceKeyError>) -> Self {
        match error {
            OpenError::Key(refused) => refused.into(),
            OpenError::Unopened(_) => Self::OtherService,
        }
    }
}

/// A good signature over what is none of ours, and a bad signature, are both not the paired service.
impl From<SignedError> for AppError {
    fn from(error: SignedError) -> Self {
        match error {
            SignedError::Fault(_) | SignedError::Signature => Self::OtherService,
        }
    }
}

impl From<Fault> for AppError {
    fn from(_: Fault) -> Self {
        Self::Answer
    }
}

impl From<ClockError> for AppError {
    fn from(error: ClockError) -> Self {
        match error {
            ClockError::Backwards | ClockError::TooOld | ClockError::TooSlow => Self::TooSlow,
            ClockError::OtherQuestion | ClockError::Signed(_) => Self::OtherService,
        }
    }
}

impl From<PayloadError> for AppError {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Signed(error) => error.into(),
            PayloadError::Untimely(Untimely::Ahead) => Self::Ahead,
            PayloadError::Untimely(Untimely::Lapsed) => Self::Lapsed,
        }
    }
}
