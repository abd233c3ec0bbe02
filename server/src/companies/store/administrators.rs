//! The rows of those who administer a company, and how many they are: the counts lock the company's row, so that nobody leaves it without one.

use crate::{
    companies::model::{AdministratorPost, CompanyState},
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{CompanyId, EmployeeId},
        moment::Moment,
    },
};

/// `false` when the employee administers the company already.
pub(in crate::companies) async fn insert_administrator(
    unit: &mut Unit,
    company: CompanyId,
    employee: EmployeeId,
    post: AdministratorPost,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "INSERT INTO administrator (company_id, employee_id, appointed_at, post) VALUES ($1, $2, $3, $4)
             ON CONFLICT (company_id, employee_id) DO UPDATE SET appointed_at = $3, ended_at = NULL, post = $4
             WHERE administrator.ended_at IS NOT NULL"
        )
        .bind(company)
        .bind(employee)
        .bind(now)
        .bind(post.word())
    )?;
    Ok(changed == 1)
}

/// `false` when the employee does not administer the company.
pub(in crate::companies) async fn end_administrator(
    unit: &mut Unit,
    company: CompanyId,
    employee: EmployeeId,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE administrator SET ended_at = $3 WHERE company_id = $1 AND employee_id = $2 AND ended_at IS NULL")
            .bind(company)
            .bind(employee)
            .bind(now)
    )?;
    Ok(changed == 1)
}

/// `false` when the employee does not administer the company, or has this post. Another post is a new one: it was given now.
pub(in crate::companies) async fn change_post(
    unit: &mut Unit,
    company: CompanyId,
    employee: EmployeeId,
    post: AdministratorPost,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let change = "UPDATE administrator SET post = $3, appointed_at = $4
                  WHERE company_id = $1 AND employee_id = $2 AND ended_at IS NULL AND post <> $3";
    Ok(execute!(unit, sqlx::query(change).bind(company).bind(employee).bind(post.word()).bind(now))? == 1)
}

/// One administrator more; `false` unless the company is active.
pub(in crate::companies) async fn add_to_count(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let add = "UPDATE company SET administrators = administrators + 1 WHERE id = $1 AND state = 'active'";
    Ok(execute!(unit, sqlx::query(add).bind(company))? == 1)
}

/// One administrator fewer, unless that would leave none: `false`.
pub(in crate::companies) async fn take_from_count(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let take = "UPDATE company SET administrators = administrators - 1 WHERE id = $1 AND administrators > 1";
    Ok(execute!(unit, sqlx::query(take).bind(company))? == 1)
}

/// One superadministrator more; `false` unless the company is active.
pub(in crate::companies) async fn promote_in_count(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let promote = "UPDATE company SET superadministrators = superadministrators + 1 WHERE id = $1 AND state = 'active'";
    Ok(execute!(unit, sqlx::query(promote).bind(company))? == 1)
}

/// One superadministrator fewer, unless that would leave none: `false`.
pub(in crate::companies) async fn demote_in_count(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let demote = "UPDATE company SET superadministrators = superadministrators - 1 WHERE id = $1 AND superadministrators > 1";
    Ok(execute!(unit, sqlx::query(demote).bind(company))? == 1)
}

pub(in crate::companies) async fn administrators(
    connection: &mut impl Connection,
    company: CompanyId,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT employee_id FROM administrator WHERE company_id = $1 AND ended_at IS NULL ORDER BY employee_id"
    )
    .bind(company)
    .fetch_all(c))
}

/// Who administers a company, or did until lately.
pub(in crate::companies) async fn administrators_since(
    connection: &mut impl Connection,
    company: CompanyId,
    since: Moment,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT employee_id FROM administrator WHERE company_id = $1 AND (ended_at IS NULL OR ended_at > $2) ORDER BY employee_id"
    )
    .bind(company)
    .bind(since)
    .fetch_all(c))
}

/// Who administers a company in a post that was given at this moment or later.
pub(in crate::companies) async fn appointed_since(
    connection: &mut impl Connection,
    company: CompanyId,
    since: Moment,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT employee_id FROM administrator WHERE company_id = $1 AND ended_at IS NULL AND appointed_at >= $2 ORDER BY employee_id"
    )
    .bind(company)
    .bind(since)
    .fetch_all(c))
}

pub(in crate::companies) async fn superadministrators(
    connection: &mut impl Connection,
    company: CompanyId,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT employee_id FROM administrator WHERE company_id = $1 AND ended_at IS NULL AND post = 'superadministrator'
         ORDER BY employee_id"
    )
    .bind(company)
    .fetch_all(c))
}

/// The post of an employee, if they administer the company.
pub(in crate::companies) async fn post(
    connection: &mut impl Connection,
    company: CompanyId,
    employee: EmployeeId,
) -> Result<Option<AdministratorPost>, DatabaseError> {
    let found: Option<String> = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT post FROM administrator WHERE company_id = $1 AND employee_id = $2 AND ended_at IS NULL"
    )
    .bind(company)
    .bind(employee)
    .fetch_optional(c))?;
    found.map(|word| known(&word)).transpose()
}

/// What the company grants: its state and, when the employee administers it, since when and in which post.
pub(in crate::companies) async fn standing(
    connection: &mut impl Connection,
    company: CompanyId,
    employee: EmployeeId,
) -> Result<Option<(CompanyState, Option<AdministratorPost>)>, DatabaseError> {
    let row: Option<(String, Option<Moment>, Option<String>)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT company.state, administrator.appointed_at, administrator.post FROM company
         LEFT JOIN administrator ON administrator.company_id = company.id AND administrator.employee_id = $2
                                 AND administrator.ended_at IS NULL
         WHERE company.id = $1"
    )
    .bind(company)
    .bind(employee)
    .fetch_optional(c))?;
    let Some((state, since, post)) = row else { return Ok(None) };
    let state = CompanyState::of(&state).ok_or(DatabaseError::Corrupt { what: "state of a company", value: state })?;
    let post = since.and(post).map(|word| known(&word)).transpose()?;
    Ok(Some((state, post)))
}

/// Nobody administers it any more.
pub(in crate::companies) async fn end_administrators(unit: &mut Unit, company: CompanyId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE administrator SET ended_at = $2 WHERE company_id = $1 AND ended_at IS NULL").bind(company).bind(now))
        .map(drop)
}

fn known(word: &str) -> Result<AdministratorPost, DatabaseError> {
    AdministratorPost::of(word).ok_or_else(|| DatabaseError::Corrupt { what: "post of an administrator", value: word.to_owned() })
}
