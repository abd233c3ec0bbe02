//! How a request to the phone stands, for the session that asked, and for nobody else: the answer holds the number.

use super::ConsentError;
use crate::{
    approvals::{self, Standing, State},
    phones,
    platform::{
        actor::Actor,
        database::{Connection, DatabaseError},
        ground::Ground,
        id::{AccountId, ApprovalId},
        moment::Moment,
    },
};

/// How it stands.
///
/// # Errors
/// [`ConsentError::NotFound`] for another person's, and another session's.
pub async fn standing(ground: &Ground, actor: &Actor, approval: ApprovalId) -> Result<Standing, ConsentError> {
    let session = actor.session.ok_or(ConsentError::NotFound)?;
    let mut reader = ground.database.read().await?;
    let standing = approvals::read::standing_of_session(&mut reader, approval, session, ground.clock().now()).await?;
    standing.ok_or(ConsentError::NotFound)
}

/// Refuses unless the phone said yes.
///
/// # Errors
/// [`ConsentError::Answer`]; as [`standing`].
pub(super) async fn require_yes(ground: &Ground, actor: &Actor, approval: ApprovalId) -> Result<(), ConsentError> {
    let state = standing(ground, actor, approval).await?.state;
    if state == State::Approved { Ok(()) } else { Err(ConsentError::Answer(state)) }
}

/// Whether the person has a phone that may answer now: pages offer it then.
///
/// # Errors
/// When the database fails.
pub async fn has_phone(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<bool, DatabaseError> {
    Ok(phones::read::usable(connection, account).await?.iter().any(|phone| phone.signs(now)))
}
