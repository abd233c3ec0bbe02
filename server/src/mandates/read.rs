//! Questions about changes that wait for consent.

use uuid::Uuid;

use super::{Mandate, Wish, store};
use crate::platform::{
    actor::Actor,
    cursor::{Cursor, Listing},
    database::{Connection, DatabaseError},
    id::{CompanyId, Id as _, MandateId},
    limits,
    moment::Moment,
    secret::token_hash,
};

/// A change of the actor's company.
///
/// # Errors
/// When the database fails.
pub async fn of_company(connection: &mut impl Connection, actor: &Actor, id: MandateId) -> Result<Option<Mandate>, DatabaseError> {
    let found = store::by_id(connection, id).await?;
    Ok(found.filter(|mandate| Some(mandate.company) == actor.company))
}

/// The same; for operators one that is done by itself unless somebody refuses.
///
/// # Errors
/// When the database fails.
pub async fn visible(connection: &mut impl Connection, actor: &Actor, id: MandateId) -> Result<Option<Mandate>, DatabaseError> {
    let found = store::by_id(connection, id).await?;
    Ok(found.filter(|mandate| match actor.company {
        Some(company) => company == mandate.company,
        None => mandate.performs_at.is_some(),
    }))
}

/// The one that the mailed link refuses, while it waits to be done by itself.
///
/// # Errors
/// When the database fails.
pub async fn stoppable(connection: &mut impl Connection, link: &str, now: Moment) -> Result<Option<Mandate>, DatabaseError> {
    let found = store::by_stop(connection, &token_hash(link)).await?;
    Ok(found.filter(|mandate| mandate.performs_at.is_some() && mandate.is_open(now)))
}

/// The one of a company on which this administrator can say yes or no; none when it waits for somebody else, or nothing does.
///
/// # Errors
/// When the database fails.
pub async fn waiting_for(
    connection: &mut impl Connection,
    actor: &Actor,
    company: CompanyId,
    now: Moment,
) -> Result<Option<(Mandate, Wish)>, DatabaseError> {
    let found = store::undecided(connection, company).await?.filter(|mandate| mandate.is_open(now) && mandate.asked_by != actor.account);
    let Some(mandate) = found else { return Ok(None) };
    let wish = Wish::of(&mandate)?;
    let has_no_say = mandate.performs_at.is_none() && wish.against().is_some() && wish.against() == actor.employee;
    Ok((!has_no_say).then_some((mandate, wish)))
}

/// The changes of the actor's company, the newest first; for operators those of all companies that are done by themselves unless somebody refuses, the
/// soonest first.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, actor: &Actor, after: Option<&Cursor>) -> Result<Listing<Mandate>, DatabaseError> {
    let Some(company) = actor.company else { return waiting(connection, after).await };
    let before = after.map_or_else(|| MandateId::from_uuid(Uuid::max()), |cursor| MandateId::from_uuid(cursor.id));
    let rows = store::of_company(connection, company, before, limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row: &Mandate| row.id))
}

async fn waiting(connection: &mut impl Connection, after: Option<&Cursor>) -> Result<Listing<Mandate>, DatabaseError> {
    let start = (Moment::from_millis(0), MandateId::from_uuid(Uuid::nil()));
    let from = after.map_or(start, |cursor| (Moment::from_millis(cursor.key.parse().unwrap_or(0)), MandateId::from_uuid(cursor.id)));
    let rows = store::waiting(connection, from, limits::PAGE_ROWS + 1).await?;
    let key = |row: &Mandate| row.performs_at.map_or(0, Moment::millis).to_string();
    Ok(Listing::cut(rows.into_iter().map(|row| (key(&row), row)).collect(), |row: &Mandate| row.id))
}
