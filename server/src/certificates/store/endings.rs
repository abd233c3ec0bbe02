//! Which certificates end soon, and who was told.

use certs::profiles::Kind;
use uuid::Uuid;

use crate::{
    build, execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Reader, Unit},
        id::{CertificateId, CompanyId, EmployeeId},
        moment::Moment,
    },
};

/// An employee's certificate that ends, and which no newer one follows.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::certificates) struct Row {
    pub id: CertificateId,
    pub company_id: CompanyId,
    pub employee_id: EmployeeId,
    pub not_after: Moment,
}

/// Those that end after `from` and not after `to`, and of which nobody was told so many days before; at most `most`, by company and employee.
pub(in crate::certificates) async fn untold(
    reader: &mut Reader,
    (from, to): (Moment, Moment),
    days: i64,
    most: i64,
) -> Result<Vec<Row>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, company_id, employee_id, not_after FROM certificate
         WHERE state = 'active' AND not_after > $1 AND not_after <= $2 AND employee_id IS NOT NULL AND company_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM ending_told WHERE subject_id = certificate.id AND days = $3)
           AND NOT EXISTS (SELECT 1 FROM certificate AS newer
                           WHERE newer.employee_id = certificate.employee_id AND newer.profile = certificate.profile
                             AND newer.id > certificate.id AND newer.state <> 'abandoned')
         ORDER BY company_id, employee_id, id LIMIT $4"
    )
    .bind(from)
    .bind(to)
    .bind(days)
    .bind(most)
    .fetch_all(c))
}

/// A certificate of a company itself that ends, and which no newer one of the same use follows.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::certificates) struct CompanyRow {
    pub id: CertificateId,
    pub company_id: CompanyId,
    pub subject: String,
    pub not_after: Moment,
}

/// As [`untold`], of companies' own seals and functions.
pub(in crate::certificates) async fn untold_of_companies(
    reader: &mut Reader,
    (from, to): (Moment, Moment),
    days: i64,
    most: i64,
) -> Result<Vec<CompanyRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, company_id, subject, not_after FROM certificate
         WHERE state = 'active' AND not_after > $1 AND not_after <= $2 AND employee_id IS NULL AND company_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM ending_told WHERE subject_id = certificate.id AND days = $3)
           AND NOT EXISTS (SELECT 1 FROM certificate AS newer
                           WHERE newer.company_id = certificate.company_id AND newer.employee_id IS NULL
                             AND newer.profile = certificate.profile AND COALESCE(newer.email, '') = COALESCE(certificate.email, '')
                             AND newer.id > certificate.id AND newer.state <> 'abandoned')
         ORDER BY company_id, id LIMIT $4"
    )
    .bind(from)
    .bind(to)
    .bind(days)
    .bind(most)
    .fetch_all(c))
}

/// Those of a company that end after `from` and not after `to`, the first to end first.
pub(in crate::certificates) async fn of_company(
    reader: &mut Reader,
    company: CompanyId,
    (from, to): (Moment, Moment),
    most: i64,
) -> Result<Vec<Row>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, company_id, employee_id, not_after FROM certificate
         WHERE state = 'active' AND not_after > $1 AND not_after <= $2 AND company_id = $3 AND employee_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM certificate AS newer
                           WHERE newer.employee_id = certificate.employee_id AND newer.profile = certificate.profile
                             AND newer.id > certificate.id AND newer.state <> 'abandoned')
         ORDER BY not_after, id LIMIT $4"
    )
    .bind(from)
    .bind(to)
    .bind(company)
    .bind(most)
    .fetch_all(c))
}

/// When the first of an employee's newest certificates ends, one for each kind; none when there is none.
pub(in crate::certificates) async fn first_of_employee(
    connection: &mut impl Connection,
    employee: EmployeeId,
    kinds: &[Kind],
) -> Result<Option<Moment>, DatabaseError> {
    let mut first = None;
    for kind in kinds {
        let ends: Option<Moment> = fetch!(connection, |c| sqlx::query_scalar(
            "SELECT not_after FROM certificate WHERE employee_id = $1 AND profile = $2 AND state = 'active' ORDER BY id DESC LIMIT 1"
        )
        .bind(employee)
        .bind(kind.as_str())
        .fetch_optional(c))?;
        first = match (first, ends) {
            (Some(first), Some(ends)) => Some(std::cmp::min::<Moment>(first, ends)),
            (first, ends) => first.or(ends),
        };
    }
    Ok(first)
}

/// True when this very call noted it.
pub(in crate::certificates) async fn note(unit: &mut Unit, subject: Uuid, days: i64) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let noted = execute!(
        unit,
        sqlx::query("INSERT INTO ending_told (subject_id, days, told_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(subject)
            .bind(days)
            .bind(now)
    )?;
    Ok(noted == 1)
}

/// Whose certificates, of these people, end after `from` and not after `to`, with nothing newer to follow.
pub(in crate::certificates) async fn among(
    reader: &mut Reader,
    employees: &[EmployeeId],
    (from, to): (Moment, Moment),
) -> Result<Vec<EmployeeId>, DatabaseError> {
    let start = "SELECT DISTINCT employee_id FROM certificate WHERE state = 'active' AND not_after > ";
    build!(reader, start, |query, c| {
        query.push_bind(from).push(" AND not_after <= ").push_bind(to);
        query.push(
            " AND NOT EXISTS (SELECT 1 FROM certificate AS newer
                              WHERE newer.employee_id = certificate.employee_id AND newer.profile = certificate.profile
                                AND newer.id > certificate.id AND newer.state <> 'abandoned')",
        );
        query.push(" AND employee_id IN (");
        let mut list = query.separated(", ");
        for employee in employees {
            list.push_bind(*employee);
        }
        query.push(")");
        query.build_query_scalar().fetch_all(c).await
    })
}
