//! The background edge: who is told that certificates end, and certificates that name a person as they were.

use std::collections::{BTreeMap, BTreeSet};

use certs::{name::EmailAddress, revocation::Reason};
use uuid::Uuid;

use super::{EmployeeError, identify::identify, read, renew::ends_with_youth, store};
use crate::{
    accounts, audit,
    certificates::{
        self, State,
        ending::{self, Ending, OwnEnding},
    },
    companies,
    notices::{self, Contact, Kind, Notice, Sealed},
    platform::{
        actor::{Author, Role},
        database::Unit,
        ground::Ground,
        id::{CertificateId, CompanyId, EmployeeId, Id as _, RecipientId},
        moment::Moment,
    },
};

/// How often the rounds look. What is due is told once, however often they look.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(60 * 60);

const AUTHOR: Author = Author::System("employees");
/// So many days before the eighteenth birthday its person is told that a certificate can be renewed then.
const BIRTHDAY_DAYS: i64 = 7;
/// So many names stand in one mail to an administrator.
const NAMED: usize = 20;
/// The contact that `mail.operator` names.
const OPERATOR: Uuid = Uuid::from_u128(0x5e61_0000_0000_7000_8000_0000_0000_0001);

/// Tells employees and their administrators of certificates that end in 60, 30 or 7 days. Whether anybody was told.
///
/// # Errors
/// When the database or the keystore fails; who was told by then is not told again.
pub async fn warn(ground: &Ground) -> anyhow::Result<bool> {
    let untold = ending::untold(&mut ground.database.read().await?, ground.clock().now()).await?;
    let mut by_company: BTreeMap<CompanyId, Vec<Ending>> = BTreeMap::new();
    for ending in untold {
        by_company.entry(ending.company).or_default().push(ending);
    }
    let mut told = false;
    for (company, endings) in by_company {
        told |= warn_company(ground, company, &endings).await?;
    }
    Ok(told)
}

/// The mails for one company: one to each employee, one to each administrator.
struct Mails {
    employees: BTreeMap<EmployeeId, Sealed>,
    administrators: Vec<EmployeeId>,
    digest: Sealed,
}

/// The certificates among these that end with their holders' youth: no new one would end later, until the eighteenth birthday.
async fn ending_with_youth(ground: &Ground, endings: &[Ending]) -> Result<BTreeSet<CertificateId>, EmployeeError> {
    let mut found = BTreeSet::new();
    for ending in endings {
        let adult_at = identify(ground, ending.employee, None).await?.youth_until;
        if ends_with_youth(ending.not_after, adult_at) {
            found.insert(ending.certificate);
        }
    }
    Ok(found)
}

async fn warn_company(ground: &Ground, company: CompanyId, endings: &[Ending]) -> Result<bool, EmployeeError> {
    let young = ending_with_youth(ground, endings).await?;
    // Long before a birthday there is nothing that its person could do.
    let is_quiet = |ending: &&Ending| young.contains(&ending.certificate) && ending.days > BIRTHDAY_DAYS;
    let (quiet, asked): (Vec<&Ending>, Vec<&Ending>) = endings.iter().partition(is_quiet);
    let mails = mails(ground, company, &asked, &young).await?;
    ground
        .database
        .write(async |unit| -> Result<bool, EmployeeError> {
            for ending in &quiet {
                ending::note(unit, ending).await?;
            }
            let mut told = BTreeMap::new();
            for ending in &asked {
                if ending::note(unit, ending).await? {
                    told.insert(ending.employee, ending.days);
                }
            }
            for (employee, days) in &told {
                if let Some(mail) = mails.employees.get(employee) {
                    notices::tell(unit, (*employee).into(), mail).await?;
                }
                let event = audit::Event::new("employee.ending_told", AUTHOR, format_args!("employee:{employee}"));
                audit::record(unit, event.company(company).fact("days", days)).await?;
            }
            // Whoever administers only themselves needs no second mail.
            let concerned = |administrator: &&EmployeeId| told.keys().any(|employee| employee != *administrator);
            for administrator in mails.administrators.iter().filter(concerned) {
                notices::tell(unit, (*administrator).into(), &mails.digest).await?;
            }
            Ok(!told.is_empty())
        })
        .await
}

