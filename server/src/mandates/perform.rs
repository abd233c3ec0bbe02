//! Does what was asked for: made ready outside the unit, done inside it.

use super::{MandateError, Wish};
use crate::{
    companies::{
        self, AdministratorPost, Company, CompanyError,
        amend::{self, Amendment},
    },
    employees::{self, EmployeeError, EmployeeState, appoint},
    notices::Sealed,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
    successions,
};

/// A change that can be done.
pub(super) struct Ready {
    pub(super) company: Company,
    act: Act,
}

enum Act {
    Agreement(Box<amend::Prepared>),
    Appoint { employee: EmployeeId, post: AdministratorPost, told: Sealed },
    Transfer { from: EmployeeId, to: EmployeeId, told: Sealed, ended: Sealed },
}

/// Looks whether the change can be done, and writes its mails. `asker` is whose post a transfer gives away.
pub(super) async fn prepare(ground: &Ground, company: CompanyId, wish: &Wish, asker: EmployeeId) -> Result<Ready, MandateError> {
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, company).await?.ok_or(MandateError::NotFound)?;
    if let Some(id) = wish.employee() {
        let found = employees::read::employee(&mut reader, company.id, id).await?.ok_or(EmployeeError::NotFound)?;
        if found.state != EmployeeState::Active {
            return Err(EmployeeError::NotActive.into());
        }
        let wanted = match wish {
            Wish::Appoint { post, .. } => *post,
            Wish::Agreement { .. } | Wish::Transfer { .. } => AdministratorPost::Superadministrator,
        };
        if companies::read::post(&mut reader, company.id, id).await? == Some(wanted) {
            return Err(CompanyError::AlreadyAdministrator.into());
        }
    }
    drop(reader);
    let act = match wish {
        Wish::Agreement { agreement } => {
            let amendment = Amendment::of(agreement).map_err(CompanyError::Invalid)?;
            Act::Agreement(Box::new(amend::prepare(ground, &company, amendment).await?))
        }
        Wish::Appoint { employee, post } => Act::Appoint { employee: *employee, post: *post, told: appoint::told(ground, &company).await? },
        Wish::Transfer { employee } => {
            let (told, ended) = (appoint::told(ground, &company).await?, appoint::told_of_end(ground, &company).await?);
            Act::Transfer { from: asker, to: *employee, told, ended }
        }
    };
    Ok(Ready { company, act })
}

/// Does it; `employees` and `companies` record it.
pub(super) async fn perform(unit: &mut Unit, ready: &Ready, author: Author) -> Result<(), MandateError> {
    let company = ready.company.id;
    match &ready.act {
        Act::Agreement(prepared) => {
            // Whoever is to lose the post does not choose meanwhile who may sign about it.
            if successions::read::is_open(unit, company).await? {
                return Err(MandateError::SuccessionWaits);
            }
            Ok(amend::amend(unit, prepared, author).await?)
        }
        Act::Appoint { employee, post, told } => Ok(appoint::appoint(unit, company, (*employee, *post), told, author).await?),
        Act::Transfer { from, to, told, ended } => {
            appoint::appoint(unit, company, (*to, AdministratorPost::Superadministrator), told, author).await?;
            Ok(appoint::end(unit, company, *from, ended, author).await?)
        }
    }
}
