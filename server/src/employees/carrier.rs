//! Where employees' keys rest: which carriers a company allows, what an employee chose, and the certificates that follow from it.
//!
//! From a request only the public key and the proof of possession count. Which carrier it comes from is the person's own word, and recorded as such.

use certs::{ca::request, profiles::Kind};

use super::{activate::holder, error::EmployeeError, identify::Identity, model::Employee, store};
use crate::{
    audit,
    certificates::{self, CertificateError, Intention, KeyCarrier, KeyFile, Loose, PasswordProtection, Profile, Wanted},
    companies::Company,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        fault::FieldFault,
        ground::Ground,
        id::CompanyId,
        random,
        secret::Secret,
    },
};

/// Groups of four signs in the passphrase of key files: 120 bits.
const PASSPHRASE_GROUPS: usize = 6;

/// What a person sends to choose: the carrier's word, and requests in PEM. Nothing means: here, where that is allowed.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The carrier's word.
    pub carrier: String,
    /// The request for the signing certificate.
    pub request: String,
    /// The request for the mail certificate.
    pub mail_request: String,
    /// The request for the encryption certificate.
    pub encryption_request: String,
}

/// A choice that was read: the keys of its requests, when it has any.
pub struct Enrolment {
    carrier: KeyCarrier,
    wanted: Vec<Wanted>,
}

impl Enrolment {
    /// The keys rest here.
    pub const CENTRAL: Self = Self { carrier: KeyCarrier::Central, wanted: Vec::new() };

    /// Whether its keys, or the archive of them, rest under the password.
    pub fn is_under_password(&self) -> bool {
        matches!(self.carrier, KeyCarrier::Central | KeyCarrier::KeyFile)
    }

    /// Whether its keys are handed over as files.
    pub fn is_handed_over(&self) -> bool {
        self.carrier == KeyCarrier::KeyFile
    }

    /// Whether there will be a certificate of this profile.
    pub fn includes(&self, profile: Profile) -> bool {
        match self.carrier {
            KeyCarrier::Central | KeyCarrier::KeyFile => true,
            KeyCarrier::Hardware | KeyCarrier::OwnSoftware => self.wanted.iter().any(|one| one.profile == profile),
        }
    }
}

/// Intentions, and the keys that go into files once they are signed.
pub struct Made {
    /// To be stored, then finished.
    pub intentions: Vec<Intention>,
    loose: Vec<Loose>,
}

impl Made {
    /// For somebody who gets no certificates.
    pub const NOTHING: Self = Self { intentions: Vec::new(), loose: Vec::new() };
}

/// Key files and the passphrase that opens them all: shown once.
pub struct HandedOver {
    /// The files.
    pub files: Vec<KeyFile>,
    /// What opens them.
    pub passphrase: Secret<String>,
}

/// The carriers that a company allows: here alone, until its administrator says otherwise.
///
/// # Errors
/// When the database fails.
pub async fn allowed(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<KeyCarrier>, DatabaseError> {
    let Some(words) = store::key_carriers(connection, company).await? else { return Ok(vec![KeyCarrier::Central]) };
    let read = |word: &str| KeyCarrier::of(word).ok_or_else(|| DatabaseError::Corrupt { what: "key carrier", value: word.to_owned() });
    words.split(',').map(read).collect()
}

/// Sets the carriers that a company allows. Certificates that are out already stay.
///
/// # Errors
/// [`EmployeeError::Invalid`] for none at all.
pub async fn allow(unit: &mut Unit, company: CompanyId, carriers: &[KeyCarrier], author: Author) -> Result<(), EmployeeError> {
    let chosen: Vec<KeyCarrier> = KeyCarrier::ALL.into_iter().filter(|carrier| carriers.contains(carrier)).collect();
    if chosen.is_empty() {
        return Err(EmployeeError::Invalid(vec![FieldFault::new("carriers", "field_choice")]));
    }
    let words = chosen.iter().map(|carrier| carrier.word()).collect::<Vec<_>>().join(",");
    store::keep_key_carriers(unit, company, &words).await?;
    let event = audit::Event::new("company.key_carriers_set", author, format_args!("company:{company}")).company(company);
    Ok(audit::record(unit, event.fact("carriers", words)).await?)
}

/// Reads a choice; all faults at once.
///
/// # Errors
/// The faults, each with its field.
pub fn read(choice: &Choice, allowed: &[KeyCarrier], profiles: &[Profile]) -> Result<Enrolment, Vec<FieldFault>> {
    let carrier = carrier(&choice.carrier, allowed).map_err(|fault| vec![fault])?;
    let texts =
        [(Profile::Signing, &choice.request), (Profile::Mail, &choice.mail_request), (Profile::Encryption, &choice.encryption_request)];
    let given = |text: &str| !text.trim().is_empty();
    if matches!(carrier, KeyCarrier::Central | KeyCarrier::KeyFile) {
        let needless =
            texts.iter().filter(|(_, text)| given(text)).map(|(profile, _)| FieldFault::new(field(*profile), "field_request_needless"));
        let faults: Vec<_> = needless.collect();
        return if faults.is_empty() { Ok(Enrolment { carrier, wanted: Vec::new() }) } else { Err(faults) };
    }
    let (mut wanted, mut faults) = (Vec::<Wanted>::new(), Vec::new());
    for (profile, text) in texts {
        match given(text) {
            true if !profiles.contains(&profile) => faults.push(FieldFault::new(field(profile), "field_request_no_address")),
            true => match request::decode(text).and_then(|der| request::proven_key(&der)) {
                Ok(key) if wanted.iter().any(|other| other.key == key) => faults.push(FieldFault::new(field(profile), "field_key_twice")),
                Ok(key) => wanted.push(Wanted { profile, key }),
                Err(error) => faults.push(FieldFault::request(field(profile), &error)),
            },
            false if profile == Profile::Signing && profiles.contains(&profile) => {
                faults.push(FieldFault::new(field(profile), "field_empty"))
            }
            false => {}
        }
    }
    if faults.is_empty() { Ok(Enrolment { carrier, wanted }) } else { Err(faults) }
}

fn carrier(word: &str, allowed: &[KeyCarrier]) -> Result<KeyCarrier, FieldFault> {
    if word.trim().is_empty() {
        let usual = if allowed.len() == 1 { allowed.first() } else { allowed.iter().find(|one| **one == KeyCarrier::Central) };
        return usual.copied().ok_or_else(|| FieldFault::new("carrier", "field_choice"));
    }
    let chosen = KeyCarrier::of(word.trim()).ok_or_else(|| FieldFault::new("carrier", "field_choice"))?;
    if allowed.contains(&chosen) { Ok(chosen) } else { Err(FieldFault::new("carrier", "field_carrier")) }
}

/// The field of a profile's request.
const fn field(profile: Profile) -> &'static str {
    match profile {
        Profile::Encryption => "encryption_request",
        Profile::Mail => "mail_request",
        Profile::Signing => "request",
    }
}

