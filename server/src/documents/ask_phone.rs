//! Asks the person on the phone to sign: it shows title, pages, signer, company and digest of the document, and what the signer says beside it.
//!
//! Refused: a person none of whose phones may sign yet, or whose phones hold no opener of the signing key. The card remains for all.

use keycard::payload;
use sha2::{Digest as _, Sha256};

use super::{
    ask::{By, central, write_asked},
    error::DocumentError,
    model::{Document, MAKING, Plan, Signature, SignatureState},
    read, store,
};
use crate::{
    accounts,
    approvals::{self, Ask, Asked, Initiator, Prepared, Standpoint, State},
    audit::{self, Event},
    certificates, companies, phones,
    platform::{
        actor::Actor,
        consent::Purpose,
        database::{Connection, Unit},
        ground::Ground,
        id::{ApprovalId, CertificateId, DocumentId, Id as _, SignatureId},
        moment::Moment,
        words::Words,
    },
};

impl Plan {
    /// What the phone's yes binds of the plan: SHA-256 of reason and place.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix("segl/plan/v1");
        for part in [self.reason.as_deref().unwrap_or(""), self.place.as_deref().unwrap_or("")] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// A request to the phone, signed and not asked yet.
pub struct Asking {
    signature: SignatureId,
    document: Document,
    certificate: CertificateId,
    plan: Plan,
    prepared: Prepared,
}

/// What the page shows that began it.
#[derive(Clone, Debug)]
pub struct AskedPhone {
    /// The signature's id.
    pub signature: SignatureId,
    /// Number and QR.
    pub phone: Asked,
}

/// Makes the request, with what the phone will show.
///
/// # Errors
/// [`DocumentError::NotFound`], [`DocumentError::NoCertificate`], [`DocumentError::KeyElsewhere`]; [`DocumentError::NoPhone`] and
/// [`DocumentError::PhoneNotYet`] without a phone that may sign; [`DocumentError::PhoneWithoutKey`].
pub async fn prepare_phone(ground: &Ground, actor: &Actor, id: DocumentId, plan: &Plan, network: &str) -> Result<Asking, DocumentError> {
    // A program's key has no page that shows the number.
    let session = actor.session.ok_or(DocumentError::NotFound)?;
    let certificate = central(ground, actor).await?;
    let mut reader = ground.database.read().await?;
    approvals::require_unstopped(&mut reader, actor.account).await?;
    let document = read::one(&mut reader, actor, id).await?;
    require_phone(&mut reader, actor, certificate.serial.as_bytes(), ground.clock().now()).await?;
    let user = accounts::read::account(&mut reader, actor.account).await?.and_then(|found| found.user_id);
    let company = companies::read::company(&mut reader, document.company).await?.map(|found| found.legal_name).unwrap_or_default();
    let words = approvals::words(&mut reader, actor.account, document.employee.into()).await?;
    drop(reader);
    let signature = SignatureId::fresh(ground.clock().now(), ground.random());
    let content: Option<[u8; 32]> = hex::decode(&document.content_sha256).ok().and_then(|bytes| bytes.try_into().ok());
    let ask = Ask {
        purpose: payload::Purpose::SignDocument,
        consent: Purpose::Sign,
        binding: plan.binding(&document, signature),
        account: actor.account,
        user: user.unwrap_or_else(|| actor.name.clone()),
        lines: lines(words, &document, plan, (&actor.name, &company)),
        company,
        language: words.0,
        title: document.title.clone(),
        certificate: Some(certificate.serial.as_bytes().to_vec()),
        content: Some(content.ok_or(DocumentError::Outrun)?),
        plan: Some(plan.hash()),
        digests: Vec::new(),
        further: Vec::new(),
        initiator: Initiator { standpoint: Standpoint::Session(session), network: network.to_owned() },
    };
    let prepared = approvals::prepare(ground, ask).await?;
    Ok(Asking { signature, document, certificate: certificate.id, plan: plan.clone(), prepared })
}

/// A phone that may sign already, and holds an opener of this key.
async fn require_phone(connection: &mut impl Connection, actor: &Actor, serial: &[u8], now: Moment) -> Result<(), DocumentError> {
    let phones = phones::read::usable(connection, actor.account).await?;
    let signing: Vec<_> = phones.iter().filter(|phone| phone.signs(now)).collect();
    if signing.is_empty() {
        let from = phones.iter().map(|phone| phone.signs_from).min();
        return Err(from.map_or(DocumentError::NoPhone, |from| DocumentError::PhoneNotYet { from }));
    }
    for phone in signing {
        if certificates::opener_of(connection, serial, phone.id).await?.is_some() {
            return Ok(());
        }
    }
    Err(DocumentError::PhoneWithoutKey)
}

/// How a person signs just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the card: there is no phone that can.
    Card,
    /// By the phone, or by the card.
    Phone,
    /// By the card; by the phone once the password was typed, which gives it what opens the key.
    PhoneAfterPassword,
    /// By the card; by the phone only later.
    PhoneLater {
        /// From when.
        from: Moment,
    },
}

