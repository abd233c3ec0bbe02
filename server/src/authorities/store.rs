//! All SQL of the authorities.

use certs::{keystore::KeyLabel, profiles::Family};

use super::Kind;
use crate::{
    execute, fetch,
    platform::{
        database::{DatabaseError, Reader, Unit},
        id::AuthorityId,
    },
};

/// A row, as it is.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: AuthorityId,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) family: String,
    pub(super) parent_id: Option<AuthorityId>,
    pub(super) certificate: Vec<u8>,
    pub(super) key_label: String,
}

/// What the ceremony made.
#[derive(Clone, Debug)]
pub(super) struct Founded {
    pub(super) id: AuthorityId,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) family: Family,
    pub(super) parent: Option<AuthorityId>,
    pub(super) certificate: Vec<u8>,
    pub(super) label: KeyLabel,
}

/// Every active authority, oldest first.
pub(super) async fn active(reader: &mut Reader) -> Result<Vec<Row>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, name, kind, family, parent_id, certificate, key_label FROM authority WHERE state = 'active' ORDER BY id"
    )
    .fetch_all(c))
}

/// False when an authority of this name stands already.
pub(super) async fn insert(unit: &mut Unit, founded: &Founded) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO authority (id, name, kind, family, parent_id, certificate, key_label, state, next_ordinal, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', 0, $8) ON CONFLICT DO NOTHING"
        )
        .bind(founded.id)
        .bind(&founded.name)
        .bind(founded.kind.word())
        .bind(founded.family.as_str())
        .bind(founded.parent)
        .bind(&founded.certificate)
        .bind(founded.label.as_str())
        .bind(now)
    )?;
    Ok(stored == 1)
}

/// The first ordinal after those reserved now; none when the authority is not active.
pub(super) async fn reserve(unit: &mut Unit, id: AuthorityId, count: i64) -> Result<Option<i64>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE authority SET next_ordinal = next_ordinal + $1 WHERE id = $2 AND state = 'active' RETURNING next_ordinal"
    )
    .bind(count)
    .bind(id)
    .fetch_optional(c))
}

/// Every authority goes on so many ordinals later.
pub(super) async fn skip_ordinals(unit: &mut Unit, count: i64) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE authority SET next_ordinal = next_ordinal + $1").bind(count))
}
