//! The rows of a company's list: by name, by address, by state. Each is read in the order of its index, and goes on by key.

use super::EmployeeRow;
use crate::{
    employees::{
        import::model::search_email,
        model::{Employee, EmployeeState},
    },
    execute, fetch,
    platform::{
        cursor::Cursor,
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, EmployeeId, Id as _},
        moment::Moment,
    },
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, company_id, account_id, given_name, surname, search_name, email, email_in_certificate, vouched, vouched_by, state,
             invited_at, activated_at, left_at, renewals, renew_by, suspended_at, suspended_until, suspended_reason, used_at, unit, job_title,
             labels FROM employee ",
            $rest
        )
    };
}

/// Employees of a company whose sort key lies in `[from, to)`, after the cursor; with each one's sort key.
pub async fn employees(
    connection: &mut impl Connection,
    company: CompanyId,
    (from, to): (&str, &str),
    after: &Cursor,
    rows: i64,
) -> Result<Vec<(String, Employee)>, DatabaseError> {
    let rows: Vec<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(select!(
            "WHERE company_id = $1 AND search_name >= $2 AND search_name < $3 AND (search_name, id) > ($4, $5)
         ORDER BY search_name, id LIMIT $6"
        ))
        .bind(company)
        // From the cursor on: of two lower bounds SQLite searches by one and reads on from there.
        .bind(from.max(after.key.as_str()))
        .bind(to)
        .bind(&after.key)
        .bind(EmployeeId::from_uuid(after.id))
        .bind(rows)
        .fetch_all(c)
    })?;
    rows.into_iter().map(|row| Ok((row.search_name.clone(), row.try_into()?))).collect()
}

/// As [`employees`], of one state.
pub async fn of_state(
    connection: &mut impl Connection,
    (company, state): (CompanyId, EmployeeState),
    (from, to): (&str, &str),
    after: &Cursor,
    rows: i64,
) -> Result<Vec<(String, Employee)>, DatabaseError> {
    let rows: Vec<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(select!(
            "WHERE company_id = $1 AND state = $7 AND search_name >= $2 AND search_name < $3 AND (search_name, id) > ($4, $5)
         ORDER BY search_name, id LIMIT $6"
        ))
        .bind(company)
        .bind(from.max(after.key.as_str()))
        .bind(to)
        .bind(&after.key)
        .bind(EmployeeId::from_uuid(after.id))
        .bind(rows)
        .bind(state.word())
        .fetch_all(c)
    })?;
    rows.into_iter().map(|row| Ok((row.search_name.clone(), row.try_into()?))).collect()
}

/// As [`employees`], of the unit with this sort key.
pub async fn of_unit(
    connection: &mut impl Connection,
    (company, unit): (CompanyId, &str),
    (from, to): (&str, &str),
    after: &Cursor,
    rows: i64,
) -> Result<Vec<(String, Employee)>, DatabaseError> {
    let rows: Vec<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(select!(
            "WHERE company_id = $1 AND search_unit = $7 AND search_name >= $2 AND search_name < $3 AND (search_name, id) > ($4, $5)
         ORDER BY search_name, id LIMIT $6"
        ))
        .bind(company)
        .bind(from.max(after.key.as_str()))
        .bind(to)
        .bind(&after.key)
        .bind(EmployeeId::from_uuid(after.id))
        .bind(rows)
        .bind(unit)
        .fetch_all(c)
    })?;
    rows.into_iter().map(|row| Ok((row.search_name.clone(), row.try_into()?))).collect()
}

/// Employees of a company whose address, as it is compared, lies in `[from, to)`, after the cursor; with what each is compared by.
pub async fn by_email(
    connection: &mut impl Connection,
    company: CompanyId,
    (from, to): (&str, &str),
    after: &Cursor,
    rows: i64,
) -> Result<Vec<(String, Employee)>, DatabaseError> {
    let rows: Vec<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(select!(
            "WHERE company_id = $1 AND search_email >= $2 AND search_email < $3 AND (search_email, id) > ($4, $5)
         ORDER BY search_email, id LIMIT $6"
        ))
        .bind(company)
        .bind(from.max(after.key.as_str()))
        .bind(to)
        .bind(&after.key)
        .bind(EmployeeId::from_uuid(after.id))
        .bind(rows)
        .fetch_all(c)
    })?;
    rows.into_iter().map(|row| Ok((search_email(&row.email), row.try_into()?))).collect()
}

/// Those of a company who have an address and have not left, at most a few.
pub async fn present_with(connection: &mut impl Connection, company: CompanyId, email: &str) -> Result<Vec<Employee>, DatabaseError> {
    let rows: Vec<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(select!("WHERE company_id = $1 AND search_email = $2 AND state <> 'left' ORDER BY id LIMIT 10"))
            .bind(company)
            .bind(search_email(email))
            .fetch_all(c)
    })?;
    rows.into_iter().map(Employee::try_from).collect()
}

/// How many of a company are in a state; counted up to `most`.
pub async fn count(connection: &mut impl Connection, company: CompanyId, state: EmployeeState, most: i64) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT id FROM employee WHERE company_id = $1 AND state = $2 ORDER BY search_name, id LIMIT $3) AS few"
    )
    .bind(company)
    .bind(state.word())
    .bind(most)
    .fetch_one(c))
}

/// Notes that the person used the account, unless that was noted since a moment.
pub async fn use_now(unit: &mut Unit, account: AccountId, since: Moment) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE employee SET used_at = $2 WHERE account_id = $1 AND (used_at IS NULL OR used_at < $3)")
            .bind(account)
            .bind(now)
            .bind(since)
    )
    .map(drop)
}