/// Prepares the certificates of a choice, and makes the keys that are made here.
///
/// # Errors
/// [`EmployeeError::Invalid`] for a key that does not fit its profile; as the certificates' preparing.
pub async fn intend(
    ground: &Ground,
    (employee, company, identity): (&Employee, &Company, &Identity),
    profiles: &[Profile],
    enrolment: Enrolment,
    protection: &PasswordProtection<'_>,
) -> Result<Made, EmployeeError> {
    let holder = holder(employee, company, identity)?;
    let Enrolment { carrier, wanted } = enrolment;
    match carrier {
        KeyCarrier::Central => {
            let intentions = certificates::prepare_for_employee(ground, &holder, profiles, protection).await?;
            Ok(Made { intentions, loose: Vec::new() })
        }
        KeyCarrier::KeyFile => {
            let (intentions, loose) = certificates::prepare_key_files(ground, &holder, profiles, protection).await?;
            Ok(Made { intentions, loose })
        }
        KeyCarrier::Hardware | KeyCarrier::OwnSoftware => {
            let wanted = wanted.into_iter().filter(|one| profiles.contains(&one.profile)).collect();
            let intentions = certificates::prepare_for_keys(ground, &holder, wanted, carrier).await.map_err(unfit)?;
            Ok(Made { intentions, loose: Vec::new() })
        }
    }
}

/// A key that is refused is told beside the field of its request.
pub fn refused(error: CertificateError, kind: Kind) -> EmployeeError {
    let rule = if matches!(error, CertificateError::KeyDoesNotFit { .. }) {
        "field_key_profile"
    } else if matches!(error, CertificateError::KeyCompromised) {
        "field_key_compromised"
    } else if matches!(error, CertificateError::KeyOfAnother) {
        "field_key_of_another"
    } else {
        return error.into();
    };
    match Profile::of(kind) {
        Some(profile) => EmployeeError::Invalid(vec![FieldFault::new(field(profile), rule)]),
        None => error.into(),
    }
}

/// A key of a kind that its profile refuses, beside the field of its request.
fn unfit(error: CertificateError) -> EmployeeError {
    let CertificateError::KeyDoesNotFit { profile } = error else { return error.into() };
    refused(error, profile.kind())
}

/// Finishes what was stored, and packs the key files; none when there are none.
///
/// # Errors
/// When a file cannot be made.
pub async fn finish(ground: &Ground, made: Made, name: &str) -> Result<Option<HandedOver>, EmployeeError> {
    certificates::finish_all(ground, made.intentions).await;
    if made.loose.is_empty() {
        return Ok(None);
    }
    let passphrase = Secret::new(random::code(ground.random(), PASSPHRASE_GROUPS));
    let files = certificates::pack(ground, made.loose, name, passphrase.reveal()).await?;
    Ok(Some(HandedOver { files, passphrase }))
}
