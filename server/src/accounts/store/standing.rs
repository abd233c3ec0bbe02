//! Accounts that rest for a time.

use crate::{
    execute,
    platform::{
        database::{DatabaseError, Unit},
        id::AccountId,
    },
};

/// `false` when the account was not active.
pub(in crate::accounts) async fn suspend(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'suspended', changed_at = $1 WHERE id = $2 AND state = 'active'").bind(now).bind(account)
    )?;
    Ok(changed == 1)
}

/// Every active operator's account rests. Gives how many.
pub(in crate::accounts) async fn suspend_operators(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'suspended', changed_at = $1 WHERE kind = 'operator' AND state = 'active'").bind(now)
    )
}

/// `false` when the account was not suspended. Whose password ended meanwhile waits for another.
pub(in crate::accounts) async fn resume(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE account SET state = CASE WHEN verifier IS NULL THEN 'invited' ELSE 'active' END, changed_at = $1
             WHERE id = $2 AND state = 'suspended'"
        )
        .bind(now)
        .bind(account)
    )?;
    Ok(changed == 1)
}
