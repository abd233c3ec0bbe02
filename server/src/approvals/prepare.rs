//! Draws and signs what a phone will show: outside the unit, since the keystore may take its time.

use keycard::{
    QR_BYTES, Signed,
    payload::{LIFETIME_MS, LINE_CHARACTERS, NAME_CHARACTERS, NETWORK_CHARACTERS, Parts, Payload, Purpose, TITLE_CHARACTERS},
    plain,
};
use time::Duration;

use super::{ApprovalError, model::Ask, release, store};
use crate::{
    notices,
    phones::{self, Phone, identity},
    platform::{
        database::{DatabaseError, Reader},
        ground::Ground,
        id::{AccountId, ApprovalId, Id as _, RecipientId},
        moment::Moment,
        random,
        words::Words,
    },
};

/// A signed request that is not asked yet.
pub struct Prepared {
    pub(super) ask: Ask,
    pub(super) id: ApprovalId,
    pub(super) number: String,
    pub(super) qr: [u8; QR_BYTES],
    pub(super) payload: Signed<Payload>,
    pub(super) issued_at: Moment,
    pub(super) expires_at: Moment,
}

impl Prepared {
    /// What will name the request, however often its time is extended.
    pub fn id(&self) -> ApprovalId {
        self.id
    }

    /// When it has lapsed even if its time is extended as often as it may be.
    pub fn longest(&self) -> Moment {
        longest(self.issued_at, self.expires_at)
    }
}

/// The words of what a person's phone shows: in the language of that phone's own screens, which it says with whatever it asks. Of several the one
/// that asked last decides; without one the language in which the person is told things. Never that of the page that began: a stranger may have.
///
/// # Errors
/// When the database fails.
pub async fn words(reader: &mut Reader, account: AccountId, recipient: RecipientId) -> Result<Words, DatabaseError> {
    let phones = phones::read::usable(reader, account).await?;
    words_of(reader, &phones, recipient).await
}

/// As [`words`], of phones that were read already.
///
/// # Errors
/// When the database fails.
pub async fn words_of(reader: &mut Reader, phones: &[Phone], recipient: RecipientId) -> Result<Words, DatabaseError> {
    let last = phones.iter().filter(|phone| phone.seen_at.is_some()).max_by_key(|phone| phone.seen_at).map(|phone| phone.language);
    match last {
        Some(language) => Ok(Words(language)),
        None => Ok(Words(notices::language_of(reader, recipient).await?.unwrap_or_default())),
    }
}

fn longest(issued_at: Moment, expires_at: Moment) -> Moment {
    issued_at.plus(expires_at.since(issued_at) * (i32::from(keycard::payload::EXTENSIONS) + 1))
}

/// Whether what the phone releases is of use to the process alone that asked: it holds the new password. Any process makes a signature.
pub(super) const fn is_of_one_process(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::NewPassword)
}

/// Makes the payload of a request, with its number beside it.
///
/// # Errors
/// When keystore or database fail.
pub async fn prepare(ground: &Ground, ask: Ask) -> Result<Prepared, ApprovalError> {
    let mut reader = ground.database.read().await?;
    let seconds = store::limit(&mut reader, ask.account).await?.unwrap_or(LIFETIME_SECONDS);
    drop(reader);
    let issued_at = ground.clock().now();
    let expires_at = issued_at.plus(Duration::seconds(seconds));
    let id = ApprovalId::fresh(issued_at, ground.random());
    let release_key = if ask.certificate.is_some() { Some(release::name(ground, expires_at).await?) } else { None };
    let service = plain::tame(service_name(ground.config.server.origin()), NAME_CHARACTERS);
    let parts = Parts {
        purpose: ask.purpose,
        id: keycard::ApprovalId(*id.uuid().as_bytes()),
        service,
        account: plain::tame(&ask.user, NAME_CHARACTERS),
        company: plain::tame(&ask.company, NAME_CHARACTERS),
        certificate: ask.certificate.clone(),
        title: plain::tame(&ask.title, TITLE_CHARACTERS),
        lines: ask.lines.iter().map(|line| plain::tame(line, LINE_CHARACTERS)).collect(),
        content: ask.content,
        plan: ask.plan,
        digests: ask.digests.clone(),
        network: plain::tame(&ask.initiator.network, NETWORK_CHARACTERS),
        place: place(ground, &ask),
        nonce: random::bytes(ground.random()),
        issued_ms: unix_ms(issued_at),
        expires_ms: unix_ms(expires_at),
        release_key,
        further: ask.further.clone(),
    };
    let payload = sign(ground, parts).await?;
    let number = format!("{:02}", random::below(ground.random(), 100));
    Ok(Prepared { ask, id, number, qr: random::bytes(ground.random()), payload, issued_at, expires_at })
}

/// Roughly where the request comes from, if the operator's file knows.
fn place(ground: &Ground, ask: &Ask) -> Option<String> {
    let found = ground.config.phones.places.as_ref()?.of(&ask.initiator.network, ask.language)?;
    Some(plain::tame(&found, NAME_CHARACTERS)).filter(|place| !place.is_empty())
}

/// So long everybody's requests wait.
pub(super) const LIFETIME_SECONDS: i64 = (LIFETIME_MS / 1000) as i64;

/// Signs a payload with the service's identity key.
pub(super) async fn sign(ground: &Ground, parts: Parts) -> Result<Signed<Payload>, ApprovalError> {
    let payload = Payload::new(parts)?;
    let identity = identity::of(ground).await?;
    Ok(identity.sign(ground, payload).await?)
}

/// The service as a person knows it: where its pages are.
fn service_name(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

/// Unix milliseconds, as the phone counts.
pub(super) fn unix_ms(moment: Moment) -> u64 {
    u64::try_from(moment.millis()).unwrap_or(0)
}
