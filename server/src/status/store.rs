//! All SQL of the public truth.

use certs::{revocation::Reason, serial::Serial};

use super::{FULL, NewStatus};
use crate::{
    build, execute, fetch,
    platform::{
        database::{DatabaseError, Reader, Unit, portions},
        id::AuthorityId,
        moment::Moment,
    },
};

/// State, moment and reason of one serial.
pub(super) type StatusRow = (String, Option<Moment>, Option<String>);
/// One revoked certificate, and when a list first named it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct RevokedRow {
    pub(super) serial: Vec<u8>,
    pub(super) not_after: Moment,
    pub(super) revoked_at: Option<Moment>,
    pub(super) reason: Option<String>,
    pub(super) listed_at: Option<Moment>,
}

/// What the checker last found.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct CheckRow {
    pub(super) checked_at: Moment,
    pub(super) lists: i64,
    pub(super) entries: i64,
    pub(super) finding: Option<String>,
    pub(super) place: Option<String>,
}

/// The list of a shard, as it stands.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct CrlRow {
    pub(super) number: i64,
    pub(super) this_update: Option<Moment>,
    pub(super) next_update: Option<Moment>,
    pub(super) changes: i64,
    pub(super) der: Option<Vec<u8>>,
}

/// An installed responder.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ResponderRow {
    pub(super) certificate: Vec<u8>,
    pub(super) key_label: String,
}

/// A list just made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) authority: AuthorityId,
    pub(super) shard: i64,
    pub(super) replaces: i64,
    pub(super) number: i64,
    pub(super) changes: i64,
    pub(super) this_update: Moment,
    pub(super) next_update: Moment,
    pub(super) der: Vec<u8>,
}

pub(super) async fn insert(unit: &mut Unit, new: &[NewStatus]) -> Result<(), DatabaseError> {
    for portion in portions(new) {
        build!(unit, "INSERT INTO certificate_status (authority_id, serial, shard, state, not_after) ", |query, c| {
            query.push_values(portion, |mut row, one| {
                row.push_bind(one.authority).push_bind(one.serial.as_bytes()).push_bind(one.shard).push("'good'").push_bind(one.not_after);
            });
            query.push(" ON CONFLICT (authority_id, serial) DO NOTHING");
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// The shard of the certificate, when this very call revoked it.
pub(super) async fn revoke(
    unit: &mut Unit,
    authority: AuthorityId,
    serial: &[u8],
    at: Moment,
    reason: Reason,
) -> Result<Option<i64>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE certificate_status SET state = 'revoked', revoked_at = $1, reason = $2
         WHERE authority_id = $3 AND serial = $4 AND state = 'good' RETURNING shard"
    )
    .bind(at)
    .bind(reason.as_str())
    .bind(authority)
    .bind(serial)
    .fetch_optional(c))
}

/// The shard of the certificate, when this very call changed the reason of its revocation.
pub(super) async fn compromise(unit: &mut Unit, authority: AuthorityId, serial: &[u8]) -> Result<Option<i64>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE certificate_status SET reason = 'keyCompromise'
         WHERE authority_id = $1 AND serial = $2 AND state = 'revoked' AND reason NOT IN ('keyCompromise', 'cACompromise') RETURNING shard"
    )
    .bind(authority)
    .bind(serial)
    .fetch_optional(c))
}

/// A shard that is new, and not yet published, stands with one change.
pub(super) async fn open_shard(unit: &mut Unit, authority: AuthorityId, shard: i64) -> Result<bool, DatabaseError> {
    let opened = execute!(
        unit,
        sqlx::query(
            "INSERT INTO crl (authority_id, shard, number, changes, published_changes) VALUES ($1, $2, 0, 1, 0)
             ON CONFLICT (authority_id, shard) DO NOTHING"
        )
        .bind(authority)
        .bind(shard)
    )?;
    Ok(opened == 1)
}

pub(super) async fn count_change(unit: &mut Unit, authority: AuthorityId, shard: i64) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE crl SET changes = changes + 1 WHERE authority_id = $1 AND shard = $2").bind(authority).bind(shard))
        .map(drop)
}

pub(super) async fn status(reader: &mut Reader, authority: AuthorityId, serial: &[u8]) -> Result<Option<StatusRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as("SELECT state, revoked_at, reason FROM certificate_status WHERE authority_id = $1 AND serial = $2")
        .bind(authority)
        .bind(serial)
        .fetch_optional(c))
}

