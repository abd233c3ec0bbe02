//! The end before its time: guarded, told to the public truth in the same unit, the signing key deleted.

use certs::{revocation::Reason, serial::Serial};

use super::{Certificate, CertificateError, Revoked, Revoker, Scope, State, certified, finish::abandon, imported, read::after_all, store};
use crate::{
    audit,
    notices::{self, Notice},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        ground::Ground,
        id::{CertificateId, CompanyId, EmployeeId},
    },
    status,
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

/// Revokes an active certificate: its key is deleted, OCSP says so from this commit on, its CRL within a minute.
///
/// # Errors
/// [`CertificateError::NotFound`] also for what lies outside the scope; [`CertificateError::ReasonNotAllowed`];
/// [`CertificateError::AlreadyRevoked`]; [`CertificateError::NotActive`].
pub async fn revoke(unit: &mut Unit, by: By, which: Which, reason: Reason) -> Result<Revoked, CertificateError> {
    if by.revoker.is_some_and(|revoker| !revoker.may_give(reason)) {
        return Err(CertificateError::ReasonNotAllowed);
    }
    let found = match which {
        Which::Id(id) => store::by_id(unit, id).await?,
        Which::Serial(serial) => store::by_serial(unit, &serial).await?,
    };
    let found = found.filter(|found| by.scope.includes(found)).ok_or(CertificateError::NotFound)?;
    if !store::end(unit, found.id, (State::Active, State::Revoked), reason).await? {
        return Err(match found.state {
            State::Active | State::Revoked => CertificateError::AlreadyRevoked,
            State::Abandoned | State::Intended => CertificateError::NotActive,
        });
    }
    store::delete_blob(unit, found.id).await?;
    certified::note_end(unit, &found, by.author, reason).await?;
    status::note_revoked(unit, found.authority, &found.serial, reason).await?;
    record(unit, &found, by.author, reason).await?;
    Ok(Revoked { id: found.id, serial: found.serial, employee: found.employee, subject: found.subject, reason })
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
    let mut ended = Vec::new();
    for certificate in all {
        match certificate.state {
            State::Active => ended.push(revoke(unit, By::author(author), Which::Id(certificate.id), reason).await?),
            State::Intended => {
                abandon(unit, &certificate, author, reason).await?;
            }
            State::Abandoned | State::Revoked => {}
        }
    }
    Ok(ended)
}

/// Revokes at somebody's own request and tells the holder: the story of both edges. Opens the unit, since the notice is sealed outside it.
///
/// # Errors
/// As [`revoke`].
pub(super) async fn at_request(ground: &Ground, actor: &Actor, serial: Serial, reason: Reason) -> Result<Revoked, CertificateError> {
    let notice = Notice::mail(notices::Kind::CertificateRevoked).with("serial", serial).with("reason", reason);
    let sealed = notices::seal(ground, &notice).await?;
    let revoked = ground
        .database
        .write(async |unit| -> Result<Revoked, CertificateError> {
            let revoked = revoke(unit, By::actor(actor), Which::Serial(serial), reason).await?;
            if let Some(employee) = revoked.employee {
                notices::tell(unit, employee.into(), &sealed).await?;
            }
            Ok(revoked)
        })
        .await?;
    status::witness_soon(ground).await;
    Ok(revoked)
}

async fn record(unit: &mut Unit, found: &Certificate, author: Author, reason: Reason) -> Result<(), CertificateError> {
    let event = audit::Event::new("certificate.revoked", author, format!("certificate:{}", found.id))
        .fact("serial", found.serial)
        .fact("reason", reason)
        .company(found.company);
    Ok(audit::record(unit, event).await?)
}
