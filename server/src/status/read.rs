//! Questions about the public truth.

use certs::{revocation::Reason, serial::Serial};

use super::{Known, Seen, store};
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
