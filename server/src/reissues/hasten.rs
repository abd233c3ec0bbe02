//! A phone of before lets the new certificates go at once: whoever has it is the person who had the old password.

use super::{
    ReissueError,
    model::{Reissue, ReissueState},
    read, store,
};
use crate::{
    audit, certificates,
    employees::reissue as resting,
    phones::{self, Phone},
    platform::{
        actor::Actor,
        consent::{Consent, Purpose},
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{EmployeeId, PhoneId, ReissueId},
        moment::Moment,
    },
};

/// Whether it is one's own.
///
/// # Errors
/// [`ReissueError::NotFound`] for what one may not see.
pub async fn is_own(connection: &mut impl Connection, actor: &Actor, id: ReissueId) -> Result<bool, ReissueError> {
    let found = read::visible(connection, actor, id).await?.ok_or(ReissueError::NotFound)?;
    Ok(actor.employee == Some(found.employee))
}

/// One's own, while certificates wait for it; and the phones of before that may let them go.
///
/// # Errors
/// [`ReissueError::NotFound`], [`ReissueError::Ended`], [`ReissueError::NothingWaits`].
pub async fn hastenable(
    connection: &mut impl Connection,
    actor: &Actor,
    id: ReissueId,
    now: Moment,
) -> Result<(Reissue, Vec<Phone>), ReissueError> {
    let found = read::visible(connection, actor, id).await?.filter(|found| actor.employee == Some(found.employee));
    let found = found.ok_or(ReissueError::NotFound)?;
    if found.state != ReissueState::Given {
        return Err(ReissueError::Ended { state: found.state });
    }
    if found.certificates_from.is_none_or(|from| from <= now) {
        return Err(ReissueError::NothingWaits);
    }
    let phones = old_phones(connection, actor, &found, now).await?;
    Ok((found, phones))
}

async fn old_phones(connection: &mut impl Connection, actor: &Actor, reissue: &Reissue, now: Moment) -> Result<Vec<Phone>, DatabaseError> {
    let phones = phones::read::usable(connection, actor.account).await?;
    Ok(phones.into_iter().filter(|phone| phone.signs(now) && phone.paired_at < reissue.asked_at).collect())
}

/// Lets them go with that phone's yes. After the commit, [`finish`] signs them.
///
/// # Errors
/// [`ReissueError::ProveAgain`] for a yes to something else; [`ReissueError::YoungPhone`]; as [`hastenable`].
pub async fn hasten_by(unit: &mut Unit, actor: &Actor, id: ReissueId, consent: &Consent, phone: PhoneId) -> Result<(), ReissueError> {
    let now = unit.now();
    let (reissue, phones) = hastenable(unit, actor, id, now).await?;
    if !consent.covers(Purpose::HastenReissue, actor.account, &reissue.binding_to_hasten()) {
        return Err(ReissueError::ProveAgain);
    }
    if !phones.iter().any(|old| old.id == phone) {
        return Err(ReissueError::YoungPhone);
    }
    if !store::hasten(unit, id).await? {
        return Err(ReissueError::NothingWaits);
    }
    resting::hasten(unit, reissue.employee, actor.author()).await?;
    let event = audit::Event::new("reissue.hastened", actor.author(), format_args!("reissue:{id}"))
        .company(reissue.company)
        .fact("account", actor.account);
    Ok(audit::record(unit, event.fact("phone", phone)).await?)
}

/// Signs what was let go.
///
/// # Errors
/// When the database fails.
pub async fn finish(ground: &Ground, employee: EmployeeId) -> Result<(), ReissueError> {
    Ok(certificates::finish_held(ground, employee).await?)
}
