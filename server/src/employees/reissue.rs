//! An employee who has forgotten the password gets a new link and temporary password. Until they are used everything rests as it was: the old
//! password opens nothing, sessions and known devices are gone, the keys lie where they lay. Used, they end what the old password opened.
//!
//! Suspended while certificates wait, the person gets none of them: they are given up (`suspend`), and renewed once the person may act again.
//!
//! Taken back before that, the old password works again; taken back later, the new one ends and what waits to be signed is given up, and so is
//! every factor that came with it: cards, phones paired since the old password stopped, code tokens, a telephone told since.
//!
//! **Factors meanwhile.** While certificates wait nobody pairs a phone, is given a code token or tells another telephone: whoever chose the new
//! password may be somebody else, and a phone outlives it, since new signing keys are sealed to every phone that serves. A code token is blocked by
//! every new activation; its holder activates it again by two codes that follow one another, which nobody else has. Phones of before serve on,
//! since one of them may let the certificates go: the page after the activation names them, so that one that is not the person's is blocked. That
//! all paired since the last good moment end there is not asked for: nobody but the person knows which moment was good.

use super::{
    Employee, EmployeeError, EmployeeState,
    invite::{self, Again, Renewal},
    store,
};
use crate::{
    accounts, audit, certificates,
    companies::Company,
    keycards,
    notices::{self, Kind},
    phones,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::EmployeeId,
        moment::Moment,
    },
    tokens,
};

/// Draws link and temporary password for somebody who had a password.
///
/// # Errors
/// [`EmployeeError::AlreadyLeft`]; [`EmployeeError::NotActive`] for whoever never activated: renew the invitation; as [`invite::prepare_renewal`].
pub async fn prepare(ground: &Ground, company: &Company, employee: Employee, again: Again) -> Result<Renewal, EmployeeError> {
    if employee.state == EmployeeState::Left {
        return Err(EmployeeError::AlreadyLeft);
    }
    if employee.activated_at.is_none() {
        return Err(EmployeeError::NotActive);
    }
    invite::prepare_link(ground, company, employee, Kind::ReissueLink, again).await
}

/// Takes somebody's row for this unit, before anything of it is read: of giving, stopping and activating at once the second sees what the first did.
///
/// # Errors
/// When the database fails.
pub async fn hold(unit: &mut Unit, employee: EmployeeId) -> Result<(), DatabaseError> {
    // Whoever has left stays so: there is nothing to wait for.
    store::hold(unit, employee).await.map(drop)
}

/// Has everything rest, and sends the link and the temporary password. No new certificate follows before that moment.
///
/// # Errors
/// [`EmployeeError::Overtaken`] when the employee left meanwhile.
pub async fn begin(unit: &mut Unit, renewal: &Renewal, certificates_from: Moment, author: Author) -> Result<(), EmployeeError> {
    let employee = &renewal.employee;
    let vouched_by = author.to_string();
    if !store::rest(unit, employee.id, certificates_from).await?
        || !store::vouch_for_resting(unit, employee.id, renewal.vouched, &vouched_by).await?
    {
        return Err(EmployeeError::Overtaken);
    }
    accounts::rest(unit, employee.account, author).await?;
    let event = audit::Event::new("employee.rests", author, format_args!("employee:{}", employee.id)).company(employee.company);
    audit::record(unit, event.fact("certificates_from", certificates_from)).await?;
    invite::store_link(unit, renewal, author).await
}

/// Ends it: the old password works again, or the new one ends, with all that came with it since the old one stopped. The employee was read in
/// this unit, after [`hold`].
///
/// # Errors
/// [`EmployeeError::AlreadyLeft`]; [`EmployeeError::Overtaken`] when account and employee do not say the same: nothing is changed then.
pub async fn take_back(unit: &mut Unit, employee: &Employee, since: Moment, author: Author) -> Result<(), EmployeeError> {
    accounts::withdraw_activations(unit, employee.account).await?;
    let ended = match employee.state {
        EmployeeState::Left => return Err(EmployeeError::AlreadyLeft),
        EmployeeState::Invited if accounts::wake(unit, employee.account, author).await? => {
            if !store::take_up(unit, employee.id).await? {
                return Err(EmployeeError::Overtaken);
            }
            "link"
        }
        // An earlier one was stopped late: there is no password to come back to.
        EmployeeState::Invited if accounts::lacks_password(unit, employee.account).await? => "link",
        EmployeeState::Invited => return Err(EmployeeError::Overtaken),
        EmployeeState::Active => {
            if !store::stop(unit, employee.id).await? {
                return Err(EmployeeError::Overtaken);
            }
            end_new(unit, employee, since, author).await?;
            "new password"
        }
        // Whoever sent the link could suspend the person too: that must not keep the new password alive. The suspension stays, and when it is
        // lifted the person waits for another password.
        EmployeeState::Suspended => {
            end_new(unit, employee, since, author).await?;
            "new password"
        }
    };
    store::end_rest(unit, employee.id).await?;
    let event = audit::Event::new("employee.rest_ended", author, format_args!("employee:{}", employee.id)).company(employee.company);
    Ok(audit::record(unit, event.fact("ended", ended)).await?)
}

/// What came with the new password ends.
async fn end_new(unit: &mut Unit, employee: &Employee, since: Moment, author: Author) -> Result<(), EmployeeError> {
    let account = employee.account;
    accounts::end_password(unit, account, author).await?;
    keycards::block_all(unit, account, author).await?;
    tokens::block_all(unit, account, author).await?;
    phones::block_since(unit, account, since, author).await?;
    notices::forget_telephone_since(unit, employee.id.into(), since, author).await?;
    certificates::give_up_held(unit, employee.id, author).await?;
    Ok(())
}

/// The person's own yes: certificates wait no longer. Gives how many were let go.
///
/// # Errors
/// When the database fails.
pub async fn hasten(unit: &mut Unit, employee: EmployeeId, author: Author) -> Result<usize, EmployeeError> {
    store::end_rest(unit, employee).await?;
    let let_go = certificates::let_go(unit, employee, author).await?;
    let event = audit::Event::new("employee.hastened", author, format_args!("employee:{employee}")).fact("certificates", let_go);
    audit::record(unit, event).await?;
    Ok(let_go)
}

/// Refuses while certificates wait: until then a factor more would be one of whoever chose the new password.
///
/// # Errors
/// [`EmployeeError::StillWaits`].
pub async fn require_own_time(connection: &mut impl Connection, employee: EmployeeId, now: Moment) -> Result<(), EmployeeError> {
    match waits_until(connection, employee, now).await? {
        Some(until) => Err(EmployeeError::StillWaits { until }),
        None => Ok(()),
    }
}

/// From when certificates may follow somebody's new password, while that is to come.
///
/// # Errors
/// When the database fails.
pub async fn waits_until(connection: &mut impl Connection, employee: EmployeeId, now: Moment) -> Result<Option<Moment>, DatabaseError> {
    Ok(store::certificates_from(connection, employee).await?.filter(|from| *from > now))
}
