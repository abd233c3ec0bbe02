//! The noun: a thing that a phone is asked about.

use crate::platform::id::{MandateId, PhoneId, RecoveryId, ReissueId};

/// What the phone is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// One more key card.
    Card,
    /// A change of who may act for the company, that somebody else asked for.
    Mandate(MandateId),
    /// A new phone, beside the others or in the place of one.
    Phone(PhoneId),
    /// The recovery of somebody's keys that somebody else asked for.
    Recovery(RecoveryId),
    /// A forgotten password that is replaced: somebody else's as the second administrator, one's own to wait no longer.
    Reissue(ReissueId),
}
