//! Questions about the time-stamping units.

use super::store;
use crate::platform::{
    database::{DatabaseError, Reader},
    moment::Moment,
};

/// A unit that stamps or has stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The label of its key.
    pub key_label: String,
    /// When its certificate ends.
    pub not_after: Moment,
    /// `active` or `retired`.
    pub state: String,
    /// Since when it stamps.
    pub installed_at: Moment,
}

/// The newest units first, at most ten.
///
/// # Errors
/// When the database fails.
pub async fn units(reader: &mut Reader) -> Result<Vec<Unit>, DatabaseError> {
    let rows = store::units(reader).await?;
    let unit = |row: store::ListedRow| Unit {
        certificate: row.certificate,
        key_label: row.key_label,
        not_after: row.not_after,
        state: row.state,
        installed_at: row.installed_at,
    };
    Ok(rows.into_iter().map(unit).collect())
}
