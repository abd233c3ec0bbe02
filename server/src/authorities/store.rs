//! All SQL of the authorities.

use certs::{keystore::KeyLabel, profiles::Family};

use super::{Cross, Kind};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Reader, Unit},
        id::AuthorityId,
        moment::Moment,
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
    pub(super) revoked_at: Option<Moment>,
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
        "SELECT id, name, kind, family, parent_id, certificate, key_label, revoked_at FROM authority WHERE state = 'active' ORDER BY id"
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

/// False when a certificate of this name stands already.
pub(super) async fn insert_cross(unit: &mut Unit, id: AuthorityId, cross: &Cross) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO cross_certificate (id, name, authority_id, parent_id, certificate, brought_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        )
        .bind(id)
        .bind(&cross.name)
        .bind(cross.authority)
        .bind(cross.parent)
        .bind(&cross.certificate)
        .bind(now)
    )?;
    Ok(stored == 1)
}

/// A further certificate's row.
#[derive(Debug, sqlx::FromRow)]
struct CrossRow {
    name: String,
    authority_id: AuthorityId,
    parent_id: AuthorityId,
    certificate: Vec<u8>,
}

impl From<CrossRow> for Cross {
    fn from(row: CrossRow) -> Self {
        Self { name: row.name, authority: row.authority_id, parent: row.parent_id, certificate: row.certificate }
    }
}

/// The revoked authorities, and since when.
pub(super) async fn revoked(reader: &mut Reader) -> Result<Vec<(AuthorityId, Moment)>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as("SELECT id, revoked_at FROM authority WHERE revoked_at IS NOT NULL").fetch_all(c))
}

/// True when this very call revoked it.
pub(super) async fn revoke(unit: &mut Unit, id: AuthorityId, at: Moment) -> Result<bool, DatabaseError> {
    let changed =
        execute!(unit, sqlx::query("UPDATE authority SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL").bind(at).bind(id))?;
    Ok(changed == 1)
}

/// Every further certificate that is not revoked, oldest first.
pub(super) async fn crosses<C: Connection>(connection: &mut C) -> Result<Vec<Cross>, DatabaseError> {
    let rows: Vec<CrossRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT name, authority_id, parent_id, certificate FROM cross_certificate WHERE revoked_at IS NULL ORDER BY id"
    )
    .fetch_all(c))?;
    Ok(rows.into_iter().map(Cross::from).collect())
}

/// True when this very call revoked it.
pub(super) async fn revoke_cross(unit: &mut Unit, name: &str, at: Moment) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE cross_certificate SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL").bind(at).bind(name)
    )?;
    Ok(changed == 1)
}

pub(super) async fn cross_by_name<C: Connection>(connection: &mut C, name: &str) -> Result<Option<Cross>, DatabaseError> {
    let row: Option<CrossRow> =
        fetch!(connection, |c| sqlx::query_as("SELECT name, authority_id, parent_id, certificate FROM cross_certificate WHERE name = $1")
            .bind(name)
            .fetch_optional(c))?;
    Ok(row.map(Cross::from))
}

/// The first ordinal after those reserved now; none when the authority is not active.
pub(super) async fn reserve(unit: &mut Unit, id: AuthorityId, count: i64) -> Result<Option<i64>, DatabaseError> {
    fetch!(unit, |c| {
        sqlx::query_scalar(
        "UPDATE authority SET next_ordinal = next_ordinal + $1 WHERE id = $2 AND state = 'active' AND revoked_at IS NULL RETURNING next_ordinal"
    )
    .bind(count)
    .bind(id)
    .fetch_optional(c)
    })
}

/// Every authority goes on so many ordinals later.
pub(super) async fn skip_ordinals(unit: &mut Unit, count: i64) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE authority SET next_ordinal = next_ordinal + $1").bind(count))
}
