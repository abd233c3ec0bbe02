//! What the slices below ask for and only this one can do, since it knows where a person is told things.

use super::{LoginError, store};
use crate::{
    accounts, employees, keycards,
    notices::{self, Kind, Notice},
    platform::{
        database::DatabaseError,
        ground::Ground,
        id::{AccountId, RecipientId},
    },
};

/// Runs [`accounts::jobs::TELL_CLOSED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_closed(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let accounts::jobs::TellClosed { account, until } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let sealed = notices::seal(ground, &Notice::mail(Kind::LoginClosed).with("until", until)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`keycards::jobs::RENEW`].
///
/// # Errors
/// When it should be tried again.
pub async fn renew_card(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let keycards::jobs::Renew { account, by_letter } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let card = keycards::issue(ground, account).await?;
    let notice = if by_letter {
        Notice::letter(Kind::KeycardSheet).with("number", &card.number).secret("keys", card.pairs())
    } else {
        Notice::mail(Kind::KeycardIssued).with("number", &card.number)
    };
    let sealed = notices::seal(ground, &notice).await?;
    ground
        .database
        .write(async |unit| {
            if keycards::jobs::store_renewal(unit, &card).await?.is_some() {
                notices::tell(unit, recipient, &sealed).await?;
            }
            Ok::<_, LoginError>(())
        })
        .await?;
    Ok(())
}

/// Forgets log-ins and sessions that ended a month ago, questions and counts that no longer matter. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    let counts = accounts::jobs::forget_old_tries(ground).await?;
    let questions = keycards::jobs::forget_old_questions(ground).await?;
    let month = time::Duration::days(30);
    let logins = ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_logins(unit, unit.now().plus(-month)).await);
    let sessions = ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_sessions(unit, unit.now().plus(-month)).await);
    Ok(counts + questions + logins.await? + sessions.await?)
}

/// Whom to tell: the employee of the account, or the operator whose account it is.
async fn recipient(ground: &Ground, account: AccountId) -> Result<RecipientId, DatabaseError> {
    let mut reader = ground.database.read().await?;
    let employee = employees::standing(&mut reader, account).await?;
    Ok(employee.map_or_else(|| account.into(), |standing| standing.employee.into()))
}
