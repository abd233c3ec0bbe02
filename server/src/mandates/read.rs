//! Questions about changes that wait for consent.

use uuid::Uuid;

use super::{Mandate, store};
use crate::platform::{
    actor::Actor,
    cursor::{Cursor, Listing},
    database::{Connection, DatabaseError},
    id::{Id as _, MandateId},
    limits,
};

/// A change of the actor's company.
///
/// # Errors
/// When the database fails.
pub async fn of_company(connection: &mut impl Connection, actor: &Actor, id: MandateId) -> Result<Option<Mandate>, DatabaseError> {
    let found = store::by_id(connection, id).await?;
    Ok(found.filter(|mandate| Some(mandate.company) == actor.company))
}

/// The changes of the actor's company, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, actor: &Actor, after: Option<&Cursor>) -> Result<Listing<Mandate>, DatabaseError> {
    let before = after.map_or_else(|| MandateId::from_uuid(Uuid::max()), |cursor| MandateId::from_uuid(cursor.id));
    let rows = match actor.company {
        Some(company) => store::of_company(connection, company, before, limits::PAGE_ROWS + 1).await?,
        None => Vec::new(),
    };
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row: &Mandate| row.id))
}
