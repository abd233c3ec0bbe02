//! A new password in place of a forgotten one: what a phone released opens each signing key, and each comes under the new password, in the unit
//! that writes the new verifier. S itself stays, and so do the openers of the phones.
//!
//! A secret that does not open its key is refused, so that no opener is ever written that opens nothing. What no phone has opened is lost with
//! the old password: such a certificate is revoked, and renewed by its person. So is one for encryption whose key the person's own archive held:
//! that archive begins anew, and what was encrypted before is recovered through the company.

use certs::{keystore::Secret32, profiles::Kind, revocation::Reason};

use super::{
    CertificateError, Lost, PasswordProtection, State,
    keys::{self, Lock},
    lost::{self, revoke_lost},
    store::{self, openers::Standing},
};
use crate::{
    archives, audit,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{AccountId, CertificateId, CompanyId, EmployeeId, PhoneId},
        moment::Moment,
    },
};

/// The account's keys under the new password, to be stored together with it.
pub struct Reopened {
    account: AccountId,
    openers: Vec<Opener>,
    /// Openers of certificates that have run out: nothing opens them any more.
    spent: Vec<(CertificateId, Vec<u8>)>,
    lost: Lost,
    archive: Option<(archives::NewHolder, CompanyId)>,
}

struct Opener {
    certificate: CertificateId,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// The serial numbers of the keys that one of these phones opens, the newest first: of the phone that opens the most.
///
/// # Errors
/// When the database fails.
pub async fn opened_by(
    connection: &mut impl Connection,
    account: AccountId,
    phones: &[PhoneId],
    now: Moment,
) -> Result<Vec<Vec<u8>>, DatabaseError> {
    let mut standing = store::openers::standing(connection, account, now).await?;
    standing.sort_by_key(|key| std::cmp::Reverse(key.id));
    let kept = store::openers::of_account(connection, account).await?;
    let of = |phone: &PhoneId| -> Vec<Vec<u8>> {
        let own = standing.iter().filter(|key| kept.contains(&(key.id, *phone)));
        own.map(|key| key.serial.as_bytes().to_vec()).collect()
    };
    Ok(phones.iter().map(of).max_by_key(Vec::len).unwrap_or_default())
}

/// Whether the account has a key here that a password opens.
///
/// # Errors
/// When the database fails.
pub async fn has_keys(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<bool, DatabaseError> {
    Ok(!store::openers::standing(connection, account, now).await?.is_empty())
}

/// Opens each key with its secret, and seals that under the new password. Nothing is stored yet.
///
/// # Errors
/// [`CertificateError::EmployeeKey`] when a secret does not open its key; when keystore or database fail.
pub async fn reopen(
    ground: &Ground,
    new: &PasswordProtection<'_>,
    secrets: Vec<(Vec<u8>, keycard::Secret)>,
    of: Option<(EmployeeId, CompanyId)>,
) -> Result<Reopened, CertificateError> {
    let (account, now) = (new.account, ground.clock().now());
    let mut reader = ground.database.read().await?;
    let standing = store::openers::standing(&mut reader, account, now).await?;
    let all = store::openers(&mut reader, account).await?;
    let spent = all.into_iter().filter(|(id, _)| standing.iter().all(|key| key.id != *id)).collect();
    let find = |key: &Standing| secrets.iter().find(|(serial, _)| serial.as_slice() == key.serial.as_bytes());
    let mut ending = Vec::new();
    let mut opened = Vec::new();
    for key in standing {
        match find(&key) {
            Some((_, secret)) => opened.push((key, Secret32::new(*secret.expose()))),
            None => ending.push(key.id),
        }
    }
    let archive = match of {
        Some((employee, company)) if archives::read::is_holder(&mut reader, account.into()).await? => {
            let archived = archives::read::keys_of(&mut reader, employee).await?;
            ending.extend(archived.into_keys());
            Some(company)
        }
        Some(_) | None => None,
    };
    let mut certificates = Vec::new();
    for id in ending {
        let found = store::by_id(&mut reader, id).await?;
        let ends = found.filter(|found| found.state == State::Active && found.not_after >= now);
        certificates.extend(ends.filter(|found| found.account == Some(account) || found.kind == Kind::Encryption));
    }
    drop(reader);
    let lost = lost::prepare(ground, certificates, Reason::Superseded).await?;
    let archive = match archive {
        Some(company) => Some((archives::new_holder(ground, &new.archive_lock()).await?, company)),
        None => None,
    };
    let openers = sealed(ground, Lock::of(new), opened).await?;
    Ok(Reopened { account, openers, spent, lost, archive })
}

async fn sealed(ground: &Ground, lock: Lock, opened: Vec<(Standing, Secret32)>) -> Result<Vec<Opener>, CertificateError> {
    ground
        .with_keystore(move |keystore| {
            let seal = |(key, secret): (Standing, Secret32)| {
                let new = keys::reseal(keystore, (key.id, &key.serial), &key.blob, &secret, &lock)?;
                Ok(Opener { certificate: key.id, old: key.blob.opener, new })
            };
            opened.into_iter().map(seal).collect()
        })
        .await
}

/// Stores the new openers, and ends what is lost, in the caller's unit, which also stores the new verifier and salt.
///
/// # Errors
/// [`CertificateError::ChangedMeanwhile`] when keys came or went since [`reopen`]: nothing may be stored then.
pub async fn store_reopened(unit: &mut Unit, reopened: &Reopened) -> Result<(), CertificateError> {
    let author = Author::Account(reopened.account);
    let lost = revoke_lost(unit, &reopened.lost, author).await?;
    for (certificate, _) in &reopened.spent {
        store::delete_blob(unit, *certificate).await?;
    }
    for opener in &reopened.openers {
        if !store::replace_opener(unit, opener.certificate, &opener.old, &opener.new).await? {
            return Err(CertificateError::ChangedMeanwhile);
        }
    }
    // What is left is exactly what was written: nothing stays under the old password.
    let standing = store::openers(unit, reopened.account).await?;
    let written = |(id, sealed): &(CertificateId, Vec<u8>)| reopened.openers.iter().any(|one| one.certificate == *id && one.new == *sealed);
    if !standing.iter().all(written) {
        return Err(CertificateError::ChangedMeanwhile);
    }
    if let Some((holder, company)) = &reopened.archive {
        archives::remove_holder(unit, reopened.account.into(), *company, author).await?;
        archives::store_holder(unit, holder, *company, author).await?;
    }
    let event = audit::Event::new("account.keys_reopened", author, format!("account:{}", reopened.account))
        .fact("keys", reopened.openers.len())
        .fact("revoked", lost);
    Ok(audit::record(unit, event).await?)
}
