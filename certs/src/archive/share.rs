//! A company's private half, shared so that any two bring it back and one alone tells nothing (Shamir, "How to share a secret", 1979).

use blahaj::Sharks;
use zeroize::Zeroizing;

use super::{ArchiveError, HolderKey, HolderPublic};

/// How many shares bring the key back: security.md section 2, 2 of n.
pub const THRESHOLD: u8 = 2;
/// The most holders of one key.
pub const MOST_SHARES: usize = 64;
/// One octet for the place, one for each of the key's.
const OCTETS: usize = 33;

/// One holder's share. No `Debug`; wiped when dropped.
pub struct Share(Zeroizing<Vec<u8>>);

impl Share {
    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn from_octets(octets: Zeroizing<Vec<u8>>) -> Result<Self, ArchiveError> {
        if octets.len() == OCTETS && octets[0] != 0 { Ok(Self(octets)) } else { Err(ArchiveError::Shares) }
    }
}

/// Shares a private half among so many holders.
///
/// # Errors
/// [`ArchiveError::NumberOfHolders`] below [`THRESHOLD`] and above [`MOST_SHARES`].
pub fn split(key: &HolderKey, holders: usize) -> Result<Vec<Share>, ArchiveError> {
    if holders < usize::from(THRESHOLD) || holders > MOST_SHARES {
        return Err(ArchiveError::NumberOfHolders { holders });
    }
    let shares = Sharks(THRESHOLD).dealer(key.octets()).take(holders);
    shares.map(|share| Share::from_octets(Zeroizing::new(Vec::from(&share)))).collect()
}

/// Brings the private half of this public half back.
///
/// # Errors
/// [`ArchiveError::Shares`] for too few, for shares of another key, or changed ones.
pub fn join(shares: &[Share], public: &HolderPublic) -> Result<HolderKey, ArchiveError> {
    let mut places: Vec<u8> = shares.iter().map(|share| share.octets()[0]).collect();
    places.sort_unstable();
    places.dedup();
    // Two at one place would be divided by nothing.
    if places.len() != shares.len() {
        return Err(ArchiveError::Shares);
    }
    let read = |share: &Share| blahaj::Share::try_from(share.octets()).map_err(|_| ArchiveError::Shares);
    let shares = shares.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let octets = Sharks(THRESHOLD).recover(&shares).map(Zeroizing::new).map_err(|_| ArchiveError::Shares)?;
    let key = HolderKey::from_octets(&octets).map_err(|_| ArchiveError::Shares)?;
    if key.public() == public { Ok(key) } else { Err(ArchiveError::Shares) }
}
