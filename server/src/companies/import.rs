//! An administrator imports a certificate that somebody else issued, for the company's seal or mail, or removes it; every administrator is
//! told. A token's key is bound by whoever runs the service, who holds the token.

use certs::{elsewhere::Use, keystore::KeyLabel};

use super::{Company, CompanyError, CompanyState, read};
use crate::{
    certificates::imported::{self, Imported, Prepared},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CertificateId, CompanyId},
        moment::Moment,
        secret::Secret,
        text,
    },
};

/// What is to be imported, as it came.
pub struct Import {
    /// `seal` or `mail`.
    pub purpose: String,
    /// PKCS#12.
    pub file: Vec<u8>,
    /// What opens it.
    pub passphrase: Secret<String>,
}

/// An import that was examined: to be stored, then finished.
pub struct Examined {
    prepared: Prepared,
    notice: Sealed,
}

impl Examined {
    /// The id that it gets.
    pub fn id(&self) -> CertificateId {
        self.prepared.id
    }

    /// What identifies the certificate: SHA-256 of it, `AB:CD:..`.
    pub fn fingerprint(&self) -> String {
        text::fingerprint(&self.prepared.examined.fingerprint)
    }

    /// Its subject and issuer, for people.
    pub fn names(&self) -> (&str, &str) {
        (&self.prepared.examined.subject, &self.prepared.examined.issuer)
    }
}

/// Opens and examines a file for the actor's own company.
///
/// # Errors
/// [`CompanyError::ProveAgain`] without a fresh proof; [`CompanyError::NotFound`] unless the company is the actor's and active;
/// [`CompanyError::Invalid`]; those of [`imported::from_file`].
pub async fn examine(ground: &Ground, actor: &Actor, company: CompanyId, import: Import) -> Result<Examined, CompanyError> {
    may(ground, actor, company)?;
    let found = active(ground, company).await?;
    let purpose = Use::parse(&import.purpose).ok_or_else(|| CompanyError::Invalid(vec![FieldFault::new("purpose", "field_choice")]))?;
    let prepared = imported::from_file(ground, company, purpose, import.file, &import.passphrase).await?;
    noted(ground, &found, prepared).await
}

/// Finds and examines a key in a token, at the word of whoever runs the service.
///
/// # Errors
/// [`CompanyError::NotFound`] unless the company is active; those of [`imported::from_token`].
pub async fn examine_in_token(
    ground: &Ground,
    company: CompanyId,
    purpose: Use,
    label: KeyLabel,
    above: Vec<Vec<u8>>,
) -> Result<Examined, CompanyError> {
    let found = active(ground, company).await?;
    let prepared = imported::from_token(ground, company, purpose, label, above).await?;
    noted(ground, &found, prepared).await
}

async fn active(ground: &Ground, company: CompanyId) -> Result<Company, CompanyError> {
    let found = read::company(&mut ground.database.read().await?, company).await?;
    found.filter(|found| found.state == CompanyState::Active).ok_or(CompanyError::NotFound)
}

async fn noted(ground: &Ground, company: &Company, prepared: Prepared) -> Result<Examined, CompanyError> {
    let examined = &prepared.examined;
    let notice = Notice::mail(Kind::CertificateImported)
        .with("company", &company.legal_name)
        .with("subject", &examined.subject)
        .with("issuer", &examined.issuer)
        .with("fingerprint", text::fingerprint(&examined.fingerprint))
        .with("until", Moment::from_datetime(examined.not_after));
    let notice = notices::seal(ground, &notice).await?;
    Ok(Examined { prepared, notice })
}

/// Stores the intention in the caller's unit. After the commit, [`keep`] its key.
///
/// # Errors
/// [`CompanyError::NotFound`] when the company closed meanwhile; those of [`imported::intend`].
pub async fn intend(unit: &mut Unit, examined: &Examined, author: Author) -> Result<(), CompanyError> {
    still_active(unit, examined.prepared.company).await?;
    Ok(imported::intend(unit, &examined.prepared, author).await?)
}

/// A company that closed meanwhile gets nothing any more.
async fn still_active(unit: &mut Unit, company: CompanyId) -> Result<(), CompanyError> {
    let found = read::company(unit, company).await?;
    if found.is_some_and(|found| found.state == CompanyState::Active) { Ok(()) } else { Err(CompanyError::NotFound) }
}

/// Puts the key in its place. Then [`confirm`] it.
///
/// # Errors
/// Those of the keystore: what was intended is given up then.
pub async fn keep(ground: &Ground, examined: &mut Examined) -> Result<(), CompanyError> {
    Ok(imported::keep(ground, &mut examined.prepared).await?)
}

/// Makes the certificate active, in the caller's unit; every administrator is told.
///
/// # Errors
/// When it was given up meanwhile, or the database fails.
pub async fn confirm(unit: &mut Unit, examined: &Examined, author: Author) -> Result<(), CompanyError> {
    still_active(unit, examined.prepared.company).await?;
    imported::confirm(unit, &examined.prepared, author).await?;
    tell(unit, examined.prepared.company, &examined.notice).await
}

/// Removes an imported certificate; its key is deleted at once, where the keystore can.
///
/// # Errors
/// [`CompanyError::ProveAgain`]; [`CompanyError::NotFound`].
pub async fn remove(ground: &Ground, actor: &Actor, company: CompanyId, id: CertificateId) -> Result<(), CompanyError> {
    may(ground, actor, company)?;
    let mut reader = ground.database.read().await?;
    let found = imported::one(&mut reader, company, id).await?.ok_or(CompanyError::NotFound)?;
    let legal_name = read::company(&mut reader, company).await?.ok_or(CompanyError::NotFound)?.legal_name;
    drop(reader);
    let notice = notices::seal(ground, &removed_notice(&legal_name, &found)).await?;
    ground
        .database
        .write(async |unit| -> Result<(), CompanyError> {
            imported::remove(unit, company, id, actor.author()).await?;
            tell(unit, company, &notice).await
        })
        .await?;
    // What fails here is deleted by the next round.
    if let Err(error) = imported::sweep(ground).await {
        tracing::error!(certificate = %id, %error, "the key of a removed certificate was not deleted yet");
    }
    Ok(())
}

fn removed_notice(company: &str, removed: &Imported) -> Notice {
    Notice::mail(Kind::ImportRemoved)
        .with("company", company)
        .with("subject", &removed.subject)
        .with("issuer", &removed.issuer)
        .with("fingerprint", text::fingerprint(&removed.fingerprint))
}

/// Refuses everybody but a company's own administrator with a fresh proof.
fn may(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<(), CompanyError> {
    if actor.company != Some(company) {
        return Err(CompanyError::NotFound);
    }
    if actor.has_proven(ground.clock().now()) { Ok(()) } else { Err(CompanyError::ProveAgain) }
}

/// Tells every administrator, in the caller's unit.
pub(super) async fn tell(unit: &mut Unit, company: CompanyId, notice: &Sealed) -> Result<(), CompanyError> {
    for administrator in read::administrators(unit, company).await? {
        notices::tell(unit, administrator.into(), notice).await?;
    }
    Ok(())
}

/// A company's imported certificates, the newest first.
///
/// # Errors
/// [`CompanyError::NotFound`] for somebody else's company.
pub async fn list(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<Vec<Imported>, CompanyError> {
    if actor.company != Some(company) {
        return Err(CompanyError::NotFound);
    }
    Ok(imported::of_company(&mut ground.database.read().await?, company).await?)
}
