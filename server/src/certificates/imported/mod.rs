//! Certificates that somebody else issued, held here with their keys for a company's seal or its mail.
//!
//! Promise: the key of a file is in the keystore, sealed, or nowhere; a token's key never leaves it. A row is *intended* before the key is
//! stored and *active* after it has signed a proof; it is *removed* before the key is deleted, and [`sweep`] deletes what a crash left.
//! What revoked it elsewhere is not known here: whoever seals learns it from the verdict.

mod end;
mod model;
mod prepare;
mod take;

use super::store;

pub use self::{
    end::{end_of_company, remove, sweep},
    model::{Imported, KeyHome, Standing},
    prepare::{Prepared, from_file, from_token},
    take::{confirm, intend, keep},
};
use super::CertificateError;
use crate::platform::{
    database::{Connection, DatabaseError, Reader, Unit},
    id::{CertificateId, CompanyId, Id as _},
    moment::Moment,
};

/// A company's that are active, the newest first; at most a page of them.
///
/// # Errors
/// When the database fails.
pub async fn of_company(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Imported>, DatabaseError> {
    store::imported::of_company(connection, company).await
}

/// One of a company's that is active.
///
/// # Errors
/// When the database fails.
pub async fn one(reader: &mut Reader, company: CompanyId, id: CertificateId) -> Result<Option<Imported>, DatabaseError> {
    store::imported::active(reader, company, id).await
}

/// Those that reached a mark before their end of which nobody was told, by company, each with the mark in days.
///
/// # Errors
/// When the database fails.
pub async fn ending(reader: &mut Reader, now: Moment) -> Result<Vec<(Imported, i64)>, DatabaseError> {
    let mut found = Vec::new();
    let mut from = now;
    for days in super::ending::MARKS {
        let to = now.plus(time::Duration::days(days));
        found.extend(store::imported::untold(reader, (from, to), days).await?.into_iter().map(|row| (row, days)));
        from = to;
    }
    Ok(found)
}

/// Notes that the administrators are told in this very unit; false when they were before.
///
/// # Errors
/// When the database fails.
pub async fn note(unit: &mut Unit, imported: &Imported, days: i64) -> Result<bool, CertificateError> {
    Ok(store::endings::note(unit, imported.id.uuid(), days).await?)
}
