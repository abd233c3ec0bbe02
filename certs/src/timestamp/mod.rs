//! Time stamps (RFC 3161): requests read and made, tokens issued and verified.
//!
//! [`answer`] never fails: what it refuses it refuses in the response, as the protocol wants. [`verify`] says what a token
//! proves; whether its certificate is trusted is asked elsewhere. SHA-1 is refused everywhere.

mod error;
mod request;
mod token;
mod verify;

pub use error::{Failure, TokenError};
pub use request::{CertificateWish, MAXIMUM_REQUEST_BYTES, Request};
pub use token::{Accuracy, Answer, PreparedUnit, Unit, answer, reject};
pub use verify::{TimeStamp, accept, verify, verify_answer};
