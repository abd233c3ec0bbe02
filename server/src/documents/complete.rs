//! Makes a signature that the person said yes to: the one way, whatever opens the key.
//!
//! The order is `security.md` section 3's: the yes is redeemed and what will be signed is stored, upon the newest revision and with the document
//! taken for this one signature, in one commit; the key opens, signs, verifies its own signature and is wiped; what it made is stored, in a
//! second commit; then it is stamped, embedded and read as a stranger would. Interrupted before the second commit nothing is ever used, and the
//! person is asked again; after it, [`resume`] goes on without the key, for a quarter of an hour.

use certs::pades::Digested;

use super::{
    error::DocumentError,
    model::{Document, MAKING, Signature},
    read,
    revise::{self, Made, Prepared, Wish},
    signer, store,
};
use crate::{
    accounts, approvals,
    audit::{self, Event},
    authorities,
    certificates::{self, CertificateError, Opening},
    employees,
    keycards::{self, Judged},
    notices::{self, Notice, Sealed},
    platform::{
        actor::Author,
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{AccountId, ApprovalId, CertificateId},
    },
    timestamps,
};

/// A signature that is asked for, with all that it is about.
pub(super) struct Waiting {
    pub document: Document,
    pub signature: Signature,
    /// Whose key signs.
    pub account: AccountId,
    certificate: CertificateId,
    wish: Wish,
}

/// The person's yes, to be redeemed.
pub(super) enum Yes<'a> {
    /// By a key of the card, judged already.
    Key(&'a Judged),
    /// By a phone.
    Phone(ApprovalId),
}

/// Gathers what the signature is about, upon the document's newest revision.
///
/// # Errors
/// [`DocumentError::NoCertificate`], [`DocumentError::Outrun`] when the person has another certificate since.
pub(super) async fn waiting(ground: &Ground, document: Document, signature: Signature) -> Result<Waiting, DocumentError> {
    let mut reader = ground.database.read().await?;
    let certificate = certificates::read::signing_certificate_of(&mut reader, document.employee, ground.clock().now())
        .await?
        .ok_or(DocumentError::NoCertificate)?;
    let der = certificate.der.clone().ok_or(DocumentError::NoCertificate)?;
    let account = certificate.account.ok_or(DocumentError::NoCertificate)?;
    if certificate.id != signature.certificate {
        return Err(DocumentError::Outrun);
    }
    let bytes = read::bytes(&mut reader, &document).await?;
    drop(reader);
    let chain = authorities::chain_of(ground, certificate.authority).await.map_err(CertificateError::from)?;
    let name = signer::read(&der).map(|signer| signer.name).unwrap_or_default();
    let wish = Wish { bytes, der, chain, name, plan: signature.plan.clone() };
    Ok(Waiting { document, signature, account, certificate: certificate.id, wish })
}

/// A signature that is claimed: the person's yes is used up for it, what will be signed is stored, and no key has been opened yet.
pub(super) struct Claimed {
    prepared: Prepared,
    notice: Sealed,
}

/// Claims the signature, for one who said yes.
///
/// # Errors
/// [`DocumentError::Outrun`] when the document is another one by now or is just being signed. Nothing is claimed then, nothing signed.
pub(super) async fn claim(ground: &Ground, waiting: &Waiting, yes: &Yes<'_>) -> Result<Claimed, DocumentError> {
    let prepared = revise::prepare(ground, &waiting.wish).await?;
    // Asked before the person's yes is redeemed: a refusal later would have used it up.
    timestamps::ready_in_order(ground).await?;
    let notice = told(ground, waiting).await?;
    ground.database.write(async |unit| write_claim(unit, waiting, yes, &prepared).await).await?;
    Ok(Claimed { prepared, notice })
}

/// Makes a claimed signature with the key, once, and embeds it.
///
/// # Errors
/// What fails leaves a signature that lapsed, or one that [`resume`] goes on with.
pub(super) async fn make(ground: &Ground, waiting: &Waiting, claimed: &Claimed, opening: &Opening<'_>) -> Result<(), DocumentError> {
    let Claimed { prepared, notice } = claimed;
    let value = match certificates::sign_with(ground, waiting.certificate, waiting.account, opening, prepared.digest()).await {
        Ok(value) => value,
        Err(error) => {
            give_up(ground, waiting).await?;
            return Err(error.into());
        }
    };
    let kept = ground.database.write(async |unit| store::keep_value(unit, &waiting.signature, &value).await).await?;
    if !kept {
        give_up(ground, waiting).await?;
        return Err(DocumentError::Outrun);
    }
    finish(ground, waiting, (prepared, &value), notice).await
}

async fn told(ground: &Ground, waiting: &Waiting) -> Result<Sealed, DocumentError> {
    Ok(notices::seal(ground, &Notice::mail(notices::Kind::DocumentSigned).with("title", &waiting.document.title)).await?)
}

