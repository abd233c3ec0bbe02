//! The rows of imports: files of people, and the people in them.

use crate::{
    build,
    employees::{
        Details,
        import::{Counts, Import, ImportState, Row, RowFault, RowState, Way},
    },
    execute, fetch,
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit, portions},
        id::{AccountId, CompanyId, EmployeeId, ImportId},
        moment::Moment,
        telephone::Telephone,
        words::Language,
    },
};

#[derive(sqlx::FromRow)]
struct ImportRow {
    id: ImportId,
    company_id: CompanyId,
    asked_by: AccountId,
    file_name: String,
    language: String,
    way: Option<String>,
    state: String,
    people: i64,
    good: i64,
    bad: i64,
    invited: i64,
    refused: i64,
    next_line: i64,
    created_at: Moment,
    started_at: Option<Moment>,
    ended_at: Option<Moment>,
}

fn corrupt(what: &'static str, value: &str) -> DatabaseError {
    DatabaseError::Corrupt { what, value: value.to_owned() }
}

fn language(word: &str) -> Result<Language, DatabaseError> {
    Language::of(word).ok_or_else(|| corrupt("language of an import", word))
}

impl TryFrom<ImportRow> for Import {
    type Error = DatabaseError;

    fn try_from(row: ImportRow) -> Result<Self, DatabaseError> {
        let way = row.way.as_deref().map(|word| Way::of(word).ok_or_else(|| corrupt("way of an import", word))).transpose()?;
        Ok(Self {
            id: row.id,
            company: row.company_id,
            asked_by: row.asked_by,
            file_name: row.file_name,
            language: language(&row.language)?,
            way,
            state: ImportState::of(&row.state).ok_or_else(|| corrupt("state of an import", &row.state))?,
            counts: Counts { people: row.people, good: row.good, bad: row.bad, invited: row.invited, refused: row.refused },
            next_line: row.next_line,
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

pub async fn insert_import(unit: &mut Unit, import: &Import, forget_at: Moment) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO employee_import (id, company_id, asked_by, file_name, language, state, people, good, bad, invited, refused, next_line,
                                          created_at, forget_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, $8, $9)"
        )
        .bind(import.id)
        .bind(import.company)
        .bind(import.asked_by)
        .bind(&import.file_name)
        .bind(import.language.tag())
        .bind(import.state.word())
        .bind(import.counts.people)
        .bind(import.created_at)
        .bind(forget_at)
    )
    .map(drop)
}

pub async fn insert_import_rows(unit: &mut Unit, import: ImportId, rows: &[Row]) -> Result<(), DatabaseError> {
    let written = rows.iter().map(|row| Ok((row, faults(&row.faults)?))).collect::<Result<Vec<_>, DatabaseError>>()?;
    for portion in portions(&written) {
        let start = "INSERT INTO employee_import_row (import_id, line, employee_id, given_name, surname, email, search_email,
                                                      email_in_certificate, language, state, faults, telephone,
                                                      birth_date, unit, job_title, labels, rid) ";
        build!(unit, start, |query, c| {
            query.push_values(portion, |mut values, (row, faults)| {
                values.push_bind(import).push_bind(row.line).push_bind(row.employee).push_bind(&row.given_name).push_bind(&row.surname);
                values.push_bind(&row.email).push_bind(row.search_email()).push_bind(row.email_in_certificate);
                values.push_bind(row.language.tag()).push_bind(row.state.word()).push_bind(faults);
                values.push_bind(row.telephone.as_ref().map(Telephone::number)).push_bind(&row.sealed_birth_date);
                values.push_bind(&row.details.unit).push_bind(&row.details.title).push_bind(row.details.groups.join("\n"));
                values.push_bind(&row.rid);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

fn faults(faults: &[RowFault]) -> Result<Option<String>, DatabaseError> {
    if faults.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(faults).map(Some).map_err(|error| corrupt("fault of a row", &error.to_string()))
}

pub async fn import(connection: &mut impl Connection, company: CompanyId, id: ImportId) -> Result<Option<Import>, DatabaseError> {
    let row: Option<ImportRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, asked_by, file_name, language, way, state, people, good, bad, invited, refused, next_line, created_at,
                started_at, ended_at
         FROM employee_import WHERE id = $1 AND company_id = $2"
    )
    .bind(id)
    .bind(company)
    .fetch_optional(c))?;
    row.map(Import::try_from).transpose()
}

/// A company's imports that were read to their end, the latest first.
pub async fn imports(connection: &mut impl Connection, company: CompanyId, most: i64) -> Result<Vec<Import>, DatabaseError> {
    let rows: Vec<ImportRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, asked_by, file_name, language, way, state, people, good, bad, invited, refused, next_line, created_at,
                started_at, ended_at
         FROM employee_import WHERE company_id = $1 AND state <> 'reading' ORDER BY created_at DESC, id DESC LIMIT $2"
    )
    .bind(company)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(Import::try_from).collect()
}

/// A company's imports that wait for their start, the oldest first.
pub async fn waiting_imports(
    connection: &mut impl Connection,
    company: CompanyId,
    now: Moment,
    most: i64,
) -> Result<Vec<Import>, DatabaseError> {
    let rows: Vec<ImportRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, asked_by, file_name, language, way, state, people, good, bad, invited, refused, next_line, created_at,
                started_at, ended_at
         FROM employee_import WHERE company_id = $1 AND state = 'checked' AND good > 0 AND forget_at >= $2 ORDER BY id LIMIT $3"
    )
    .bind(company)
    .bind(now)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(Import::try_from).collect()
}

/// How many files a company sent since a moment.
pub async fn imports_since(unit: &mut Unit, company: CompanyId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar("SELECT COUNT(*) FROM employee_import WHERE company_id = $1 AND created_at > $2")
        .bind(company)
        .bind(since)
        .fetch_one(c))
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    line: i64,
    employee_id: EmployeeId,
    given_name: String,
    surname: String,
    email: String,
    email_in_certificate: bool,
    language: String,
    state: String,
    faults: Option<String>,
    telephone: Option<String>,
    birth_date: Option<Vec<u8>>,
    unit: Option<String>,
    job_title: Option<String>,
    labels: Option<String>,
    rid: Option<String>,
}

impl TryFrom<PersonRow> for Row {
    type Error = DatabaseError;

