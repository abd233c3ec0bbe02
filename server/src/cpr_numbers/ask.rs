//! Answers whether a number is an employee's, yes or no: never which is.

use subtle::ConstantTimeEq as _;
use time::Duration;

use super::{CprError, model::MOST_WRONG, note::Prepared, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::EmployeeId},
};

/// Whether the number is this employee's. Every question stands in the audit, without the number.
///
/// # Errors
/// [`CprError::NotSubscribed`], [`CprError::NotNoted`]; [`CprError::TooManyWrong`] after five that were answered no within a day, whatever is asked then.
pub async fn is_it(unit: &mut Unit, employee: EmployeeId, prepared: &Prepared, author: Author) -> Result<bool, CprError> {
    if store::subscription(unit, prepared.company).await?.is_none() {
        return Err(CprError::NotSubscribed);
    }
    let known = store::number_mac(unit, employee).await?.ok_or(CprError::NotNoted)?;
    let since = unit.now().plus(-Duration::DAY);
    if store::count_try(unit, employee, since).await? > MOST_WRONG {
        return Err(CprError::TooManyWrong { most: MOST_WRONG });
    }
    let same = bool::from(known.as_slice().ct_eq(&prepared.mac));
    if same {
        store::uncount_try(unit, employee).await?;
    }
    let event = audit::Event::new("cpr.asked", author, format_args!("employee:{employee}")).company(prepared.company);
    audit::record(unit, event.fact("matched", same)).await?;
    Ok(same)
}
