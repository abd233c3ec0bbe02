//! Signs: password and key are checked, the revision with its digest is stored, then the key signs it once, then it is embedded.
//!
//! A crash before the signature is stored means "ask again": nothing of it is ever used. Between storing the digest and embedding,
//! the document may not move: the revision is guarded where it is written.

use super::{
    error::DocumentError,
    model::{Document, Signature},
    read,
    revise::{self, Made, Prepared, Wish},
    signer, store,
};
use crate::{
    accounts::{self, Proven, Who},
    approvals,
    audit::{self, Event},
    authorities, certificates,
    keycards::{self, Judged},
    notices::{self, Notice},
    platform::{
        actor::Actor,
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{CertificateId, DocumentId, SignatureId},
        secret::Secret,
    },
    timestamps,
};

/// What the person shows to approve.
pub struct Approval {
    /// The password, which opens the signing key.
    pub password: Secret<String>,
    /// The key beside the number that was asked for.
    pub key: Secret<String>,
    /// Where the request comes from, as counted for wrong tries.
    pub network: String,
}

/// Signs the document, and gives it as it stands then.
///
/// # Errors
/// [`DocumentError::NotFound`], [`DocumentError::AlreadySigned`], [`DocumentError::Refused`], [`DocumentError::Keycard`],
/// [`DocumentError::Outrun`]; nothing is signed then.
pub async fn sign(
    ground: &Ground,
    actor: &Actor,
    id: DocumentId,
    signature: SignatureId,
    approval: &Approval,
) -> Result<Document, DocumentError> {
    let waiting = waiting(ground, actor, id, signature).await?;
    let proven = accounts::check_password(ground, Who::Account(actor.account), &approval.password, &approval.network).await?;
    let challenge = waiting.signature.challenge.ok_or(DocumentError::Outrun)?;
    let judged = keycards::judge(ground, challenge, approval.key.reveal()).await?;
    let prepared = revise::prepare(ground, &waiting.wish).await?;
    // Asked before the person's yes is redeemed: a refusal later would have used it up.
    timestamps::ready_in_order(ground).await?;
    let notice = notices::seal(ground, &Notice::mail(notices::Kind::DocumentSigned).with("title", &waiting.document.title)).await?;
    ground.database.write(async |unit| claim(unit, actor, &waiting, &judged, &prepared).await).await?;
    let made = make(ground, actor, &waiting, &proven, &prepared).await?;
    ground
        .database
        .write(async |unit| {
            embed(unit, actor, &waiting, &made).await?;
            notices::tell(unit, waiting.document.employee.into(), &notice).await?;
            Ok::<_, DocumentError>(())
        })
        .await?;
    let mut reader = ground.database.read().await?;
    read::one(&mut reader, actor, id).await
}

/// The asked signature with all that it is about.
struct Waiting {
    document: Document,
    signature: Signature,
    certificate: CertificateId,
    wish: Wish,
}

async fn waiting(ground: &Ground, actor: &Actor, id: DocumentId, signature: SignatureId) -> Result<Waiting, DocumentError> {
    let mut reader = ground.database.read().await?;
    let (document, signature) = read::asked(&mut reader, actor, id, signature).await?;
    let certificate = certificates::read::signing_certificate_of(&mut reader, document.employee, ground.clock().now())
        .await?
        .ok_or(DocumentError::NoCertificate)?;
    let der = certificate.der.clone().ok_or(DocumentError::NoCertificate)?;
    if certificate.id != signature.certificate {
        return Err(DocumentError::Outrun);
    }
    let bytes = read::bytes(&mut reader, &document).await?;
    drop(reader);
    let chain = authorities::chain_of(ground, certificate.authority).await.map_err(CertificateFault::from)?;
    let name = signer::read(&der).map(|signer| signer.name).unwrap_or_default();
    let wish = Wish { bytes, der, chain, name, plan: signature.plan.clone() };
    Ok(Waiting { document, signature, certificate: certificate.id, wish })
}

/// An authority's refusal, as the certificate slice tells it.
type CertificateFault = certificates::CertificateError;

/// Redeems the person's yes and stores what will be signed: one commit, before any signature exists.
async fn claim(unit: &mut Unit, actor: &Actor, waiting: &Waiting, judged: &Judged, prepared: &Prepared) -> Result<(), DocumentError> {
    approvals::require_unstopped(unit, actor.account).await?;
    let binding = waiting.signature.plan.binding(&waiting.document, waiting.signature.id);
    let consent = keycards::redeem(unit, actor.account, judged, Purpose::Sign, binding).await?;
    if !consent.covers(Purpose::Sign, actor.account, &binding) {
        return Err(DocumentError::Outrun);
    }
    let digest = prepared.digest();
    if !store::digest(unit, waiting.signature.id, &prepared.digested.to_bytes()).await? {
        return Err(DocumentError::Outrun);
    }
    let event = Event::new("signature.approved", actor.author(), format!("signature:{}", waiting.signature.id))
        .company(waiting.document.company)
        .fact("document", waiting.document.id)
        .fact("digest", hex::encode(digest));
    Ok(audit::record(unit, event).await?)
}

/// Opens the key with the password and signs once.
async fn make(ground: &Ground, actor: &Actor, waiting: &Waiting, proven: &Proven, prepared: &Prepared) -> Result<Made, DocumentError> {
    let digest = prepared.digest();
    let value = certificates::sign_with_password(ground, waiting.certificate, actor.account, &proven.salt, &proven.prk, digest).await?;
    revise::finish(ground, &waiting.wish, prepared, &value).await
}

/// Adds the signed revision upon exactly the revision that was shown.
async fn embed(unit: &mut Unit, actor: &Actor, waiting: &Waiting, made: &Made) -> Result<(), DocumentError> {
    let increment = made.signed.increment();
    let added = i64::try_from(increment.len()).unwrap_or(i64::MAX);
    let (document, from) = (waiting.document.id, waiting.signature.revision);
    if !store::advance(unit, document, from, added).await? || !store::embed(unit, waiting.signature.id, &made.stamped_by).await? {
        return Err(DocumentError::Outrun);
    }
    store::insert_revision(unit, document, from + 1, increment).await?;
    let event = Event::new("document.signed", actor.author(), format!("document:{document}"))
        .company(waiting.document.company)
        .fact("signature", waiting.signature.id)
        .fact("revision", from + 1)
        .fact("certificate", waiting.certificate)
        .fact("stamped_by", &made.stamped_by);
    Ok(audit::record(unit, event).await?)
}
