//! Blocks phones at somebody's request, and revokes the certificates whose keys they could open, where that is asked for too.

use super::{PhoneError, end, wake};
use crate::{
    certificates,
    platform::{
        actor::{Actor, Author},
        ground::Ground,
        id::{AccountId, PhoneId},
        moment::Moment,
    },
};

/// Whether the certificates end with the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// They go on: the phone was locked, or its keys cannot leave it. The secrets are renewed when the password is typed next.
    GoOn,
    /// They are revoked: the phone was stolen unlocked, or its keys rest in software.
    Revoke,
}

impl Certificates {
    /// Refuses to revoke without a fresh proof: a stolen session would end a person's signatures with it. Blocking alone needs none, so that a phone
    /// can be lost by whoever has no factor left.
    ///
    /// # Errors
    /// [`PhoneError::ProveAgain`].
    pub fn require_proof(self, actor: &Actor, now: Moment) -> Result<(), PhoneError> {
        if self == Self::GoOn || actor.has_proven_by_card(now) { Ok(()) } else { Err(PhoneError::ProveAgain) }
    }
}

/// Which phones.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// All of a person's.
    All,
    /// One.
    One(PhoneId),
}

/// Blocks. Gives how many phones ended.
///
/// # Errors
/// [`PhoneError::NotFound`] when it is somebody else's.
pub async fn block_at_request(
    ground: &Ground,
    account: AccountId,
    which: Which,
    beside: Certificates,
    author: Author,
) -> Result<usize, PhoneError> {
    let lost = match beside {
        Certificates::GoOn => None,
        Certificates::Revoke => Some(certificates::prepare_lost(ground, account).await?),
    };
    let blocked = ground.database.write(async |unit| {
        let blocked = match which {
            Which::All => end::block_all(unit, account, author).await?,
            Which::One(phone) => {
                end::block(unit, account, phone, author).await?;
                1
            }
        };
        if let Some(lost) = &lost {
            certificates::revoke_lost(unit, lost, author).await?;
        }
        Ok::<_, PhoneError>(blocked)
    });
    let blocked = blocked.await?;
    if lost.is_some() {
        certificates::tell_of_lost(ground).await;
    }
    wake(ground, account);
    Ok(blocked)
}
