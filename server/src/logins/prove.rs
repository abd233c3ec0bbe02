//! Proves again, within a session, that it is the person: password and key. Weighty changes need it to be under five minutes old.

use super::{
    LoginError,
    answer::{claim, note_failure, waiting},
    start::{Started, ask},
    store,
};
use crate::{
    accounts::{self, Who},
    audit, keycards,
    platform::{actor::Actor, consent::Purpose, ground::Ground, moment::Moment, random, secret::Secret},
};

/// Refuses a weighty change without a fresh proof. API keys never have one.
///
/// # Errors
/// [`LoginError::ProveAgain`].
pub fn require_recent(actor: &Actor, now: Moment) -> Result<(), LoginError> {
    if actor.has_proven(now) { Ok(()) } else { Err(LoginError::ProveAgain) }
}

/// Checks the person's password and asks for a key.
///
/// # Errors
/// As [`super::start`]; [`LoginError::ProveAgain`] for an API key.
pub async fn ask_proof(ground: &Ground, actor: &Actor, password: &Secret<String>, network: &str) -> Result<Started, LoginError> {
    let session = actor.session.ok_or(LoginError::ProveAgain)?;
    let proven = accounts::check_password(ground, Who::Account(actor.account), password, network).await?;
    let token = random::token(ground.random());
    ground.database.write(async |unit| ask(unit, proven.account, Some(session), &token, network).await).await
}

/// Answers the question of a proof: the session counts as proven from now.
///
/// # Errors
/// As [`super::answer`].
pub async fn answer_proof(ground: &Ground, actor: &Actor, login_token: &str, key: &str) -> Result<(), LoginError> {
    let login = waiting(ground, login_token).await?;
    if login.session.is_none() || login.session != actor.session || login.account != actor.account {
        return Err(LoginError::Gone);
    }
    let judged = keycards::judge(ground, login.challenge, key).await?;
    let outcome = ground
        .database
        .write(async |unit| {
            claim(unit, &login, &judged, Purpose::StepUp).await?;
            let Some(session) = login.session else { return Err(LoginError::Gone) };
            if !store::note_proven(unit, session).await? {
                return Err(LoginError::Gone);
            }
            let event = audit::Event::new("session.proven", actor.author(), format!("session:{session}"));
            Ok(audit::record(unit, event).await?)
        })
        .await;
    note_failure(ground, &login, outcome).await
}
