//! A key is one bearer's for good, and once it was compromised nobody's: the database decides, in the unit of the intention.
//!
//! The bearer is an employee, a company, or the service itself. The same bearer may have a key certified again (by a request of their own
//! software), another never. What ends because others may have its key takes everything along that was certified for that key, save what
//! somebody else issued: that is revoked where it was issued.

use std::collections::HashMap;

use certs::revocation::Reason;

use super::{Certificate, CertificateError, Intention, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, Unit},
    },
};

/// Takes the keys of intentions for their bearers. The answers stand in the order of the intentions: [`CertificateError::KeyCompromised`] and
/// [`CertificateError::KeyOfAnother`] for whose key was not taken.
///
/// # Errors
/// When the database fails.
pub(super) async fn claim(unit: &mut Unit, intentions: &[&Intention]) -> Result<Vec<Result<(), CertificateError>>, CertificateError> {
    // One bearer may want a key certified for several purposes at once; of two bearers in one unit the first has it.
    let mut bearers: HashMap<&[u8; 32], String> = HashMap::with_capacity(intentions.len());
    for intention in intentions {
        bearers.entry(&intention.spki_sha256).or_insert_with(|| bearer(intention));
    }
    let keys: Vec<(&[u8; 32], &str)> = bearers.iter().map(|(hash, bearer)| (*hash, bearer.as_str())).collect();
    let claimed = store::claim_keys(unit, &keys).await?;
    let mut answers = Vec::with_capacity(intentions.len());
    for intention in intentions {
        let hash = &intention.spki_sha256;
        let is_taken = claimed.contains(hash.as_slice()) && bearers.get(hash).is_some_and(|first| *first == bearer(intention));
        answers.push(match is_taken {
            true => Ok(()),
            false => Err(not_taken(unit, hash).await?),
        });
    }
    Ok(answers)
}

fn bearer(intention: &Intention) -> String {
    match (intention.employee, intention.company) {
        (Some(employee), _) => format!("employee:{employee}"),
        (None, Some(company)) => format!("company:{company}"),
        (None, None) => "service".to_owned(),
    }
}

/// The same for a key whose certificate somebody else issued.
///
/// # Errors
/// [`CertificateError::KeyCompromised`], [`CertificateError::KeyOfAnother`]: nothing was stored.
pub(super) async fn claim_for(unit: &mut Unit, spki_sha256: &[u8; 32], bearer: &str) -> Result<(), CertificateError> {
    if store::claim_keys(unit, &[(spki_sha256, bearer)]).await?.is_empty() {
        return Err(not_taken(unit, spki_sha256).await?);
    }
    Ok(())
}

async fn not_taken(unit: &mut Unit, spki_sha256: &[u8; 32]) -> Result<CertificateError, CertificateError> {
    Ok(match store::is_compromised(unit, spki_sha256).await? {
        true => CertificateError::KeyCompromised,
        false => CertificateError::KeyOfAnother,
    })
}

/// Condemns the key of a certificate that ends because others may have it: from this unit on nobody has it certified.
pub(super) async fn condemn(unit: &mut Unit, ended: &Certificate, author: Author) -> Result<(), CertificateError> {
    let hash = ended.key_hash()?;
    store::condemn_key(unit, &hash).await?;
    let event = audit::Event::new("certificate.key_condemned", author, format!("certificate:{}", ended.id))
        .fact("spki_sha256", hex::encode(hash))
        .company(ended.company);
    Ok(audit::record(unit, event).await?)
}

/// What else is active or on its way for the key of a certificate, the oldest first. Since a key is one bearer's for good, only the same
/// bearer's are looked at. Condemn the key first: its row is locked until the unit ends, so nothing comes that is not seen here.
pub(super) async fn open_with_its_key<C: Connection>(connection: &mut C, of: &Certificate) -> Result<Vec<Certificate>, CertificateError> {
    let hash = of.key_hash()?;
    let mut found = store::open_of_bearer(connection, of.employee, of.company).await?;
    found.retain(|other| other.id != of.id && other.key_hash().is_ok_and(|key| key == hash));
    Ok(found)
}

/// These and what ends with them when they are revoked for this reason.
pub(super) async fn and_with_their_keys<C: Connection>(
    connection: &mut C,
    certificates: Vec<Certificate>,
    reason: Reason,
) -> Result<Vec<Certificate>, CertificateError> {
    let mut all = certificates.clone();
    for certificate in certificates.iter().filter(|_| reason == Reason::KeyCompromise) {
        for other in open_with_its_key(connection, certificate).await? {
            if all.iter().all(|known| known.id != other.id) {
                all.push(other);
            }
        }
    }
    Ok(all)
}
