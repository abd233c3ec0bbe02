//! A superadministrator asks for a change: done at once by one who administers alone, else stored until a second administrator consents.

use super::{
    MandateError, Wish,
    model::{LIFE, Mandate, MandateState},
    perform, store,
};
use crate::{
    audit, companies,
    employees::{self, EmployeeState},
    notices::{self, Kind, Notice},
    platform::{
        actor::Actor,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{CompanyId, EmployeeId, MandateId},
    },
};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It waits for a second administrator.
    Waits(MandateId),
}

/// Those who could consent: active administrators besides the one who asks.
pub(super) async fn others(
    connection: &mut impl Connection,
    company: CompanyId,
    asker: EmployeeId,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    let mut found = Vec::new();
    for id in companies::read::administrators(connection, company).await?.into_iter().filter(|id| *id != asker) {
        let employee = employees::read::employee(connection, company, id).await?;
        found.extend(employee.filter(|employee| employee.state == EmployeeState::Active).map(|employee| employee.id));
    }
    Ok(found)
}

/// Asks for a change of the actor's company, right after a fresh proof.
///
/// # Errors
/// [`MandateError::ProveAgain`], [`MandateError::AlreadyAsked`], [`MandateError::NotFound`], and those of the change itself.
pub async fn ask(ground: &Ground, actor: &Actor, wish: &Wish) -> Result<Outcome, MandateError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(MandateError::ProveAgain);
    }
    let (Some(company), Some(asker)) = (actor.company, actor.employee) else { return Err(MandateError::NotFound) };
    let ready = perform::prepare(ground, company, wish, asker).await?;
    let name = match wish.employee() {
        Some(id) => employees::read::employee(&mut ground.database.read().await?, company, id).await?,
        None => None,
    };
    let link = format!("{}/mandates", ground.config.server.public_url);
    let notice = match &name {
        Some(employee) => Notice::mail(Kind::PostToApprove).with("employee", employee.name()),
        None => Notice::mail(Kind::AgreementToApprove),
    };
    let notice = notice.with("company", &ready.company.legal_name).with("asker", &actor.name).with("link", link);
    let told = notices::seal(ground, &notice).await?;
    let content = serde_json::to_vec(wish).map_err(|_| MandateError::NotFound)?;
    ground
        .database
        .write(async |unit| {
            // Whoever else changes this company's posts waits: so nobody is taken to be alone who is not.
            companies::hold_open(unit, company).await?;
            let others = others(unit, company, asker).await?;
            if others.is_empty() {
                perform::perform(unit, &ready, actor.author()).await?;
                return Ok(Outcome::Done);
            }
            let id = keep(unit, actor, company, &content).await?;
            for other in others {
                notices::tell(unit, other.into(), &told).await?;
            }
            Ok(Outcome::Waits(id))
        })
        .await
}

async fn keep(unit: &mut Unit, actor: &Actor, company: CompanyId, content: &[u8]) -> Result<MandateId, MandateError> {
    let now = unit.now();
    store::lapse(unit).await?;
    let mandate = Mandate {
        id: unit.id(),
        company,
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        content: content.to_vec(),
        state: MandateState::Asked,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        decided_by_name: None,
        decided_at: None,
    };
    if !store::insert(unit, &mandate).await? {
        return Err(MandateError::AlreadyAsked);
    }
    let event = audit::Event::new("mandate.asked", actor.author(), format_args!("mandate:{}", mandate.id))
        .company(company)
        .fact("binding", hex::encode(mandate.binding()));
    audit::record(unit, event).await?;
    Ok(mandate.id)
}
