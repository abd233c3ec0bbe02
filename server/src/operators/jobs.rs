//! The background edge: what waited long enough takes effect, and what nobody consented to lapses.

use super::{
    OperatorError, decide, effect,
    model::{Change, ChangeState},
    read::has_security,
    store,
};
use crate::{
    accounts,
    platform::{actor::Author, ground::Ground},
};

/// How often the round looks.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(60);

const AUTHOR: Author = Author::System("operators");
/// Who decided, where nobody did.
const NOBODY: &str = "Segl";

/// Lets what is due take effect, and what is too old lapse. Gives how many.
///
/// # Errors
/// When the database or the keystore fails.
pub async fn round(ground: &Ground) -> anyhow::Result<u64> {
    let due = store::due(&mut ground.database.read().await?, ground.clock().now()).await?;
    let mut done = 0;
    for change in due {
        done += u64::from(let_pass(ground, &change).await?);
    }
    Ok(done + lapse(ground).await?)
}

/// Whether it took effect. By now there may be somebody who could consent: then it needs that.
async fn let_pass(ground: &Ground, change: &Change) -> Result<bool, OperatorError> {
    let effect = effect::prepare(ground, change, NOBODY).await?;
    let ended = decide::ended(ground, change, ChangeState::Done, NOBODY).await?;
    ground
        .database
        .write(async |unit| -> Result<bool, OperatorError> {
            let operators = accounts::hold_operators(unit).await?;
            let mut able = operators.iter().filter(|one| has_security(one));
            let alone = able.next().is_some_and(|one| one.id == change.asked_by) && able.next().is_none();
            if !alone {
                if store::stop_waiting(unit, change.id).await? {
                    decide::record(unit, change, "operator_change.needs_consent", AUTHOR).await?;
                }
                return Ok(false);
            }
            let Some(secrets) = store::secrets(unit, change.id).await? else { return Ok(false) };
            if !store::let_pass(unit, change.id).await? {
                return Ok(false);
            }
            decide::record(unit, change, "operator_change.waited", AUTHOR).await?;
            effect::take(unit, (change, &secrets), &operators, &effect, AUTHOR).await?;
            decide::tell(unit, &operators, &ended).await?;
            Ok(true)
        })
        .await
}

async fn lapse(ground: &Ground) -> Result<u64, OperatorError> {
    let old = ground.database.write(async |unit| store::lapsing(unit).await).await?;
    if old.is_empty() {
        return Ok(0);
    }
    let mut told = Vec::with_capacity(old.len());
    for change in &old {
        told.push(decide::ended(ground, change, ChangeState::Lapsed, NOBODY).await?);
    }
    ground
        .database
        .write(async |unit| -> Result<u64, OperatorError> {
            let operators = accounts::hold_operators(unit).await?;
            let lapsed = store::lapse(unit).await?;
            // A second node was faster, and told.
            if lapsed > 0 {
                for (change, mail) in old.iter().zip(&told) {
                    decide::record(unit, change, "operator_change.lapsed", AUTHOR).await?;
                    decide::tell(unit, &operators, mail).await?;
                }
            }
            Ok(lapsed)
        })
        .await
}
