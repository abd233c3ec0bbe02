//! Certificates of a company itself: its seal, and its shared mailboxes and systems. Their keys are the keystore's alone, or with the software
//! that asked.

use certs::{
    keystore::{KeyKind, KeyLabel},
    name::EmailAddress,
    profiles::{Kind, Order, Unit, function, seal},
    public_key::PublicKey,
};

use super::{
    CertificateError,
    intend::{self, IntendedKey, Intention},
    numbers, ordinals, store,
};
use crate::{
    authorities::{self, Addresses, Loaded},
    platform::{
        database::{self, DatabaseError},
        ground::Ground,
        id::{CompanyId, UnitId},
        moment::Moment,
    },
    status,
};

/// What a company is certified for.
#[derive(Clone, Debug)]
pub enum CompanyProfile {
    /// A shared mailbox or a system, by its address.
    Function(EmailAddress),
    /// The company itself.
    Seal,
}

impl CompanyProfile {
    /// The kind of certificate.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Function(_) => Kind::Function,
            Self::Seal => Kind::Seal,
        }
    }

    fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Function(email) => Some(email),
            Self::Seal => None,
        }
    }
}

/// A company, or a mailbox or system of it, as its certificate will say it.
#[derive(Clone, Debug)]
pub struct CompanyHolder {
    /// The company.
    pub company: CompanyId,
    /// Whose identity stays over every renewal.
    pub unit: UnitId,
    /// The subject.
    pub subject: Unit,
    /// What for.
    pub profile: CompanyProfile,
}

/// Makes the key in the keystore (unless `key` is one whose possession was proven), prepares and lints. Nothing is signed, nothing of this is
/// stored yet.
///
/// # Errors
/// As [`super::prepare_for_employee`]; [`CertificateError::RequestDoesNotFit`] for a proven key of a kind that the profile refuses.
pub async fn prepare_for_company(ground: &Ground, holder: &CompanyHolder, key: Option<PublicKey>) -> Result<Intention, CertificateError> {
    let authority = authorities::issuing(ground).await?;
    let ordinal = ordinals::reserve(ground, &authority, 1).await?;
    let order = order(ground, &authority, holder, ordinal)?;
    let order = numbers::in_family(ground, &authority, order, &numbers::Bearer::of_company(holder)).await?;
    let draft = intend::draft(ground, ordinal, order);
    let email = holder.profile.email().map(ToString::to_string);
    if let Some(key) = key {
        let made = intend::of_request(&draft, &key, &authority)?;
        return Ok(Intention { company: Some(holder.company), email, ..made });
    }
    let label = KeyLabel::parse(&format!("{}-{}", holder.profile.kind().as_str(), draft.serial))?;
    let made = ground
        .with_keystore(move |keystore| -> Result<Intention, CertificateError> {
            let public_key = keystore.generate(&label, KeyKind::EcP256)?;
            let prepared = intend::prepare_draft(&draft, &public_key, &authority)?;
            Ok(intend::intention(&draft, prepared, &authority, IntendedKey::Labelled(label)))
        })
        .await?;
    Ok(Intention { company: Some(holder.company), email, ..made })
}

fn order(ground: &Ground, authority: &Loaded, holder: &CompanyHolder, ordinal: i64) -> Result<Order, CertificateError> {
    let practice = authorities::practice(ground)?;
    let pointers = Addresses::of(&ground.config.server, &authority.name).pointers(status::shard_of(ordinal))?;
    let order = match &holder.profile {
        CompanyProfile::Function(email) => function::order(&holder.subject, email, &pointers, &practice),
        CompanyProfile::Seal => seal::order(&holder.subject, &pointers, &practice),
    };
    Ok(intend::within_life_of(authority, ground.clock().now(), order))
}

/// How many certificates of a company itself were intended since then.
///
/// # Errors
/// When the database fails.
pub async fn ordered_since(connection: &mut impl database::Connection, company: CompanyId, since: Moment) -> Result<i64, DatabaseError> {
    store::numbers::ordered_since(connection, company, since).await
}
