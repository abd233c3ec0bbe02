//! Numbers the entries and chains their hashes. One node at a time does so (a leased round), so that the many units that record
//! never wait for each other behind one chain; should two try, the unique number lets only one of them commit.

use super::{chain, error::AuditError, store};
use crate::platform::ground::Ground;

/// How many entries one unit chains.
const BATCH: i64 = 500;

/// Chains what waits, oldest first, and counts each by its action. Gives how many entries it chained.
///
/// # Errors
/// When the database fails; nothing of the batch is chained then.
pub async fn chain_waiting(ground: &Ground) -> Result<usize, AuditError> {
    let mut chained = 0;
    loop {
        let actions = chain_batch(ground).await?;
        actions.iter().for_each(|action| ground.metrics.happened(action));
        chained += actions.len();
        if actions.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(chained);
        }
    }
}

/// Gives the actions of the entries that it chained.
async fn chain_batch(ground: &Ground) -> Result<Vec<String>, AuditError> {
    // A cheap look first: an idle second costs no transaction.
    if store::count_waiting(&mut ground.database.read().await?).await? == 0 {
        return Ok(Vec::new());
    }
    ground
        .database
        .write(async |unit| {
            let (mut sequence, mut head) = store::tail(unit).await?.unwrap_or((0, chain::BEGINNING.to_vec()));
            let (mut links, mut actions) = (Vec::new(), Vec::new());
            for entry in store::waiting(unit, BATCH).await? {
                (sequence, head) = (sequence + 1, chain::link(&head, sequence + 1, &chain::body_hash(&entry.body)).to_vec());
                links.push((entry.id, sequence, head.clone()));
                actions.push(entry.action);
            }
            store::chain(unit, &links).await?;
            Ok(actions)
        })
        .await
}
