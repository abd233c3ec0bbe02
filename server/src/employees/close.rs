//! A company closes: everybody in it leaves, and every certificate that was issued for it is revoked, its own too, in one unit.

use certs::revocation::Reason;

use super::{error::EmployeeError, store};
use crate::{
    accounts, audit, certificates, companies, cpr_numbers, keycards,
    notices::{self, Sealed},
    phones,
    platform::{actor::Author, database::Unit, id::CompanyId},
    tokens,
    webhooks::{self, Event, EventKind},
};

/// What closing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// So many people left.
    pub employees: usize,
    /// So many certificates were revoked.
    pub certificates: usize,
}

/// Closes a company. `told` is what everybody who leaves is told, as when they leave alone.
///
/// # Errors
/// `AlreadyClosed` and `NotFound` of the company.
pub async fn close(unit: &mut Unit, company: CompanyId, told: &Sealed, author: Author) -> Result<Closed, EmployeeError> {
    companies::close(unit, company).await?;
    let people = store::of_company(unit, company).await?;
    for (employee, account) in &people {
        store::leave(unit, *employee).await?;
        keycards::block_all(unit, *account, author).await?;
        tokens::block_all(unit, *account, author).await?;
        phones::block_all(unit, *account, author).await?;
        accounts::block(unit, *account, author).await?;
        cpr_numbers::forget(unit, company, *employee, author).await?;
        let event =
            audit::Event::new("employee.left", author, format_args!("employee:{employee}")).company(company).fact("account", account);
        audit::record(unit, event).await?;
        notices::tell(unit, (*employee).into(), told).await?;
    }
    let left: Vec<Event> = people.iter().map(|(employee, _)| Event::new(EventKind::EmployeeLeft).with("employee", employee)).collect();
    webhooks::tell_all(unit, company, &left).await?;
    let revoked = certificates::revoke_all_of_company(unit, company, author, Reason::CessationOfOperation).await?;
    let closed = Closed { employees: people.len(), certificates: revoked.len() };
    let event = audit::Event::new("company.closed", author, format_args!("company:{company}"))
        .company(company)
        .fact("employees", closed.employees)
        .fact("certificates", closed.certificates);
    audit::record(unit, event).await?;
    Ok(closed)
}