/// What is kept in memory of the status is right while this number is the same.
pub(super) async fn generation(reader: &mut Reader) -> Result<i64, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar("SELECT generation FROM status_generation WHERE name = 'status'").fetch_one(c))
}

pub(super) async fn next_generation(unit: &mut Unit) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE status_generation SET generation = generation + 1 WHERE name = 'status'")).map(drop)
}

/// Revoked certificates that OCSP was not yet seen to call so.
pub(super) async fn unanswered(reader: &mut Reader, most: i64) -> Result<Vec<(AuthorityId, Vec<u8>)>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT authority_id, serial FROM certificate_status WHERE state = 'revoked' AND answered_at IS NULL
         ORDER BY authority_id, serial LIMIT $1"
    )
    .bind(most)
    .fetch_all(c))
}

pub(super) async fn note_answered(unit: &mut Unit, authority: AuthorityId, serial: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE certificate_status SET answered_at = $1 WHERE authority_id = $2 AND serial = $3 AND answered_at IS NULL")
            .bind(now)
            .bind(authority)
            .bind(serial)
    )
    .map(drop)
}

/// Notes that the list of a shard made at `at` is the first to name these. In a table of its own, where the rows of a shard lie side by side:
/// beside their status they would lie on as many pages as there are rows.
pub(super) async fn note_listed(
    unit: &mut Unit,
    (authority, shard): (AuthorityId, i64),
    serials: &[Serial],
    at: Moment,
) -> Result<(), DatabaseError> {
    for portion in portions(serials) {
        build!(unit, "INSERT INTO listing (authority_id, shard, serial, listed_at) ", |query, c| {
            query.push_values(portion, |mut row, serial| {
                row.push_bind(authority).push_bind(shard).push_bind(serial.as_bytes()).push_bind(at);
            });
            query.push(" ON CONFLICT (authority_id, shard, serial) DO NOTHING");
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// When OCSP and a list first told of a revocation.
pub(super) async fn seen(
    reader: &mut Reader,
    authority: AuthorityId,
    serial: &[u8],
) -> Result<Option<(Option<Moment>, Option<Moment>)>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT certificate_status.answered_at, listing.listed_at FROM certificate_status
         LEFT JOIN listing ON listing.authority_id = certificate_status.authority_id AND listing.shard = certificate_status.shard
         AND listing.serial = certificate_status.serial
         WHERE certificate_status.authority_id = $1 AND certificate_status.serial = $2"
    )
    .bind(authority)
    .bind(serial)
    .fetch_optional(c))
}

/// The revoked certificates of a shard (or of all) that had not expired at `since`. By a range: SQLite's planner, who does not know how many
/// rows there are, would answer `shard = $2` by the primary key, from every row of the authority.
pub(super) async fn revoked(
    reader: &mut Reader,
    authority: AuthorityId,
    (shard, since): (i64, Moment),
) -> Result<Vec<RevokedRow>, DatabaseError> {
    let (first, last) = if shard == FULL { (0, i64::MAX) } else { (shard, shard) };
    fetch!(reader, |c| sqlx::query_as(
        "SELECT one.serial, one.not_after, one.revoked_at, one.reason, listing.listed_at FROM certificate_status one
         LEFT JOIN listing ON listing.authority_id = one.authority_id AND listing.shard = one.shard AND listing.serial = one.serial
         WHERE one.authority_id = $1 AND one.shard >= $2 AND one.shard <= $3 AND one.state = 'revoked' AND one.not_after >= $4
         ORDER BY one.shard, one.serial"
    )
    .bind(authority)
    .bind(first)
    .bind(last)
    .bind(since)
    .fetch_all(c))
}

/// The first and the last serial that an authority has given.
pub(super) async fn ends(reader: &mut Reader, authority: AuthorityId) -> Result<Option<[Vec<u8>; 2]>, DatabaseError> {
    let first: Option<Vec<u8>> =
        fetch!(reader, |c| sqlx::query_scalar("SELECT serial FROM certificate_status WHERE authority_id = $1 ORDER BY serial LIMIT 1")
            .bind(authority)
            .fetch_optional(c))?;
    let last: Option<Vec<u8>> = fetch!(reader, |c| sqlx::query_scalar(
        "SELECT serial FROM certificate_status WHERE authority_id = $1 ORDER BY serial DESC LIMIT 1"
    )
    .bind(authority)
    .fetch_optional(c))?;
    Ok(first.zip(last).map(|(first, last)| [first, last]))
}

/// Some certificates of an authority that are good, from a serial on: shards are not asked, since no index tells who of a shard is good.
pub(super) async fn good_from(reader: &mut Reader, authority: AuthorityId, first: &[u8], most: i64) -> Result<Vec<Vec<u8>>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar(
        "SELECT serial FROM certificate_status WHERE authority_id = $1 AND serial >= $2 AND state = 'good' ORDER BY serial LIMIT $3"
    )
    .bind(authority)
    .bind(first)
    .bind(most)
    .fetch_all(c))
}

