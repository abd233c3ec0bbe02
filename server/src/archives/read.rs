//! Questions about the archive. None of them opens anything.

use std::collections::BTreeMap;

use super::{CompanyKey, store};
use crate::platform::{
    database::{Connection, DatabaseError},
    id::{CertificateId, CompanyId, CompanyKeyId, EmployeeId, HolderId},
};

/// Whether somebody can hold a share: whether they have a key pair.
///
/// # Errors
/// When the database fails.
pub async fn is_holder(connection: &mut impl Connection, holder: HolderId) -> Result<bool, DatabaseError> {
    Ok(store::holder(connection, holder).await?.is_some())
}

/// The present key of a company.
///
/// # Errors
/// When the database fails.
pub async fn current_key(connection: &mut impl Connection, company: CompanyId) -> Result<Option<CompanyKey>, DatabaseError> {
    store::current_key(connection, company).await
}

/// Who holds a share of a company's key.
///
/// # Errors
/// When the database fails.
pub async fn holders_of(connection: &mut impl Connection, key: CompanyKeyId) -> Result<Vec<HolderId>, DatabaseError> {
    Ok(store::shares(connection, key).await?.into_iter().map(|(holder, _)| holder).collect())
}

/// The archived keys of an employee, each with the generations of the company's key that it is sealed to.
///
/// # Errors
/// When the database fails.
pub async fn keys_of(
    connection: &mut impl Connection,
    employee: EmployeeId,
) -> Result<BTreeMap<CertificateId, Vec<CompanyKeyId>>, DatabaseError> {
    let mut found = BTreeMap::<CertificateId, Vec<CompanyKeyId>>::new();
    for (certificate, key) in store::company_copies(connection, employee).await? {
        found.entry(certificate).or_default().extend(key);
    }
    Ok(found)
}
