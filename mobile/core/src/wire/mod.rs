//! The JSON between phone and service: who asks what, in which form, at most how large.
//!
//! Bytes are base64url without padding, ids are UUIDs in small letters, times are Unix milliseconds of the service. What the service
//! reads has no unknown fields; what the phone reads may have some, from a newer service. Nothing is read beyond its bound ([`read`]).
//!
//! | paths under `/api/v1/phone` | asks with | answered with |
//! |---|---|---|
//! | `POST pairing/identity` | [`IdentityQuestion`] | [`IdentityAnswer`] |
//! | `POST pairing/begin` | [`BeginPairing`] | [`Offered`] |
//! | `POST pairing/claim` | [`ClaimPairing`] | [`RegisteredPairing`] |
//! | `POST pairing/agreement` | [`AgreePairing`] | nothing |
//! | `POST pairing/status` | [`AskPairing`] | [`PairingStatus`] |
//! | `POST time` | [`TimeQuestion`] | [`TimeTold`] |
//! | `POST share/nonce` | nothing | [`ShareNonce`] |
//! | `POST share` | [`AskShare`] | [`ShareAnswer`] |
//! | `POST pin` | [`ChangePin`] | [`ShareAnswer`] |
//! | `POST offline` | [`AskOffline`] | [`OfflineGiven`] |
//! | `GET requests` | | [`Waiting`] |
//! | `GET requests/{id}` | | [`Request`] |
//! | `POST requests/{id}/decision` | [`Decide`] | [`Decided`] |
//! | `POST requests/{id}/extension` | nothing | [`Request`] |
//! | `GET history?after=` | | [`History`] |
//! | `PATCH self` | [`Rename`] | nothing |
//! | `POST self/removal` | [`RemoveItself`] | nothing |
//! | `GET phones` | | [`Phones`] |
//! | `POST phones/{id}/block` | [`BlockPhone`] | nothing |
//! | `GET identity` | | [`Identities`] |
//! | `GET wake` | nothing | [`WakeOffered`] |
//! | `PUT wake` | [`Wake`] | nothing |
//! | `POST move` | nothing | [`Moving`] |
//! | `GET events` | | [`Event`]s |
//!
//! From `time` on every request bears a [`Bearer`].

mod approvals;
mod bearer;
mod forms;
mod life;
mod pairing;

pub use approvals::{
    AskOffline, AskShare, ChangePin, Decide, Decided, OfflineGiven, Request, ShareAnswer, ShareNonce, TimeQuestion, TimeTold, WAITING,
    Waiting, WaitingRequest,
};
pub use bearer::Bearer;
pub use forms::{Base64, Bounded, Exact, PlainText};
pub use life::{
    BlockPhone, Event, HISTORY_PAGE, History, HistoryEntry, Identities, IdentityStep, Moving, PHONES_TOLD, PhoneEntry, Phones,
    RemoveItself, Rename, STEPS, Wake, WakeOffered,
};
pub use pairing::{
    AgreePairing, AskPairing, Attestation, BeginPairing, ClaimPairing, IdentityAnswer, IdentityQuestion, Offered, PairingStatus,
    RegisteredPairing,
};

use serde::de::DeserializeOwned;

/// No message from a phone is longer: attestation certificates are the most.
pub const FROM_PHONE_BYTES: usize = 128 * 1024;
/// No message to a phone is longer: a payload with all its lines is the most.
pub const TO_PHONE_BYTES: usize = 256 * 1024;

/// Why a message was not read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It is no such message. The cause names place, field and rule.
    #[error("the message breaks its form: {0}")]
    Form(#[from] serde_json::Error),
    /// It is too long to be looked at.
    #[error("the message is longer than {bound} bytes")]
    TooLong {
        /// The greatest length.
        bound: usize,
    },
}

/// Reads one message of at most `bound` bytes.
///
/// # Errors
/// [`WireError`].
pub fn read<T: DeserializeOwned>(bytes: &[u8], bound: usize) -> Result<T, WireError> {
    if bytes.len() > bound {
        return Err(WireError::TooLong { bound });
    }
    Ok(serde_json::from_slice(bytes)?)
}
