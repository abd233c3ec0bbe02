//! Questions about certificates.

use certs::{profiles::Kind, serial::Serial};
use uuid::Uuid;

use super::{Certificate, Scope, State, store};
use crate::platform::{
    cursor::{Cursor, Listing},
    database::{DatabaseError, Reader},
    id::{AuthorityId, CertificateId, CompanyId, EmployeeId, Id as _},
    limits,
    moment::Moment,
};

/// Where a list begins whose newest comes first: an id after all others.
pub(super) fn after_all() -> CertificateId {
    CertificateId::from_uuid(Uuid::max())
}

/// The newest certificates of an employee, at most a page of them.
///
/// # Errors
/// When the database fails.
pub async fn of_employee(reader: &mut Reader, employee: EmployeeId) -> Result<Vec<Certificate>, DatabaseError> {
    store::of_employee(reader, employee, after_all(), limits::PAGE_ROWS).await
}

/// A company's certificates, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_company(reader: &mut Reader, company: CompanyId, after: Option<&Cursor>) -> Result<Listing<Certificate>, DatabaseError> {
    listed(reader, Scope::Company(company), after).await
}

/// What lies within a scope, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn listed(reader: &mut Reader, scope: Scope, after: Option<&Cursor>) -> Result<Listing<Certificate>, DatabaseError> {
    let before = after.map_or_else(after_all, |cursor| CertificateId::from_uuid(cursor.id));
    let most = limits::PAGE_ROWS + 1;
    let rows = match scope {
        Scope::Company(company) => store::of_company(reader, company, before, most).await?,
        Scope::Employee(employee) => store::of_employee(reader, employee, before, most).await?,
        Scope::Everything => store::all(reader, before, most).await?,
        Scope::Nothing => Vec::new(),
    };
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row: &Certificate| row.id))
}

/// The certificate with this serial number.
///
/// # Errors
/// When the database fails.
pub async fn by_serial(reader: &mut Reader, serial: &Serial) -> Result<Option<Certificate>, DatabaseError> {
    store::by_serial(reader, serial).await
}

/// The certificate with this id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(reader: &mut Reader, id: CertificateId) -> Result<Option<Certificate>, DatabaseError> {
    store::by_id(reader, id).await
}

/// With which certificate an employee signs documents at this moment; its `der` is there.
///
/// # Errors
/// When the database fails.
pub async fn signing_certificate_of(reader: &mut Reader, employee: EmployeeId, now: Moment) -> Result<Option<Certificate>, DatabaseError> {
    store::usable_of_employee(reader, employee, Kind::Signing, now).await
}

/// An employee's newest certificate of a kind that is active and valid at this moment; its `der` is there.
///
/// # Errors
/// When the database fails.
pub async fn usable_of(reader: &mut Reader, employee: EmployeeId, kind: Kind, now: Moment) -> Result<Option<Certificate>, DatabaseError> {
    store::usable_of_employee(reader, employee, kind, now).await
}

/// The newest active certificate of the service's own.
pub(super) async fn own(reader: &mut Reader, authority: AuthorityId, kind: Kind) -> Result<Option<Certificate>, DatabaseError> {
    store::newest_own(reader, authority, kind, State::Active).await
}
