//! Questions about imports, and the files that people take away: what came of each row, and an example to begin with.
//!
//! Cells that a spreadsheet would take for a formula begin with an apostrophe.

use super::{
    model::{Import, Row, RowState},
    read::{Column, KNOWN},
};
use crate::{
    employees::{EmployeeError, store},
    platform::{
        csv,
        database::{Connection, DatabaseError},
        id::{CompanyId, ImportId},
        limits,
        moment::Moment,
        words::{Language, Words},
    },
};

/// So many rows are read at once.
const AT_ONCE: i64 = 1000;

/// An import of this company.
///
/// # Errors
/// When the database fails.
pub async fn import(connection: &mut impl Connection, company: CompanyId, id: ImportId) -> Result<Option<Import>, DatabaseError> {
    store::import(connection, company, id).await
}

/// A company's latest imports.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Import>, DatabaseError> {
    store::imports(connection, company, limits::PAGE_ROWS).await
}

/// A company's files that were looked through, have somebody good in them, and wait for their start: the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn waiting(connection: &mut impl Connection, company: CompanyId, now: Moment, most: i64) -> Result<Vec<Import>, DatabaseError> {
    store::waiting_imports(connection, company, now, most).await
}

/// A page of rows from a line on, of one state or of all, and the line where the next page begins.
///
/// # Errors
/// When the database fails.
pub async fn rows(
    connection: &mut impl Connection,
    import: ImportId,
    state: Option<RowState>,
    from: i64,
) -> Result<(Vec<Row>, Option<i64>), DatabaseError> {
    let mut rows = match state {
        Some(state) => store::import_people(connection, import, state, from, limits::PAGE_ROWS + 1).await?,
        None => store::import_rows(connection, import, from, limits::PAGE_ROWS + 1).await?,
    };
    let most = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    let next = rows.get(most).map(|row| row.line);
    rows.truncate(most);
    Ok((rows, next))
}

/// The words of a row's state.
pub fn state_words(state: RowState) -> &'static str {
    match state {
        RowState::Bad => "employees.import_row_bad",
        RowState::Good => "employees.import_row_good",
        RowState::Invited => "employees.import_row_invited",
        RowState::Refused => "employees.import_row_refused",
    }
}

/// What came of each row, as CSV.
///
/// # Errors
/// When the database fails.
pub async fn result(connection: &mut impl Connection, import: ImportId, language: Language) -> Result<Vec<u8>, EmployeeError> {
    let words = Words(language);
    let mut lines = vec![vec![
        words.say("employees.import_line"),
        Column::GivenName.name(language).to_owned(),
        Column::Surname.name(language).to_owned(),
        Column::Email.name(language).to_owned(),
        words.say("employees.import_verdict"),
        words.say("employees.import_reason"),
        words.say("employees.import_employee"),
    ]];
    let mut from = 0;
    loop {
        let rows = store::import_rows(connection, import, from, AT_ONCE).await?;
        let Some(last) = rows.last().map(|row| row.line) else { return Ok(csv::file(&lines)) };
        from = last + 1;
        for row in rows {
            let employee = if row.state == RowState::Invited { row.employee.to_string() } else { String::new() };
            let reasons = row.reasons(language).join(" ");
            let state = words.say(state_words(row.state));
            lines.push(vec![row.line.to_string(), row.given_name, row.surname, row.email, state, reasons, employee]);
        }
    }
}

/// A file to begin with, as Excel in Denmark opens it: UTF-8 with a byte order mark, parted by semicolons.
pub fn example(language: Language) -> Vec<u8> {
    let (yes, no, danish, english) = match language {
        Language::Da => ("ja", "nej", "dansk", "engelsk"),
        Language::En => ("yes", "no", "Danish", "English"),
    };
    let [unit, title, groups] = match language {
        Language::Da => ["Bageriet", "Bager", "Nathold, Tillidsfolk"],
        Language::En => ["Bakery", "Baker", "Night shift, Stewards"],
    };
    let head = Column::ALL.iter().map(|column| column.name(language).to_owned()).collect();
    let person = |cells: [&str; KNOWN]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    csv::file(&[
        head,
        person(["Åse", "Ødegård", "aase@firma.example", yes, danish, "+45 12 34 56 78", "17-05-1980", unit, title, groups, "1001"]),
        person(["John", "Smith", "john@firma.example", no, english, "", "", "", "", "", ""]),
    ])
}
