//! The company's seal: which certificate it is made with, and the signature itself. Its own, issued here, or one that was imported.

use certs::{
    elsewhere::Use,
    keystore::{Digest, KeyLabel, RsaPadding},
    profiles::Kind,
};
use time::Duration;

use super::{Certificate, CertificateError, imported, sign::public_key, store};
use crate::{
    authorities,
    platform::{
        database::{DatabaseError, Reader},
        ground::Ground,
        id::{CertificateId, CompanyId},
        moment::Moment,
    },
};

/// Who issued a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SealIssuer {
    /// Somebody else.
    Elsewhere,
    /// This service.
    Here,
}

/// A certificate that seals, with what a signature needs.
#[derive(Clone, Debug)]
pub struct Seal {
    /// Which.
    pub id: CertificateId,
    /// Whose.
    pub company: CompanyId,
    /// Who issued it.
    pub issued: SealIssuer,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Those above it, DER.
    pub chain: Vec<Vec<u8>>,
    /// Its subject, for people.
    pub subject: String,
    /// The issuer, for people, of one that was issued elsewhere.
    pub issuer: Option<String>,
    /// Last valid moment.
    pub not_after: Moment,
    since: Moment,
    label: String,
}

/// With which certificates a company may seal now, the newest first.
///
/// # Errors
/// When authorities or database fail.
pub async fn of_company(ground: &Ground, company: CompanyId) -> Result<Vec<Seal>, CertificateError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let (own, others) = both(&mut reader, company).await?;
    drop(reader);
    let mut seals = Vec::new();
    for certificate in own.into_iter().filter(|own| own.is_usable(now)) {
        let chain = authorities::chain_of(ground, certificate.authority).await?;
        seals.extend(own_seal(certificate, company, chain));
    }
    seals.extend(others.into_iter().filter(|one| one.purpose == Use::Seal && one.is_usable(now)).map(imported_seal));
    seals.sort_by_key(|seal| std::cmp::Reverse((seal.since, seal.id)));
    Ok(seals)
}

async fn both(reader: &mut Reader, company: CompanyId) -> Result<(Vec<Certificate>, Vec<imported::Imported>), DatabaseError> {
    Ok((store::seals_of_company(reader, company).await?, imported::of_company(reader, company).await?))
}

fn own_seal(certificate: Certificate, company: CompanyId, chain: Vec<Vec<u8>>) -> Option<Seal> {
    Some(Seal {
        id: certificate.id,
        company,
        issued: SealIssuer::Here,
        der: certificate.der?,
        chain,
        subject: certificate.subject,
        issuer: None,
        not_after: certificate.not_after,
        since: certificate.activated_at.unwrap_or(certificate.intended_at),
        label: certificate.key_label?,
    })
}

fn imported_seal(one: imported::Imported) -> Seal {
    Seal {
        id: one.id,
        company: one.company,
        issued: SealIssuer::Elsewhere,
        der: one.der,
        chain: one.chain,
        subject: one.subject,
        issuer: Some(one.issuer),
        not_after: one.not_after,
        since: one.imported_at,
        label: one.key_label,
    }
}

/// The seal that was named, or the newest.
///
/// # Errors
/// [`CertificateError::NotActive`] when the company has none, or not this one.
pub async fn choose(ground: &Ground, company: CompanyId, wanted: Option<CertificateId>) -> Result<Seal, CertificateError> {
    let found = match wanted {
        Some(id) => named(ground, company, id).await?,
        None => of_company(ground, company).await?.into_iter().next(),
    };
    found.ok_or(CertificateError::NotActive)
}

/// One of a company's that may be used now, however many it has.
async fn named(ground: &Ground, company: CompanyId, id: CertificateId) -> Result<Option<Seal>, CertificateError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    if let Some(found) = imported::one(&mut reader, company, id).await? {
        return Ok(Some(found).filter(|one| one.purpose == Use::Seal && one.is_usable(now)).map(imported_seal));
    }
    let found = store::by_id(&mut reader, id).await?;
    drop(reader);
    let is_seal = |own: &Certificate| own.company == Some(company) && own.kind == Kind::Seal && own.is_usable(now);
    let Some(found) = found.filter(is_seal) else { return Ok(None) };
    let chain = authorities::chain_of(ground, found.authority).await?;
    Ok(own_seal(found, company, chain))
}

/// Signs a SHA-256 digest with the key of a seal: ECDSA in DER, or RSA PKCS#1 v1.5. The signature is checked under the certificate's key, and
/// the seal once more, before it is given out.
///
/// # Errors
/// [`CertificateError::KeyCompromised`]; [`CertificateError::NotActive`] when it ended meanwhile; [`CertificateError::Keystore`].
pub async fn sign(ground: &Ground, seal: &Seal, digest: [u8; 32]) -> Result<Vec<u8>, CertificateError> {
    let (label, public_key, digest) = (KeyLabel::parse(&seal.label)?, public_key(&seal.der)?, Digest::Sha256(digest));
    // The same key may have been certified here too, and was condemned with that certificate.
    if store::is_compromised(&mut ground.database.read().await?, &public_key.spki_sha256()).await? {
        return Err(CertificateError::KeyCompromised);
    }
    let signature = ground
        .with_keystore(move |keystore| {
            let signature = keystore.sign_with(&label, RsaPadding::Pkcs1, &digest)?;
            let good = public_key.verifies_with(RsaPadding::Pkcs1, &digest, &signature);
            if good { Ok(signature) } else { Err(CertificateError::SignatureDoesNotVerify) }
        })
        .await?;
    // Ended while the key was in hand: the signature is forgotten.
    let still = choose(ground, seal.company, Some(seal.id)).await?;
    if still.not_after.since(ground.clock().now()) < Duration::ZERO { Err(CertificateError::NotActive) } else { Ok(signature) }
}
