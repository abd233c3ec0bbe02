//! Phones as second openers of a person's signing keys (`security.md` section 2): each secret S, sealed to the agreement key of each phone.
//!
//! Whatever needs S in hand happens while the password is proven: sealing S to a new phone, and renewing S after a phone ended. *Through a phone
//! S is never renewed*: the password's opener would have to be written anew, and for that the password is needed. So the key stays under the
//! old secret until the password is typed next; the ended phone's opener is deleted at once, and only what it may have kept itself is left.
//!
//! Every write is guarded by the key's salt, which is drawn together with S: an opener of another S is never stored beside it.

use certs::{keystore::Secret32, serial::Serial};
use keycard::{PublicKey, opener::Opener};

use super::{
    CertificateError, PasswordProtection,
    keys::{self, Blob, Lock},
    store::{self, openers::Standing},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{AccountId, CertificateId, Id as _, PhoneId},
        random::{self, Drawn},
    },
};

/// A phone that may open its person's keys.
#[derive(Clone, Copy, Debug)]
pub struct PhoneKey {
    /// The phone.
    pub phone: PhoneId,
    /// Its agreement key.
    pub agree: PublicKey,
}

/// A phone's opener of one key, to be stored.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SealedOpener {
    certificate: CertificateId,
    salt: Vec<u8>,
    opener: Opener,
}

/// What was made while the password was at hand, to be stored in one unit.
#[derive(Debug)]
pub struct Tended {
    account: AccountId,
    openers: Vec<(PhoneId, SealedOpener)>,
    renewed: Vec<Renewed>,
}

#[derive(Debug)]
struct Renewed {
    certificate: CertificateId,
    old: Blob,
    new: Blob,
}

/// Seals the secret of each of the person's keys to a phone that is being paired.
///
/// # Errors
/// [`CertificateError::WrongPassword`]; when keystore or database fail.
pub async fn seal_openers(
    ground: &Ground,
    protection: &PasswordProtection<'_>,
    phone: PhoneKey,
) -> Result<Vec<SealedOpener>, CertificateError> {
    let standing = store::openers::standing(&mut ground.database.read().await?, protection.account, ground.clock().now()).await?;
    let (lock, random) = (Lock::of(protection), ground.database.random().clone());
    ground
        .with_keystore(move |keystore| {
            let seal = |key: Standing| {
                let secret = keys::secret(keystore, key.id, &key.blob, &lock)?;
                Ok(sealed((key.id, &key.serial, &key.blob.salt), &secret, phone, &mut Drawn(random.as_ref())))
            };
            standing.into_iter().map(seal).collect()
        })
        .await
}

fn sealed((id, serial, salt): (CertificateId, &Serial, &[u8]), secret: &Secret32, to: PhoneKey, random: &mut Drawn<'_>) -> SealedOpener {
    let secret = keycard::Secret::new(*secret.expose());
    let opener = Opener::seal(&to.agree, serial.as_bytes(), wire_id(to.phone), &secret, random);
    SealedOpener { certificate: id, salt: salt.to_vec(), opener }
}

fn wire_id(phone: PhoneId) -> keycard::PhoneId {
    keycard::PhoneId(phone.uuid().into_bytes())
}

/// Stores a phone's openers. What was sealed under a secret that is no more is left out: it is made anew when the password is at hand.
///
/// # Errors
/// When the database fails.
pub async fn store_openers(unit: &mut Unit, phone: PhoneId, openers: &[SealedOpener]) -> Result<(), DatabaseError> {
    for one in openers {
        store::openers::insert(unit, one.certificate, phone, (&one.salt, one.opener.bytes())).await?;
    }
    Ok(())
}

