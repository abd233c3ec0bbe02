//! A phone was stolen unlocked, or its keys rest in software: whoever has it may have the secrets of the signing keys. Renewing them waits for the
//! password; revoking does not.

use std::collections::BTreeMap;

use certs::revocation::Reason;

use super::{
    By, Certificate, CertificateError, State, Which,
    revoke::{revoke, seal_notices, tell_holders},
    store,
};
use crate::{
    notices::Sealed,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, CertificateId},
    },
    status,
};

/// The certificates whose keys a person's phones could open, and what is told of their end.
pub struct Lost {
    reason: Reason,
    certificates: Vec<Certificate>,
    notices: BTreeMap<CertificateId, Sealed>,
}

/// Looks which they are: those whose keys rest here.
///
/// # Errors
/// When keystore or database fail.
pub async fn prepare_lost(ground: &Ground, account: AccountId) -> Result<Lost, CertificateError> {
    let mut reader = ground.database.read().await?;
    let mut certificates = Vec::new();
    for key in store::openers::standing(&mut reader, account, ground.clock().now()).await? {
        certificates.extend(store::by_id(&mut reader, key.id).await?.filter(|found| found.state == State::Active));
    }
    drop(reader);
    prepare(ground, certificates, Reason::KeyCompromise).await
}

/// What is told of the end of these.
pub(super) async fn prepare(ground: &Ground, certificates: Vec<Certificate>, reason: Reason) -> Result<Lost, CertificateError> {
    let notices = seal_notices(ground, &certificates, reason).await?;
    Ok(Lost { reason, certificates, notices })
}

/// Revokes them, in the unit of the change that loses them, and tells the holder. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn revoke_lost(unit: &mut Unit, lost: &Lost, author: Author) -> Result<usize, CertificateError> {
    let mut revoked = 0;
    for certificate in &lost.certificates {
        match revoke(unit, By::author(author), Which::Id(certificate.id), lost.reason).await {
            Ok(ended) => {
                revoked += ended.len();
                tell_holders(unit, &ended, &lost.notices).await?;
            }
            Err(CertificateError::AlreadyRevoked) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(revoked)
}

/// Has the list of revoked certificates follow soon. After the commit.
pub async fn tell_of_lost(ground: &Ground) {
    status::witness_soon(ground).await;
}
