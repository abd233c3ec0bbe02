//! Notes an employee's number: what the keystore makes of it, outside any unit; then the row and the audit in the caller's.

use zeroize::Zeroizing;

use super::{CprError, model::CprNumber, read, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

const NUMBER: &str = "cpr/number/v1";

/// What the keystore made of a number, for one company.
pub struct Prepared {
    pub(super) company: CompanyId,
    pub(super) mac: [u8; 32],
}

/// Asks the keystore. Whoever has rows and keystore can try all numbers of a day in a moment: the keyed hash keeps a copy of the database from telling.
///
/// # Errors
/// [`CprError::NotSubscribed`]; when the keystore fails.
pub async fn prepare(ground: &Ground, company: CompanyId, number: &CprNumber) -> Result<Prepared, CprError> {
    if read::subscription(&mut ground.database.read().await?, company).await?.is_none() {
        return Err(CprError::NotSubscribed);
    }
    let data = Zeroizing::new(format!("{company}|{}", number.digits().reveal()).into_bytes());
    let mac = ground.with_keystore(move |keystore| keystore.hmac(NUMBER, &data)).await?;
    Ok(Prepared { company, mac })
}

/// Notes it as this employee's, in place of another that was noted.
///
/// # Errors
/// [`CprError::NotSubscribed`] when that ended meanwhile; [`CprError::Taken`].
pub async fn note(unit: &mut Unit, employee: EmployeeId, prepared: &Prepared, author: Author) -> Result<(), CprError> {
    // Under the subscription's row the notes of a company come one after the other.
    if !store::hold_subscription(unit, prepared.company).await? {
        return Err(CprError::NotSubscribed);
    }
    if store::holder(unit, prepared.company, &prepared.mac).await?.is_some_and(|holder| holder != employee) {
        return Err(CprError::Taken);
    }
    store::put(unit, prepared.company, employee, &prepared.mac).await?;
    let event = audit::Event::new("cpr.noted", author, format_args!("employee:{employee}")).company(prepared.company);
    Ok(audit::record(unit, event).await?)
}

/// Forgets the number of an employee, if one is known. Whether one was.
///
/// # Errors
/// When the database fails.
pub async fn forget(unit: &mut Unit, company: CompanyId, employee: EmployeeId, author: Author) -> Result<bool, CprError> {
    if !store::forget(unit, employee).await? {
        return Ok(false);
    }
    let event = audit::Event::new("cpr.forgotten", author, format_args!("employee:{employee}")).company(company);
    audit::record(unit, event).await?;
    Ok(true)
}
