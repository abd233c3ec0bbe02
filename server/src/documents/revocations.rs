//! Where a verdict learns whether a certificate was revoked: from our own status rows, or from the CRL that the certificate names.

use std::{io::Read as _, time::Duration};

use certs::{
    path::{Subject, check_crl},
    serial::Serial,
};
use futures_util::future::LocalBoxFuture;
use x509_cert::{
    Certificate,
    der::{Decode as _, Encode as _},
    ext::pkix::{
        BasicConstraints, CrlDistributionPoints,
        name::{DistributionPointName, GeneralName},
    },
};

use super::verdict::{Revocation, Revocations};
use crate::{authorities, platform::ground::Ground, platform::moment::Moment, status};

/// Our own authorities' certificates, from the rows that OCSP answers from; those of time-stamp authorities outside
/// and below added roots, from their lists.
pub struct OwnRows<'a>(pub &'a Ground);

impl Revocations for OwnRows<'_> {
    fn look_up<'a>(&'a self, certificate: &'a [u8], issuer: &'a [u8]) -> LocalBoxFuture<'a, Revocation> {
        Box::pin(async move {
            if let Some(known) = own(self.0, certificate, issuer).await {
                return known;
            }
            // Nobody else is trusted here but those who stamp times outside, and added roots: their own lists tell.
            if self.0.config.timestamps.outside_trust.is_empty() && self.0.config.trust.added_roots.is_empty() {
                return Revocation::Unknown;
            }
            let (at, certificate, issuer) = (self.0.clock().now(), certificate.to_vec(), issuer.to_vec());
            let judged = tokio::task::spawn_blocking(move || PublishedLists::at(at).judge(&certificate, &issuer)).await;
            judged.ok().flatten().unwrap_or(Revocation::Unknown)
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

/// The CRL at the first http URL of the certificate's distribution points (RFC 5280 section 4.2.1.13), fetched once a look-up.
///
/// Asked only for certificates whose path to a trusted root was checked before, so that a stranger's file cannot send us anywhere.
pub struct PublishedLists {
    at: Moment,
    agent: ureq::Agent,
}

/// The largest list that is read, bytes.
const LIST_BYTES: u64 = 10 * 1024 * 1024;

impl PublishedLists {
    /// Lists that must be current at a moment.
    pub fn at(at: Moment) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10))).max_redirects(0).build();
        Self { at, agent: config.into() }
    }

    fn fetch(&self, url: &str) -> Option<Vec<u8>> {
        let mut answer = self.agent.get(url).call().ok()?;
        let mut list = Vec::new();
        answer.body_mut().as_reader().take(LIST_BYTES).read_to_end(&mut list).ok()?;
        Some(list)
    }

    fn judge(&self, certificate: &[u8], issuer: &[u8]) -> Option<Revocation> {
        let parsed = Certificate::from_der(certificate).ok()?;
        let urls = distribution_urls(&parsed);
        let list = self.fetch(urls.first()?)?;
        let checked = check_crl(&list, issuer, self.at.to_datetime()).ok()?;
        let points: Vec<&str> = urls.iter().map(String::as_str).collect();
        if !checked.covers(subject_kind(&parsed), &points) {
            return None;
        }
        let serial = Serial::from_bytes(parsed.tbs_certificate.serial_number.as_bytes()).ok()?;
        let not_after = parsed.tbs_certificate.validity.not_after.to_system_time().into();
        Some(match checked.lookup(&serial) {
            None if !checked.remembers(not_after) => return None,
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
        Box::pin(async move { self.judge(certificate, issuer).unwrap_or(Revocation::Unknown) })
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
