//! The phone said yes: every key comes under the new password, which takes the old one's place in the same unit. Sessions and temporary passwords
//! end, and the person is told.

use std::time::Duration;

use super::{
    ResetError,
    model::MAKING,
    pending::{self, Pending},
    read, store,
};
use crate::{
    accounts::{self, AccountError},
    approvals::{self, State},
    audit::{self, Event},
    certificates::{self, CertificateError, PasswordProtection, Reopened},
    logins,
    notices::{self, Kind, Notice, Sealed},
    phones,
    platform::{
        actor::Author,
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{AccountId, ApprovalId, RecipientId},
        release::Released,
    },
};

/// Between two looks whether the phone has answered, where no hint comes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Writes the new password with what the phone released. What becomes of it stands in the reset's row.
pub async fn take_release(ground: &Ground, released: Released) {
    let Released { approval, account, secret, further, .. } = released;
    let secrets = std::iter::once(secret).chain(further).collect();
    finish(ground, account, approval, secrets).await;
}

/// Waits for the yes of somebody whose keys rest elsewhere: the phone has nothing to release, so nobody else calls.
pub(super) async fn watch(ground: Ground, account: AccountId, approval: ApprovalId) {
    let mut hints = phones::listen(&ground, account);
    loop {
        hints.hint(LOOK_EVERY).await;
        let state = match look(&ground, approval).await {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(%error, "a request for a new password could not be looked at");
                continue;
            }
        };
        match state {
            Some(State::Waiting | State::Extended) => {}
            Some(State::Approved) => return finish(&ground, account, approval, Vec::new()).await,
            Some(State::Closed | State::Lapsed | State::NotMe | State::Rejected | State::Replaced | State::Withdrawn) | None => {
                return drop(pending::take(&ground, approval));
            }
        }
    }
}

async fn look(ground: &Ground, approval: ApprovalId) -> Result<Option<State>, ResetError> {
    let standing = approvals::read::standing(&mut ground.database.read().await?, approval, ground.clock().now()).await?;
    Ok(standing.map(|standing| standing.state))
}

async fn finish(ground: &Ground, account: AccountId, approval: ApprovalId, secrets: Vec<keycard::Secret>) {
    let Some(pending) = pending::take(ground, approval) else {
        return tracing::warn!(%approval, "a yes to a new password came to a process that does not hold it");
    };
    match try_finish(ground, account, approval, &pending, secrets).await {
        Ok(()) => approvals::wake(ground, account),
        Err(error) => tracing::warn!(reset = %pending.reset.id, %error, "a new password that the phone approved was not written"),
    }
}

/// What was made, to be written in one unit.
struct Ready<'a> {
    approval: ApprovalId,
    pending: &'a Pending,
    reopened: Reopened,
    recipient: RecipientId,
    told: Sealed,
}

async fn try_finish(
    ground: &Ground,
    account: AccountId,
    approval: ApprovalId,
    pending: &Pending,
    secrets: Vec<keycard::Secret>,
) -> Result<(), ResetError> {
    if pending.reset.account != account || pending.keys.len() != secrets.len() {
        return Err(ResetError::Outrun);
    }
    let mut reader = ground.database.read().await?;
    let person = read::person(&mut reader, account).await?.ok_or(ResetError::Outrun)?;
    drop(reader);
    let protected = &pending.protected;
    let new = PasswordProtection { account, salt: protected.salt.clone(), prk: &protected.prk, strength: protected.strength };
    let secrets = pending.keys.iter().cloned().zip(secrets).collect();
    let reopened = certificates::reopen(ground, &new, secrets, person.employee).await?;
    let told = Notice::mail(Kind::PasswordReplaced).with("network", &pending.network);
    let told = notices::seal(ground, &told).await?;
    let ready = Ready { approval, pending, reopened, recipient: person.recipient, told };
    ground.database.write(async |unit| write(unit, &ready).await).await?;
    certificates::tell_of_lost(ground).await;
    Ok(())
}

async fn write(unit: &mut Unit, ready: &Ready<'_>) -> Result<(), ResetError> {
    let Ready { approval, pending, reopened, recipient, told } = ready;
    let Pending { reset, user_id, protected, old_salt, network, .. } = pending;
    let account = reset.account;
    // Of a change of password and this one, one sees the other.
    if !accounts::is_still_under(unit, account, old_salt).await? || !store::done(unit, reset.id, *approval).await? {
        return Err(ResetError::Outrun);
    }
    require_in_time(unit, *approval).await?;
    let binding = reset.binding(old_salt, &protected.salt);
    let consent = approvals::redeem(unit, account, *approval, Purpose::NewPassword, binding).await?;
    if !consent.covers(Purpose::NewPassword, account, &binding) {
        return Err(ResetError::Outrun);
    }
    certificates::store_reopened(unit, reopened)
        .await
        .map_err(|error| if matches!(error, CertificateError::ChangedMeanwhile) { ResetError::Outrun } else { error.into() })?;
    let written = accounts::set_password(unit, account, user_id, protected).await;
    written.map_err(|error| if matches!(error, AccountError::Gone) { ResetError::Outrun } else { error.into() })?;
    accounts::withdraw_activations(unit, account).await?;
    accounts::forgive(unit, account, network).await?;
    let sessions = logins::end_all(unit, account).await?;
    accounts::forget_devices(unit, account, Author::Account(account)).await?;
    store::end_others(unit, account, reset.id).await?;
    notices::tell(unit, *recipient, told).await?;
    let event = Event::new("account.password_replaced", Author::Account(account), format!("account:{account}"))
        .fact("reset", reset.id)
        .fact("approval", approval)
        .fact("sessions_ended", sessions)
        .personal("network", network);
    Ok(audit::record(unit, event).await?)
}

/// What the page calls interrupted is never written afterwards.
async fn require_in_time(unit: &mut Unit, approval: ApprovalId) -> Result<(), ResetError> {
    let now = unit.now();
    let ended_at = approvals::read::standing(unit, approval, now).await?.and_then(|standing| standing.ended_at);
    if ended_at.is_some_and(|ended_at| now < ended_at.plus(MAKING)) { Ok(()) } else { Err(ResetError::Outrun) }
}
