//! Ends sessions: logging out here, or everywhere else.

use super::{LoginError, store};
use crate::{
    audit,
    platform::{
        actor::{Actor, Author},
        database::Unit,
        id::{AccountId, SessionId},
    },
};

/// Ends one of the person's own sessions.
///
/// # Errors
/// [`LoginError::NotFound`] when it is somebody else's or ended already.
pub async fn end(unit: &mut Unit, actor: &Actor, session: SessionId) -> Result<(), LoginError> {
    if !store::end_session(unit, actor.account, session).await? {
        return Err(LoginError::NotFound);
    }
    note_ended(unit, actor.account, session).await
}

/// Ends every session of the person but the one that asks. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn end_others(unit: &mut Unit, actor: &Actor) -> Result<usize, LoginError> {
    let ended = store::end_other_sessions(unit, actor.account, actor.session).await?;
    for session in &ended {
        note_ended(unit, actor.account, *session).await?;
    }
    Ok(ended.len())
}

/// Ends every session of a person: the password is another one, and whoever has the old one is out. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn end_all(unit: &mut Unit, account: AccountId) -> Result<usize, LoginError> {
    let ended = store::end_other_sessions(unit, account, None).await?;
    for session in &ended {
        note_ended(unit, account, *session).await?;
    }
    Ok(ended.len())
}

/// Takes a session for this unit, as long as it lives: whoever ends it waits, and then finds what this unit wrote.
pub(super) async fn hold(unit: &mut Unit, session: SessionId) -> Result<(), LoginError> {
    if store::hold_session(unit, session).await? { Ok(()) } else { Err(LoginError::Gone) }
}

pub(super) async fn note_ended(unit: &mut Unit, account: AccountId, session: SessionId) -> Result<(), LoginError> {
    let event = audit::Event::new("session.ended", Author::Account(account), format!("session:{session}"));
    Ok(audit::record(unit, event).await?)
}