    fn try_from(row: PersonRow) -> Result<Self, DatabaseError> {
        let faults = row.faults.as_deref().map(|text| serde_json::from_str(text).map_err(|_| corrupt("fault of a row", text)));
        Ok(Self {
            line: row.line,
            employee: row.employee_id,
            given_name: row.given_name,
            surname: row.surname,
            email: row.email,
            email_in_certificate: row.email_in_certificate,
            language: language(&row.language)?,
            telephone: row.telephone.as_deref().and_then(Telephone::parse),
            birth_date: None,
            sealed_birth_date: row.birth_date,
            details: Details {
                unit: row.unit.unwrap_or_default(),
                title: row.job_title.unwrap_or_default(),
                groups: row.labels.unwrap_or_default().lines().map(str::to_owned).collect(),
            },
            rid: row.rid,
            state: RowState::of(&row.state).ok_or_else(|| corrupt("state of a row", &row.state))?,
            faults: faults.transpose()?.unwrap_or_default(),
        })
    }
}

/// Rows from a line on, in their order.
pub async fn import_rows(connection: &mut impl Connection, import: ImportId, from: i64, most: i64) -> Result<Vec<Row>, DatabaseError> {
    let rows: Vec<PersonRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT line, employee_id, given_name, surname, email, email_in_certificate, language, state, faults, telephone, birth_date, unit,
                job_title, labels, rid
         FROM employee_import_row WHERE import_id = $1 AND line >= $2 ORDER BY line LIMIT $3"
    )
    .bind(import)
    .bind(from)
    .bind(most)
    .fetch_all(c)
    })?;
    rows.into_iter().map(Row::try_from).collect()
}

/// The same, of one state.
pub async fn import_people(
    connection: &mut impl Connection,
    import: ImportId,
    state: RowState,
    from: i64,
    most: i64,
) -> Result<Vec<Row>, DatabaseError> {
    let rows: Vec<PersonRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT line, employee_id, given_name, surname, email, email_in_certificate, language, state, faults, telephone, birth_date, unit,
                job_title, labels, rid
         FROM employee_import_row WHERE import_id = $1 AND line >= $2 AND state = $4 ORDER BY line LIMIT $3"
    )
    .bind(import)
    .bind(from)
    .bind(most)
    .bind(state.word())
    .fetch_all(c)
    })?;
    rows.into_iter().map(Row::try_from).collect()
}

/// The lines of good rows, within these two, whose address somebody in the company has.
pub async fn people_there(
    unit: &mut Unit,
    company: CompanyId,
    import: ImportId,
    (first, last): (i64, i64),
) -> Result<Vec<i64>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "SELECT r.line FROM employee_import_row r
         WHERE r.import_id = $1 AND r.line >= $2 AND r.line <= $3 AND r.state = 'good'
           AND EXISTS (SELECT 1 FROM employee e
                       WHERE e.company_id = $4 AND e.search_email = r.search_email AND e.state <> 'left')
         ORDER BY r.line"
    )
    .bind(import)
    .bind(first)
    .bind(last)
    .bind(company)
    .fetch_all(c))
}

/// Says of good rows what became of them. Gives how many were good still.
pub async fn mark_rows(
    unit: &mut Unit,
    import: ImportId,
    lines: &[i64],
    state: RowState,
    fault: Option<&RowFault>,
) -> Result<u64, DatabaseError> {
    let mut marked = 0;
    let fault = fault.map(|fault| faults(std::slice::from_ref(fault))).transpose()?.flatten();
    for portion in portions(lines) {
        marked += build!(unit, "UPDATE employee_import_row SET state = ", |query, c| {
            query.push_bind(state.word()).push(", faults = ").push_bind(&fault);
            query.push(" WHERE import_id = ").push_bind(import).push(" AND state = 'good' AND line IN (");
            let mut list = query.separated(", ");
            for line in portion {
                list.push_bind(*line);
            }
            query.push(")");
            query.build().execute(c).await.map(|done| done.rows_affected())
        })?;
    }
    Ok(marked)
}

