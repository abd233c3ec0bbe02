//! The end before its time: guarded, told to the public truth in the same unit, the signing key deleted. A key that others may have ends
//! everything that was certified for it; that reason alone may still be given when another one was.

use std::collections::{BTreeMap, HashSet};

use certs::{revocation::Reason, serial::Serial};

use super::{Certificate, CertificateError, Revoked, Revoker, Scope, State, certified, finish::abandon, imported, read::after_all, store};
use crate::{
    audit,
    notices::{self, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        ground::Ground,
        id::{CertificateId, CompanyId, EmployeeId},
    },
    status,
    webhooks::{self, Event, EventKind},
};

/// Who revokes, and within which bounds.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// For the audit.
    pub author: Author,
    /// Whose certificates they may revoke.
    pub scope: Scope,
    /// Which reasons they may give; none where the reason was decided above.
    pub revoker: Option<Revoker>,
}

impl By {
    /// A person who is logged in.
    pub fn actor(actor: &Actor) -> Self {
        Self { author: actor.author(), scope: Scope::changed_by(actor), revoker: Some(Revoker::of(actor)) }
    }

    /// Whoever decided above, about any certificate.
    pub const fn author(author: Author) -> Self {
        Self { author, scope: Scope::Everything, revoker: None }
    }
}

/// Which certificate.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// By its id.
    Id(CertificateId),
    /// By its serial number.
    Serial(Serial),
}

/// The most certificates that one employee may have open at once.
const MOST_OPEN: i64 = 1000;

/// Revokes an active certificate: its key is deleted, OCSP says so from this commit on, its CRL within a minute. When the reason is that
/// others may have the key, all else that was certified for it ends in the same unit; that reason may also be given when the certificate was
/// revoked for another: the time stays. Gives what ended or has this reason now, this one first.
///
/// # Errors
/// [`CertificateError::NotFound`] also for what lies outside the scope; [`CertificateError::ReasonNotAllowed`];
/// [`CertificateError::AlreadyRevoked`]; [`CertificateError::NotActive`].
pub async fn revoke(unit: &mut Unit, by: By, which: Which, reason: Reason) -> Result<Vec<Revoked>, CertificateError> {
    if by.revoker.is_some_and(|revoker| !revoker.may_give(reason)) {
        return Err(CertificateError::ReasonNotAllowed);
    }
    let found = match which {
        Which::Id(id) => store::by_id(unit, id).await?,
        Which::Serial(serial) => store::by_serial(unit, &serial).await?,
    };
    let found = found.filter(|found| by.scope.includes(found)).ok_or(CertificateError::NotFound)?;
    let mut ended = end_active(unit, &found, by.author, reason).await?;
    if ended.is_none() && reason == Reason::KeyCompromise {
        ended = compromise(unit, &found, by.author).await?;
    }
    let Some(ended) = ended else {
        return Err(match found.state {
            State::Active | State::Revoked => CertificateError::AlreadyRevoked,
            State::Abandoned | State::Intended => CertificateError::NotActive,
        });
    };
    let mut all = vec![ended];
    if reason == Reason::KeyCompromise {
        certified::condemn(unit, &found, by.author).await?;
        for other in certified::open_with_its_key(unit, &found).await? {
            match other.state {
                State::Active => all.extend(end_active(unit, &other, by.author, reason).await?),
                State::Intended => {
                    abandon(unit, &other, by.author, reason).await?;
                }
                State::Abandoned | State::Revoked => {}
            }
        }
    }
    Ok(all)
}

/// None when it was not active any more.
async fn end_active(unit: &mut Unit, found: &Certificate, author: Author, reason: Reason) -> Result<Option<Revoked>, CertificateError> {
    if !store::end(unit, found.id, (State::Active, State::Revoked), reason).await? {
        return Ok(None);
    }
    store::delete_blob(unit, found.id).await?;
    status::note_revoked(unit, found.authority, &found.serial, reason).await?;
    record(unit, "certificate.revoked", (found, reason), author).await?;
    if let Some(company) = found.company {
        let event = Event::new(EventKind::CertificateRevoked).with("certificate", found.id).with("serial", found.serial);
        let event = found.employee.iter().fold(event, |event, employee| event.with("employee", employee));
        webhooks::tell(unit, company, event.with("reason", reason)).await?;
    }
    Ok(Some(revoked(found, reason)))
}

/// Changes the reason of one that was revoked for another; none when it was not.
async fn compromise(unit: &mut Unit, found: &Certificate, author: Author) -> Result<Option<Revoked>, CertificateError> {
    if !store::reasons::compromise(unit, found.id).await? {
        return Ok(None);
    }
    status::note_compromised(unit, found.authority, &found.serial).await?;
    record(unit, "certificate.revoked_as_compromised", (found, Reason::KeyCompromise), author).await?;
    Ok(Some(revoked(found, Reason::KeyCompromise)))
}