/// How a person signs just now.
///
/// # Errors
/// When the database fails.
pub async fn way_of(ground: &Ground, actor: &Actor) -> Result<Way, DocumentError> {
    let certificate = match central(ground, actor).await {
        Ok(certificate) => certificate,
        Err(DocumentError::KeyElsewhere | DocumentError::NoCertificate) => return Ok(Way::Card),
        Err(error) => return Err(error),
    };
    let mut reader = ground.database.read().await?;
    match require_phone(&mut reader, actor, certificate.serial.as_bytes(), ground.clock().now()).await {
        Ok(()) => Ok(Way::Phone),
        Err(DocumentError::PhoneNotYet { from }) => Ok(Way::PhoneLater { from }),
        Err(DocumentError::PhoneWithoutKey) => Ok(Way::PhoneAfterPassword),
        Err(DocumentError::NoPhone) => Ok(Way::Card),
        Err(error) => Err(error),
    }
}

/// What the phone shows beside the title.
fn lines(words: Words, document: &Document, plan: &Plan, (signer, company): (&str, &str)) -> Vec<String> {
    let line = |key: &str, value: &str| words.with(key, &[("value", value)]);
    let mut lines = vec![
        line("documents.phone_signer", signer),
        line("documents.phone_company", company),
        line("documents.phone_pages", &document.pages.to_string()),
    ];
    lines.extend(plan.reason.as_deref().map(|reason| line("documents.phone_reason", reason)));
    lines.extend(plan.place.as_deref().map(|place| line("documents.phone_place", place)));
    lines.push(line("documents.phone_digest", &document.content_sha256));
    lines.push(words.say("documents.phone_consequence"));
    lines
}

/// Asks, in a unit that may do more. Wake the phones after the commit.
///
/// # Errors
/// As [`approvals::ask`].
pub async fn ask_phone(unit: &mut Unit, actor: &Actor, asking: &Asking) -> Result<AskedPhone, DocumentError> {
    approvals::require_unstopped(unit, actor.account).await?;
    let Asking { signature, document, certificate, plan, prepared } = asking;
    let phone = approvals::ask(unit, prepared).await?;
    write_asked(unit, actor, document, (*signature, *certificate, plan), By::Phone(phone.id)).await?;
    Ok(AskedPhone { signature: *signature, phone })
}

/// How a signature by phone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SigningState {
    /// Three wrong numbers.
    Closed,
    /// Too late, or interrupted: ask again.
    Lapsed,
    /// The person said yes; the signature is being made.
    Making,
    /// "This was not me": signing is stopped.
    NotMe,
    /// The person said no.
    Rejected,
    /// A newer request took its place.
    Replaced,
    /// It stands in the document.
    Signed,
    /// The phone is asked.
    Waiting,
    /// The page took it back.
    Withdrawn,
}

/// A signature by phone, as its page shows it.
#[derive(Clone, Debug)]
pub struct Stands {
    /// The document.
    pub document: Document,
    /// How it stands.
    pub state: SigningState,
    /// The two digits.
    pub number: String,
    /// What a phone may scan instead.
    pub scan: String,
    /// Until when the phone is asked.
    pub expires_at: Moment,
    /// What the signer says beside the signature.
    pub plan: Plan,
}

