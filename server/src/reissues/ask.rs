//! An administrator asks for a new password for somebody who has forgotten theirs. Nothing stops yet; the person, those who sign for the company
//! and the other administrators are told at once.
//!
//! A second administrator agrees where one can. Whoever asks may have seen to it that none can: suspended them, or ended their post. So everybody who
//! holds the post counts, and everybody who held it within a week; where there is such a one and nobody who can agree, certificates wait as long as
//! they may, and those who hold or held the post are told too, the suspended ones as well, as long as they are with the company.

use super::{
    ReissueError,
    model::{ALONE_HOURS, LATELY, LIFE, Reissue, ReissueState},
    store,
};
use crate::{
    audit, companies,
    employees::{self, Employee, EmployeeError, EmployeeState, rank},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Role},
        database::{DatabaseError, Reader, Unit},
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId, RecipientId, ReissueId},
        moment::Moment,
        random, secret,
    },
};

/// What can be asked for, with its mails.
pub struct Prepared {
    employee: Employee,
    stop_hash: Vec<u8>,
    told: Sealed,
    /// The person, and where they were told things until lately.
    people: Vec<RecipientId>,
    signatories: Vec<RecipientId>,
    told_signatories: Sealed,
    others: Others,
    /// So many hours certificates wait.
    wait_hours: i64,
    /// The page of the reissue, which has no id yet: told as the list.
    to_approve: Sealed,
}

