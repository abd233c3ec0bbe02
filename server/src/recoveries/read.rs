//! Questions about recoveries.

use uuid::Uuid;

use super::{model::Recovery, store};
use crate::{
    employees,
    platform::{
        actor::{Actor, Role},
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError},
        id::{AccountId, CompanyId, EmployeeId, HolderId, Id as _, RecipientId, RecoveryId},
        limits,
        moment::Moment,
        secret,
    },
};

/// A recovery of the actor's own company.
///
/// # Errors
/// When the database fails.
pub async fn of_company(connection: &mut impl Connection, actor: &Actor, id: RecoveryId) -> Result<Option<Recovery>, DatabaseError> {
    let found = store::by_id(connection, id).await?;
    Ok(found.filter(|recovery| Some(recovery.company) == actor.company))
}

/// A recovery that the actor may see: of the company for its administrators, of one's own keys for everybody.
///
/// # Errors
/// When the database fails.
pub async fn visible(connection: &mut impl Connection, actor: &Actor, id: RecoveryId) -> Result<Option<Recovery>, DatabaseError> {
    let found = of_company(connection, actor, id).await?;
    Ok(found.filter(|recovery| actor.is(Role::Administrator) || Some(recovery.employee) == actor.employee))
}

/// What a mailed link still objects to.
///
/// # Errors
/// When the database fails.
pub async fn objectable(connection: &mut impl Connection, link: &str, now: Moment) -> Result<Option<Recovery>, DatabaseError> {
    let found = store::by_objection(connection, &secret::token_hash(link)).await?;
    Ok(found.filter(|recovery| recovery.is_objectable(now)))
}

/// The recoveries that the actor may see, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, actor: &Actor, after: Option<&Cursor>) -> Result<Listing<Recovery>, DatabaseError> {
    let before = after.map_or_else(|| RecoveryId::from_uuid(Uuid::max()), |cursor| RecoveryId::from_uuid(cursor.id));
    let most = limits::PAGE_ROWS + 1;
    let rows = match (actor.company, actor.employee) {
        (Some(company), _) if actor.is(Role::Administrator) => store::of_company(connection, company, before, most).await?,
        (_, Some(employee)) => store::of_employee(connection, employee, before, most).await?,
        (_, None) => Vec::new(),
    };
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row: &Recovery| row.id))
}

/// What waits for this administrator of the company: for their approval, or for them to collect. The oldest first.
///
/// # Errors
/// When the database fails.
pub async fn waiting_for(
    connection: &mut impl Connection,
    actor: &Actor,
    company: CompanyId,
    now: Moment,
    most: i64,
) -> Result<Vec<Recovery>, DatabaseError> {
    store::waiting_for(connection, company, actor.account, now, most).await
}

/// Somebody who is told.
pub(super) enum Party {
    /// By account.
    Account(AccountId),
    /// By employee.
    Employee(EmployeeId),
    /// By holder: an account's person or a signatory.
    Holder(HolderId),
}

/// Where somebody is told things.
pub(super) async fn recipient(connection: &mut impl Connection, party: Party) -> Result<Option<RecipientId>, DatabaseError> {
    let account = match party {
        Party::Employee(employee) => return Ok(Some(employee.into())),
        Party::Account(account) => account,
        Party::Holder(holder) => AccountId::from_uuid(holder.uuid()),
    };
    let employee = employees::read::of_account(connection, account).await?;
    match (employee, party) {
        (Some(employee), _) => Ok(Some(employee.id.into())),
        // No account: a signatory, whose contact has the signatory's own id.
        (None, Party::Holder(holder)) => Ok(Some(RecipientId::from_uuid(holder.uuid()))),
        (None, Party::Account(_) | Party::Employee(_)) => Ok(None),
    }
}

/// The name of an employee whose keys a recovery is about.
///
/// # Errors
/// When the database fails.
pub async fn name_of(connection: &mut impl Connection, recovery: &Recovery) -> Result<String, DatabaseError> {
    let found = employees::read::employee(connection, recovery.company, recovery.employee).await?;
    Ok(found.map(|employee| employee.name().to_owned()).unwrap_or_default())
}
