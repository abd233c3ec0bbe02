//! The second commit: what was intended is signed, checked, and becomes active; or it is given up for good.

use std::sync::Arc;

use certs::{
    ca::{self, Issued, Prepared},
    keystore::KeyLabel,
    profiles::Kind,
    revocation::Reason,
};

use super::{By, Certificate, CertificateError, Intention, State, Which, revoke, store};
use crate::{
    audit,
    authorities::{self, Loaded},
    notices::{self, Notice, Sealed},
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{CertificateId, EmployeeId},
    },
    status, timestamps,
};

/// Signs a stored intention and makes it active: the very bytes that were stored, checked and linted anew. Of two at once, one stores; both
/// succeed. Done before, it changes nothing.
///
/// # Errors
/// [`CertificateError::NotIntended`] when it was given up or revoked; [`CertificateError::Prepare`] when the stored bytes no longer pass.
pub async fn finish(ground: &Ground, id: CertificateId) -> Result<(), CertificateError> {
    let intended = store::by_id(&mut ground.database.read().await?, id).await?.ok_or(CertificateError::NotFound)?;
    match intended.state {
        State::Active => return Ok(()),
        State::Abandoned | State::Revoked => return Err(CertificateError::NotIntended),
        State::Intended => {}
    }
    let authority = authorities::by_id(ground, intended.authority).await?;
    let issued = sign(ground, &intended, authority).await?;
    store_issued(ground, &intended, &issued).await
}

/// Finishes what one unit intended. What fails here is finished by the recovering job.
pub async fn finish_all(ground: &Ground, intentions: &[Intention]) -> Vec<CertificateId> {
    for intention in intentions {
        if let Err(error) = finish(ground, intention.id).await {
            tracing::error!(certificate = %intention.id, %error, "a certificate waits to be finished");
        }
    }
    intentions.iter().map(|intention| intention.id).collect()
}

/// Stores what was signed.
pub(super) async fn store_issued(ground: &Ground, intended: &Certificate, issued: &Issued) -> Result<(), CertificateError> {
    let chain = authorities::chain_of(ground, intended.authority).await?;
    let told = match intended.employee {
        Some(employee) => Some((employee, notice_of(ground, employee, intended).await?)),
        None => None,
    };
    ground
        .database
        .write(async |unit| {
            if !store::activate(unit, intended.id, &issued.der).await? {
                return not_first(unit, intended.id).await;
            }
            tell_the_world(unit, intended, issued).await?;
            install(unit, intended, issued, &chain).await?;
            end_predecessors(unit, intended).await?;
            if let Some((employee, notice)) = &told {
                tell_the_holder(unit, *employee, intended, notice).await?;
            }
            Ok(())
        })
        .await
}

/// The mail about this certificate and all that were intended together with it.
async fn notice_of(ground: &Ground, employee: EmployeeId, intended: &Certificate) -> Result<Sealed, CertificateError> {
    let together = store::intended_together(&mut ground.database.read().await?, employee, intended.intended_at).await?;
    let serials: Vec<String> = together.iter().map(|certificate| certificate.serial.to_string()).collect();
    let notice = match serials.as_slice() {
        [] | [_] => Notice::mail(notices::Kind::CertificateIssued).with("serial", intended.serial),
        several => Notice::mail(notices::Kind::CertificatesIssued).with("serials", several.join("\n")),
    };
    Ok(notices::seal(ground, &notice.with("subject", &intended.subject)).await?)
}

/// One mail tells of all that were intended together: with the first that is active, whatever becomes of the others.
async fn tell_the_holder(unit: &mut Unit, employee: EmployeeId, intended: &Certificate, notice: &Sealed) -> Result<(), DatabaseError> {
    let together = store::intended_together(unit, employee, intended.intended_at).await?;
    if together.iter().any(|other| other.id != intended.id && other.activated_at.is_some()) {
        return Ok(());
    }
    notices::tell(unit, employee.into(), notice).await.map(drop)
}

