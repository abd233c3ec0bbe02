//! Good rows that cannot be imported now: the person is in the company already, or somebody there has the number.

use super::{
    judge,
    model::{Import, Row, RowFault, RowState},
};
use crate::{
    certificates,
    employees::{EmployeeError, store},
    platform::{database::Unit, fault::FieldFault},
};

/// The lines of such rows.
#[derive(Debug, Default)]
pub(super) struct There {
    people: Vec<i64>,
    numbers: Vec<i64>,
}

impl There {
    /// Looks for them among stored rows that follow each other.
    pub(super) async fn find(unit: &mut Unit, import: &Import, rows: &[Row]) -> Result<Self, EmployeeError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Self::default()) };
        let people = store::people_there(unit, import.company, import.id, (first.line, last.line)).await?;
        let mut numbered: Vec<(&str, i64)> = Vec::new();
        for row in rows.iter().filter(|row| row.state == RowState::Good && !people.contains(&row.line)) {
            numbered.extend(row.rid.as_deref().map(|number| (number, row.line)));
        }
        let asked: Vec<&str> = numbered.iter().map(|(number, _)| *number).collect();
        let taken = certificates::numbers_taken(unit, import.company, &asked).await?;
        let numbers = numbered.into_iter().filter(|(number, _)| taken.iter().any(|one| one == number)).map(|(_, line)| line).collect();
        Ok(Self { people, numbers })
    }

    /// Whether a line is among them.
    pub(super) fn holds(&self, line: i64) -> bool {
        self.people.contains(&line) || self.numbers.contains(&line)
    }

    /// How many.
    pub(super) fn count(&self) -> usize {
        self.people.len() + self.numbers.len()
    }

    /// Says so of their rows. Gives how many were good until then.
    pub(super) async fn mark(&self, unit: &mut Unit, import: &Import, state: RowState) -> Result<u64, EmployeeError> {
        let number: RowFault = FieldFault::new("rid", "field_rid_taken").into();
        let people = store::mark_rows(unit, import.id, &self.people, state, Some(&judge::is_there())).await?;
        Ok(people + store::mark_rows(unit, import.id, &self.numbers, state, Some(&number)).await?)
    }
}
