//! The rows of employees. Nothing is decided here but races.

use certs::name::{EmailAddress, GivenName, Surname};

mod imports;
mod lists;

pub use self::imports::{
    advance_import, count_bad, end_import, end_turn, forget_imported, forget_imports, import, import_people, import_rows, imported_since,
    imports, imports_since, insert_import, insert_import_rows, mark_rows, people_there, slow_imports, start_import, take_turn,
    tally_import, waiting_imports,
};
pub use self::lists::{by_email, count, employees, of_state, of_unit, present_with, use_now};
use super::{
    import::model::search_email,
    model::{Details, EmailInCertificate, Employee, EmployeeState, Person, Suspension, Vouching},
};
use crate::{
    build, execute, fetch,
    platform::{
        cursor::Cursor,
        database::{Connection, DatabaseError, Unit, portions},
        id::{AccountId, CompanyId, EmployeeId, Id as _},
        moment::Moment,
        text,
    },
};

#[derive(sqlx::FromRow)]
struct EmployeeRow {
    id: EmployeeId,
    company_id: CompanyId,
    account_id: AccountId,
    given_name: String,
    surname: String,
    search_name: String,
    email: String,
    email_in_certificate: bool,
    vouched: String,
    vouched_by: String,
    state: String,
    invited_at: Moment,
    activated_at: Option<Moment>,
    left_at: Option<Moment>,
    renewals: i64,
    renew_by: Option<Moment>,
    suspended_at: Option<Moment>,
    suspended_until: Option<Moment>,
    suspended_reason: Option<String>,
    used_at: Option<Moment>,
    unit: String,
    job_title: String,
    labels: String,
}

impl TryFrom<EmployeeRow> for Employee {
    type Error = DatabaseError;

    fn try_from(row: EmployeeRow) -> Result<Self, DatabaseError> {
        let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
        let given_name = GivenName::parse(&row.given_name).map_err(|_| corrupt("given name", &row.given_name))?;
        let surname = Surname::parse(&row.surname).map_err(|_| corrupt("surname", &row.surname))?;
        let email = EmailAddress::parse(&row.email).map_err(|_| corrupt("e-mail address", &row.email))?;
        let suspension = row.suspended_at.map(|since| Suspension {
            since,
            until: row.suspended_until,
            reason: row.suspended_reason.unwrap_or_default(),
        });
        Ok(Self {
            id: row.id,
            company: row.company_id,
            account: row.account_id,
            person: Person::of(given_name, surname, email).map_err(|_| corrupt("full name", &row.surname))?,
            email_in_certificate: EmailInCertificate::when(row.email_in_certificate),
            vouched: Vouching::of(&row.vouched).ok_or_else(|| corrupt("way of vouching", &row.vouched))?,
            vouched_by: row.vouched_by,
            state: EmployeeState::of(&row.state).ok_or_else(|| corrupt("state of an employee", &row.state))?,
            invited_at: row.invited_at,
            activated_at: row.activated_at,
            left_at: row.left_at,
            renewals: row.renewals,
            renew_by: row.renew_by,
            suspension,
            used_at: row.used_at,
            details: Details { unit: row.unit, title: row.job_title, groups: row.labels.lines().map(str::to_owned).collect() },
        })
    }
}

/// The key by which an employee sorts and is searched: surname first.
fn search_name(person: &Person) -> String {
    text::sort_key(&format!("{} {}", person.surname, person.given_name))
}

pub async fn insert(unit: &mut Unit, employee: &Employee) -> Result<(), DatabaseError> {
    insert_all(unit, &[employee]).await
}

