//! Begins a link: whoever has shown this signature by card or phone is given what the log-in with the other one takes up.

use super::{PersonError, model::LINK_LIVES, store};
use crate::{
    audit, employees,
    platform::{
        actor::Actor,
        database::Connection,
        ground::Ground,
        id::{AccountId, EmployeeId},
        moment::Moment,
        random, secret,
    },
};

/// A link on its way.
#[derive(Debug)]
pub struct Begun {
    /// What the session of the other signature hands in; 128 random bits, once.
    pub token: String,
    /// Until when.
    pub expires_at: Moment,
}

/// Begins a link from the actor's signature. One that was begun before counts no more.
///
/// # Errors
/// [`PersonError::NeedsSession`], [`PersonError::NoSignature`], [`PersonError::ProveAgain`].
pub async fn begin(ground: &Ground, actor: &Actor) -> Result<Begun, PersonError> {
    require_proven(actor, ground.clock().now())?;
    let token = random::token(ground.random());
    let hash = secret::token_hash(&token);
    let expires_at = ground
        .database
        .write(async |unit| -> Result<Moment, PersonError> {
            let expires_at = unit.now().plus(LINK_LIVES);
            store::keep_link(unit, actor.account, &hash, expires_at).await?;
            let event = audit::Event::new("account.link_begun", actor.author(), format!("account:{}", actor.account));
            audit::record(unit, event).await?;
            Ok(expires_at)
        })
        .await?;
    Ok(Begun { token, expires_at })
}

/// Whose signature it is: a session's, of an employee.
pub(super) fn require_signature(actor: &Actor) -> Result<EmployeeId, PersonError> {
    if actor.session.is_none() {
        return Err(PersonError::NeedsSession);
    }
    actor.employee.ok_or(PersonError::NoSignature)
}

/// The same, shown within the last five minutes by card or phone: a code token alone links nothing.
pub(super) fn require_proven(actor: &Actor, now: Moment) -> Result<EmployeeId, PersonError> {
    let employee = require_signature(actor)?;
    if actor.has_proven_by_card(now) { Ok(employee) } else { Err(PersonError::ProveAgain) }
}

/// What a link's token says: who began it, and that they may still act. Changes nothing.
///
/// # Errors
/// [`PersonError::Gone`].
pub(super) async fn begun_by(connection: &mut impl Connection, token_hash: &[u8], now: Moment) -> Result<AccountId, PersonError> {
    let (account, created_at) = store::waiting_link(connection, token_hash, now).await?.ok_or(PersonError::Gone)?;
    let standing = employees::standing(connection, account).await?.filter(|standing| standing.active);
    let knows = standing.is_some_and(|standing| standing.since.is_some_and(|since| since <= created_at));
    if knows { Ok(account) } else { Err(PersonError::Gone) }
}
