//! What a company says of an employee for itself: unit, job title, groups, and the number (RID) that certificates of the family `oces2` carry.
//! Nothing of it but the number stands in a certificate. A number is given before the first such certificate, and stays.

use super::{
    error::EmployeeError,
    model::{Details, Employee, EmployeeState},
    store,
};
use crate::{
    audit, certificates,
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        id::{CompanyId, EmployeeId, Id as _},
        text,
    },
};

/// The longest unit, title or group, in characters.
const CHARACTERS: usize = 64;
/// The most groups of one person.
const MOST_GROUPS: usize = 10;

/// What was said, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    details: Details,
    number: Option<String>,
}

impl Said {
    /// Reads what an administrator said; empty texts are left out, a group that stands twice counts once.
    ///
    /// # Errors
    /// The faults, each with its field: `unit`, `title`, `groups` (at most ten), each text at most 64 characters; `rid` (1 to 16 digits).
    pub fn read(unit: &str, title: &str, groups: &[String], rid: &str) -> Result<Self, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut line = |field: &str, typed: &str| {
            let read = if typed.trim().is_empty() { Ok(String::new()) } else { text::line(typed, CHARACTERS) };
            read.map_err(|fault| faults.push(FieldFault::text(field, fault))).unwrap_or_default()
        };
        let (unit, title) = (line("unit", unit), line("title", title));
        let mut kept: Vec<String> = Vec::new();
        for group in groups.iter().filter(|group| !group.trim().is_empty()).map(|group| line("groups", group)) {
            if !kept.contains(&group) {
                kept.push(group);
            }
        }
        if kept.len() > MOST_GROUPS {
            faults.push(FieldFault::new("groups", "field_many").with("most", MOST_GROUPS));
        }
        let number = Some(rid.trim().to_owned()).filter(|number| !number.is_empty());
        if number.as_ref().is_some_and(|number| !certificates::is_number(number)) {
            faults.push(FieldFault::new("rid", "field_rid"));
        }
        match faults.is_empty() {
            true => Ok(Self { details: Details { unit, title, groups: kept }, number }),
            false => Err(faults),
        }
    }

    /// What was checked before.
    pub(super) const fn checked(details: Details, number: Option<String>) -> Self {
        Self { details, number }
    }

    /// The texts.
    pub const fn details(&self) -> &Details {
        &self.details
    }

    /// The number.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// Whether a number is given, which certificates will carry.
    pub fn gives_number(&self) -> bool {
        self.number.is_some()
    }
}

/// Keeps what was said.
///
/// # Errors
/// [`EmployeeError::NotFound`], [`EmployeeError::AlreadyLeft`]; [`EmployeeError::Invalid`] when somebody of the company has the number, or the person
/// has another.
pub async fn keep(unit: &mut Unit, (company, employee): (CompanyId, EmployeeId), said: &Said, author: Author) -> Result<(), EmployeeError> {
    let found = store::employee(unit, company, employee).await?.ok_or(EmployeeError::NotFound)?;
    if found.state == EmployeeState::Left || !store::keep_details(unit, employee, &said.details).await? {
        return Err(EmployeeError::AlreadyLeft);
    }
    give_and_record(unit, &found, said, author).await
}

/// Gives the number, and says in the audit that the employee was described.
///
/// # Errors
/// [`EmployeeError::Invalid`] when somebody of the company has the number, or the person has another.
pub(super) async fn give_and_record(unit: &mut Unit, employee: &Employee, said: &Said, author: Author) -> Result<(), EmployeeError> {
    if let Some(number) = &said.number
        && !certificates::give_number(unit, employee.id.uuid(), employee.company, number).await?
    {
        return Err(EmployeeError::Invalid(vec![FieldFault::new("rid", "field_rid_taken")]));
    }
    let event = audit::Event::new("employee.described", author, format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("groups", said.details.groups.len())
        .fact("number", if said.number.is_some() { "given" } else { "unchanged" });
    Ok(audit::record(unit, event).await?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_are_bounded_and_groups_count_once() {
        let groups = ["Kantine".to_owned(), " Kantine ".to_owned(), String::new()];
        let said = Said::read(" Bageriet ", "", &groups, "").unwrap();
        assert_eq!(said.details, Details { unit: "Bageriet".to_owned(), title: String::new(), groups: vec!["Kantine".to_owned()] });
        let rules = |faults: Vec<FieldFault>| faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>();
        let many: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        assert_eq!(rules(Said::read(&"a".repeat(65), "a\u{202E}", &many, "12A").unwrap_err()), ["unit", "title", "groups", "rid"]);
    }
}
