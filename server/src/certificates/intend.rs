//! The intention: serial, ordinal, the exact bytes to be signed and the keys, stored before anything is signed.

use certs::{
    ca::{PrepareError, Prepared, prepare},
    keystore::{KeyLabel, Secret32},
    profiles::{Kind, Order, encryption, mail, signing},
    public_key::PublicKey,
    serial::Serial,
};

use super::{
    CertificateError, Holder, PasswordProtection, Profile, certified,
    keys::{self, Blob, Lock},
    model::{KeyCarrier, Predecessor},
    numbers, ordinals, store,
};
use crate::{
    archives::{self, ArchiveError},
    audit,
    authorities::{self, Addresses, Loaded},
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, AuthorityId, CertificateId, CompanyId, EmployeeId, Id as _, ProofingId},
        moment::Moment,
        random,
    },
    status,
};

/// A certificate prepared and linted, its key made; to be stored, then finished.
#[derive(Debug)]
pub struct Intention {
    /// The certificate's id, for [`super::finish`].
    pub id: CertificateId,
    /// Its serial number.
    pub serial: Serial,
    /// What it is for.
    pub kind: Kind,
    pub(super) authority: AuthorityId,
    pub(super) ordinal: i64,
    pub(super) account: Option<AccountId>,
    pub(super) employee: Option<EmployeeId>,
    pub(super) company: Option<CompanyId>,
    pub(super) subject: String,
    pub(super) email: Option<String>,
    pub(super) proofing: Option<ProofingId>,
    pub(super) tbs: Vec<u8>,
    /// SHA-256 of the public key's SubjectPublicKeyInfo.
    pub(super) spki_sha256: [u8; 32],
    pub(super) not_before: Moment,
    pub(super) not_after: Moment,
    pub(super) key: IntendedKey,
    pub(super) key_carrier: KeyCarrier,
    pub(super) replaces: Option<Predecessor>,
    /// The person's key pair for the archive, when there was none yet.
    pub(super) person: Option<archives::NewHolder>,
    /// What was checked, to be signed once the bytes are stored. Without it, the stored bytes are checked anew.
    pub(super) prepared: Option<Prepared>,
}

impl Intention {
    /// It follows another, which ends when this one is active.
    #[must_use]
    pub fn following(self, predecessor: Option<Predecessor>) -> Self {
        Self { replaces: predecessor, ..self }
    }

    /// Where the keystore has its key, for the service's own.
    pub(super) fn label(&self) -> Option<&KeyLabel> {
        match &self.key {
            IntendedKey::Labelled(label) => Some(label),
            IntendedKey::Archived(_) | IntendedKey::Elsewhere | IntendedKey::Sealed(_) => None,
        }
    }

    fn owner(&self) -> Option<archives::Owner> {
        Some(archives::Owner { account: self.account?, employee: self.employee?, company: self.company? })
    }
}

/// Where the private key rests.
#[derive(Debug)]
pub(super) enum IntendedKey {
    /// In the archive, sealed to its person and the company: a decryption key.
    Archived(archives::NewKey),
    /// With the person: nothing of it is here.
    Elsewhere,
    /// In the keystore: the service's own.
    Labelled(KeyLabel),
    /// Under the person's password, in our rows.
    Sealed(Blob),
}

/// What is fixed before the key is made.
pub(super) struct Draft {
    pub(super) id: CertificateId,
    pub(super) serial: Serial,
    pub(super) ordinal: i64,
    pub(super) order: Order,
    pub(super) now: Moment,
}

