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
            let mut lapsed = 0;
            for (change, mail) in old.iter().zip(&told) {
                // A second node was faster, and told; or it was decided meanwhile.
                if store::lapse(unit, change.id).await? {
                    decide::record(unit, change, "operator_change.lapsed", AUTHOR).await?;
                    decide::tell(unit, &operators, mail).await?;
                    lapsed += 1;
                }
            }
            Ok(lapsed)
        })
        .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{
        operators::model::ChangeKind,
        platform::{
            actor::Role,
            database::DatabaseError,
            id::{AccountId, Id as _, OperatorChangeId},
            testing,
            words::Language,
        },
    };

    fn old(world: &Ground, number: usize) -> Change {
        let (now, random) = (world.clock().now(), world.random());
        Change {
            id: OperatorChangeId::fresh(now, random),
            kind: ChangeKind::Invite,
            account: AccountId::fresh(now, random),
            name: format!("Nr. {number}"),
            email: format!("nr{number}@segl.example.dk"),
            language: Language::Da,
            roles: vec![Role::Auditor],
            asked_by: AccountId::fresh(now, random),
            asked_by_name: "Olga".to_owned(),
            state: ChangeState::Asked,
            asked_at: now,
            lapses_at: now,
            effective_at: None,
            decided_by_name: None,
            ended_at: None,
        }
    }

    #[actix_web::test]
    async fn everything_that_lapses_is_in_the_audit_however_much_it_is() {
        let world = testing::ground().await.unwrap();
        for number in 0..102 {
            let change = old(&world, number);
            let secrets = store::Secrets { link_hash: None, code_verifier: None, sealed: None };
            let stored = world.database.write::<_, DatabaseError, _>(async |unit| store::insert(unit, &change, &secrets).await).await;
            assert!(stored.unwrap());
        }
        assert_eq!((round(&world).await.unwrap(), round(&world).await.unwrap(), round(&world).await.unwrap()), (100, 2, 0));
        let mut intruder = world.intruder().await.unwrap();
        let told: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM audit_entry WHERE action = 'operator_change.lapsed'")
            .fetch_one(&mut intruder)
            .await
            .unwrap();
        assert_eq!(told, 102);
    }
}
