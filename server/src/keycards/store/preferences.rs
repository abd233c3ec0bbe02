//! What persons want of their key cards.

use crate::{
    execute, fetch,
    keycards::{Edition, Preferences},
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::AccountId,
    },
};

/// What a person wants; none who never said.
pub(in crate::keycards) async fn preferences(
    connection: &mut impl Connection,
    account: AccountId,
) -> Result<Option<Preferences>, DatabaseError> {
    let row: Option<(i64, String)> =
        fetch!(connection, |c| sqlx::query_as("SELECT order_at, edition FROM keycard_preference WHERE account_id = $1")
            .bind(account)
            .fetch_optional(c))?;
    row.map(|(order_at, edition)| match Edition::of_word(&edition) {
        Some(edition) => Ok(Preferences { order_at, edition }),
        None => Err(DatabaseError::Corrupt { what: "edition of key cards", value: edition }),
    })
    .transpose()
}

pub(in crate::keycards) async fn keep_preferences(unit: &mut Unit, account: AccountId, kept: Preferences) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO keycard_preference (account_id, order_at, edition, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id) DO UPDATE SET
                 order_at = excluded.order_at, edition = excluded.edition, changed_at = excluded.changed_at"
        )
        .bind(account)
        .bind(kept.order_at)
        .bind(kept.edition.word())
        .bind(now)
    )
    .map(drop)
}