pub async fn insert_all(unit: &mut Unit, employees: &[&Employee]) -> Result<(), DatabaseError> {
    for portion in portions(employees) {
        let start = "INSERT INTO employee (id, company_id, account_id, given_name, surname, search_name, email, search_email,
                                           email_in_certificate, vouched, vouched_by, state, invited_at, unit, search_unit, job_title, labels) ";
        build!(unit, start, |query, c| {
            query.push_values(portion, |mut row, employee| {
                row.push_bind(employee.id).push_bind(employee.company).push_bind(employee.account);
                row.push_bind(employee.person.given_name.as_str()).push_bind(employee.person.surname.as_str());
                row.push_bind(search_name(&employee.person)).push_bind(employee.person.email.as_str());
                row.push_bind(search_email(employee.person.email.as_str())).push_bind(employee.email_in_certificate.is_included());
                row.push_bind(employee.vouched.word()).push_bind(&employee.vouched_by).push_bind(employee.state.word());
                row.push_bind(employee.invited_at).push_bind(&employee.details.unit).push_bind(text::sort_key(&employee.details.unit));
                row.push_bind(&employee.details.title).push_bind(employee.details.groups.join("\n"));
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

pub async fn employee(connection: &mut impl Connection, company: CompanyId, id: EmployeeId) -> Result<Option<Employee>, DatabaseError> {
    let row: Option<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, company_id, account_id, given_name, surname, search_name, email, email_in_certificate, vouched, vouched_by, state,
                invited_at, activated_at, left_at, renewals, renew_by, suspended_at, suspended_until, suspended_reason, used_at, unit, job_title,
                labels
         FROM employee WHERE id = $1 AND company_id = $2"
    )
    .bind(id)
    .bind(company)
    .fetch_optional(c)
    })?;
    row.map(Employee::try_from).transpose()
}

pub async fn by_account(connection: &mut impl Connection, account: AccountId) -> Result<Option<Employee>, DatabaseError> {
    let row: Option<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, company_id, account_id, given_name, surname, search_name, email, email_in_certificate, vouched, vouched_by, state,
                invited_at, activated_at, left_at, renewals, renew_by, suspended_at, suspended_until, suspended_reason, used_at, unit, job_title,
                labels
         FROM employee WHERE account_id = $1"
    )
    .bind(account)
    .fetch_optional(c)
    })?;
    row.map(Employee::try_from).transpose()
}

/// Whoever has not left and whose sort key lies in `[from, to)`, after the cursor, in whatever company.
pub async fn present(
    connection: &mut impl Connection,
    (from, to): (&str, &str),
    after: &Cursor,
    rows: i64,
) -> Result<Vec<(String, Employee)>, DatabaseError> {
    let rows: Vec<EmployeeRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, company_id, account_id, given_name, surname, search_name, email, email_in_certificate, vouched, vouched_by, state,
                invited_at, activated_at, left_at, renewals, renew_by, suspended_at, suspended_until, suspended_reason, used_at, unit, job_title,
                labels
         FROM employee WHERE search_name >= $1 AND search_name < $2 AND (search_name, id) > ($3, $4) AND state <> 'left'
         ORDER BY search_name, id LIMIT $5"
    )
    .bind(from.max(after.key.as_str()))
    .bind(to)
    .bind(&after.key)
    .bind(EmployeeId::from_uuid(after.id))
    .bind(rows)
    .fetch_all(c)
    })?;
    rows.into_iter().map(|row| Ok((row.search_name.clone(), row.try_into()?))).collect()
}

/// `false` when the employee has left.
pub async fn keep_details(unit: &mut Unit, id: EmployeeId, details: &Details) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE employee SET unit = $2, search_unit = $3, job_title = $4, labels = $5 WHERE id = $1 AND state <> 'left'")
            .bind(id)
            .bind(&details.unit)
            .bind(text::sort_key(&details.unit))
            .bind(&details.title)
            .bind(details.groups.join("\n"))
    )?;
    Ok(changed == 1)
}

/// Takes somebody who has not left for this unit: others wait. `false` when there is none such.
pub async fn hold(unit: &mut Unit, id: EmployeeId) -> Result<bool, DatabaseError> {
    let changed = execute!(unit, sqlx::query("UPDATE employee SET state = state WHERE id = $1 AND state <> 'left'").bind(id))?;
    Ok(changed == 1)
}

/// `false` when the employee was not waiting.
pub async fn activate(unit: &mut Unit, id: EmployeeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE employee SET state = 'active', activated_at = $2 WHERE id = $1 AND state = 'invited'").bind(id).bind(now)
    )?;
    Ok(changed == 1)
}