/// The signature over the stored bytes; nothing is stored here.
pub(super) async fn sign(ground: &Ground, intended: &Certificate, authority: Arc<Loaded>) -> Result<Issued, CertificateError> {
    let (tbs, kind) = (intended.tbs.clone(), intended.kind);
    ground
        .with_keystore(move |keystore| {
            let prepared = Prepared::from_stored(&tbs, kind, &authority.issuer)?;
            Ok(ca::issue(prepared, &authority.issuer, keystore)?)
        })
        .await
}

async fn not_first(unit: &mut Unit, id: CertificateId) -> Result<(), CertificateError> {
    let found = store::by_id(unit, id).await?.ok_or(CertificateError::NotFound)?;
    match found.state {
        State::Active => Ok(()),
        State::Abandoned | State::Intended | State::Revoked => Err(CertificateError::NotIntended),
    }
}

async fn tell_the_world(unit: &mut Unit, intended: &Certificate, issued: &Issued) -> Result<(), DatabaseError> {
    status::note_issued(unit, &new_status(intended)).await?;
    let event = audit::Event::new("certificate.activated", Author::System("certificates"), format!("certificate:{}", intended.id))
        .fact("serial", issued.serial)
        .fact("profile", intended.kind.as_str())
        .company(intended.company);
    audit::record(unit, event).await
}

/// What this one follows ends in the unit that makes it active: revoked, or left to run out without a signing key. An encryption key stays, for
/// what was encrypted to it.
async fn end_predecessors(unit: &mut Unit, intended: &Certificate) -> Result<(), CertificateError> {
    let (Some(predecessor), Some(employee)) = (intended.replaces, intended.employee) else { return Ok(()) };
    let author = Author::System("certificates");
    for old in store::active_before(unit, employee, intended.kind, intended.id).await? {
        match predecessor.reason {
            Some(reason) => {
                revoke(unit, By::author(author), Which::Id(old.id), reason).await?;
            }
            None => {
                store::delete_blob(unit, old.id).await?;
                let event = audit::Event::new("certificate.followed", author, format!("certificate:{}", old.id))
                    .fact("serial", old.serial)
                    .fact("by", intended.serial)
                    .company(old.company);
                audit::record(unit, event).await?;
            }
        }
    }
    Ok(())
}

/// The service's own certificates take their place in the same unit.
async fn install(unit: &mut Unit, intended: &Certificate, issued: &Issued, chain: &[Vec<u8>]) -> Result<(), CertificateError> {
    let Some(label) = &intended.key_label else { return Ok(()) };
    let label = KeyLabel::parse(label)?;
    match intended.kind {
        Kind::Responder => {
            status::install_responder(unit, intended.authority, &issued.der, &label, intended.not_after).await?;
        }
        Kind::TimeStamp => timestamps::install_unit(unit, &issued.der, chain, &label, intended.not_after).await?,
        // Looked up when it is needed.
        Kind::Notice => {}
        Kind::Root | Kind::Issuing | Kind::Signing | Kind::Mail | Kind::Encryption | Kind::Seal | Kind::Function | Kind::Tls => {}
    }
    Ok(())
}

/// Gives an intention up in the caller's unit. A signature may have been made before a crash, so its serial stands on the CRL from now on.
/// False when it was not intended any more.
///
/// # Errors
/// When the database fails.
pub(super) async fn abandon(unit: &mut Unit, intended: &Certificate, author: Author, reason: Reason) -> Result<bool, DatabaseError> {
    if !store::end(unit, intended.id, (State::Intended, State::Abandoned), reason).await? {
        return Ok(false);
    }
    store::delete_blob(unit, intended.id).await?;
    status::note_issued(unit, &new_status(intended)).await?;
    status::note_revoked(unit, intended.authority, &intended.serial, reason).await?;
    let event = audit::Event::new("certificate.abandoned", author, format!("certificate:{}", intended.id))
        .fact("serial", intended.serial)
        .fact("reason", reason)
        .company(intended.company);
    audit::record(unit, event).await?;
    Ok(true)
}

fn new_status(certificate: &Certificate) -> status::NewStatus {
    status::NewStatus {
        authority: certificate.authority,
        serial: certificate.serial,
        shard: status::shard_of(certificate.ordinal),
        not_after: certificate.not_after,
    }
}
