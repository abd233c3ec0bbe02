//! An employee's CPR number, where the company takes any: noted once by an administrator, and asked about. Its day of birth is the person's birth date: it
//! must be the one on record, and is put on record where nobody told one yet, so that the rules of age hold from then on.

use super::{
    error::EmployeeError,
    identify::{self, identify},
    model::{Employee, EmployeeState},
    store,
};
use crate::{
    companies::{self, Company},
    cpr_numbers::{self, CprError, CprNumber},
    notices::{self, Kind, Notice},
    platform::{actor::Author, day::Day, fault::FieldFault, ground::Ground, secret::Secret},
    proofing::{self, YOUNGEST},
};

const FIELD: &str = "cpr";

/// Notes an employee's number. The person is told by mail, without it.
///
/// # Errors
/// [`CprError::NotSubscribed`], [`CprError::Taken`]; [`EmployeeError::AlreadyLeft`]; [`EmployeeError::Invalid`] for what is no number, whoever is not 15, and
/// another birth date than the one on record.
pub async fn note(
    ground: &Ground,
    company: &Company,
    employee: &Employee,
    typed: &Secret<String>,
    author: Author,
) -> Result<(), EmployeeError> {
    if employee.state == EmployeeState::Left {
        return Err(EmployeeError::AlreadyLeft);
    }
    let number = read(ground, company, typed).await?;
    if number.birth().years_until(Day::of(ground.clock().now())) < YOUNGEST {
        return Err(EmployeeError::Invalid(vec![FieldFault::new(FIELD, "field_proofing_young").with("years", YOUNGEST)]));
    }
    if proofing::read::known_birth(ground, employee.id).await?.is_some_and(|known| known != number.birth()) {
        return Err(EmployeeError::Invalid(vec![FieldFault::new(FIELD, "field_cpr_birth_date")]));
    }
    let identity = identify(ground, employee.id, Some(number.birth())).await?;
    let prepared = cpr_numbers::prepare(ground, company.id, &number).await?;
    let told = notices::seal(ground, &Notice::mail(Kind::CprNoted).with("company", &company.legal_name)).await?;
    ground
        .database
        .write(async |unit| -> Result<(), EmployeeError> {
            companies::hold_open(unit, company.id).await?;
            if !store::hold(unit, employee.id).await? {
                return Err(EmployeeError::AlreadyLeft);
            }
            cpr_numbers::note(unit, employee.id, &prepared, author).await?;
            identify::store(unit, &identity, employee, author).await?;
            notices::tell(unit, employee.id.into(), &told).await?;
            Ok(())
        })
        .await
}

/// Whether a number is an employee's, yes or no.
///
/// # Errors
/// As [`cpr_numbers::is_it`]; [`EmployeeError::Invalid`] for what is no number, which counts as no question.
pub async fn is_it(
    ground: &Ground,
    company: &Company,
    employee: &Employee,
    typed: &Secret<String>,
    author: Author,
) -> Result<bool, EmployeeError> {
    let number = read(ground, company, typed).await?;
    let prepared = cpr_numbers::prepare(ground, company.id, &number).await?;
    Ok(ground.database.write(async |unit| cpr_numbers::is_it(unit, employee.id, &prepared, author).await).await?)
}

/// Reads a number, where the company takes any: without a subscription not even its form is judged.
async fn read(ground: &Ground, company: &Company, typed: &Secret<String>) -> Result<CprNumber, EmployeeError> {
    if cpr_numbers::read::subscription(&mut ground.database.read().await?, company.id).await?.is_none() {
        return Err(CprError::NotSubscribed.into());
    }
    CprNumber::parse(typed).map_err(|rule| EmployeeError::Invalid(vec![FieldFault::new(FIELD, rule)]))
}

/// How a known number is shown: by the day of birth alone, as `130276-xxxx`. Nothing without a number or a birth date on record.
///
/// # Errors
/// When database or keystore fail.
pub async fn shown(ground: &Ground, employee: &Employee) -> Result<Option<String>, EmployeeError> {
    if !cpr_numbers::read::is_noted(&mut ground.database.read().await?, employee.id).await? {
        return Ok(None);
    }
    Ok(proofing::read::known_birth(ground, employee.id).await?.map(masked))
}

/// The day of birth as numbers begin.
fn masked(birth: Day) -> String {
    let text = birth.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!("{}{}{}-xxxx", part(8, 10), part(5, 7), part(2, 4))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_number_is_shown_by_its_day_of_birth_alone() {
        assert_eq!(masked(Day::parse("1976-02-13").unwrap()), "130276-xxxx");
    }
}