/// Records anew how somebody who never activated was vouched for; `false` when the employee is not waiting, or had a password before.
pub async fn vouch_again(unit: &mut Unit, id: EmployeeId, vouched: Vouching, by: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee SET vouched = $2, vouched_by = $3, invited_at = $4 WHERE id = $1 AND state = 'invited' AND activated_at IS NULL"
        )
        .bind(id)
        .bind(vouched.word())
        .bind(by)
        .bind(now)
    )?;
    Ok(changed == 1)
}

/// Records anew how somebody who rests was vouched for; `false` for anybody else.
pub async fn vouch_for_resting(unit: &mut Unit, id: EmployeeId, vouched: Vouching, by: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee SET vouched = $2, vouched_by = $3, invited_at = $4
             WHERE id = $1 AND state = 'invited' AND activated_at IS NOT NULL"
        )
        .bind(id)
        .bind(vouched.word())
        .bind(by)
        .bind(now)
    )?;
    Ok(changed == 1)
}

/// Somebody who was active waits for a new password; `false` for whoever never activated, and has left. Certificates may follow from then on.
pub async fn rest(unit: &mut Unit, id: EmployeeId, certificates_from: Moment) -> Result<bool, DatabaseError> {
    let rests = execute!(
        unit,
        sqlx::query("UPDATE employee SET state = 'invited' WHERE id = $1 AND state IN ('active', 'invited') AND activated_at IS NOT NULL")
            .bind(id)
    )?;
    if rests == 1 {
        execute!(
            unit,
            sqlx::query(
                "INSERT INTO employee_rest (employee_id, certificates_from) VALUES ($1, $2)
                 ON CONFLICT (employee_id) DO UPDATE SET certificates_from = excluded.certificates_from"
            )
            .bind(id)
            .bind(certificates_from)
        )?;
    }
    Ok(rests == 1)
}

/// Somebody who waited for a new password acts again with the old one; `false` when they did not wait.
pub async fn take_up(unit: &mut Unit, id: EmployeeId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE employee SET state = 'active' WHERE id = $1 AND state = 'invited' AND activated_at IS NOT NULL").bind(id)
    )?;
    Ok(changed == 1)
}

/// Somebody who had a new password waits for another, until somebody says which; `false` when they were not active.
pub async fn stop(unit: &mut Unit, id: EmployeeId) -> Result<bool, DatabaseError> {
    let changed = execute!(unit, sqlx::query("UPDATE employee SET state = 'invited' WHERE id = $1 AND state = 'active'").bind(id))?;
    Ok(changed == 1)
}

pub async fn end_rest(unit: &mut Unit, id: EmployeeId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM employee_rest WHERE employee_id = $1").bind(id)).map(drop)
}

/// Nobody waits any more for what was promised before: whoever still rests is asked for anew. Gives how many.
pub async fn end_every_rest(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM employee_rest WHERE employee_id IN (SELECT id FROM employee WHERE state = 'invited' AND activated_at IS NOT NULL)"
        )
    )
}

/// From when certificates may follow somebody's new password; none for whom nobody made wait.
pub async fn certificates_from(connection: &mut impl Connection, id: EmployeeId) -> Result<Option<Moment>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT certificates_from FROM employee_rest WHERE employee_id = $1")
        .bind(id)
        .fetch_optional(c))
}

/// Who is with a company and has not left, each with the account.
pub async fn of_company(unit: &mut Unit, company: CompanyId) -> Result<Vec<(EmployeeId, AccountId)>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as("SELECT id, account_id FROM employee WHERE company_id = $1 AND state <> 'left' ORDER BY id")
        .bind(company)
        .fetch_all(c))
}

/// `false` when somebody asked for certificates since `renewals` was read, or the employee is not active.
pub async fn claim_renewal(unit: &mut Unit, id: EmployeeId, renewals: i64) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE employee SET renewals = renewals + 1, renew_by = NULL WHERE id = $1 AND renewals = $2 AND state = 'active'")
            .bind(id)
            .bind(renewals)
    )?;
    Ok(changed == 1)
}