/// How a signature by phone stands.
///
/// # Errors
/// [`DocumentError::NotFound`] for somebody else's, and for one that no phone is asked for.
pub async fn phone_stands(ground: &Ground, actor: &Actor, id: DocumentId, signature: SignatureId) -> Result<Stands, DocumentError> {
    let now = ground.clock().now();
    let (document, signature, root) = asked(ground, actor, id, signature).await?;
    let mut reader = ground.database.read().await?;
    let mut standing = approvals::read::standing(&mut reader, root, now).await?.ok_or(DocumentError::NotFound)?;
    // Number and scan are for the page that asked: whoever shows them to another session has the person answer for a stranger.
    if !is_of_session(&mut reader, actor, root, now).await? {
        if standing.state == State::Waiting {
            return Err(DocumentError::NotFound);
        }
        (standing.number, standing.scan) = (String::new(), String::new());
    }
    // The claim and the value keep the same spans: what the page calls lapsed is never made afterwards.
    let in_time = signature.moved_at.or(standing.ended_at).is_none_or(|since| now < since.plus(MAKING));
    let state = match (signature.state, standing.state) {
        (SignatureState::Embedded, _) => SigningState::Signed,
        (SignatureState::Signed, _) => SigningState::Making,
        (SignatureState::Lapsed, State::Approved) => SigningState::Lapsed,
        (SignatureState::Asked | SignatureState::Digested | SignatureState::Lapsed, asked) => match asked {
            State::Approved if in_time => SigningState::Making,
            State::Approved | State::Lapsed => SigningState::Lapsed,
            State::Closed => SigningState::Closed,
            State::NotMe => SigningState::NotMe,
            State::Rejected => SigningState::Rejected,
            State::Extended | State::Replaced => SigningState::Replaced,
            State::Waiting => SigningState::Waiting,
            State::Withdrawn => SigningState::Withdrawn,
        },
    };
    let approvals::Standing { number, scan, expires_at, .. } = standing;
    Ok(Stands { document, state, number, scan, expires_at, plan: signature.plan })
}

/// Whether this session asked.
async fn is_of_session(connection: &mut impl Connection, actor: &Actor, root: ApprovalId, now: Moment) -> Result<bool, DocumentError> {
    let Some(session) = actor.session else { return Ok(false) };
    Ok(approvals::read::standing_of_session(connection, root, session, now).await?.is_some())
}

/// The request of this session.
async fn own(
    ground: &Ground,
    actor: &Actor,
    id: DocumentId,
    signature: SignatureId,
) -> Result<(Document, Signature, ApprovalId), DocumentError> {
    let asked = asked(ground, actor, id, signature).await?;
    let mut reader = ground.database.read().await?;
    let own = is_of_session(&mut reader, actor, asked.2, ground.clock().now()).await?;
    if own { Ok(asked) } else { Err(DocumentError::NotFound) }
}

async fn asked(
    ground: &Ground,
    actor: &Actor,
    id: DocumentId,
    signature: SignatureId,
) -> Result<(Document, Signature, ApprovalId), DocumentError> {
    let mut reader = ground.database.read().await?;
    let document = read::one(&mut reader, actor, id).await?;
    let signature = store::find_signature(&mut reader, signature, id, document.employee).await?.ok_or(DocumentError::NotFound)?;
    let root = signature.approval.ok_or(DocumentError::NotFound)?;
    Ok((document, signature, root))
}

/// Gives the person more time.
///
/// # Errors
/// [`DocumentError::NotFound`]; as [`approvals::extend_own`].
pub async fn extend_phone(ground: &Ground, actor: &Actor, id: DocumentId, signature: SignatureId) -> Result<(), DocumentError> {
    let (_, _, root) = own(ground, actor, id, signature).await?;
    approvals::extend_own(ground, actor.account, root).await?;
    approvals::wake(ground, actor.account);
    Ok(())
}

/// Takes the request back. What the phone has answered already stays as it is.
///
/// # Errors
/// [`DocumentError::NotFound`]; when the database fails.
pub async fn withdraw_phone(ground: &Ground, actor: &Actor, id: DocumentId, signature: SignatureId) -> Result<(), DocumentError> {
    let (_, signature, root) = own(ground, actor, id, signature).await?;
    ground
        .database
        .write(async |unit| {
            if approvals::withdraw(unit, root).await? && store::end_asked(unit, signature.id).await? {
                let event = Event::new("signature.withdrawn", actor.author(), format!("signature:{}", signature.id));
                audit::record(unit, event.fact("document", id)).await?;
            }
            Ok::<_, DocumentError>(())
        })
        .await?;
    approvals::wake(ground, actor.account);
    Ok(())
}
