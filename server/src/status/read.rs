//! Questions about the public truth.

use certs::{revocation::Reason, serial::Serial};

use super::{
    FULL, Known, Seen,
    check::{Checked, Finding, Found},
    store,
};
use crate::platform::{
    database::{DatabaseError, Reader},
    id::AuthorityId,
    moment::Moment,
};

/// What is known of a serial; none when this authority never issued it.
///
/// # Errors
/// When the database fails or a row cannot be understood.
pub async fn known(reader: &mut Reader, authority: AuthorityId, serial: &Serial) -> Result<Option<Known>, DatabaseError> {
    store::status(reader, authority, serial.as_bytes()).await?.map(understood).transpose()
}

/// When the world could see the revocation of a serial; nothing before it was.
///
/// # Errors
/// When the database fails.
pub async fn seen(reader: &mut Reader, authority: AuthorityId, serial: &Serial) -> Result<Seen, DatabaseError> {
    let row = store::seen(reader, authority, serial.as_bytes()).await?;
    Ok(row.map(|(answered_at, listed_at)| Seen { answered_at, listed_at }).unwrap_or_default())
}

/// What the checker last found about an authority.
///
/// # Errors
/// When the database fails or a row cannot be understood.
pub async fn checked(reader: &mut Reader, authority: AuthorityId) -> Result<Option<Checked>, DatabaseError> {
    let Some(row) = store::checked(reader, authority).await? else { return Ok(None) };
    let found = match row.finding {
        None => None,
        Some(word) => {
            let finding = Finding::of(&word).ok_or(DatabaseError::Corrupt { what: "finding", value: word })?;
            Some(Found { finding, place: row.place.unwrap_or_default() })
        }
    };
    Ok(Some(Checked { checked_at: row.checked_at, lists: row.lists, entries: row.entries, found }))
}

/// How many lists an authority has in shards, and which of them all has to be renewed first, and when.
///
/// # Errors
/// When the database fails.
pub async fn next_list(reader: &mut Reader, authority: AuthorityId) -> Result<(i64, Option<Moment>), DatabaseError> {
    let shards = store::shards(reader, authority).await?;
    let count = shards.iter().filter(|shard| **shard != FULL).count();
    Ok((i64::try_from(count).unwrap_or(i64::MAX), store::first_next_update(reader, authority).await?))
}

/// When the certificate of an authority's responder ends.
///
/// # Errors
/// When the database fails.
pub async fn responder_end(reader: &mut Reader, authority: AuthorityId) -> Result<Option<Moment>, DatabaseError> {
    store::responder_end(reader, authority).await
}

/// The serial of a row.
pub(super) fn serial(octets: &[u8]) -> Result<Serial, DatabaseError> {
    Serial::from_bytes(octets).map_err(|error| DatabaseError::Corrupt { what: "serial", value: error.to_string() })
}

/// A published list.
#[derive(Clone, Debug)]
pub struct Crl {
    /// The list, DER.
    pub der: Vec<u8>,
    /// Its number.
    pub number: i64,
    /// When it was made.
    pub this_update: Moment,
    /// When the next will have been made.
    pub next_update: Moment,
}

/// The newest list of a shard; none where no certificate points.
///
/// # Errors
/// When the database fails.
pub async fn crl(reader: &mut Reader, authority: AuthorityId, shard: i64) -> Result<Option<Crl>, DatabaseError> {
    let Some(row) = store::crl(reader, authority, shard).await? else { return Ok(None) };
    let (Some(der), Some(this_update), Some(next_update)) = (row.der, row.this_update, row.next_update) else { return Ok(None) };
    Ok(Some(Crl { der, number: row.number, this_update, next_update }))
}

fn understood((state, at, reason): store::StatusRow) -> Result<Known, DatabaseError> {
    match state.as_str() {
        "good" => Ok(Known::Good),
        "revoked" => revocation(at, reason).map(|(at, reason)| Known::Revoked { at, reason }),
        _ => Err(DatabaseError::Corrupt { what: "certificate status", value: state }),
    }
}

/// Moment and reason of a revoked row.
pub(super) fn revocation(at: Option<Moment>, reason: Option<String>) -> Result<(Moment, Reason), DatabaseError> {
    let word = reason.unwrap_or_default();
    match (at, Reason::parse(&word)) {
        (Some(at), Some(reason)) => Ok((at, reason)),
        (_, _) => Err(DatabaseError::Corrupt { what: "revocation", value: word }),
    }
}