/// Some certificates of a shard (or of all) that are revoked. By a range, as in [`revoked`].
pub(super) async fn some_revoked(
    reader: &mut Reader,
    (authority, shard): (AuthorityId, i64),
    most: i64,
) -> Result<Vec<Vec<u8>>, DatabaseError> {
    let (first, last) = if shard == FULL { (0, i64::MAX) } else { (shard, shard) };
    fetch!(reader, |c| sqlx::query_scalar(
        "SELECT serial FROM certificate_status WHERE authority_id = $1 AND shard >= $2 AND shard <= $3 AND state = 'revoked' LIMIT $4"
    )
    .bind(authority)
    .bind(first)
    .bind(last)
    .bind(most)
    .fetch_all(c))
}

/// The first certificate that was revoked before `before` and stands on no list yet, among the shards whose lists do not tell every change.
/// By a range, as in [`revoked`].
pub(super) async fn first_unlisted(reader: &mut Reader, authority: AuthorityId, before: Moment) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar(
        "SELECT one.serial FROM crl
         JOIN certificate_status one ON one.authority_id = crl.authority_id AND one.shard >= crl.shard AND one.shard <= crl.shard
         AND one.state = 'revoked'
         LEFT JOIN listing ON listing.authority_id = one.authority_id AND listing.shard = one.shard AND listing.serial = one.serial
         WHERE crl.authority_id = $1 AND crl.shard >= 0 AND crl.published_changes < crl.changes
         AND listing.serial IS NULL AND one.revoked_at < $2 ORDER BY one.revoked_at LIMIT 1"
    )
    .bind(authority)
    .bind(before)
    .fetch_optional(c))
}

/// The shards of an authority, the list of all among them.
pub(super) async fn shards(reader: &mut Reader, authority: AuthorityId) -> Result<Vec<i64>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar("SELECT shard FROM crl WHERE authority_id = $1 ORDER BY shard").bind(authority).fetch_all(c))
}

/// When the first of an authority's lists ends.
pub(super) async fn first_next_update(reader: &mut Reader, authority: AuthorityId) -> Result<Option<Moment>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar("SELECT min(next_update) FROM crl WHERE authority_id = $1").bind(authority).fetch_one(c))
}

pub(super) async fn responder_end(reader: &mut Reader, authority: AuthorityId) -> Result<Option<Moment>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar("SELECT not_after FROM responder WHERE authority_id = $1").bind(authority).fetch_optional(c))
}

pub(super) async fn checked(reader: &mut Reader, authority: AuthorityId) -> Result<Option<CheckRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as("SELECT checked_at, lists, entries, finding, place FROM status_check WHERE authority_id = $1")
        .bind(authority)
        .fetch_optional(c))
}

pub(super) async fn note_check(
    unit: &mut Unit,
    authority: AuthorityId,
    (lists, entries): (i64, i64),
    finding: Option<(&str, &str)>,
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO status_check (authority_id, checked_at, lists, entries, finding, place) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (authority_id) DO UPDATE SET checked_at = excluded.checked_at, lists = excluded.lists, entries = excluded.entries,
             finding = excluded.finding, place = excluded.place"
        )
        .bind(authority)
        .bind(now)
        .bind(lists)
        .bind(entries)
        .bind(finding.map(|(word, _)| word))
        .bind(finding.map(|(_, place)| place))
    )
    .map(drop)
}

/// When a certificate expires that is known as revoked.
pub(super) async fn expiry_of_revoked(reader: &mut Reader, authority: AuthorityId, serial: &[u8]) -> Result<Option<Moment>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar(
        "SELECT not_after FROM certificate_status WHERE authority_id = $1 AND serial = $2 AND state = 'revoked'"
    )
    .bind(authority)
    .bind(serial)
    .fetch_optional(c))
}