async fn mails(ground: &Ground, company: CompanyId, endings: &[&Ending], young: &BTreeSet<CertificateId>) -> Result<Mails, EmployeeError> {
    let mut first: BTreeMap<EmployeeId, Moment> = BTreeMap::new();
    let renewable = |ending: &&&Ending| !young.contains(&ending.certificate);
    let at_once: BTreeSet<EmployeeId> = endings.iter().filter(renewable).map(|ending| ending.employee).collect();
    for ending in endings {
        let ends = first.entry(ending.employee).or_insert(ending.not_after);
        *ends = (*ends).min(ending.not_after);
    }
    let mut reader = ground.database.read().await?;
    let found = companies::read::company(&mut reader, company).await?.ok_or(EmployeeError::NotFound)?;
    let administrators = companies::read::administrators(&mut reader, company).await?;
    let mut names = Vec::new();
    for employee in first.keys().take(NAMED) {
        names.extend(read::employee(&mut reader, company, *employee).await?.map(|employee| format!("- {}", employee.name())));
    }
    drop(reader);
    let more = if first.len() > NAMED { "\n- ..." } else { "" };
    let digest = Notice::mail(Kind::ColleaguesEnding)
        .with("company", &found.legal_name)
        .with("count", first.len())
        .with("until", first.values().min().copied().unwrap_or_else(|| ground.clock().now()))
        .with("names", format_args!("{}{more}", names.join("\n")));
    let digest = notices::seal(ground, &digest).await?;
    let mut employees = BTreeMap::new();
    for (employee, until) in first {
        let kind = if at_once.contains(&employee) { Kind::CertificatesEnding } else { Kind::YouthEnding };
        let notice = Notice::mail(kind).with("company", &found.legal_name).with("until", until);
        employees.insert(employee, notices::seal(ground, &notice).await?);
    }
    Ok(Mails { employees, administrators, digest })
}

/// Revokes what names a person as they were before a change, once the time to renew is over. Whether there was anything.
///
/// # Errors
/// When the database or the keystore fails.
pub async fn end_changed(ground: &Ground) -> anyhow::Result<bool> {
    let overdue = store::overdue(&mut ground.database.read().await?, ground.clock().now()).await?;
    let mut ended = false;
    for employee in overdue {
        ended |= end_changed_of(ground, employee).await?;
    }
    Ok(ended)
}

async fn end_changed_of(ground: &Ground, employee: EmployeeId) -> Result<bool, EmployeeError> {
    let reason = Reason::AffiliationChanged;
    let known = certificates::read::of_employee(&mut ground.database.read().await?, employee).await?;
    let open = |state: State| matches!(state, State::Active | State::Intended);
    if !known.iter().any(|certificate| open(certificate.state)) {
        return Ok(false);
    }
    let mut told = BTreeMap::new();
    for certificate in known.iter().filter(|certificate| certificate.state == State::Active) {
        let notice = Notice::mail(Kind::CertificateRevoked).with("serial", certificate.serial).with("reason", reason);
        told.insert(certificate.id, notices::seal(ground, &notice).await?);
    }
    ground
        .database
        .write(async |unit| -> Result<bool, EmployeeError> {
            for revoked in certificates::revoke_all_of_employee(unit, employee, AUTHOR, reason).await? {
                if let Some(mail) = told.get(&revoked.id) {
                    notices::tell(unit, employee.into(), mail).await?;
                }
            }
            Ok(true)
        })
        .await
}

/// Tells whoever runs the service when a CA, responder, time-stamp unit or the certificate of our mail comes near its end; every look sets the
/// metric and says it in the log. Whether anybody was told.
///
/// # Errors
/// When the database or the keystore fails.
pub async fn warn_operators(ground: &Ground) -> anyhow::Result<bool> {
    let now = ground.clock().now();
    let mut told = false;
    for own in ending::own(ground).await? {
        let days_left = own.not_after.since(now).whole_days();
        ground.metrics.lasts(own.kind, &own.name, days_left);
        if own.days.is_some() {
            tracing::warn!(kind = own.kind, name = own.name, days_left, "a certificate of the service's own comes near its end");
            told |= warn_of(ground, &own).await?;
        }
    }
    Ok(told)
}

async fn warn_of(ground: &Ground, own: &OwnEnding) -> Result<bool, EmployeeError> {
    let notice = Notice::mail(Kind::ServiceEnding).with("what", own.kind).with("certificate", &own.name).with("until", own.not_after);
    let sealed = notices::seal(ground, &notice).await?;
    ground
        .database
        .write(async |unit| -> Result<bool, EmployeeError> {
            if !ending::note_own(unit, own).await? {
                return Ok(false);
            }
            for operator in operators(unit, ground).await? {
                notices::tell(unit, operator, &sealed).await?;
            }
            let event = audit::Event::new("service.ending_told", AUTHOR, format_args!("{}:{}", own.kind, own.name));
            audit::record(unit, event.fact("ends", own.not_after)).await?;
            Ok(true)
        })
        .await
}

/// Whom to tell about the service itself: the address in `mail.operator`, or else every operator who answers for its security.
async fn operators(unit: &mut Unit, ground: &Ground) -> Result<Vec<RecipientId>, EmployeeError> {
    let Some(address) = ground.config.mail.operator.as_ref().map(EmailAddress::to_string) else {
        let all = accounts::read::operators(unit).await?;
        let responsible = all.into_iter().filter(|one| one.state == accounts::AccountState::Active && one.roles.contains(&Role::Security));
        return Ok(responsible.map(|one| one.id.into()).collect());
    };
    let recipient = RecipientId::from_uuid(OPERATOR);
    let language = ground.config.policy.language;
    let contact = Contact { recipient, name: address.clone(), email: Some(address), postal_address: None, language };
    notices::keep_contact(unit, &contact).await?;
    Ok(vec![recipient])
}
