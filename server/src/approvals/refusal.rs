//! Whether a person's phones are asked from a network now, and if not, why: the page says it, and offers the card.

use super::{
    ApprovalError,
    model::{COUNTED, Initiator, Past, SLOTS, SLOTS_OF_NETWORK, paused_until},
    store::{self, Waits},
};
use crate::platform::{
    database::{Connection, DatabaseError},
    id::AccountId,
    moment::Moment,
};

/// Why a phone is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// As many wait as may, in all or from this network.
    Full,
    /// Nobody answered the latest requests of this network.
    Paused {
        /// Until when.
        until: Moment,
    },
}

impl From<NotAsked> for ApprovalError {
    fn from(why: NotAsked) -> Self {
        match why {
            NotAsked::Full => Self::Full,
            NotAsked::Paused { until } => Self::Paused { until },
        }
    }
}

/// Until when a network is paused, if it is.
pub(super) async fn paused(
    connection: &mut impl Connection,
    account: AccountId,
    network: &str,
    now: Moment,
) -> Result<Option<NotAsked>, DatabaseError> {
    let past = store::past_of_network(connection, account, network, now.plus(-COUNTED)).await?;
    let past: Vec<_> = past.iter().map(|(one, expires_at)| Past { state: one.state.at(now, *expires_at), ..*one }).collect();
    Ok(paused_until(&past).filter(|until| *until > now).map(|until| NotAsked::Paused { until }))
}

/// Whether no further request of this network finds room.
pub(super) fn is_full(waiting: &[Waits], initiator: &Initiator) -> bool {
    let strangers = waiting.iter().filter(|one| one.session_id.is_none() && one.network == initiator.network).count();
    let slots = usize::try_from(SLOTS).unwrap_or(usize::MAX);
    waiting.len() >= slots || (initiator.session.is_none() && strangers >= SLOTS_OF_NETWORK)
}

/// Why a person's phones would not be asked now, if they would not.
///
/// # Errors
/// When the database fails.
pub async fn not_asked(
    connection: &mut impl Connection,
    account: AccountId,
    initiator: &Initiator,
    now: Moment,
) -> Result<Option<NotAsked>, DatabaseError> {
    if let Some(paused) = paused(connection, account, &initiator.network, now).await? {
        return Ok(Some(paused));
    }
    let mut waiting = store::waiting(connection, account).await?;
    waiting.retain(|one| one.expires_at > now);
    Ok(is_full(&waiting, initiator).then_some(NotAsked::Full))
}