/// Other names and address, upon exactly those that were read; `false` when somebody was faster. `renew_by` stays when none is given.
pub async fn change(unit: &mut Unit, old: &Employee, new: &Person, renew_by: Option<Moment>) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee SET given_name = $1, surname = $2, search_name = $3, email = $4, search_email = $11,
                 renew_by = COALESCE($5, renew_by)
             WHERE id = $6 AND state = $7 AND given_name = $8 AND surname = $9 AND email = $10"
        )
        .bind(new.given_name.as_str())
        .bind(new.surname.as_str())
        .bind(search_name(new))
        .bind(new.email.as_str())
        .bind(renew_by)
        .bind(old.id)
        .bind(old.state.word())
        .bind(old.person.given_name.as_str())
        .bind(old.person.surname.as_str())
        .bind(old.person.email.as_str())
        .bind(search_email(new.email.as_str()))
    )?;
    Ok(changed == 1)
}

/// Who should have renewed before `now`, the longest ago first.
pub async fn overdue(connection: &mut impl Connection, now: Moment) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT id FROM employee WHERE renew_by <= $1 AND state IN ('active', 'suspended') ORDER BY renew_by, id LIMIT 500"
    )
    .bind(now)
    .fetch_all(c))
}

/// The words of the factors that a company allows beside the card, with commas between, if its administrator ever said.
pub async fn factors(connection: &mut impl Connection, company: CompanyId) -> Result<Option<String>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT factors FROM factor_policy WHERE company_id = $1").bind(company).fetch_optional(c))
}

pub async fn keep_factors(unit: &mut Unit, company: CompanyId, words: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO factor_policy (company_id, factors, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (company_id) DO UPDATE SET factors = excluded.factors, changed_at = excluded.changed_at"
        )
        .bind(company)
        .bind(words)
        .bind(now)
    )
    .map(drop)
}

/// The words of the carriers that a company allows, with commas between, if its administrator ever said.
pub async fn key_carriers(connection: &mut impl Connection, company: CompanyId) -> Result<Option<String>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT carriers FROM key_policy WHERE company_id = $1").bind(company).fetch_optional(c))
}

pub async fn keep_key_carriers(unit: &mut Unit, company: CompanyId, words: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO key_policy (company_id, carriers, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (company_id) DO UPDATE SET carriers = excluded.carriers, changed_at = excluded.changed_at"
        )
        .bind(company)
        .bind(words)
        .bind(now)
    )
    .map(drop)
}

/// `false` when the employee had left.
pub async fn leave(unit: &mut Unit, id: EmployeeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee SET state = 'left', left_at = $2, suspended_at = NULL, suspended_until = NULL, suspended_reason = NULL
             WHERE id = $1 AND state <> 'left'"
        )
        .bind(id)
        .bind(now)
    )?;
    Ok(changed == 1)
}

/// `false` when the employee was not active.
pub async fn suspend(unit: &mut Unit, id: EmployeeId, reason: &str, until: Option<Moment>) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee SET state = 'suspended', suspended_at = $2, suspended_until = $3, suspended_reason = $4
             WHERE id = $1 AND state = 'active'"
        )
        .bind(id)
        .bind(now)
        .bind(until)
        .bind(reason)
    )?;
    Ok(changed == 1)
}

/// `false` when the employee was not suspended.
pub async fn resume(unit: &mut Unit, id: EmployeeId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE employee SET state = 'active', suspended_at = NULL, suspended_until = NULL, suspended_reason = NULL
             WHERE id = $1 AND state = 'suspended'"
        )
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// Whose suspension is over by `now`, the longest ago first.
pub async fn suspended_until(connection: &mut impl Connection, now: Moment) -> Result<Vec<(CompanyId, EmployeeId)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT company_id, id FROM employee WHERE suspended_until <= $1 AND state = 'suspended' ORDER BY suspended_until, id LIMIT 500"
    )
    .bind(now)
    .fetch_all(c))
}
