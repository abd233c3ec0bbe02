//! The dry run: a file is read and judged, and its rows are stored with their verdicts. Nobody is invited.

use super::{
    judge,
    model::{Counts, Import, ImportState, KEPT, MOST_A_DAY, Row, RowState},
    read::{self, Unreadable},
    there::There,
};
use crate::{
    audit,
    employees::{EmployeeError, store},
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, CompanyId, Id as _, ImportId},
        text,
        words::Language,
    },
    proofing,
};

/// So many rows are stored in one unit.
pub const ROWS_AT_ONCE: usize = 512;
/// The longest name of a file, characters.
const NAME_CHARACTERS: usize = 100;

/// So many files are read at once: a workbook unpacks to a multiple of itself.
static READING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

/// A file that was sent.
#[derive(Debug)]
pub struct Sent {
    /// What it is called.
    pub name: String,
    /// Its octets.
    pub bytes: Vec<u8>,
    /// The language of mails and letters where a row names none.
    pub language: Language,
}

/// A file that was read and judged by itself.
#[derive(Debug)]
pub struct Checked {
    /// The import to be.
    pub import: Import,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Reads and judges a file, on a thread of its own, and seals the birth dates in it.
///
/// # Errors
/// [`Unreadable`]; when the keystore fails.
pub async fn check(ground: &Ground, company: CompanyId, asked_by: AccountId, sent: Sent) -> Result<Checked, EmployeeError> {
    let Sent { name, bytes, language } = sent;
    let _place = READING.acquire().await;
    let (now, random) = (ground.clock().now(), ground.database.random().clone());
    let judged = move || read::read(&bytes).map(|people| judge::judge(people, language, now, random.as_ref()));
    // Whatever a workbook makes its reader do ends here.
    let mut rows = tokio::task::spawn_blocking(judged).await.unwrap_or(Err(Unreadable::Workbook))?;
    seal_birth_dates(ground, &mut rows).await?;
    let counts = Counts { people: i64::try_from(rows.len()).unwrap_or(i64::MAX), ..Counts::default() };
    let import = Import {
        id: ImportId::fresh(now, ground.random()),
        company,
        asked_by,
        file_name: text::readable(name.trim(), NAME_CHARACTERS),
        language,
        way: None,
        state: ImportState::Reading,
        counts,
        next_line: 0,
        created_at: now,
        started_at: None,
        ended_at: None,
    };
    Ok(Checked { import, rows })
}

/// Of good rows alone: nothing is kept of the others.
async fn seal_birth_dates(ground: &Ground, rows: &mut [Row]) -> Result<(), EmployeeError> {
    let mut named: Vec<&mut Row> = rows.iter_mut().filter(|row| row.state == RowState::Good && row.birth_date.is_some()).collect();
    let births = named.iter().filter_map(|row| Some((row.employee, row.birth_date?))).collect();
    for (row, sealed) in named.iter_mut().zip(proofing::seal_birth_dates(ground, births).await?) {
        row.sealed_birth_date = Some(sealed);
    }
    Ok(())
}

/// Stores the import without its rows; a day later it is forgotten, unless [`finish`] comes.
///
/// # Errors
/// [`EmployeeError::TooManyImports`].
pub async fn begin(unit: &mut Unit, import: &Import) -> Result<(), EmployeeError> {
    let day_ago = unit.now().plus(-time::Duration::DAY);
    if store::imports_since(unit, import.company, day_ago).await? >= MOST_A_DAY {
        return Err(EmployeeError::TooManyImports { most: MOST_A_DAY });
    }
    let forget_at = unit.now().plus(time::Duration::DAY);
    Ok(store::insert_import(unit, import, forget_at).await?)
}

/// Stores some of its rows, judged beside the company's present employees and their numbers. Gives how many good ones are there already, and bad therefore.
///
/// # Errors
/// When the database fails.
pub async fn keep_rows(unit: &mut Unit, import: &Import, rows: &[Row]) -> Result<u64, EmployeeError> {
    store::insert_import_rows(unit, import.id, rows).await?;
    There::find(unit, import, rows).await?.mark(unit, import, RowState::Bad).await
}

/// Counts, when all rows are stored: so many good ones were found to be there.
///
/// # Errors
/// [`EmployeeError::ImportMoved`] when it was cancelled meanwhile.
pub async fn finish(unit: &mut Unit, checked: &Checked, there: u64, author: Author) -> Result<Counts, EmployeeError> {
    let import = &checked.import;
    let good = u64::try_from(checked.rows.iter().filter(|row| row.state == RowState::Good).count()).unwrap_or(u64::MAX);
    let good = i64::try_from(good.saturating_sub(there)).unwrap_or(i64::MAX);
    let counts = Counts { good, bad: import.counts.people - good, ..import.counts };
    let forget_at = unit.now().plus(KEPT);
    if !store::tally_import(unit, import.id, counts, forget_at).await? {
        return Err(EmployeeError::ImportMoved);
    }
    let event = audit::Event::new("employee_import.checked", author, format_args!("import:{}", import.id))
        .company(import.company)
        .fact("people", counts.people)
        .fact("good", counts.good)
        .fact("bad", counts.bad)
        .personal("file_name", &import.file_name);
    audit::record(unit, event).await?;
    Ok(counts)
}
