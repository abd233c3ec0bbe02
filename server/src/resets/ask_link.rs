//! Somebody has forgotten a password: the user id is written down for a job, whoever's it is. Nothing here looks whether anybody has it, so
//! that neither the answer nor its time tells.

use super::{
    ResetError, jobs,
    model::{ASKED_IN, ASKINGS},
    store,
};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::ResetId, queue},
};

/// No user id is longer.
const USER_ID_CHARACTERS: usize = 48;

/// Has a link mailed to the person of this user id, if there is one.
///
/// # Errors
/// [`ResetError::TooOften`] for a network that asked ten times within the hour.
pub async fn ask_link(unit: &mut Unit, user_id: &str, network: &str) -> Result<(), ResetError> {
    let now = unit.now();
    let (askings, oldest) = store::askings_of(unit, network, now.plus(-ASKED_IN)).await?;
    if askings >= ASKINGS {
        return Err(ResetError::TooOften { until: oldest.unwrap_or(now).plus(ASKED_IN) });
    }
    let id: ResetId = unit.id();
    store::insert_asking(unit, id, network).await?;
    let user_id = user_id.trim().chars().take(USER_ID_CHARACTERS + 1).collect();
    queue::enqueue(unit, jobs::SEND_LINK, &jobs::SendLink { id, user_id }, now).await?;
    let event = audit::Event::new("reset.asked", Author::Anyone, format!("reset:{id}")).personal("network", network);
    Ok(audit::record(unit, event).await?)
}