/// What is due: openers that phones lack, and secrets that a phone could have which serves no more. Nothing, nearly always.
///
/// # Errors
/// [`CertificateError::WrongPassword`]; when keystore or database fail.
pub async fn tend(ground: &Ground, protection: &PasswordProtection<'_>, phones: &[PhoneKey]) -> Result<Option<Tended>, CertificateError> {
    let account = protection.account;
    let mut reader = ground.database.read().await?;
    let mut standing = store::openers::standing(&mut reader, account, ground.clock().now()).await?;
    let kept = store::openers::of_account(&mut reader, account).await?;
    drop(reader);
    let lacks = |key: &Standing, phone: &PhoneKey| key.due_at.is_some() || !kept.contains(&(key.id, phone.phone));
    standing.retain(|key| key.due_at.is_some() || phones.iter().any(|phone| lacks(key, phone)));
    if standing.is_empty() {
        return Ok(None);
    }
    let wanted: Vec<(Standing, Vec<PhoneKey>)> = standing
        .into_iter()
        .map(|key| {
            let lacking = phones.iter().filter(|phone| lacks(&key, phone)).copied().collect();
            (key, lacking)
        })
        .collect();
    let (lock, random) = (Lock::of(protection), ground.database.random().clone());
    let made = ground.with_keystore(move |keystore| {
        let mut made = Tended { account, openers: Vec::new(), renewed: Vec::new() };
        let random = &mut Drawn(random.as_ref());
        for (key, phones) in wanted {
            let (secret, salt) = if key.due_at.is_some() {
                let (secret, salt) = (Secret32::new(random::bytes(random.0)), random::bytes::<32>(random.0));
                let new = keys::renew(keystore, (key.id, &key.serial), &key.blob, (&secret, &salt), &lock)?;
                made.renewed.push(Renewed { certificate: key.id, old: key.blob, new });
                (secret, salt.to_vec())
            } else {
                (keys::secret(keystore, key.id, &key.blob, &lock)?, key.blob.salt)
            };
            let openers = phones.iter().map(|phone| (phone.phone, sealed((key.id, &key.serial, &salt), &secret, *phone, random)));
            made.openers.extend(openers.collect::<Vec<_>>());
        }
        Ok::<_, CertificateError>(made)
    });
    made.await.map(Some)
}

/// Stores what [`tend`] made, for the phones that serve now: the caller holds their lock.
///
/// # Errors
/// [`CertificateError::ChangedMeanwhile`]: nothing may be stored then.
pub async fn store_tended(unit: &mut Unit, tended: &Tended, serving: &[PhoneId]) -> Result<(), CertificateError> {
    for Renewed { certificate, old, new } in &tended.renewed {
        let resealed = store::openers::renew(unit, *certificate, &old.salt, (&new.salt, &new.sealed)).await?;
        if !resealed || !store::replace_opener(unit, *certificate, &old.opener, &new.opener).await? {
            return Err(CertificateError::ChangedMeanwhile);
        }
    }
    let mut openers = 0_usize;
    for (phone, one) in tended.openers.iter().filter(|(phone, _)| serving.contains(phone)) {
        if !store::openers::insert(unit, one.certificate, *phone, (&one.salt, one.opener.bytes())).await? {
            return Err(CertificateError::ChangedMeanwhile);
        }
        openers += 1;
    }
    let event = audit::Event::new("account.openers_tended", Author::Account(tended.account), format!("account:{}", tended.account))
        .fact("openers", openers)
        .fact("secrets_renewed", tended.renewed.len());
    Ok(audit::record(unit, event).await?)
}

/// A phone has ended: it opens nothing any more, and the secrets that it could have are renewed at the next opening by password.
///
/// # Errors
/// When the database fails.
pub async fn end_phone(unit: &mut Unit, phone: PhoneId) -> Result<(), DatabaseError> {
    store::openers::end(unit, phone).await
}

/// A phone's opener of the key of the certificate with this serial number.
///
/// # Errors
/// When the database fails.
pub async fn opener_of(connection: &mut impl Connection, serial: &[u8], phone: PhoneId) -> Result<Option<Opener>, CertificateError> {
    let Ok(serial) = Serial::from_bytes(serial) else { return Ok(None) };
    let Some(certificate) = store::by_serial(connection, &serial).await? else { return Ok(None) };
    let sealed = store::openers::of_phone(connection, certificate.id, phone).await?;
    let corrupt = |fault: keycard::Fault| DatabaseError::Corrupt { what: "opener of phone", value: fault.to_string() };
    Ok(sealed.map(|sealed| Opener::from_bytes(&sealed).map_err(corrupt)).transpose()?)
}
