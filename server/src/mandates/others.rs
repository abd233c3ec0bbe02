//! Who else has a say in a change: those who can consent to it now, and those who could lately.
//!
//! Whoever asks may have seen to it that nobody can consent: suspended them, or ended their post. So everybody who holds a post counts, and everybody
//! who held one within a week; where there is such a one and nobody who can consent, the change waits, and all of them are told.

use super::{MandateError, Wish, model::LATELY};
use crate::{
    companies::{self, AdministratorPost},
    employees::{self, EmployeeState},
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{CompanyId, EmployeeId},
        moment::Moment,
    },
};

/// How a change comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the one who administers alone.
    AtOnce,
    /// By a second administrator's consent.
    Consent,
    /// After a while, unless somebody refuses.
    Wait,
}

/// The administrators besides the one who asks and whom the change is against.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Others {
    /// Who can consent now.
    pub(super) able: Vec<EmployeeId>,
    /// Who holds a post, or held one lately, and cannot: those who are with the company still.
    pub(super) unable: Vec<EmployeeId>,
    /// Whether there is anybody who cannot, also of those who left.
    any_unable: bool,
}

impl Others {
    /// How a change comes about that this person asks for.
    pub(super) fn way(&self, wish: &Wish, asker: EmployeeId) -> Way {
        let against = wish.against();
        // One's own post one gives away alone.
        if against == Some(asker) {
            return Way::AtOnce;
        }
        match (self.able.is_empty(), against.is_some() || self.any_unable) {
            (false, _) => Way::Consent,
            (true, true) => Way::Wait,
            (true, false) => Way::AtOnce,
        }
    }
}

/// Who administers the company, or did so lately.
pub(super) async fn others(
    connection: &mut impl Connection,
    (company, asker): (CompanyId, EmployeeId),
    wish: &Wish,
    now: Moment,
) -> Result<Others, DatabaseError> {
    let present = companies::read::administrators(connection, company).await?;
    let mut others = Others::default();
    for id in companies::read::administrators_since(connection, company, now.plus(-LATELY)).await? {
        if id == asker || wish.against() == Some(id) {
            continue;
        }
        let Some(found) = employees::read::employee(connection, company, id).await? else { continue };
        if found.state == EmployeeState::Active && present.contains(&id) {
            others.able.push(id);
            continue;
        }
        // Whoever gets a post back is not outvoted by that.
        if wish.employee() == Some(id) {
            continue;
        }
        match found.state {
            EmployeeState::Active | EmployeeState::Invited | EmployeeState::Suspended => {
                others.unable.push(id);
                others.any_unable = true;
            }
            EmployeeState::Left => others.any_unable = true,
        }
    }
    Ok(others)
}

/// Whether somebody who is active administers the company in this post, or more. Looked at once the company is held: who waited for the row may have
/// lost it meanwhile.
pub(super) async fn holds(
    unit: &mut Unit,
    (company, employee): (CompanyId, EmployeeId),
    least: AdministratorPost,
) -> Result<bool, MandateError> {
    let found = employees::read::employee(unit, company, employee).await?;
    if found.is_none_or(|found| found.state != EmployeeState::Active) {
        return Ok(false);
    }
    Ok(match companies::read::post(unit, company, employee).await? {
        Some(AdministratorPost::Superadministrator) => true,
        Some(AdministratorPost::Administrator) => least == AdministratorPost::Administrator,
        None => false,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::platform::id::Id as _;

    fn id(number: u128) -> EmployeeId {
        EmployeeId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn what_takes_a_post_is_never_done_at_once_but_to_oneself() {
        let alone = Others::default();
        let second = Others { able: vec![id(3)], ..Others::default() };
        let end = Wish::End { employee: id(2) };
        assert_eq!((alone.way(&end, id(1)), second.way(&end, id(1))), (Way::Wait, Way::Consent));
        assert_eq!(second.way(&Wish::Demote { employee: id(1) }, id(1)), Way::AtOnce);
    }

    #[test]
    fn who_was_there_lately_makes_a_change_wait() {
        let give = Wish::Transfer { employee: id(2) };
        let lately = Others { any_unable: true, ..Others::default() };
        assert_eq!((Others::default().way(&give, id(1)), lately.way(&give, id(1))), (Way::AtOnce, Way::Wait));
        assert_eq!(Others { able: vec![id(3)], ..lately }.way(&give, id(1)), Way::Consent);
    }
}
