//! The service's own certificates: OCSP responder, time-stamp unit, and the one that signs our mail. They go the way of every certificate:
//! intention, signature, active; and take their place in the unit that makes them active.

use std::sync::Arc;

use certs::{
    keystore::{KeyKind, KeyLabel},
    name::{CommonName, Country, EmailAddress, OrganizationName},
    profiles::{Kind, Order, notice, responder, root::AuthorityName, timestamp},
};
use openssl::{nid::Nid, x509::X509};
use time::Duration;

use super::{
    Certificate, CertificateError, State, certify, finish,
    intend::{self, IntendedKey, Intention},
    ordinals, read, store,
};
use crate::{
    authorities::{self, Addresses, AuthorityError, Loaded},
    platform::{actor::Author, ground::Ground, moment::Moment},
    status,
};

/// Time stamps are checked for years after their unit stopped: a unit stamps for a year of its five.
const UNIT_STAMPS_FOR: Duration = Duration::days(365);
const RESPONDER_DAYS: u32 = 90;

/// Issues what is missing, revoked, or past half of its life (a time-stamp unit: after a year). Before the founding there is nothing to do.
///
/// # Errors
/// The first failure.
pub async fn renew(ground: &Ground) -> Result<(), CertificateError> {
    let current = match authorities::issuing(ground).await {
        Ok(current) => current,
        Err(AuthorityError::NotFounded) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for authority in authorities::all(ground).await?.iter().filter(|one| one.kind == authorities::Kind::Issuing) {
        renew_one(ground, authority, Kind::Responder).await?;
    }
    renew_one(ground, &current, Kind::TimeStamp).await?;
    renew_one(ground, &current, Kind::Notice).await
}

async fn renew_one(ground: &Ground, authority: &Arc<Loaded>, kind: Kind) -> Result<(), CertificateError> {
    let mut reader = ground.database.read().await?;
    let standing = read::own(&mut reader, authority.id, kind).await?;
    if standing.is_some_and(|standing| stands(ground, &standing)) {
        return Ok(());
    }
    let left = store::newest_own(&mut reader, authority.id, kind, State::Intended).await?;
    drop(reader);
    // One that a crash left behind is finished before another is begun.
    if let Some(left) = left {
        return finish(ground, left.id).await;
    }
    let intention = prepare(ground, authority, kind).await?;
    certify(ground, intention, Author::System("certificates")).await.map(drop)
}

fn stands(ground: &Ground, certificate: &Certificate) -> bool {
    let now = ground.clock().now();
    let life = certificate.not_after.since(certificate.not_before);
    let fresh_for = if certificate.kind == Kind::TimeStamp { UNIT_STAMPS_FOR.min(life / 2) } else { life / 2 };
    let same_sender =
        certificate.kind != Kind::Notice || certificate.email.as_deref() == sender(ground).ok().as_ref().map(EmailAddress::as_str);
    same_sender && now.since(certificate.not_before) < fresh_for
}

async fn prepare(ground: &Ground, authority: &Arc<Loaded>, kind: Kind) -> Result<Intention, CertificateError> {
    let ordinal = ordinals::reserve(ground, authority, 1).await?;
    let order = order(ground, authority, kind, ordinal)?;
    let draft = intend::draft(ground, ordinal, order);
    let label = KeyLabel::parse(&format!("{}-{}", kind.as_str(), draft.serial))?;
    let authority = authority.clone();
    let intention = ground
        .with_keystore(move |keystore| -> Result<Intention, CertificateError> {
            let public_key = keystore.generate(&label, KeyKind::EcP256)?;
            let prepared = intend::prepare_draft(&draft, &public_key, &authority)?;
            Ok(intend::intention(&draft, prepared, &authority, IntendedKey::Labelled(label)))
        })
        .await?;
    let email = if kind == Kind::Notice { Some(sender(ground)?.to_string()) } else { None };
    Ok(Intention { email, ..intention })
}

fn order(ground: &Ground, authority: &Loaded, kind: Kind, ordinal: i64) -> Result<Order, CertificateError> {
    let practice = authorities::practice(ground)?;
    let pointers = Addresses::of(&ground.config.server, &authority.name).pointers(status::shard_of(ordinal))?;
    let order = match kind {
        Kind::Responder => responder::order(&own_name(authority, "OCSP")?, &pointers.issuer_certificate, RESPONDER_DAYS, &practice),
        Kind::TimeStamp => timestamp::order(&own_name(authority, "TSA")?, &pointers, &practice),
        Kind::Notice => notice::order(&sender(ground)?, &pointers, &practice)?,
        Kind::Root | Kind::Issuing | Kind::Signing | Kind::Mail | Kind::Encryption | Kind::Seal | Kind::Function | Kind::Tls => {
            return Err(CertificateError::NotFound);
        }
    };
    Ok(intend::within_life_of(authority, now(ground), order))
}

/// The operator's name, and the authority's with what the certificate is for.
pub(super) fn own_name(authority: &Loaded, purpose: &str) -> Result<AuthorityName, CertificateError> {
    let text = |nid: Nid| {
        let certificate = X509::from_der(authority.issuer.certificate_der()).ok()?;
        let entry = certificate.subject_name().entries_by_nid(nid).next()?;
        entry.data().to_string().ok()
    };
    let name: String = text(Nid::COMMONNAME).unwrap_or_default().chars().take(64 - 1 - purpose.len()).collect();
    Ok(AuthorityName {
        country: Country::DENMARK,
        organization: OrganizationName::parse(&text(Nid::ORGANIZATIONNAME).unwrap_or_default())?,
        identifier: None,
        common_name: CommonName::parse(&format!("{} {purpose}", name.trim_end()))?,
    })
}

fn sender(ground: &Ground) -> Result<EmailAddress, CertificateError> {
    Ok(EmailAddress::parse(&ground.config.mail.from)?)
}

fn now(ground: &Ground) -> Moment {
    ground.clock().now()
}
