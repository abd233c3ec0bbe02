//! Whether a person's phones are asked by somebody now, and if not, why: the page says it, and offers the card.

use super::{
    ApprovalError,
    model::{COUNTED, Initiator, Past, Standpoint, network_paused_until, session_paused_until, strangers_paused_until},
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
    /// As many wait as may of those who have shown no more than this one.
    Full,
    /// Nobody answered the latest requests of this network, of this session, or of strangers anywhere.
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

/// Until when this initiator is paused, if it is. A session is judged by its own requests alone: what others ask from its network does not stop it.
pub(super) async fn paused(
    connection: &mut impl Connection,
    account: AccountId,
    initiator: &Initiator,
    now: Moment,
) -> Result<Option<NotAsked>, DatabaseError> {
    let since = now.plus(-COUNTED);
    let until = if let Standpoint::Session(session) = initiator.standpoint {
        session_paused_until(&at(store::past_of_session(connection, account, session, since).await?, now))
    } else {
        let own = network_paused_until(&at(store::past_of_network(connection, account, &initiator.network, since).await?, now));
        let all = match initiator.standpoint {
            Standpoint::Stranger => strangers_paused_until(&at(store::past_log_ins(connection, account, since).await?, now)),
            Standpoint::Known | Standpoint::Session(_) => None,
        };
        own.max(all)
    };
    Ok(until.filter(|until| *until > now).map(|until| NotAsked::Paused { until }))
}

/// What waits in its row may have lapsed.
fn at(past: Vec<(Past, Moment)>, now: Moment) -> Vec<Past> {
    past.into_iter().map(|(one, expires_at)| Past { state: one.state.at(now, expires_at), ..one }).collect()
}

/// The slots that are free for this initiator, best first.
pub(super) fn free(waiting: &[Waits], standpoint: Standpoint) -> impl Iterator<Item = i64> {
    standpoint.slots().iter().copied().filter(|slot| !waiting.iter().any(|one| one.slot == *slot))
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
    if let Some(paused) = paused(connection, account, initiator, now).await? {
        return Ok(Some(paused));
    }
    let mut waiting = store::waiting(connection, account).await?;
    waiting.retain(|one| one.expires_at > now);
    Ok(free(&waiting, initiator.standpoint).next().is_none().then_some(NotAsked::Full))
}
