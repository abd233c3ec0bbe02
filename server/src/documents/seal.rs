//! Seals a document in the company's name: no person signs, the company does. A PDF comes, the sealed PDF goes; what is kept is who had what
//! sealed, by digest.
//!
//! As with a person's signature, what will be signed is stored before the key signs it. An administrator needs a fresh proof, a program an
//! API key of one. Whether one administrator's word is enough, and many documents at once, is for a policy to come: it belongs into [`may`].

use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{
    error::DocumentError,
    model::Plan,
    revise::{self, Made, Prepared, Wish},
    seats::{Whose, seat},
    signer, store,
};
use crate::{
    audit::{self, Event},
    certificates::{
        CertificateError,
        seals::{self, Seal},
    },
    platform::{
        actor::{Actor, Author, Carrier},
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{CertificateId, CompanyId, DocumentId, Id as _},
        moment::Moment,
    },
    timestamps,
};

/// What is to be sealed, and how.
pub struct Request {
    /// Whose seal.
    pub company: CompanyId,
    /// Which of the company's certificates; the newest when none is named.
    pub certificate: Option<CertificateId>,
    /// Why and where, as it stands beside the signature.
    pub plan: Plan,
    /// The PDF.
    pub pdf: Vec<u8>,
}

/// A sealed document.
#[derive(Debug)]
pub struct Sealed {
    /// Its entry in the audit.
    pub id: DocumentId,
    /// With which certificate.
    pub certificate: CertificateId,
    /// The whole PDF.
    pub pdf: Vec<u8>,
}

/// Refuses everybody but a company's own administrator with a fresh proof, and a program with an API key of one.
///
/// # Errors
/// [`DocumentError::NotFound`], [`DocumentError::ProveAgain`].
pub fn may(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<(), DocumentError> {
    let is_api_key = actor.carrier == Carrier::Program && actor.session.is_none();
    if actor.company != Some(company) {
        Err(DocumentError::NotFound)
    } else if is_api_key || actor.has_proven(ground.clock().now()) {
        Ok(())
    } else {
        Err(DocumentError::ProveAgain)
    }
}

/// Seals a PDF, with a time stamp.
///
/// # Errors
/// Those of [`may`]; [`DocumentError::NoSeal`], [`DocumentError::TooManySeals`], [`DocumentError::Pdf`], [`DocumentError::Timestamp`],
/// [`DocumentError::Busy`]: nothing leaves then.
pub async fn seal(ground: &Ground, actor: &Actor, request: Request) -> Result<Sealed, DocumentError> {
    may(ground, actor, request.company)?;
    let most = ground.config.policy.document_bytes;
    if request.pdf.len() > most {
        return Err(DocumentError::TooLarge { most });
    }
    let chosen = seals::choose(ground, request.company, request.certificate).await.map_err(no_seal)?;
    within_rate(ground, sealed_lately(ground, request.company).await?)?;
    timestamps::ready_in_order(ground).await?;
    let _seat = seat(ground, Whose::Person).await?;
    let name = signer::read(&chosen.der).map(|signer| signer.name).unwrap_or_default();
    let wish = Wish { bytes: request.pdf, der: chosen.der.clone(), chain: chosen.chain.clone(), name, plan: request.plan };
    let prepared = revise::prepare(ground, &wish).await?;
    let id = DocumentId::fresh(ground.clock().now(), ground.random());
    let claim = Claim { id, seal: &chosen, content: Sha256::digest(&wish.bytes).into(), digest: prepared.digest() };
    ground.database.write(async |unit| store_claim(unit, ground, actor, &claim).await).await?;
    let made = make(ground, &chosen, &wish, &prepared).await?;
    let pdf = made.signed.append_to(&wish.bytes)?;
    let hash = Sha256::digest(&pdf).into();
    ground.database.write(async |unit| note(unit, actor, &claim, (hash, &made.stamped_by)).await).await?;
    Ok(Sealed { id, certificate: chosen.id, pdf })
}

/// What is stored before the key signs.
struct Claim<'a> {
    id: DocumentId,
    seal: &'a Seal,
    content: [u8; 32],
    digest: [u8; 32],
}

async fn make(ground: &Ground, chosen: &Seal, wish: &Wish, prepared: &Prepared) -> Result<Made, DocumentError> {
    let value = seals::sign(ground, chosen, prepared.digest()).await.map_err(no_seal)?;
    revise::finish(ground, wish, prepared, &value).await
}

fn no_seal(error: CertificateError) -> DocumentError {
    if matches!(error, CertificateError::NotActive) { DocumentError::NoSeal } else { DocumentError::Certificate(error) }
}

async fn sealed_lately(ground: &Ground, company: CompanyId) -> Result<i64, DocumentError> {
    let since = ground.clock().now().plus(-Duration::hours(1));
    Ok(store::seals::asked_since(&mut ground.database.read().await?, company, since).await?)
}

fn within_rate(ground: &Ground, lately: i64) -> Result<(), DocumentError> {
    let most = ground.config.policy.seals_per_hour;
    if lately < most { Ok(()) } else { Err(DocumentError::TooManySeals { most }) }
}

/// Counts it and stores what will be signed: one commit, before any signature exists.
async fn store_claim(unit: &mut Unit, ground: &Ground, actor: &Actor, claim: &Claim<'_>) -> Result<(), DocumentError> {
    let (company, since) = (claim.seal.company, unit.now().plus(-Duration::hours(1)));
    within_rate(ground, store::seals::asked_since(unit, company, since).await?)?;
    store::seals::insert(unit, claim.id, (company, claim.seal.id), (&claim.content, &claim.digest)).await?;
    let event = Event::new("document.seal_asked", actor.author(), format_args!("document:{}", claim.id))
        .company(company)
        .fact("certificate", claim.seal.id)
        .fact("content_sha256", hex::encode(claim.content))
        .fact("digest", hex::encode(claim.digest));
    Ok(audit::record(unit, event).await?)
}

async fn note(unit: &mut Unit, actor: &Actor, claim: &Claim<'_>, (hash, by): ([u8; 32], &str)) -> Result<(), DocumentError> {
    if !store::seals::finish(unit, claim.id, &hash, by).await? {
        return Err(DocumentError::Outrun);
    }
    let event = Event::new("document.sealed", actor.author(), format_args!("document:{}", claim.id))
        .company(claim.seal.company)
        .fact("certificate", claim.seal.id)
        .fact("sealed_sha256", hex::encode(hash))
        .fact("stamped_by", by);
    Ok(audit::record(unit, event).await?)
}

/// Ends what was asked for before a moment and never sealed: the document was handed to nobody.
///
/// # Errors
/// When the database fails.
pub(super) async fn give_up(unit: &mut Unit, before: Moment) -> Result<(), DatabaseError> {
    for (id, company) in store::seals::fail(unit, before).await? {
        let event = Event::new("document.seal_failed", Author::System("documents"), format_args!("document:{id}"));
        audit::record(unit, event.company(company)).await?;
    }
    Ok(())
}