/// Reserves ordinals in a unit of its own, makes the keys, prepares and lints. Nothing is signed, nothing of this is stored yet.
///
/// # Errors
/// [`CertificateError::MissingEmail`] for mail and encryption without an address; [`CertificateError::Prepare`] with every rule broken;
/// [`crate::authorities::AuthorityError::PublicUrlIsLocal`] and `NotFounded`.
pub async fn prepare_for_employee(
    ground: &Ground,
    holder: &Holder,
    profiles: &[Profile],
    protection: &PasswordProtection<'_>,
) -> Result<Vec<Intention>, CertificateError> {
    if holder.account != protection.account {
        return Err(CertificateError::OtherAccount);
    }
    let authority = authorities::issuing(ground).await?;
    let recipients = archives::recipients(ground, holder.company, &protection.archive_lock()).await?;
    let first = ordinals::reserve(ground, &authority, profiles.len()).await?;
    let mut intentions = Vec::with_capacity(profiles.len());
    for (profile, ordinal) in profiles.iter().zip(first..) {
        let order = order(ground, &authority, holder, *profile, ordinal).await?;
        let draft = draft(ground, ordinal, order);
        let person = recipients.new_person().filter(|_| intentions.is_empty()).cloned();
        let (authority, lock, recipients) = (authority.clone(), Lock::of(protection), recipients.clone());
        let (secret, salt) = (Secret32::new(random::bytes(ground.random())), random::bytes::<32>(ground.random()));
        let made = ground
            .with_keystore(move |keystore| -> Result<Intention, CertificateError> {
                if draft.order.kind() == Kind::Encryption {
                    let (key, public_key) = recipients.make(draft.id)?;
                    let prepared = prepare_draft(&draft, &public_key, &authority)?;
                    return Ok(intention(&draft, prepared, &authority, IntendedKey::Archived(key)));
                }
                let key = keys::make(keystore, draft.id)?;
                let prepared = prepare_draft(&draft, &key.public_key, &authority)?;
                let blob = keys::seal(keystore, (draft.id, &draft.serial), &key, (&secret, &salt), &lock)?;
                Ok(intention(&draft, prepared, &authority, IntendedKey::Sealed(blob)))
            })
            .await?;
        intentions.push(Intention { person, ..for_holder(made, holder) });
    }
    Ok(intentions)
}

/// Stores the intention and its keys in the caller's unit. After the commit, [`super::finish`] it.
///
/// # Errors
/// [`CertificateError::SerialTaken`] and [`CertificateError::ChangedMeanwhile`]: nothing may be stored; prepare anew.
/// [`CertificateError::KeyCompromised`] and [`CertificateError::KeyOfAnother`] for a key that a request brought: nothing was stored.
pub async fn store_intention(unit: &mut Unit, intention: &Intention, author: Author) -> Result<(), CertificateError> {
    store_intentions(unit, &[(intention, author)]).await?.pop().unwrap_or(Ok(()))
}

/// Stores what several intend, with few statements. The answers stand in their order, as [`store_intention`] would give them; of what is refused
/// nothing is stored.
///
/// # Errors
/// When the database fails, or the archive refuses: then nothing of the unit may stay.
pub(super) async fn store_intentions(
    unit: &mut Unit,
    intended: &[(&Intention, Author)],
) -> Result<Vec<Result<(), CertificateError>>, CertificateError> {
    let all: Vec<&Intention> = intended.iter().map(|(intention, _)| *intention).collect();
    let mut answers = certified::claim(unit, &all).await?;
    let claimed: Vec<&Intention> = all.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(one, _)| *one).collect();
    let stored = store::insert(unit, &claimed).await?;
    let (mut blobs, mut events) = (Vec::new(), Vec::with_capacity(intended.len()));
    for ((intention, author), answer) in intended.iter().zip(&mut answers).filter(|(_, answer)| answer.is_ok()) {
        if !stored.contains(&intention.id) {
            *answer = Err(CertificateError::SerialTaken);
            continue;
        }
        if let Some(blob) = store_key(unit, intention, *author).await? {
            blobs.push((intention.id, blob));
        }
        events.push(intended_event(intention, *author));
    }
    store::insert_blobs(unit, &blobs).await?;
    audit::record_all(unit, events).await?;
    Ok(answers)
}

/// What the archive keeps is stored now; a blob of the password's is given back.
async fn store_key<'a>(unit: &mut Unit, intention: &'a Intention, author: Author) -> Result<Option<&'a Blob>, CertificateError> {
    if let (Some(person), Some(company)) = (&intention.person, intention.company) {
        archives::store_holder(unit, person, company, author).await.map_err(changed)?;
    }
    match &intention.key {
        IntendedKey::Archived(key) => {
            let owner = intention.owner().ok_or(CertificateError::OtherAccount)?;
            archives::store_key(unit, key, owner, author).await?;
            Ok(None)
        }
        IntendedKey::Elsewhere | IntendedKey::Labelled(_) => Ok(None),
        IntendedKey::Sealed(blob) => Ok(Some(blob)),
    }
}

fn intended_event(intention: &Intention, author: Author) -> audit::Event {
    audit::Event::new("certificate.intended", author, format!("certificate:{}", intention.id))
        .fact("serial", intention.serial)
        .fact("profile", intention.kind.as_str())
        .fact("carrier", intention.key_carrier.word())
        .personal("subject", &intention.subject)
        .company(intention.company)
}

