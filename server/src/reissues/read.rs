//! Questions about forgotten passwords that administrators have replaced.

use uuid::Uuid;

use super::{
    ReissueState,
    model::{Reissue, Standing},
    store,
};
use crate::{
    certificates,
    employees::{self, EmployeeState},
    platform::{
        actor::{Actor, Role},
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError},
        id::{CompanyId, EmployeeId, Id as _, ReissueId},
        limits,
        moment::Moment,
        secret,
    },
};

/// One that the actor may see: of the company for its administrators, one's own, and for an operator what they asked for.
///
/// # Errors
/// When the database fails.
pub async fn visible(connection: &mut impl Connection, actor: &Actor, id: ReissueId) -> Result<Option<Reissue>, DatabaseError> {
    let found = store::by_id(connection, id).await?;
    Ok(found.filter(|found| {
        let administers = actor.company == Some(found.company) && actor.is(Role::Administrator);
        administers || actor.employee == Some(found.employee) || (actor.company.is_none() && found.asked_by == actor.account)
    }))
}

/// The one about an employee that goes on.
///
/// # Errors
/// When the database fails.
pub async fn open(connection: &mut impl Connection, employee: EmployeeId) -> Result<Option<Reissue>, DatabaseError> {
    store::open(connection, employee).await
}

/// What a mailed link still stops.
///
/// # Errors
/// When the database fails.
pub async fn stoppable(connection: &mut impl Connection, link: &str, now: Moment) -> Result<Option<Reissue>, DatabaseError> {
    let found = store::by_stop(connection, &secret::token_hash(link)).await?;
    Ok(found.filter(|found| found.is_open(now)))
}

/// What the actor may see, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, actor: &Actor, after: Option<&Cursor>) -> Result<Listing<Reissue>, DatabaseError> {
    let before = after.map_or_else(|| ReissueId::from_uuid(Uuid::max()), |cursor| ReissueId::from_uuid(cursor.id));
    let most = limits::PAGE_ROWS + 1;
    let rows = match (actor.company, actor.employee) {
        (Some(company), _) if actor.is(Role::Administrator) => store::of_company(connection, company, before, most).await?,
        (_, Some(employee)) => store::of_employee(connection, employee, before, most).await?,
        (_, None) => Vec::new(),
    };
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row: &Reissue| row.id))
}

/// What waits for this administrator of the company: for their approval, or for them to send link and temporary password. The oldest first.
///
/// # Errors
/// When the database fails.
pub async fn waiting_for(
    connection: &mut impl Connection,
    actor: &Actor,
    company: CompanyId,
    now: Moment,
    most: i64,
) -> Result<Vec<Reissue>, DatabaseError> {
    let Some(employee) = actor.employee else { return Ok(Vec::new()) };
    store::waiting_for(connection, company, (actor.account, employee), now, most).await
}

/// How one stands, with what the person has done meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, reissue: &Reissue, now: Moment) -> Result<Standing, DatabaseError> {
    let open = reissue.is_open(now);
    Ok(match reissue.state {
        ReissueState::Approved | ReissueState::Asked if !open => Standing::Lapsed,
        ReissueState::Approved => Standing::Approved,
        ReissueState::Asked => Standing::Asked,
        ReissueState::Cancelled => Standing::Cancelled,
        ReissueState::Done => Standing::Done,
        ReissueState::Lapsed => Standing::Lapsed,
        ReissueState::Given => given(connection, reissue, now).await?,
    })
}

/// Whether the person was faster than the round that notes it.
async fn given(connection: &mut impl Connection, reissue: &Reissue, now: Moment) -> Result<Standing, DatabaseError> {
    let employee = employees::read::employee(connection, reissue.company, reissue.employee).await?;
    match employee.map(|employee| employee.state) {
        Some(EmployeeState::Active) => {}
        // It does not end behind a suspension: the person can stop it for as long as they cannot act.
        Some(EmployeeState::Suspended) => return Ok(Standing::Waiting),
        Some(EmployeeState::Invited) if reissue.is_unused_for_long(now) => return Ok(Standing::Lapsed),
        Some(EmployeeState::Invited) => return Ok(Standing::Sent),
        Some(EmployeeState::Left) | None => return Ok(Standing::Lapsed),
    }
    let early = reissue.certificates_from.is_some_and(|from| now < from);
    let held = certificates::held_until(connection, reissue.employee).await?.is_some();
    Ok(if early || held { Standing::Waiting } else { Standing::Done })
}

/// The name of the person.
///
/// # Errors
/// When the database fails.
pub async fn name_of(connection: &mut impl Connection, reissue: &Reissue) -> Result<String, DatabaseError> {
    let found = employees::read::employee(connection, reissue.company, reissue.employee).await?;
    Ok(found.map(|employee| employee.name().to_owned()).unwrap_or_default())
}
