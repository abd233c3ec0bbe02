//! A code token for an employee: given by its serial number, taken back, blocked.

use super::{Employee, EmployeeError, EmployeeState, factors, reissue, store};
use crate::{
    audit,
    config::Tokens,
    platform::{actor::Author, database::Unit, id::CodeTokenId},
    tokens::{self, Reach, Taker},
};

/// Gives a token of the stock to an employee, where the company allows code tokens.
///
/// # Errors
/// [`EmployeeError::TokensNotAllowed`]; [`EmployeeError::NotActive`]; [`EmployeeError::StillWaits`]; as [`tokens::assign`].
pub async fn assign(
    unit: &mut Unit,
    employee: &Employee,
    (serial, reach): (&str, Reach),
    settings: Tokens,
    author: Author,
) -> Result<CodeTokenId, EmployeeError> {
    let Employee { id, company, account, .. } = *employee;
    if !factors::allowed(unit, company).await?.token {
        return Err(EmployeeError::TokensNotAllowed);
    }
    let token = tokens::assign(unit, Taker { account, company, reach }, serial, settings, author).await?;
    // Looked at after the person's factors were taken for this unit: who leaves meanwhile waits, or is seen.
    let now = store::employee(unit, company, id).await?.ok_or(EmployeeError::NotFound)?;
    if now.state != EmployeeState::Active {
        return Err(EmployeeError::NotActive);
    }
    let at = unit.now();
    reissue::require_own_time(unit, id, at).await?;
    let event = audit::Event::new("employee.token_assigned", author, format_args!("employee:{id}")).company(company);
    audit::record(unit, event.fact("token", token)).await?;
    Ok(token)
}

/// Takes it back into the stock; one that is blocked or worn is given up.
///
/// # Errors
/// As [`tokens::unassign`].
pub async fn take_back(unit: &mut Unit, employee: &Employee, author: Author) -> Result<(), EmployeeError> {
    tokens::unassign(unit, employee.account, author).await?;
    note(unit, employee, "employee.token_taken_back", author).await
}

/// Blocks what the employee has. Blocking it again is no error.
///
/// # Errors
/// [`EmployeeError::Token`] when there is none.
pub async fn block(unit: &mut Unit, employee: &Employee, author: Author) -> Result<(), EmployeeError> {
    if tokens::read::held(unit, employee.account).await?.is_empty() {
        return Err(tokens::TokenError::NoToken.into());
    }
    tokens::block_all(unit, employee.account, author).await?;
    note(unit, employee, "employee.token_blocked", author).await
}

async fn note(unit: &mut Unit, employee: &Employee, what: &'static str, author: Author) -> Result<(), EmployeeError> {
    let event = audit::Event::new(what, author, format_args!("employee:{}", employee.id)).company(employee.company);
    Ok(audit::record(unit, event).await?)
}