/// Looks whether it can be asked for, and writes the mails. Right after a fresh proof.
///
/// # Errors
/// [`ReissueError::ProveAgain`], [`ReissueError::NotFound`], [`ReissueError::SamePerson`] for oneself, [`ReissueError::NewContact`],
/// [`ReissueError::TheirOwn`] for an operator while the company has somebody active who may ask; [`ReissueError::Employee`] for whoever left or
/// never activated, and for a superadministrator whom an administrator asks it for.
pub async fn prepare(ground: &Ground, actor: &Actor, employee: (CompanyId, EmployeeId)) -> Result<Prepared, ReissueError> {
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(ReissueError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let employee = askable(&mut reader, actor, employee).await?;
    if notices::is_new_contact(&mut reader, employee.id.into(), employee.activated_at, now).await? {
        return Err(ReissueError::NewContact);
    }
    let company = companies::read::company(&mut reader, employee.company).await?.ok_or(ReissueError::NotFound)?;
    let others = other_administrators(&mut reader, &employee, actor.account, now).await?;
    let is_own = actor.company == Some(company.id);
    if !is_own && anybody_may_ask(&mut reader, &employee, &others.able).await? {
        return Err(ReissueError::TheirOwn);
    }
    let mut people = notices::former_contacts(&mut reader, employee.id.into(), now).await?;
    people.push(employee.id.into());
    let signatories = companies::read::signatories(&mut reader, company.id).await?.into_iter().map(|one| one.id.into()).collect();
    drop(reader);
    let stop = random::token(ground.random());
    let hours = others.wait_hours(ground.config.policy.reissue_hours);
    let asker = if is_own { &actor.name } else { &company.legal_name };
    let notice = |kind| Notice::mail(kind).with("company", &company.legal_name).with("asker", asker);
    let link = format!("{}/reissues", ground.config.server.public_url);
    let told = notice(Kind::ReissueAsked).with("hours", hours).secret("link", &format!("{link}/stop/{stop}"));
    let told_signatories = notice(Kind::ReissueToldSignatory).with("employee", employee.name()).with("hours", hours);
    let to_approve = notice(Kind::ReissueToApprove).with("employee", employee.name()).with("link", &link);
    Ok(Prepared {
        stop_hash: secret::token_hash(&stop),
        told: notices::seal(ground, &told).await?,
        people,
        signatories,
        told_signatories: notices::seal(ground, &told_signatories).await?,
        others,
        wait_hours: hours,
        to_approve: notices::seal(ground, &to_approve).await?,
        employee,
    })
}

/// The employee, if this person may ask for a new password for them.
async fn askable(reader: &mut Reader, actor: &Actor, (company, employee): (CompanyId, EmployeeId)) -> Result<Employee, ReissueError> {
    let found = employees::read::employee(reader, company, employee).await?.ok_or(ReissueError::NotFound)?;
    let is_own = actor.company == Some(company) && actor.is(Role::Administrator);
    let administrators = companies::read::administrators(reader, company).await?;
    let is_operators = actor.company.is_none() && administrators.contains(&found.id);
    if !is_own && !is_operators {
        return Err(ReissueError::NotFound);
    }
    if found.account == actor.account {
        return Err(ReissueError::SamePerson);
    }
    rank::require(reader, actor, (company, employee)).await?;
    match (found.state, found.activated_at) {
        (EmployeeState::Left, _) => Err(EmployeeError::AlreadyLeft.into()),
        (EmployeeState::Suspended, _) => Err(EmployeeError::AlreadySuspended.into()),
        (_, None) => Err(EmployeeError::NotActive.into()),
        (EmployeeState::Active | EmployeeState::Invited, Some(_)) => Ok(found),
    }
}

/// Who else administers the company, or did so lately.
#[derive(Default)]
struct Others {
    /// Who can agree now.
    able: Vec<EmployeeId>,
    /// Who holds the post, or held it lately, and cannot: those who are with the company still.
    unable: Vec<RecipientId>,
    /// Whether there is anybody who cannot, also of those who left.
    any_unable: bool,
}

impl Others {
    /// Whether a second administrator must approve.
    fn need_second(&self) -> bool {
        !self.able.is_empty()
    }

    fn wait_hours(&self, usual: i64) -> i64 {
        if self.any_unable && !self.need_second() { usual.max(ALONE_HOURS) } else { usual }
    }
}

/// Who administers the company or did so lately, besides the person concerned and whoever asks.
async fn other_administrators(reader: &mut Reader, of: &Employee, asker: AccountId, now: Moment) -> Result<Others, DatabaseError> {
    let present = companies::read::administrators(reader, of.company).await?;
    let mut others = Others::default();
    for id in companies::read::administrators_since(reader, of.company, now.plus(-LATELY)).await? {
        let Some(found) = employees::read::employee(reader, of.company, id).await? else { continue };
        if found.id == of.id || found.account == asker {
            continue;
        }
        match found.state {
            EmployeeState::Active if present.contains(&found.id) => others.able.push(found.id),
            EmployeeState::Active | EmployeeState::Invited | EmployeeState::Suspended => {
                others.unable.push(found.id.into());
                others.any_unable = true;
            }
            EmployeeState::Left => others.any_unable = true,
        }
    }
    Ok(others)
}

/// Whether somebody in the company may ask this for the person: only a superadministrator for a superadministrator.
async fn anybody_may_ask(reader: &mut Reader, of: &Employee, others: &[EmployeeId]) -> Result<bool, DatabaseError> {
    let superadministrators = companies::read::superadministrators(reader, of.company).await?;
    let is_super = superadministrators.contains(&of.id);
    Ok(others.iter().any(|other| !is_super || superadministrators.contains(other)))
}

/// Stores it and tells everybody.
///
/// # Errors
/// [`ReissueError::AlreadyAsked`].
pub async fn ask(unit: &mut Unit, actor: &Actor, prepared: &Prepared) -> Result<ReissueId, ReissueError> {
    store::lapse(unit).await?;
    let (now, employee) = (unit.now(), &prepared.employee);
    let reissue = Reissue {
        id: unit.id(),
        company: employee.company,
        employee: employee.id,
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        state: if prepared.others.need_second() { ReissueState::Asked } else { ReissueState::Approved },
        asked_at: now,
        lapses_at: now.plus(LIFE),
        wait_hours: prepared.wait_hours,
        approved_by_name: None,
        given_at: None,
        certificates_from: None,
        ended_at: None,
    };
    if !store::insert(unit, &reissue, &prepared.stop_hash).await? {
        return Err(ReissueError::AlreadyAsked);
    }
    let event = audit::Event::new("reissue.asked", actor.author(), format_args!("reissue:{}", reissue.id))
        .company(reissue.company)
        .fact("account", employee.account)
        .fact("employee", reissue.employee)
        .fact("second", if prepared.others.need_second() { "needed" } else { "nobody" })
        .fact("wait_hours", prepared.wait_hours);
    audit::record(unit, event).await?;
    for person in &prepared.people {
        notices::tell(unit, *person, &prepared.told).await?;
    }
    for told in prepared.signatories.iter().chain(&prepared.others.unable) {
        notices::tell(unit, *told, &prepared.told_signatories).await?;
    }
    for other in &prepared.others.able {
        notices::tell(unit, (*other).into(), &prepared.to_approve).await?;
    }
    Ok(reissue.id)
}
