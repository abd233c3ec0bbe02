//! The making of the authorities themselves: a self-signed root and an issuing authority under it, keys in a keystore.
//!
//! Both refuse a label that is taken, so that a ceremony repeated by mistake changes nothing.

use rcgen::DistinguishedName;
use time::OffsetDateTime;

use super::issue::{IssueError, Issued, finish};
use super::issuer::{Issuer, IssuerError, Signatory};
use super::prepare::{PrepareError, prepare, prepare_under};
use crate::keystore::{KeyKind, KeyLabel, Keystore, KeystoreError, RsaPadding, Scheme};
use crate::name::HttpUrl;
use crate::profiles::root::AuthorityName;
use crate::profiles::{issuing, root};
use crate::serial::Serial;
use crate::validity::{Validity, ValidityError};

/// Why the ceremony stopped.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// Signing failed.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The new authority does not load.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The keystore refused, for example because the label is taken.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The authority to be certified has another name.
    #[error("the authority's certificate has another subject than the names given")]
    OtherName,
    /// The certificate breaks its profile.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The period cannot be expressed.
    #[error(transparent)]
    Validity(#[from] ValidityError),
}

/// Makes the key (P-384) and the self-signed certificate of a root.
///
/// # Errors
/// [`CeremonyError`].
pub fn make_root(
    name: &AuthorityName,
    label: &KeyLabel,
    serial: Serial,
    not_before: OffsetDateTime,
    keystore: &dyn Keystore,
) -> Result<Issued, CeremonyError> {
    let order = root::order(name);
    let public_key = keystore.generate(label, KeyKind::EcP384)?;
    let scheme = Scheme::of(public_key.kind(), RsaPadding::Pss);
    let itself = Signatory {
        scheme,
        name_der: super::prepare::subject_der(&order),
        name: distinguished_name(&order)?,
        validity: Validity::of_days(not_before, order.lifetime_days())?,
        path_length: None,
        public_key: public_key.clone(),
    };
    let prepared = prepare_under(&order, &public_key, &itself, serial, not_before)?;
    let digest = scheme.digest(prepared.tbs());
    let signature = keystore.sign_with(label, scheme.padding(), &digest)?;
    if !public_key.verifies_with(scheme.padding(), &digest, &signature) {
        return Err(IssueError::BadSignature.into());
    }
    let issued = finish(&prepared, &scheme.algorithm_identifier(), &signature);
    Issuer::load(&issued.der, label.clone(), keystore)?;
    Ok(issued)
}

fn distinguished_name(order: &crate::profiles::Order) -> Result<DistinguishedName, PrepareError> {
    super::build::subject(order).map_err(PrepareError::Build)
}

/// Where the issuing authority's certificate points to.
#[derive(Clone, Debug)]
pub struct RootPointers {
    /// The root's certificate, DER.
    pub certificate: HttpUrl,
    /// The root's CRL.
    pub crl: HttpUrl,
    /// The root's OCSP responder, where there is one.
    pub ocsp: Option<HttpUrl>,
}

/// Makes the key (P-256) and the certificate of an issuing authority under a root.
///
/// # Errors
/// [`CeremonyError`].
pub fn make_issuing(
    name: &AuthorityName,
    label: &KeyLabel,
    serial: Serial,
    not_before: OffsetDateTime,
    (root, pointers): (&Issuer, &RootPointers),
    keystore: &dyn Keystore,
) -> Result<Issued, CeremonyError> {
    let order = issuing::order(name, &pointers.certificate, &pointers.crl, pointers.ocsp.as_ref());
    let public_key = keystore.generate(label, KeyKind::EcP256)?;
    let prepared = prepare(&order, &public_key, root, serial, not_before)?;
    let issued = super::issue(prepared, root, keystore)?;
    Issuer::load(&issued.der, label.clone(), keystore)?;
    Ok(issued)
}
