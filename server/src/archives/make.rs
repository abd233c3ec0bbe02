//! A decryption key is made and sealed before its certificate is intended; it exists in the clear only inside this call.

use certs::{
    archive::{DecryptionKey, EncryptionCertificate, HolderKey, HolderPublic},
    key_file::LooseKey,
    keystore::Keystore,
    public_key::PublicKey,
};

use super::{ArchiveError, CompanyKey, Lock, Owner, holders_changed, model::copy_context, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{CertificateId, CompanyId, HolderId},
    },
};

/// A holder's key pair, to be stored in the unit that makes its password valid.
#[derive(Clone, Debug)]
pub struct NewHolder {
    pub(super) holder: HolderId,
    pub(super) public: HolderPublic,
    pub(super) sealed: Vec<u8>,
}

/// To whom a person's decryption keys are sealed.
#[derive(Clone, Debug)]
pub struct Recipients {
    person: Option<(HolderId, HolderPublic)>,
    new: Option<NewHolder>,
    company: Option<CompanyKey>,
}

/// A decryption key at rest, to be stored with its certificate's intention.
#[derive(Clone, Debug)]
pub struct NewKey {
    certificate: CertificateId,
    spki_hash: [u8; 32],
    copies: Vec<(HolderId, Vec<u8>)>,
}

/// To whom a person's keys are to be sealed: the person, who gets a key pair when there is none yet, and the company's present key. Not to somebody
/// with a password of four digits: what lies under that, anybody opens who has database and keystore.
///
/// # Errors
/// When database or keystore fail.
pub async fn recipients(ground: &Ground, company: CompanyId, lock: &Lock) -> Result<Recipients, ArchiveError> {
    let standing = standing_recipients(ground, lock.holder(), company).await?;
    if !lock.may_seal() {
        return Ok(Recipients { person: None, ..standing });
    }
    if standing.person.is_some() {
        return Ok(standing);
    }
    let new = new_holder(ground, lock).await?;
    Ok(Recipients { person: Some((new.holder, new.public.clone())), new: Some(new), ..standing })
}

/// To whom a person's keys can be sealed without their password: to those who have key pairs by now.
///
/// # Errors
/// When the database fails.
pub async fn standing_recipients(ground: &Ground, person: HolderId, company: CompanyId) -> Result<Recipients, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let standing = store::holder(&mut reader, person).await?;
    let company = store::current_key(&mut reader, company).await?;
    Ok(Recipients { person: standing.map(|(public, _)| (person, public)), new: None, company })
}

impl Recipients {
    /// The person's key pair, when it must be stored with the first of the certificates.
    pub fn new_person(&self) -> Option<&NewHolder> {
        self.new.as_ref()
    }

    /// Whether the person is among them.
    pub fn have_person(&self) -> bool {
        self.person.is_some()
    }

    /// Whether the company's key is among them.
    pub fn have_company(&self) -> bool {
        self.company.is_some()
    }

    /// Makes a decryption key and seals it to all of them. Blocks for less than a millisecond.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn make(&self, certificate: CertificateId) -> Result<(NewKey, PublicKey), ArchiveError> {
        let key = DecryptionKey::generate()?;
        Ok((self.seal(certificate, &key)?, key.public_key().clone()))
    }

    /// Makes a decryption key for a key file and seals it to all of them: whoever loses the file has the archive.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn make_loose(&self, certificate: CertificateId) -> Result<(NewKey, LooseKey), ArchiveError> {
        let key = DecryptionKey::generate()?;
        Ok((self.seal(certificate, &key)?, LooseKey::of_decryption(key)))
    }

    /// Takes over a key that an earlier release kept under the keystore alone.
    ///
    /// # Errors
    /// When it does not open, or is not that of a certificate for encryption.
    pub fn adopt(
        &self,
        keystore: &dyn Keystore,
        id: CertificateId,
        wrapped: (&[u8], &[u8]),
        certificate: &EncryptionCertificate,
    ) -> Result<NewKey, ArchiveError> {
        let (wrapped, context) = wrapped;
        self.seal(id, &DecryptionKey::adopt(keystore, wrapped, context, certificate)?)
    }

    fn seal(&self, certificate: CertificateId, key: &DecryptionKey) -> Result<NewKey, ArchiveError> {
        let spki_hash = key.public_key().spki_sha256();
        let context = copy_context(certificate, &spki_hash);
        let mut copies = Vec::with_capacity(2);
        if let Some((person, public)) = &self.person {
            copies.push((*person, public.seal_key(key, &context)?));
        }
        if let Some(company) = &self.company {
            copies.push((company.id.into(), company.public.seal_key(key, &context)?));
        }
        Ok(NewKey { certificate, spki_hash, copies })
    }
}

/// Makes a holder's key pair under their password or code.
///
/// # Errors
/// When the keystore fails.
pub async fn new_holder(ground: &Ground, lock: &Lock) -> Result<NewHolder, ArchiveError> {
    let lock = lock.clone();
    ground
        .with_keystore(move |keystore| {
            let key = HolderKey::generate()?;
            Ok(NewHolder { holder: lock.holder(), public: key.public().clone(), sealed: lock.seal(keystore, &key)? })
        })
        .await
}

/// Stores a holder's key pair; whoever shares the company's key looks again.
///
/// # Errors
/// [`ArchiveError::OtherHolderKey`] when the holder has one already: nothing that was sealed to this one may be stored.
pub async fn store_holder(unit: &mut Unit, new: &NewHolder, company: CompanyId, author: Author) -> Result<(), ArchiveError> {
    if !store::insert_holder(unit, new).await? {
        return Err(ArchiveError::OtherHolderKey);
    }
    let event = audit::Event::new("holder_key.made", author, format_args!("holder:{}", new.holder)).company(company);
    audit::record(unit, event).await?;
    Ok(holders_changed(unit, company).await?)
}

/// Forgets a holder's key pair, with the shares and copies that it alone opens: its password or code is lost. Whoever shares the company's
/// key looks again.
///
/// # Errors
/// When the database fails.
pub async fn remove_holder(unit: &mut Unit, holder: HolderId, company: CompanyId, author: Author) -> Result<(), ArchiveError> {
    if store::delete_holder(unit, holder).await? {
        let event = audit::Event::new("holder_key.removed", author, format_args!("holder:{holder}")).company(company);
        audit::record(unit, event).await?;
        holders_changed(unit, company).await?;
    }
    Ok(())
}

/// Stores an archived key with its copies.
///
/// # Errors
/// When the database fails.
pub async fn store_key(unit: &mut Unit, new: &NewKey, owner: Owner, author: Author) -> Result<(), ArchiveError> {
    store::insert_key(unit, new.certificate, owner, &new.spki_hash).await?;
    for (holder, sealed) in &new.copies {
        store::insert_copy(unit, new.certificate, *holder, sealed).await?;
    }
    let event = audit::Event::new("key.archived", author, format_args!("certificate:{}", new.certificate))
        .company(owner.company)
        .fact("copies", new.copies.len());
    Ok(audit::record(unit, event).await?)
}