fn changed(error: ArchiveError) -> CertificateError {
    if matches!(error, ArchiveError::OtherHolderKey) { CertificateError::ChangedMeanwhile } else { error.into() }
}

pub(super) fn draft(ground: &Ground, ordinal: i64, order: Order) -> Draft {
    let now = ground.clock().now();
    let id = CertificateId::fresh(now, ground.random());
    let serial = Serial::from_time(now.millis().unsigned_abs(), random::open_bytes(ground.random()));
    Draft { id, serial, ordinal, order, now }
}

pub(super) fn prepare_draft(draft: &Draft, key: &PublicKey, authority: &Loaded) -> Result<Prepared, CertificateError> {
    Ok(prepare(&draft.order, key, &authority.issuer, draft.serial, draft.now.to_datetime())?)
}

pub(super) fn intention(draft: &Draft, prepared: Prepared, authority: &Loaded, key: IntendedKey) -> Intention {
    Intention {
        id: draft.id,
        serial: draft.serial,
        kind: prepared.kind(),
        authority: authority.id,
        ordinal: draft.ordinal,
        account: None,
        employee: None,
        company: None,
        subject: prepared.subject().to_owned(),
        email: None,
        proofing: None,
        tbs: prepared.tbs().to_vec(),
        spki_sha256: prepared.spki_sha256(),
        not_before: Moment::from_datetime(prepared.validity().not_before()),
        not_after: Moment::from_datetime(prepared.validity().not_after()),
        key,
        key_carrier: KeyCarrier::Central,
        replaces: None,
        person: None,
        prepared: Some(prepared),
    }
}

/// For a key that its bearer keeps and has proven to have.
pub(super) fn of_request(draft: &Draft, key: &PublicKey, authority: &Loaded) -> Result<Intention, CertificateError> {
    let prepared = match prepare_draft(draft, key, authority) {
        // All else in the order is ours.
        Err(CertificateError::Prepare(PrepareError::Lint(_))) => return Err(CertificateError::RequestDoesNotFit),
        other => other?,
    };
    let made = intention(draft, prepared, authority, IntendedKey::Elsewhere);
    Ok(Intention { key_carrier: KeyCarrier::OwnSoftware, ..made })
}

/// No longer than the authority itself lives.
pub(super) fn within_life_of(authority: &Loaded, now: Moment, order: Order) -> Order {
    let left = authority.issuer.validity().not_after() - now.to_datetime();
    let days = u32::try_from(left.whole_days()).unwrap_or(0);
    if days < order.lifetime_days() { order.for_days(days) } else { order }
}

/// The youth notice is true until the eighteenth birthday: so long, or one day, is what says it valid.
fn until_adult(holder: &Holder, now: Moment, order: Order) -> Order {
    let Some(until) = holder.youth_until.filter(|_| order.kind() == Kind::Signing) else { return order };
    order.for_days(u32::try_from(until.since(now).whole_days().max(1)).unwrap_or(u32::MAX))
}

/// In somebody's name.
pub(super) fn for_holder(made: Intention, holder: &Holder) -> Intention {
    let email = holder.email.as_ref().map(ToString::to_string);
    let (account, employee, company) = (Some(holder.account), Some(holder.employee), Some(holder.company));
    Intention { account, employee, company, email, proofing: holder.proofing, ..made }
}

/// In the family of the authority.
pub(super) async fn order(
    ground: &Ground,
    authority: &Loaded,
    holder: &Holder,
    profile: Profile,
    ordinal: i64,
) -> Result<Order, CertificateError> {
    let practice = authorities::practice(ground)?;
    let pointers = Addresses::of(&ground.config.server, &authority.name).pointers(status::shard_of(ordinal))?;
    let needed = || holder.email.as_ref().ok_or(CertificateError::MissingEmail);
    let order = match profile {
        Profile::Encryption => encryption::order(&holder.subject, needed()?, &pointers, &practice),
        Profile::Mail => mail::order(&holder.subject, needed()?, &pointers, &practice),
        Profile::Signing => signing::order(&holder.subject, holder.email.as_ref(), &pointers, &practice),
    };
    let order = until_adult(holder, ground.clock().now(), order);
    let order = within_life_of(authority, ground.clock().now(), order);
    numbers::in_family(ground, authority, order, &numbers::Bearer::of_employee(holder)).await
}
