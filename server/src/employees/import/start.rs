//! An administrator starts an import after its dry run, or cancels it.
//!
//! Whether *all* can be imported is decided at the start, against the employees of those moments: in portions, since others would wait for a look
//! at a whole town. Whom somebody invites later is refused on the way, and the others go on.

use super::{
    keep::ROWS_AT_ONCE,
    model::{COUNTED, Import, ImportState, KEPT, RowState, Way},
    run::{Payload, RUN},
    there::There,
};
use crate::{
    audit,
    employees::{EmployeeError, store},
    platform::{actor::Author, database::Unit, id::AccountId, queue},
};

/// Refuses to start what is not waiting for it, or has nobody to invite; for *all*, what has bad rows.
///
/// # Errors
/// [`EmployeeError::ImportMoved`], [`EmployeeError::ImportNobody`], [`EmployeeError::ImportBad`].
pub fn may_start(import: &Import, way: Way) -> Result<(), EmployeeError> {
    if import.state != ImportState::Checked {
        return Err(EmployeeError::ImportMoved);
    }
    if import.counts.good == 0 {
        return Err(EmployeeError::ImportNobody);
    }
    if way == Way::All && import.counts.bad > 0 {
        return Err(EmployeeError::ImportBad { rows: import.counts.bad });
    }
    Ok(())
}

/// Starts an import, in the name of whoever does.
///
/// # Errors
/// As [`may_start`]; [`EmployeeError::ImportRuns`] while another of the company runs; [`EmployeeError::TooManyPeople`].
pub async fn start(unit: &mut Unit, import: &Import, way: Way, by: AccountId, most_a_day: i64) -> Result<(), EmployeeError> {
    let import = store::import(unit, import.company, import.id).await?.ok_or(EmployeeError::NotFound)?;
    may_start(&import, way)?;
    if !store::take_turn(unit, import.company, import.id).await? {
        return Err(EmployeeError::ImportRuns);
    }
    let today = store::imported_since(unit, import.company, unit.now().plus(-COUNTED)).await?;
    if today + import.counts.good > most_a_day {
        return Err(EmployeeError::TooManyPeople { most: most_a_day });
    }
    if !store::start_import(unit, import.id, way, by).await? {
        return Err(EmployeeError::ImportMoved);
    }
    let payload = Payload { company: import.company, import: import.id, from: import.next_line };
    queue::enqueue(unit, RUN, &payload, unit.now()).await?;
    record(unit, &import, "employee_import.started", Author::Account(by), import.counts.good).await
}

/// What a portion of rows showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// So many people were invited since the dry run: their rows are bad now.
    pub found: i64,
    /// The line where the next portion begins; none at the end.
    pub next: Option<i64>,
}

/// Marks the rows of people whom somebody invited since the dry run, in a portion from a line on.
///
/// # Errors
/// [`EmployeeError::ImportMoved`] when it is not waiting for its start.
pub async fn look(unit: &mut Unit, import: &Import, from: i64, author: Author) -> Result<Looked, EmployeeError> {
    let most = i64::try_from(ROWS_AT_ONCE).unwrap_or(i64::MAX);
    let rows = store::import_people(unit, import.id, RowState::Good, from, most).await?;
    let Some(last) = rows.last() else { return Ok(Looked { found: 0, next: None }) };
    let found = There::find(unit, import, &rows).await?.mark(unit, import, RowState::Bad).await?;
    let found = i64::try_from(found).unwrap_or(i64::MAX);
    if !store::count_bad(unit, import.id, found).await? {
        return Err(EmployeeError::ImportMoved);
    }
    if found > 0 {
        record(unit, import, "employee_import.found_bad", author, found).await?;
    }
    Ok(Looked { found, next: (rows.len() == ROWS_AT_ONCE).then_some(last.line + 1) })
}

async fn record(unit: &mut Unit, import: &Import, action: &'static str, author: Author, rows: i64) -> Result<(), EmployeeError> {
    let event = audit::Event::new(action, author, format_args!("import:{}", import.id)).company(import.company).fact("rows", rows);
    Ok(audit::record(unit, event).await?)
}

/// Ends an import before its end, whoever started it: whom it has invited stays so. The people of one that never began are forgotten soon.
///
/// # Errors
/// [`EmployeeError::ImportMoved`] for one that ended.
pub async fn cancel(unit: &mut Unit, import: &Import, author: Author) -> Result<(), EmployeeError> {
    let import = store::import(unit, import.company, import.id).await?.ok_or(EmployeeError::NotFound)?;
    if !import.may_cancel() {
        return Err(EmployeeError::ImportMoved);
    }
    let forget_at = unit.now().plus(if import.state == ImportState::Running { KEPT } else { time::Duration::ZERO });
    if !store::end_import(unit, import.id, import.state, ImportState::Cancelled, forget_at).await? {
        return Err(EmployeeError::ImportMoved);
    }
    store::end_turn(unit, import.company, import.id).await?;
    record(unit, &import, "employee_import.cancelled", author, import.counts.invited).await
}