pub(super) async fn crl(reader: &mut Reader, authority: AuthorityId, shard: i64) -> Result<Option<CrlRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT number, this_update, next_update, changes, der FROM crl WHERE authority_id = $1 AND shard = $2"
    )
    .bind(authority)
    .bind(shard)
    .fetch_optional(c))
}

/// Lists with changes that they do not tell yet (a list of all only when it was made before `rested`), or that end before `renew`; what
/// tells of changes first, then what ends first, lists of all last. Authorities whose lists are made elsewhere are left out by the caller.
pub(super) async fn due(reader: &mut Reader, renew: Moment, rested: Moment) -> Result<Vec<(AuthorityId, i64)>, DatabaseError> {
    fetch!(reader, |c| {
        sqlx::query_as(
        "SELECT authority_id, shard FROM crl
         WHERE next_update < $1 OR (published_changes < changes AND (shard >= 0 OR this_update IS NULL OR this_update < $2))
         ORDER BY CASE WHEN shard < 0 THEN 2 WHEN published_changes < changes THEN 0 ELSE 1 END, COALESCE(next_update, 0), authority_id, shard"
    )
    .bind(renew)
    .bind(rested)
    .fetch_all(c)
    })
}

/// True when the list that it replaces still stood.
pub(super) async fn publish(unit: &mut Unit, made: &Made) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "UPDATE crl SET number = $1, this_update = $2, next_update = $3, published_changes = $4, der = $5
             WHERE authority_id = $6 AND shard = $7 AND number = $8"
        )
        .bind(made.number)
        .bind(made.this_update)
        .bind(made.next_update)
        .bind(made.changes)
        .bind(&made.der)
        .bind(made.authority)
        .bind(made.shard)
        .bind(made.replaces)
    )?;
    Ok(stored == 1)
}

pub(super) async fn install_responder(
    unit: &mut Unit,
    authority: AuthorityId,
    certificate: &[u8],
    key_label: &str,
    not_after: Moment,
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO responder (authority_id, certificate, key_label, not_after, installed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (authority_id) DO UPDATE SET certificate = excluded.certificate, key_label = excluded.key_label,
             not_after = excluded.not_after, installed_at = excluded.installed_at"
        )
        .bind(authority)
        .bind(certificate)
        .bind(key_label)
        .bind(not_after)
        .bind(now)
    )
    .map(drop)
}

pub(super) async fn responder(reader: &mut Reader, authority: AuthorityId) -> Result<Option<ResponderRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as("SELECT certificate, key_label FROM responder WHERE authority_id = $1")
        .bind(authority)
        .fetch_optional(c))
}

/// Every list that was published: authority, shard, number.
pub(super) async fn published(reader: &mut Reader) -> Result<Vec<(AuthorityId, i64, i64)>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as("SELECT authority_id, shard, number FROM crl WHERE der IS NOT NULL ORDER BY authority_id, shard")
        .fetch_all(c))
}

/// No list gets a number below `least`, and all of them are made anew.
pub(super) async fn raise_numbers(unit: &mut Unit, least: i64) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE crl SET number = CASE WHEN number < $1 THEN $1 ELSE number END, changes = changes + 1").bind(least))
}

/// Notes as revoked what a list from outside names and this database does not know. True when it was not there.
pub(super) async fn insert_lost(unit: &mut Unit, (new, at, reason): (&NewStatus, Moment, Reason)) -> Result<bool, DatabaseError> {
    let inserted = execute!(
        unit,
        sqlx::query(
            "INSERT INTO certificate_status (authority_id, serial, shard, state, not_after, revoked_at, reason)
             VALUES ($1, $2, $3, 'revoked', $4, $5, $6) ON CONFLICT (authority_id, serial) DO NOTHING"
        )
        .bind(new.authority)
        .bind(new.serial.as_bytes())
        .bind(new.shard)
        .bind(new.not_after)
        .bind(at)
        .bind(reason.as_str())
    )?;
    Ok(inserted == 1)
}

/// The list that was published last, from outside: the next one may not forget what stands on it, nor have a lower number.
pub(super) async fn adopt_list(unit: &mut Unit, list: &Made) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "UPDATE crl SET number = CASE WHEN number < $1 THEN $1 ELSE number END, this_update = $2, next_update = $3, der = $4,
             changes = changes + 1 WHERE authority_id = $5 AND shard = $6"
        )
        .bind(list.number)
        .bind(list.this_update)
        .bind(list.next_update)
        .bind(&list.der)
        .bind(list.authority)
        .bind(list.shard)
    )
    .map(drop)
}