/// Redeems the person's yes, takes the document, and stores what will be signed: one commit, before any signature exists.
async fn write_claim(unit: &mut Unit, waiting: &Waiting, yes: &Yes<'_>, prepared: &Prepared) -> Result<(), DocumentError> {
    let (document, signature, account) = (&waiting.document, &waiting.signature, waiting.account);
    approvals::require_unstopped(unit, account).await?;
    // Whoever was suspended or left since the question was asked sees no document any more.
    if !accounts::hold_active(unit, account).await? {
        return Err(DocumentError::NotFound);
    }
    if !store::take(unit, document, signature.id).await? {
        return Err(DocumentError::Outrun);
    }
    let binding = signature.plan.binding(document, signature.id);
    let consent = match yes {
        Yes::Key(judged) => keycards::redeem(unit, account, judged, Purpose::Sign, binding).await?,
        Yes::Phone(root) => {
            let now = unit.now();
            let ended_at = approvals::read::standing(unit, *root, now).await?.and_then(|standing| standing.ended_at);
            if ended_at.is_none_or(|ended_at| now >= ended_at.plus(MAKING)) {
                return Err(DocumentError::TooLate);
            }
            approvals::redeem(unit, account, *root, Purpose::Sign, binding).await?
        }
    };
    if !consent.covers(Purpose::Sign, account, &binding) {
        return Err(DocumentError::Outrun);
    }
    if !store::digest(unit, signature.id, &prepared.digested.to_bytes(), document.newest_revision).await? {
        return Err(DocumentError::Outrun);
    }
    let event = Event::new("signature.approved", Author::Account(account), format!("signature:{}", signature.id))
        .company(document.company)
        .fact("document", document.id)
        .fact("by", if matches!(yes, Yes::Phone(_)) { "phone" } else { "key card" })
        .fact("digest", hex::encode(prepared.digest()));
    Ok(audit::record(unit, event).await?)
}

/// Stamps, embeds, and tells.
async fn finish(ground: &Ground, waiting: &Waiting, (prepared, value): (&Prepared, &[u8]), notice: &Sealed) -> Result<(), DocumentError> {
    let made = revise::finish(ground, &waiting.wish, prepared, value).await?;
    ground
        .database
        .write(async |unit| {
            embed(unit, waiting, &made).await?;
            notices::tell(unit, waiting.document.employee.into(), notice).await?;
            Ok(())
        })
        .await
}

/// Adds the signed revision upon exactly the revision that was taken.
async fn embed(unit: &mut Unit, waiting: &Waiting, made: &Made) -> Result<(), DocumentError> {
    let increment = made.signed.increment();
    let added = i64::try_from(increment.len()).unwrap_or(i64::MAX);
    let (document, from) = (&waiting.document, waiting.document.newest_revision);
    let signature = waiting.signature.id;
    if !store::advance(unit, document, signature, added).await? || !store::embed(unit, signature, &made.stamped_by).await? {
        return Err(DocumentError::Outrun);
    }
    store::insert_revision(unit, document.id, from + 1, increment).await?;
    employees::note_used(unit, waiting.account).await?;
    let event = Event::new("document.signed", Author::Account(waiting.account), format!("document:{}", document.id))
        .company(document.company)
        .fact("signature", signature)
        .fact("revision", from + 1)
        .fact("certificate", waiting.certificate)
        .fact("stamped_by", &made.stamped_by);
    Ok(audit::record(unit, event).await?)
}

/// Ends a signature that was claimed and will not stand in the document, which is free for another. One that is still asked for stays so.
///
/// # Errors
/// When the database fails.
pub(super) async fn give_up(ground: &Ground, waiting: &Waiting) -> Result<(), DocumentError> {
    let (document, signature) = (&waiting.document, waiting.signature.id);
    ground
        .database
        .write(async |unit| {
            if !store::end_claimed(unit, document.id, signature).await? {
                return Ok(());
            }
            let event = Event::new("signature.lapsed", Author::System("documents"), format!("signature:{signature}"));
            Ok(audit::record(unit, event.company(document.company).fact("document", document.id)).await?)
        })
        .await
}

/// Goes on with a signature that the key has made and that stands in no document yet: without the key.
///
/// # Errors
/// As [`make`].
pub(super) async fn resume(ground: &Ground, document: Document, signature: Signature) -> Result<(), DocumentError> {
    let mut reader = ground.database.read().await?;
    let Some((prepared, value)) = store::made(&mut reader, signature.id).await? else { return Ok(()) };
    drop(reader);
    let waiting = waiting(ground, document, signature).await?;
    let digested = Digested::from_bytes(&prepared)?;
    let prepared = Prepared::again(digested, &waiting.wish.der)?;
    let notice = told(ground, &waiting).await?;
    finish(ground, &waiting, (&prepared, &value), &notice).await
}
