//! Asks the person to sign: chooses the certificate, binds the card's question to this document, this content, this place and reason.

use sha2::{Digest as _, Sha256};

use super::{
    error::DocumentError,
    model::{Document, Plan, Signature, SignatureState},
    read, store,
};
use crate::{
    approvals,
    audit::{self, Event},
    certificates::{self, Certificate, KeyCarrier},
    keycards::{self, Question},
    platform::{
        actor::Actor,
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{ApprovalId, CertificateId, ChallengeId, DocumentId, SignatureId},
        limits, text,
    },
};

impl Plan {
    /// Checks what was typed; empty means not given.
    ///
    /// # Errors
    /// [`DocumentError::Text`].
    pub fn parse(reason: Option<&str>, place: Option<&str>) -> Result<Self, DocumentError> {
        let line = |field: &'static str, given: Option<&str>| match given.map(str::trim) {
            None | Some("") => Ok(None),
            Some(given) => text::line(given, limits::LINE_CHARACTERS).map(Some).map_err(|fault| DocumentError::text(field, fault)),
        };
        Ok(Self { reason: line("reason", reason)?, place: line("place", place)? })
    }

    /// What the person's yes is bound to: this plan, for this document with this content.
    pub fn binding(&self, document: &Document, signature: SignatureId) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"segl/sign/v1");
        for part in [
            signature.to_string().as_str(),
            document.id.to_string().as_str(),
            document.content_sha256.as_str(),
            self.reason.as_deref().unwrap_or(""),
            self.place.as_deref().unwrap_or(""),
        ] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }
}

/// The question, and the signature that the answer will make.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The signature's id.
    pub signature: SignatureId,
    /// Which key of which card.
    pub question: Question,
}

/// Asks.
///
/// # Errors
/// [`DocumentError::NotFound`], [`DocumentError::NoCertificate`], or what the key card refuses with.
pub async fn ask(ground: &Ground, actor: &Actor, id: DocumentId, plan: &Plan) -> Result<Asked, DocumentError> {
    let certificate = certificate_of(ground, actor).await?;
    ground.database.write(async |unit| ask_in(unit, actor, id, plan, certificate).await).await
}

/// The certificate that the actor signs with just now.
///
/// # Errors
/// [`DocumentError::NoCertificate`]; [`DocumentError::NotFound`] for those who are no employees.
pub async fn certificate_of(ground: &Ground, actor: &Actor) -> Result<CertificateId, DocumentError> {
    Ok(central(ground, actor).await?.id)
}

/// The same, whole.
pub(super) async fn central(ground: &Ground, actor: &Actor) -> Result<Certificate, DocumentError> {
    let mut reader = ground.database.read().await?;
    let employee = read::employee_of(actor)?;
    let certificate = certificates::read::signing_certificate_of(&mut reader, employee, ground.clock().now()).await?;
    let certificate = certificate.ok_or(DocumentError::NoCertificate)?;
    match certificate.key_carrier {
        KeyCarrier::Central => Ok(certificate),
        KeyCarrier::Hardware | KeyCarrier::KeyFile | KeyCarrier::OwnSoftware => Err(DocumentError::KeyElsewhere),
    }
}

/// Asks, in a unit that does more.
///
/// # Errors
/// [`DocumentError::NotFound`], or what the key card refuses with.
pub async fn ask_in(
    unit: &mut Unit,
    actor: &Actor,
    id: DocumentId,
    plan: &Plan,
    certificate: CertificateId,
) -> Result<Asked, DocumentError> {
    approvals::require_unstopped(unit, actor.account).await?;
    let document = read::one(unit, actor, id).await?;
    let signature: SignatureId = unit.id();
    let question = keycards::ask(unit, actor.account, Purpose::Sign, plan.binding(&document, signature)).await?;
    write_asked(unit, actor, &document, (signature, certificate, plan), By::Card(question.challenge)).await?;
    Ok(Asked { signature, question })
}

/// Who is asked for the yes.
pub(super) enum By {
    /// The card.
    Card(ChallengeId),
    /// The phone.
    Phone(ApprovalId),
}

/// Writes that a person was asked to sign the newest revision.
pub(super) async fn write_asked(
    unit: &mut Unit,
    actor: &Actor,
    document: &Document,
    (signature, certificate, plan): (SignatureId, CertificateId, &Plan),
    by: By,
) -> Result<(), DocumentError> {
    let (challenge, approval, way) = match by {
        By::Card(challenge) => (Some(challenge), None, "card"),
        By::Phone(approval) => (None, Some(approval), "phone"),
    };
    let row = Signature {
        id: signature,
        document: document.id,
        employee: document.employee,
        certificate,
        revision: document.newest_revision,
        plan: plan.clone(),
        state: SignatureState::Asked,
        challenge,
        approval,
        asked_at: unit.now(),
        signed_at: None,
        moved_at: None,
    };
    store::insert_signature(unit, &row).await?;
    let event = Event::new("signature.asked", actor.author(), format!("signature:{signature}"))
        .company(document.company)
        .fact("document", document.id)
        .fact("by", way)
        .fact("content_sha256", &document.content_sha256)
        .fact("certificate", certificate);
    Ok(audit::record(unit, event).await?)
}