fn revoked(found: &Certificate, reason: Reason) -> Revoked {
    Revoked { id: found.id, serial: found.serial, employee: found.employee, subject: found.subject.clone(), reason }
}

/// Ends everything that an employee has: what is active is revoked, what is intended is given up. A signing that is on its way finds nothing
/// to open any more.
///
/// # Errors
/// When the database fails.
pub async fn revoke_all_of_employee(
    unit: &mut Unit,
    employee: EmployeeId,
    author: Author,
    reason: Reason,
) -> Result<Vec<Revoked>, CertificateError> {
    let all = store::of_employee(unit, employee, after_all(), MOST_OPEN).await?;
    end_all(unit, all, author, reason).await
}

/// Ends everything that a company and its employees have, as [`revoke_all_of_employee`] does, and what was imported for it.
///
/// # Errors
/// When the database fails.
pub async fn revoke_all_of_company(
    unit: &mut Unit,
    company: CompanyId,
    author: Author,
    reason: Reason,
) -> Result<Vec<Revoked>, CertificateError> {
    imported::end_of_company(unit, company, author).await?;
    let all = store::open_of_company(unit, company).await?;
    end_all(unit, all, author, reason).await
}

async fn end_all(unit: &mut Unit, all: Vec<Certificate>, author: Author, reason: Reason) -> Result<Vec<Revoked>, CertificateError> {
    let mut ended: Vec<Revoked> = Vec::with_capacity(all.len());
    // One may end with another, whose key it has.
    let mut known: HashSet<CertificateId> = HashSet::with_capacity(all.len());
    for certificate in all {
        match certificate.state {
            State::Active if known.contains(&certificate.id) => {}
            State::Active => {
                let with_it = revoke(unit, By::author(author), Which::Id(certificate.id), reason).await?;
                known.extend(with_it.iter().map(|one| one.id));
                ended.extend(with_it);
            }
            State::Intended => {
                abandon(unit, &certificate, author, reason).await?;
            }
            State::Abandoned | State::Revoked => {}
        }
    }
    Ok(ended)
}

/// Revokes at somebody's own request and tells the holder: the story of both edges. Opens the unit, since notices are sealed outside it.
///
/// # Errors
/// As [`revoke`].
pub(super) async fn at_request(ground: &Ground, actor: &Actor, serial: Serial, reason: Reason) -> Result<(), CertificateError> {
    let mut reader = ground.database.read().await?;
    let found = Vec::from_iter(store::by_serial(&mut reader, &serial).await?);
    let all = certified::and_with_their_keys(&mut reader, found, reason).await?;
    drop(reader);
    let notices = seal_notices(ground, &all, reason).await?;
    ground
        .database
        .write(async |unit| -> Result<(), CertificateError> {
            let ended = revoke(unit, By::actor(actor), Which::Serial(serial), reason).await?;
            tell_holders(unit, &ended, &notices).await
        })
        .await?;
    status::witness_soon(ground).await;
    Ok(())
}

/// The notice about the end of each.
pub(super) async fn seal_notices(
    ground: &Ground,
    all: &[Certificate],
    reason: Reason,
) -> Result<BTreeMap<CertificateId, Sealed>, CertificateError> {
    let mut sealed = BTreeMap::new();
    for certificate in all {
        let notice = Notice::mail(notices::Kind::CertificateRevoked).with("serial", certificate.serial).with("reason", reason);
        sealed.insert(certificate.id, notices::seal(ground, &notice).await?);
    }
    Ok(sealed)
}

/// Tells the holders of what has just ended.
pub(super) async fn tell_holders(
    unit: &mut Unit,
    ended: &[Revoked],
    notices: &BTreeMap<CertificateId, Sealed>,
) -> Result<(), CertificateError> {
    for revoked in ended {
        if let (Some(employee), Some(notice)) = (revoked.employee, notices.get(&revoked.id)) {
            notices::tell(unit, employee.into(), notice).await?;
        }
    }
    Ok(())
}

async fn record(
    unit: &mut Unit,
    event: &'static str,
    (found, reason): (&Certificate, Reason),
    author: Author,
) -> Result<(), CertificateError> {
    let event = audit::Event::new(event, author, format!("certificate:{}", found.id))
        .fact("serial", found.serial)
        .fact("reason", reason)
        .company(found.company);
    Ok(audit::record(unit, event).await?)
}
