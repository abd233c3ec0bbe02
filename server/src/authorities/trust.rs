//! What a stranger needs in order to decide whether to trust this service's certificates, and to do so: who runs it, which certificates
//! and fingerprints, under which policies, and what its clock is compared with.

use certs::profiles;
use openssl::{
    nid::Nid,
    x509::{X509, X509NameRef},
};
use sha2::{Digest as _, Sha256};
use x509_cert::{Certificate, der::Decode as _};

use super::{AuthorityError, Kind, all, crosses, practice, store};
use crate::platform::{ground::Ground, moment::Moment, reference, text};

/// The word for a further certificate of an issuing authority by another root.
const CROSS: &str = "cross";

/// Everything on the page `/trust`.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Facts {
    /// Who runs the service.
    pub operator: String,
    /// Where to ask, for instance whether a fingerprint is right.
    pub contact: Option<String>,
    /// The certification practice statement.
    pub practice_url: Option<String>,
    /// The public address of the service.
    pub service_url: String,
    /// Roots first.
    pub authorities: Vec<Shown>,
    /// Roots of others that verdicts here trust too.
    pub added_roots: Vec<AddedRoot>,
    /// The arc under which every policy of this service stands.
    pub policy_arc: String,
    /// The policies that certificates name.
    pub policies: Vec<Policy>,
    /// The time-stamp authority's address (RFC 3161).
    pub timestamp_url: String,
    /// What the clock is compared with: `kernel`, `ntp` or `none`.
    pub clock_reference: &'static str,
    /// `trusted`, `unchecked`, `off` or `unknown`.
    pub clock_state: &'static str,
}

/// One authority's certificate.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Shown {
    /// Its name in addresses, as `root1`.
    pub name: String,
    /// `root`, `issuing`, or `cross` for a further certificate of an issuing authority by another root.
    pub kind: &'static str,
    /// Common name.
    pub common_name: String,
    /// The common name of the root that certified it.
    pub issued_by: String,
    /// Organisation.
    pub organisation: Option<String>,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// First moment of validity.
    pub not_before: Moment,
    /// Last moment of validity.
    pub not_after: Moment,
    /// Since when its root says that it is revoked: not to be trusted for anything newer.
    pub revoked_at: Option<Moment>,
    /// SHA-256 of the certificate, hexadecimal, upper case, bytes divided by colons.
    pub fingerprint_sha256: String,
    /// The certificate, DER.
    pub der_url: String,
    /// The certificate, PEM.
    pub pem_url: String,
}

/// A root that whoever runs the service added to its own.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AddedRoot {
    /// Its subject.
    pub subject: String,
    /// SHA-256 of the certificate, as above.
    pub fingerprint_sha256: String,
}

/// A policy that a kind of certificate names.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Policy {
    /// Dotted.
    pub oid: String,
    /// The kind of certificate, as `signing`.
    pub kind: &'static str,
    /// Last two arcs, which say for whom: 1 registered companies, 2 associations, 3 the service itself.
    pub arcs: [u32; 2],
}

/// Reads it all.
///
/// # Errors
/// [`AuthorityError::NotFounded`] before the ceremony; else when authorities cannot be loaded.
pub async fn facts(ground: &Ground) -> Result<Facts, AuthorityError> {
    let server = &ground.config.server;
    let mut authorities = Vec::new();
    // Read anew: a ceremony's list may have been brought in by another process a moment ago.
    let revoked = store::revoked(&mut ground.database.read().await?).await?;
    for loaded in all(ground).await?.iter() {
        let revoked_at = revoked.iter().find(|(id, _)| *id == loaded.id).map(|(_, at)| *at);
        let url = format!("{}/pki/{}", server.pki_url, loaded.name);
        let one = shown(&loaded.name, loaded.kind.word(), loaded.issuer.certificate_der(), &url);
        authorities.extend(one.map(|one| Shown { revoked_at, ..one }));
    }
    for cross in crosses(ground).await? {
        let url = format!("{}/pki/{}", server.pki_url, cross.name);
        authorities.extend(shown(&cross.name, CROSS, &cross.certificate, &url));
    }
    authorities.sort_by_key(|one| one.kind != Kind::Root.word());
    let root = authorities.first().ok_or(AuthorityError::NotFounded)?;
    let trust = &ground.config.trust;
    let practice = practice(ground)?;
    let policies = profiles::Kind::ALL.into_iter().flat_map(|kind| {
        let arcs = kind.rules().policies.iter().copied();
        arcs.map(move |arcs| (kind, arcs))
    });
    let clock = reference::state(ground).await;
    Ok(Facts {
        operator: trust.operator.clone().or_else(|| root.organisation.clone()).unwrap_or_else(|| root.common_name.clone()),
        contact: trust.contact.clone(),
        practice_url: trust.practice_url.clone(),
        service_url: server.public_url.clone(),
        authorities,
        added_roots: trust.added_roots.iter().map(|der| added(der)).collect(),
        policy_arc: ground.config.policy.policy_arc.as_deref().unwrap_or(certs::oid::DEFAULT_POLICY_ARC).to_owned(),
        policies: policies
            .map(|(kind, arcs)| Policy { oid: practice.policies.policy(arcs).to_string(), kind: kind.as_str(), arcs })
            .collect(),
        timestamp_url: format!("{}/timestamp", server.pki_url),
        clock_reference: reference::name(ground),
        clock_state: clock.word(),
    })
}

fn added(der: &[u8]) -> AddedRoot {
    let subject = Certificate::from_der(der).map(|root| root.tbs_certificate.subject.to_string()).unwrap_or_default();
    AddedRoot { subject, fingerprint_sha256: fingerprint(der) }
}

/// None for a certificate that OpenSSL cannot read, which was refused when it was loaded.
fn shown(name: &str, kind: &'static str, der: &[u8], url: &str) -> Option<Shown> {
    let certificate = X509::from_der(der).ok()?;
    let of = |name: &X509NameRef, nid| name.entries_by_nid(nid).next().and_then(|entry| entry.data().to_string().ok());
    let part = |nid| of(certificate.subject_name(), nid);
    Some(Shown {
        name: name.to_owned(),
        kind,
        common_name: part(Nid::COMMONNAME).unwrap_or_default(),
        issued_by: of(certificate.issuer_name(), Nid::COMMONNAME).unwrap_or_default(),
        organisation: part(Nid::ORGANIZATIONNAME),
        serial: certificate.serial_number().to_bn().ok()?.to_hex_str().ok()?.to_lowercase(),
        not_before: moment(certificate.not_before())?,
        not_after: moment(certificate.not_after())?,
        revoked_at: None,
        fingerprint_sha256: fingerprint(der),
        der_url: format!("{url}.cer"),
        pem_url: format!("{url}.pem"),
    })
}

/// Of a certificate.
fn fingerprint(der: &[u8]) -> String {
    text::fingerprint(&Sha256::digest(der))
}

fn moment(time: &openssl::asn1::Asn1TimeRef) -> Option<Moment> {
    let since = openssl::asn1::Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    Some(Moment::from_millis((i64::from(since.days) * 86_400 + i64::from(since.secs)) * 1000))
}
