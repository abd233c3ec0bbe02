//! A key is one bearer's for good, and once it was compromised nobody's: the database decides, in the unit of the intention.
//!
//! The bearer is an employee, a company, or the service itself. The same employee may have a key certified again (by a request from their own
//! software), another never.

use certs::revocation::Reason;

use super::{Certificate, CertificateError, Intention, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit},
};

/// Takes the key of an intention for its bearer.
///
/// # Errors
/// [`CertificateError::KeyCompromised`], [`CertificateError::KeyOfAnother`]: nothing was stored.
pub(super) async fn claim(unit: &mut Unit, intention: &Intention) -> Result<(), CertificateError> {
    let bearer = match (intention.employee, intention.company) {
        (Some(employee), _) => format!("employee:{employee}"),
        (None, Some(company)) => format!("company:{company}"),
        (None, None) => "service".to_owned(),
    };
    claim_for(unit, &intention.spki_sha256, &bearer).await
}

/// The same for a key whose certificate somebody else issued.
///
/// # Errors
/// As [`claim`].
pub(super) async fn claim_for(unit: &mut Unit, spki_sha256: &[u8; 32], bearer: &str) -> Result<(), CertificateError> {
    if store::claim_key(unit, spki_sha256, bearer).await? {
        return Ok(());
    }
    if store::is_compromised(unit, spki_sha256).await? {
        Err(CertificateError::KeyCompromised)
    } else {
        Err(CertificateError::KeyOfAnother)
    }
}

/// Condemns the key of a certificate that ends because others may have it.
pub(super) async fn note_end(unit: &mut Unit, ended: &Certificate, author: Author, reason: Reason) -> Result<(), CertificateError> {
    if reason != Reason::KeyCompromise {
        return Ok(());
    }
    let hash = certs::ca::key_of(&ended.tbs)?;
    store::condemn_key(unit, &hash).await?;
    let event = audit::Event::new("certificate.key_condemned", author, format!("certificate:{}", ended.id))
        .fact("spki_sha256", hex::encode(hash))
        .company(ended.company);
    Ok(audit::record(unit, event).await?)
}
