//! Numbers of the family `oces2`, and what companies ordered for themselves.

use uuid::Uuid;

use crate::{
    build, execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit, portions},
        id::CompanyId,
        moment::Moment,
    },
};

/// The bearer's number: the one it has, else the drawn one; none when that is taken.
pub(in crate::certificates) async fn resource_number(
    unit: &mut Unit,
    bearer: Uuid,
    company: CompanyId,
    drawn: &str,
) -> Result<Option<String>, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO resource_number (bearer_id, company_id, number, drawn_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
            .bind(bearer)
            .bind(company)
            .bind(drawn)
            .bind(now)
    )?;
    fetch!(unit, |c| sqlx::query_scalar("SELECT number FROM resource_number WHERE bearer_id = $1").bind(bearer).fetch_optional(c))
}

/// Whose number it is in the company.
pub(in crate::certificates) async fn bearer(
    connection: &mut impl Connection,
    company: CompanyId,
    number: &str,
) -> Result<Option<Uuid>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT bearer_id FROM resource_number WHERE company_id = $1 AND number = $2")
        .bind(company)
        .bind(number)
        .fetch_optional(c))
}

/// Those of these numbers that a bearer of the company has.
pub(in crate::certificates) async fn taken(unit: &mut Unit, company: CompanyId, numbers: &[&str]) -> Result<Vec<String>, DatabaseError> {
    let mut taken = Vec::new();
    for portion in portions(numbers) {
        let found: Vec<String> = build!(unit, "SELECT number FROM resource_number WHERE company_id = ", |query, c| {
            query.push_bind(company).push(" AND number IN (");
            let mut list = query.separated(", ");
            for number in portion {
                list.push_bind(*number);
            }
            query.push(")");
            query.build_query_scalar().fetch_all(c).await
        })?;
        taken.extend(found);
    }
    Ok(taken)
}

pub(in crate::certificates) async fn ordered_since<C: Connection>(
    connection: &mut C,
    company: CompanyId,
    since: Moment,
) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT count(*) FROM certificate WHERE company_id = $1 AND employee_id IS NULL AND intended_at > $2"
    )
    .bind(company)
    .bind(since)
    .fetch_one(c))
}
