//! Proves again, within a session, that it is the person: password and key. Weighty changes need it to be under five minutes old.

use super::{
    LoginError,
    answer::{note_failure, waiting},
    approval::{self, Beginning},
    factor::{Shown, claim},
    model::Login,
    start::{Asking, Started, ask, refuse},
    store, token as code_tokens,
    who_is::standing,
};
use crate::{
    accounts::{self, Who},
    approvals, audit, keycards, phones,
    platform::{
        actor::Actor,
        consent::Purpose,
        ground::Ground,
        id::{Id as _, LoginId},
        moment::Moment,
        random,
        secret::Secret,
    },
};

/// Refuses a change of what the person logs in with, or a key that logs in, without a fresh proof by card or phone: whoever has found a code token and
/// knows the password must not lock its owner out. API keys never have one.
///
/// # Errors
/// [`LoginError::ProveAgain`].
pub fn require_recent(actor: &Actor, now: Moment) -> Result<(), LoginError> {
    if actor.has_proven_by_card(now) { Ok(()) } else { Err(LoginError::ProveAgain) }
}

/// Checks the person's password and asks for a key.
///
/// # Errors
/// As [`super::start`]; [`LoginError::ProveAgain`] for an API key.
pub async fn ask_proof(ground: &Ground, actor: &Actor, password: &Secret<String>, network: &str) -> Result<Started, LoginError> {
    let session = actor.session.ok_or(LoginError::ProveAgain)?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    let mut reader = ground.database.read().await?;
    let Some(person) = standing(&mut reader, proven.account).await? else {
        drop(reader);
        return refuse(ground, proven.account, "no_standing").await;
    };
    let code_token = code_tokens::serves(&mut reader, proven.account, &person, ground.clock().now()).await?;
    drop(reader);
    phones::tend(ground, &proven).await;
    let id = LoginId::fresh(ground.clock().now(), ground.random());
    let beginning = Beginning { id, account: proven.account, person: &person, session: Some(session), device: None, network };
    let phone = approval::prepare(ground, &beginning).await?;
    let token = random::token(ground.random());
    let asking = Asking {
        id,
        account: proven.account,
        session: Some(session),
        token: &token,
        network,
        phone,
        code_token,
        earlier: None,
        device: None,
    };
    let started = ground.database.write(async |unit| ask(unit, &asking).await).await;
    approvals::wake(ground, proven.account);
    started
}

/// Answers the question of a proof: the session counts as proven from now.
///
/// # Errors
/// As [`super::answer`].
pub async fn answer_proof(ground: &Ground, actor: &Actor, login_token: &str, key: &str) -> Result<(), LoginError> {
    let login = waiting(ground, login_token).await?;
    let Some(challenge) = login.challenge else { return Err(LoginError::Gone) };
    require_own(actor, &login)?;
    let judged = keycards::judge(ground, challenge, key).await?;
    finish_proof(ground, actor, &login, Shown::Key(judged)).await
}

pub(super) fn require_own(actor: &Actor, login: &Login) -> Result<(), LoginError> {
    let own = login.session.is_some() && login.session == actor.session && login.account == actor.account;
    if own { Ok(()) } else { Err(LoginError::Gone) }
}

/// Counts the session as proven by what was shown.
pub(super) async fn finish_proof(ground: &Ground, actor: &Actor, login: &Login, shown: Shown) -> Result<(), LoginError> {
    require_own(actor, login)?;
    let outcome = ground
        .database
        .write(async |unit| {
            claim(unit, login, &shown, Purpose::StepUp).await?;
            let Some(session) = login.session else { return Err(LoginError::Gone) };
            if !store::note_proven(unit, session, shown.proves()).await? {
                return Err(LoginError::Gone);
            }
            let event = audit::Event::new("session.proven", actor.author(), format!("session:{session}"));
            Ok(audit::record(unit, event.fact("by", shown.proves().word())).await?)
        })
        .await;
    approvals::wake(ground, login.account);
    note_failure(ground, login, outcome).await
}
