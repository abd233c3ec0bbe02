//! An administrator starts an import after its dry run, or cancels it.
//!
//! Whether *all* can be imported is decided here, in one unit, against the employees of this very moment; from then on it goes to its end, whatever
//! stops in the midst. It is not one unit itself: others would wait for it.

use super::{
    judge,
    model::{Counts, Import, ImportState, KEPT, RowState, Way},
    run::{Payload, RUN},
};
use crate::{
    audit,
    employees::{EmployeeError, store},
    platform::{actor::Author, database::Unit, queue},
};

/// What came of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs.
    Begun,
    /// All were wanted, and people were invited since the dry run: their rows are bad now. So many are.
    FoundBad(i64),
}

/// Starts an import.
///
/// # Errors
/// [`EmployeeError::ImportMoved`] when it is not waiting for this, [`EmployeeError::ImportNobody`], [`EmployeeError::ImportBad`],
/// [`EmployeeError::ImportRuns`].
pub async fn start(unit: &mut Unit, import: &Import, way: Way, author: Author) -> Result<Started, EmployeeError> {
    let import = store::import(unit, import.company, import.id).await?.ok_or(EmployeeError::NotFound)?;
    if import.state != ImportState::Checked {
        return Err(EmployeeError::ImportMoved);
    }
    if import.counts.good == 0 {
        return Err(EmployeeError::ImportNobody);
    }
    if way == Way::All {
        if import.counts.bad > 0 {
            return Err(EmployeeError::ImportBad { rows: import.counts.bad });
        }
        let found = find_bad(unit, &import).await?;
        if found > 0 {
            record(unit, &import, "employee_import.found_bad", author, found).await?;
            return Ok(Started::FoundBad(found));
        }
    }
    if !store::take_turn(unit, import.company, import.id).await? {
        return Err(EmployeeError::ImportRuns);
    }
    if !store::start_import(unit, import.id, way).await? {
        return Err(EmployeeError::ImportMoved);
    }
    let payload = Payload { company: import.company, import: import.id, from: import.next_line };
    queue::enqueue(unit, RUN, &payload, unit.now()).await?;
    record(unit, &import, "employee_import.started", author, import.counts.good).await?;
    Ok(Started::Begun)
}

/// Marks the rows of people whom somebody invited since the dry run. Gives how many.
async fn find_bad(unit: &mut Unit, import: &Import) -> Result<i64, EmployeeError> {
    let there = store::people_there(unit, import.company, import.id, (0, i64::MAX)).await?;
    let found = i64::try_from(there.len()).unwrap_or(i64::MAX);
    if found > 0 {
        store::mark_rows(unit, import.id, &there, RowState::Bad, Some(&judge::is_there())).await?;
        let counts = Counts { good: import.counts.good - found, bad: import.counts.bad + found, ..import.counts };
        let forget_at = unit.now().plus(KEPT);
        store::tally_import(unit, import.id, ImportState::Checked, counts, forget_at).await?;
    }
    Ok(found)
}

async fn record(unit: &mut Unit, import: &Import, action: &'static str, author: Author, rows: i64) -> Result<(), EmployeeError> {
    let event = audit::Event::new(action, author, format_args!("import:{}", import.id)).company(import.company).fact("rows", rows);
    Ok(audit::record(unit, event).await?)
}

/// Ends an import before its end: whoever is invited stays so. The people of one that never began are forgotten soon.
///
/// # Errors
/// [`EmployeeError::ImportToEnd`] for one of all rows that runs, [`EmployeeError::ImportMoved`] for one that ended.
pub async fn cancel(unit: &mut Unit, import: &Import, author: Author) -> Result<(), EmployeeError> {
    let import = store::import(unit, import.company, import.id).await?.ok_or(EmployeeError::NotFound)?;
    if !import.may_cancel() {
        return Err(if import.state == ImportState::Running { EmployeeError::ImportToEnd } else { EmployeeError::ImportMoved });
    }
    let forget_at = unit.now().plus(if import.state == ImportState::Running { KEPT } else { time::Duration::ZERO });
    if !store::end_import(unit, import.id, import.state, ImportState::Cancelled, forget_at).await? {
        return Err(EmployeeError::ImportMoved);
    }
    store::end_turn(unit, import.company, import.id).await?;
    record(unit, &import, "employee_import.cancelled", author, import.counts.invited).await
}
