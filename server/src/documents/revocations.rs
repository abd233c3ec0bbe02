//! Where a verdict learns whether a certificate was revoked: from our own status rows, or from the CRL that the certificate names.

use std::{sync::Arc, time::Instant};

use certs::{path::Subject, serial::Serial};
use futures_util::future::LocalBoxFuture;
use x509_cert::{
    Certificate,
    der::{Decode as _, Encode as _},
    ext::pkix::{
        BasicConstraints, CrlDistributionPoints,
        name::{DistributionPointName, GeneralName},
    },
};

use super::{
    lists::{Lists, Missing, PATIENCE},
    verdict::{Revocation, Revocations},
};
use crate::{authorities, platform::ground::Ground, platform::moment::Moment, status};

/// Our own authorities' certificates, from the rows that OCSP answers from; those of time-stamp authorities outside
/// and below added roots, from their lists. One for each verdict.
pub struct OwnRows<'a> {
    ground: &'a Ground,
    elsewhere: PublishedLists,
}

impl<'a> OwnRows<'a> {
    /// For a verdict that begins now.
    pub fn of(ground: &'a Ground) -> Self {
        let elsewhere = PublishedLists { at: ground.clock().now(), until: Instant::now() + PATIENCE, lists: ground.kept.of::<Lists>() };
        Self { ground, elsewhere }
    }
}

impl Revocations for OwnRows<'_> {
    fn look_up<'a>(&'a self, certificate: &'a [u8], issuer: &'a [u8]) -> LocalBoxFuture<'a, Revocation> {
        Box::pin(async move {
            if let Some(known) = own(self.ground, certificate, issuer).await {
                return known;
            }
            // Nobody else is trusted here but those who stamp times outside, and added roots: their own lists tell.
            if self.ground.config.timestamps.outside_trust.is_empty() && self.ground.config.trust.added_roots.is_empty() {
                return Revocation::Unknown;
            }
            self.elsewhere.look_up(certificate, issuer).await
        })
    }
}

async fn own(ground: &Ground, certificate: &[u8], issuer: &[u8]) -> Option<Revocation> {
    let authorities = authorities::all(ground).await.ok()?;
    // By name and key: a cross certificate is another certificate of the same authority, and knows no other revocations.
    let above = Certificate::from_der(issuer).ok()?.tbs_certificate;
    let (name, key) = (above.subject.to_der().ok()?, above.subject_public_key_info.to_der().ok()?);
    let authority = authorities.iter().find(|known| known.issuer.subject_der() == name && known.issuer.public_key().spki() == key)?;
    let serial = Certificate::from_der(certificate).ok()?.tbs_certificate.serial_number;
    let serial = Serial::from_bytes(serial.as_bytes()).ok()?;
    let mut reader = ground.database.read().await.ok()?;
    match status::known(&mut reader, authority.id, &serial).await.ok()?? {
        status::Known::Good => Some(Revocation::Good),
        status::Known::Revoked { at, reason } => Some(Revocation::Revoked { at, reason: reason.as_str().to_owned() }),
    }
}

/// The CRL at the first http URL of the certificate's distribution points (RFC 5280 section 4.2.1.13). One for each verdict, which waits for
/// all of its lists no longer than [`PATIENCE`].
///
/// Asked only for certificates whose path to a trusted root was checked before, so that a stranger's file cannot send us anywhere.
pub struct PublishedLists {
    at: Moment,
    until: Instant,
    lists: Arc<Lists>,
}

impl PublishedLists {
    /// Lists that must be current at a moment, for a verdict that begins now and remembers nothing.
    pub fn at(at: Moment) -> Self {
        Self { at, until: Instant::now() + PATIENCE, lists: Arc::default() }
    }

    /// Nothing when no list tells.
    async fn judge(&self, certificate: &[u8], issuer: &[u8]) -> Option<Revocation> {
        let parsed = Certificate::from_der(certificate).ok()?;
        let urls = distribution_urls(&parsed);
        let url = urls.first()?;
        let list = match self.lists.at(url, issuer, (self.at, self.until)).await {
            Ok(list) => list,
            Err(Missing::TooSlow) => return Some(Revocation::TooSlow { url: url.clone() }),
            Err(Missing::Unusable) => return None,
        };
        let points: Vec<&str> = urls.iter().map(String::as_str).collect();
        if !list.covers(subject_kind(&parsed), &points) {
            return None;
        }
        let serial = Serial::from_bytes(parsed.tbs_certificate.serial_number.as_bytes()).ok()?;
        let not_after = parsed.tbs_certificate.validity.not_after.to_system_time().into();
        Some(match list.lookup(&serial) {
            None if !list.remembers(not_after) => return None,
            None => Revocation::Good,
            Some(revoked) => Revocation::Revoked {
                at: Moment::from_datetime(revoked.at),
                reason: revoked.reason.map_or("unspecified", |reason| reason.as_str()).to_owned(),
            },
        })
    }
}

impl Revocations for PublishedLists {
    fn look_up<'a>(&'a self, certificate: &'a [u8], issuer: &'a [u8]) -> LocalBoxFuture<'a, Revocation> {
        Box::pin(async move { self.judge(certificate, issuer).await.unwrap_or(Revocation::Unknown) })
    }
}

fn subject_kind(certificate: &Certificate) -> Subject {
    match certificate.tbs_certificate.get::<BasicConstraints>() {
        Ok(Some((_, constraints))) if constraints.ca => Subject::Authority,
        _ => Subject::EndEntity,
    }
}

fn distribution_urls(certificate: &Certificate) -> Vec<String> {
    let Ok(Some((_, points))) = certificate.tbs_certificate.get::<CrlDistributionPoints>() else { return Vec::new() };
    let mut urls = Vec::new();
    for point in points.0 {
        let Some(DistributionPointName::FullName(names)) = point.distribution_point else { continue };
        for name in names {
            if let GeneralName::UniformResourceIdentifier(url) = name
                && url.as_str().starts_with("http://")
            {
                urls.push(url.as_str().to_owned());
            }
        }
    }
    urls
}
