//! The nouns: what is known of a certificate, and shards.

use certs::{revocation::Reason, serial::Serial};

use crate::platform::{id::AuthorityId, moment::Moment};

/// So many certificates share a CRL: it stays small even when all of them are revoked.
pub const SHARD_SIZE: i64 = 2000;

/// In place of a shard: the list of all end entities of an issuing authority, `full` in its address.
pub const FULL: i64 = -1;

/// The shard of an ordinal, as its certificate's CRL address says for good.
pub const fn shard_of(ordinal: i64) -> i64 {
    ordinal / SHARD_SIZE
}

/// What is known of a certificate that was issued here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// When.
        at: Moment,
        /// Why.
        reason: Reason,
    },
}

/// A certificate that now exists.
#[derive(Clone, Copy, Debug)]
pub struct NewStatus {
    /// Who issued it.
    pub authority: AuthorityId,
    /// Its serial number.
    pub serial: Serial,
    /// The shard that its CRL address names.
    pub shard: i64,
    /// Its last valid moment.
    pub not_after: Moment,
}

#[cfg(test)]
mod tests {
    use super::shard_of;

    #[test]
    fn a_shard_holds_two_thousand_ordinals() {
        assert_eq!([0, 1999, 2000, 3999, 4000].map(shard_of), [0, 0, 1, 1, 2]);
    }
}
