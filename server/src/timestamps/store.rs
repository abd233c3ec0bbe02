//! All SQL of the time-stamping units.

use crate::{
    execute, fetch,
    platform::{
        database::{DatabaseError, Reader, Unit},
        id::TimestampUnitId,
        moment::Moment,
    },
};

/// The unit that stamps.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct UnitRow {
    pub(super) certificate: Vec<u8>,
    pub(super) chain: Vec<u8>,
    pub(super) key_label: String,
    pub(super) not_after: Moment,
}

/// A unit in the list of all.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ListedRow {
    pub(super) certificate: Vec<u8>,
    pub(super) key_label: String,
    pub(super) not_after: Moment,
    pub(super) state: String,
    pub(super) installed_at: Moment,
}

pub(super) async fn retire_all(unit: &mut Unit) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE timestamp_unit SET state = 'retired' WHERE state = 'active'")).map(drop)
}

pub(super) async fn insert(
    unit: &mut Unit,
    id: TimestampUnitId,
    (certificate, chain): (&[u8], &[u8]),
    key_label: &str,
    not_after: Moment,
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO timestamp_unit (id, certificate, chain, key_label, not_after, state, installed_at)
             VALUES ($1, $2, $3, $4, $5, 'active', $6)"
        )
        .bind(id)
        .bind(certificate)
        .bind(chain)
        .bind(key_label)
        .bind(not_after)
        .bind(now)
    )
    .map(drop)
}

/// The active unit, if its certificate is valid still.
pub(super) async fn active(reader: &mut Reader, now: Moment) -> Result<Option<UnitRow>, DatabaseError> {
    fetch!(reader, |c| {
        sqlx::query_as(
        "SELECT certificate, chain, key_label, not_after FROM timestamp_unit WHERE state = 'active' AND not_after >= $1 AND installed_at <= $1
         ORDER BY id DESC LIMIT 1"
    )
    .bind(now)
    .fetch_optional(c)
    })
}

/// One more block of serial numbers, whose number nobody ever had.
pub(super) async fn reserve_block(unit: &mut Unit) -> Result<i64, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO timestamp_serial (name, blocks) VALUES ('token', 1)
         ON CONFLICT (name) DO UPDATE SET blocks = timestamp_serial.blocks + 1 RETURNING blocks"
    )
    .fetch_one(c))
}

/// The next block is so many blocks further.
pub(super) async fn skip_blocks(unit: &mut Unit, count: i64) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO timestamp_serial (name, blocks) VALUES ('token', $1)
             ON CONFLICT (name) DO UPDATE SET blocks = timestamp_serial.blocks + $1"
        )
        .bind(count)
    )
    .map(drop)
}

/// The newest first.
pub(super) async fn units(reader: &mut Reader) -> Result<Vec<ListedRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT certificate, key_label, not_after, state, installed_at FROM timestamp_unit ORDER BY id DESC LIMIT 10"
    )
    .fetch_all(c))
}
