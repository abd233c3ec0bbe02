//! A key is one bearer's for good, and once it was compromised nobody's: the database decides, in the unit of the intention.
//!
//! The bearer is an employee, a company, or the service itself. The same employee may have a key certified again (by a request from their own
//! software), another never.

use std::collections::HashMap;

use certs::revocation::Reason;

use super::{Certificate, CertificateError, Intention, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit},
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
            false if store::is_compromised(unit, hash).await? => Err(CertificateError::KeyCompromised),
            false => Err(CertificateError::KeyOfAnother),
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
