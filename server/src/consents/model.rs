//! The noun: a thing that a phone is asked about.

use crate::platform::id::{PhoneId, RecoveryId, ReissueId};

/// What the phone is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// One more key card.
    Card,
    /// A new phone, beside the others or in the place of one.
    Phone(PhoneId),
    /// The recovery of somebody's keys that somebody else asked for.
    Recovery(RecoveryId),
    /// A forgotten password that is replaced: somebody else's as the second administrator, one's own to wait no longer.
    Reissue(ReissueId),
}