/// Ends the dry run with how many rows are good and bad; `false` when it was cancelled meanwhile.
pub async fn tally_import(unit: &mut Unit, id: ImportId, counts: Counts, forget_at: Moment) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee_import SET state = 'checked', good = $2, bad = $3, forget_at = $4 WHERE id = $1 AND state = 'reading'"
        )
        .bind(id)
        .bind(counts.good)
        .bind(counts.bad)
        .bind(forget_at)
    )?;
    Ok(changed == 1)
}

/// So many good rows turned out to be bad; `false` when it is not waiting for its start.
pub async fn count_bad(unit: &mut Unit, id: ImportId, rows: i64) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE employee_import SET good = good - $2, bad = bad + $2 WHERE id = $1 AND state = 'checked'").bind(id).bind(rows)
    )?;
    Ok(changed == 1)
}

/// `false` when it is not waiting for its start, or its people are being forgotten.
pub async fn start_import(unit: &mut Unit, id: ImportId, way: Way, by: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee_import SET state = 'running', way = $2, started_at = $3, asked_by = $4
             WHERE id = $1 AND state = 'checked' AND forget_at >= $3"
        )
        .bind(id)
        .bind(way.word())
        .bind(now)
        .bind(by)
    )?;
    Ok(changed == 1)
}

/// How many people a company's imports that began since a moment have invited, or are about to.
pub async fn imported_since(unit: &mut Unit, company: CompanyId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'running' THEN good ELSE invited END), 0) AS BIGINT)
         FROM employee_import WHERE company_id = $1 AND started_at > $2"
    )
    .bind(company)
    .bind(since)
    .fetch_one(c))
}

/// `false` while another import of the company runs.
pub async fn take_turn(unit: &mut Unit, company: CompanyId, import: ImportId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let taken: Option<ImportId> = fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO employee_import_turn (company_id, import_id, moved_at) VALUES ($1, $2, $3)
         ON CONFLICT (company_id) DO NOTHING RETURNING import_id"
    )
    .bind(company)
    .bind(import)
    .bind(now)
    .fetch_optional(c))?;
    Ok(taken.is_some())
}

/// Goes from one line to another; `false` when somebody was there, or it no longer runs.
pub async fn advance_import(
    unit: &mut Unit,
    import: &Import,
    next_line: i64,
    (invited, refused): (i64, i64),
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee_import SET next_line = $3, invited = invited + $4, refused = refused + $5
             WHERE id = $1 AND state = 'running' AND next_line = $2"
        )
        .bind(import.id)
        .bind(import.next_line)
        .bind(next_line)
        .bind(invited)
        .bind(refused)
    )?;
    execute!(unit, sqlx::query("UPDATE employee_import_turn SET moved_at = $2 WHERE company_id = $1").bind(import.company).bind(now))?;
    Ok(changed == 1)
}

/// Ends an import that is in one of these states; `false` when it is in none of them.
pub async fn end_import(
    unit: &mut Unit,
    id: ImportId,
    from: ImportState,
    to: ImportState,
    forget_at: Moment,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE employee_import SET state = $3, ended_at = $4, forget_at = $5 WHERE id = $1 AND state = $2")
            .bind(id)
            .bind(from.word())
            .bind(to.word())
            .bind(now)
            .bind(forget_at)
    )?;
    Ok(changed == 1)
}

/// Lets another import of the company run.
pub async fn end_turn(unit: &mut Unit, company: CompanyId, import: ImportId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM employee_import_turn WHERE company_id = $1 AND import_id = $2").bind(company).bind(import))
        .map(drop)
}

/// Imports that run and have not gone on since a moment: whatever carried them is gone.
pub async fn slow_imports(connection: &mut impl Connection, since: Moment) -> Result<Vec<(CompanyId, ImportId)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT company_id, import_id FROM employee_import_turn WHERE moved_at < $1 ORDER BY company_id LIMIT 100"
    )
    .bind(since)
    .fetch_all(c))
}

/// Forgets the people of files whose time is over, a batch of them. Gives how many.
pub async fn forget_imported(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM employee_import_row WHERE (import_id, line) IN
             (SELECT r.import_id, r.line FROM employee_import i CROSS JOIN employee_import_row r
              WHERE i.forget_at < $1 AND i.state <> 'running' AND r.import_id = i.id LIMIT $2)"
        )
        .bind(now)
        .bind(BATCH)
    )
}

/// Forgets files whose time is over and whose people are forgotten, unless they came since a moment, a batch of them. Gives how many.
pub async fn forget_imports(unit: &mut Unit, since: Moment) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM employee_import WHERE id IN
             (SELECT i.id FROM employee_import i
              WHERE i.forget_at < $1 AND i.state <> 'running' AND i.created_at < $3
                AND NOT EXISTS (SELECT 1 FROM employee_import_row r WHERE r.import_id = i.id)
              ORDER BY i.forget_at LIMIT $2)"
        )
        .bind(now)
        .bind(BATCH)
        .bind(since)
    )
}
