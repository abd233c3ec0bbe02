//! Does what was asked for: made ready outside the unit, done inside it.

use super::{MandateError, Wish};
use crate::{
    companies::{
        self, AdministratorPost, Company, CompanyError,
        amend::{self, Amendment},
    },
    employees::{
        self, Employee, EmployeeError, EmployeeState,
        appoint::{self, Turn},
        leave,
        suspend::{self, Wanted},
    },
    notices::Sealed,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
    successions,
};

/// A change that can be done.
pub(super) struct Ready {
    pub(super) company: Company,
    gives_power: bool,
    act: Act,
}

enum Act {
    Agreement(Box<amend::Prepared>),
    Appoint(Appointment),
    Dismiss(Parting),
    End(Parting),
    Suspend { employee: EmployeeId, wanted: Wanted, told: Sealed },
    Transfer { to: Appointment, from: Parting },
}

/// A post that somebody gets, with its mails.
struct Appointment {
    employee: EmployeeId,
    had: Option<AdministratorPost>,
    post: AdministratorPost,
    told: Sealed,
    /// To the other administrators; none of a plain administrator.
    others: Option<Sealed>,
}

/// A post that somebody loses, with its mails.
struct Parting {
    employee: EmployeeId,
    told: Sealed,
    others: Sealed,
}

/// Looks whether the change can be done, and writes its mails. `asker` is whose post a transfer gives away.
pub(super) async fn prepare(ground: &Ground, company: CompanyId, wish: &Wish, asker: EmployeeId) -> Result<Ready, MandateError> {
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, company).await?.ok_or(MandateError::NotFound)?;
    let gives_power = wish.gives_power();
    refuse_while_succession(&mut reader, company.id, gives_power).await?;
    drop(reader);
    let act = match wish {
        Wish::Agreement { agreement } => {
            let amendment = Amendment::of(agreement).map_err(CompanyError::Invalid)?;
            Act::Agreement(Box::new(amend::prepare(ground, &company, amendment).await?))
        }
        Wish::Appoint { employee, post } => Act::Appoint(appointment(ground, &company, *employee, *post).await?),
        Wish::Demote { employee } => {
            let appointment = appointment(ground, &company, *employee, AdministratorPost::Administrator).await?;
            if appointment.had != Some(AdministratorPost::Superadministrator) {
                return Err(MandateError::Changed);
            }
            Act::Appoint(appointment)
        }
        Wish::Dismiss { employee } => {
            let found = found(ground, &company, *employee).await?;
            if found.state == EmployeeState::Left {
                return Err(EmployeeError::AlreadyLeft.into());
            }
            let others = appoint::told_others(ground, &company, &found, Turn::Went).await?;
            Act::Dismiss(Parting { employee: *employee, told: leave::told(ground).await?, others })
        }
        Wish::End { employee } => Act::End(parting(ground, &company, *employee).await?),
        Wish::Suspend { employee, reason, until } => {
            let wanted = Wanted::read(reason, until, ground.clock().now()).map_err(EmployeeError::Invalid)?;
            match found(ground, &company, *employee).await?.state {
                EmployeeState::Active => {}
                EmployeeState::Suspended => return Err(EmployeeError::AlreadySuspended.into()),
                EmployeeState::Invited | EmployeeState::Left => return Err(EmployeeError::NotActive.into()),
            }
            let told = suspend::told(ground, &company, &wanted).await?;
            Act::Suspend { employee: *employee, wanted, told }
        }
        Wish::Transfer { employee } => Act::Transfer {
            to: appointment(ground, &company, *employee, AdministratorPost::Superadministrator).await?,
            from: parting(ground, &company, asker).await?,
        },
    };
    Ok(Ready { company, gives_power, act })
}

/// Whoever is to lose the post does not choose meanwhile who acts for the company, or who may sign about it.
async fn refuse_while_succession(connection: &mut impl Connection, company: CompanyId, gives_power: bool) -> Result<(), MandateError> {
    match gives_power && successions::read::is_open(connection, company).await? {
        true => Err(MandateError::SuccessionWaits),
        false => Ok(()),
    }
}

async fn found(ground: &Ground, company: &Company, employee: EmployeeId) -> Result<Employee, MandateError> {
    let found = employees::read::employee(&mut ground.database.read().await?, company.id, employee).await?;
    Ok(found.ok_or(EmployeeError::NotFound)?)
}

async fn appointment(
    ground: &Ground,
    company: &Company,
    employee: EmployeeId,
    post: AdministratorPost,
) -> Result<Appointment, MandateError> {
    let found = found(ground, company, employee).await?;
    if found.state != EmployeeState::Active {
        return Err(EmployeeError::NotActive.into());
    }
    let had = companies::read::post(&mut ground.database.read().await?, company.id, employee).await?;
    if had == Some(post) {
        return Err(CompanyError::AlreadyAdministrator.into());
    }
    let turn = match (had, post) {
        (_, AdministratorPost::Superadministrator) => Some(Turn::Came),
        (Some(AdministratorPost::Superadministrator), AdministratorPost::Administrator) => Some(Turn::Went),
        (Some(AdministratorPost::Administrator) | None, AdministratorPost::Administrator) => None,
    };
    let others = match turn {
        Some(turn) => Some(appoint::told_others(ground, company, &found, turn).await?),
        None => None,
    };
    Ok(Appointment { employee, had, post, told: appoint::told_of(ground, company, (had, post)).await?, others })
}

async fn parting(ground: &Ground, company: &Company, employee: EmployeeId) -> Result<Parting, MandateError> {
    let found = found(ground, company, employee).await?;
    let others = appoint::told_others(ground, company, &found, Turn::Went).await?;
    Ok(Parting { employee, told: appoint::told_of_end(ground, company).await?, others })
}

/// Does it; `employees` and `companies` record it. The company is held.
pub(super) async fn perform(unit: &mut Unit, ready: &Ready, author: Author) -> Result<(), MandateError> {
    let company = ready.company.id;
    refuse_while_succession(unit, company, ready.gives_power).await?;
    match &ready.act {
        Act::Agreement(prepared) => Ok(amend::amend(unit, prepared, author).await?),
        Act::Appoint(appointment) => give(unit, company, appointment, author).await,
        Act::Dismiss(parting) => {
            leave::leave(unit, company, parting.employee, &parting.told, author).await?;
            Ok(appoint::tell_others(unit, company, parting.employee, &parting.others).await?)
        }
        Act::End(parting) => take(unit, company, parting, author).await,
        Act::Suspend { employee, wanted, told } => Ok(suspend::suspend(unit, (company, *employee), wanted, told, author).await?),
        Act::Transfer { to, from } => {
            give(unit, company, to, author).await?;
            take(unit, company, from, author).await
        }
    }
}

async fn give(unit: &mut Unit, company: CompanyId, appointment: &Appointment, author: Author) -> Result<(), MandateError> {
    let Appointment { employee, had, post, told, others } = appointment;
    if companies::read::post(unit, company, *employee).await? != *had {
        return Err(MandateError::Changed);
    }
    appoint::appoint(unit, company, (*employee, *post), told, author).await?;
    if let Some(others) = others {
        appoint::tell_others(unit, company, *employee, others).await?;
    }
    Ok(())
}

async fn take(unit: &mut Unit, company: CompanyId, parting: &Parting, author: Author) -> Result<(), MandateError> {
    appoint::end(unit, company, parting.employee, &parting.told, author).await?;
    Ok(appoint::tell_others(unit, company, parting.employee, &parting.others).await?)
}
