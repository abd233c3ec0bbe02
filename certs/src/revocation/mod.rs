//! What the world may know of a certificate after it was issued: reasons, CRLs in shards, OCSP answers.

pub mod answer;
pub mod crl;
pub mod ocsp;
mod reasons;
mod respond;

pub use reasons::Reason;

use time::OffsetDateTime;

/// When and why a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// From when it counts as revoked.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: Reason,
}
