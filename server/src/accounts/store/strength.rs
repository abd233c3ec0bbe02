//! Which form passwords have.

use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::AccountId,
        password::Strength,
    },
};

/// Notes which form a password has, unless that is known.
pub(in crate::accounts) async fn note_strength(unit: &mut Unit, account: AccountId, strength: Strength) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE account SET four_digits = $1 WHERE id = $2 AND four_digits IS NULL AND verifier IS NOT NULL")
            .bind(strength == Strength::FourDigits)
            .bind(account)
    )
    .map(drop)
}

/// Which form an account's password has, as far as it is known.
pub(in crate::accounts) async fn strength(connection: &mut impl Connection, account: AccountId) -> Result<Option<Strength>, DatabaseError> {
    let found: Option<Option<bool>> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT four_digits FROM account WHERE id = $1").bind(account).fetch_optional(c))?;
    Ok(found.flatten().map(|four_digits| if four_digits { Strength::FourDigits } else { Strength::Long }))
}
