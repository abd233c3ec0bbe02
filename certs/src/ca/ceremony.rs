//! The making of the authorities themselves: a self-signed root and an issuing authority under it, keys in a keystore.
//!
//! Both refuse a label that is taken, so that a ceremony repeated by mistake changes nothing.

use std::sync::OnceLock;

use time::OffsetDateTime;

use super::issue::{IssueError, Issued, finish};
use super::issuer::{Issuer, IssuerError, Signatory};
use super::prepare::{PrepareError, prepare, prepare_under};
use crate::keystore::{KeyKind, KeyLabel, Keystore, KeystoreError, RsaPadding, Scheme};
use crate::name::HttpUrl;
use crate::profiles::root::AuthorityName;
use crate::profiles::{Family, Order, issuing, root};
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

/// The key to be made for an authority.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'a> {
    /// Where it will rest.
    pub label: &'a KeyLabel,
    /// Curve or length.
    pub kind: KeyKind,
    /// How it signs where it is RSA: the padding of the authority's family ([`Family::padding`]).
    pub padding: RsaPadding,
}

impl<'a> NewKey<'a> {
    /// A root's: P-384.
    #[must_use]
    pub fn root(label: &'a KeyLabel) -> Self {
        Self { label, kind: KeyKind::EcP384, padding: RsaPadding::Pss }
    }

    /// An issuing authority's: P-256.
    #[must_use]
    pub fn issuing(label: &'a KeyLabel) -> Self {
        Self { label, kind: KeyKind::EcP256, padding: RsaPadding::Pss }
    }
}

/// How long an authority's certificate is to be valid: from a moment on (cut to the second), as long as its profile allows unless told
/// otherwise. A longer life than that is cut; one beyond the certifying authority's is refused.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// The first moment.
    pub begins: OffsetDateTime,
    /// Days, where fewer than the profile's are wanted.
    pub days: Option<u32>,
}

impl Life {
    pub(super) fn of(self, order: Order) -> Order {
        match self.days {
            Some(days) => order.for_days(days),
            None => order,
        }
    }
}

impl From<OffsetDateTime> for Life {
    fn from(begins: OffsetDateTime) -> Self {
        Self { begins, days: None }
    }
}

/// Makes the key and the self-signed certificate of a root.
///
/// # Errors
/// [`CeremonyError`].
pub fn make_root(
    name: &AuthorityName,
    key: &NewKey<'_>,
    serial: Serial,
    life: impl Into<Life>,
    keystore: &dyn Keystore,
) -> Result<Issued, CeremonyError> {
    let life = life.into();
    let order = life.of(root::order(name));
    let public_key = keystore.generate(key.label, key.kind)?;
    let scheme = Scheme::of(public_key.kind(), key.padding);
    let itself = Signatory {
        scheme,
        name_der: super::prepare::subject_der(&order),
        family: Family::Default,
        validity: Validity::of_days(life.begins, order.lifetime_days())?,
        path_length: None,
        public_key: public_key.clone(),
        marked: OnceLock::new(),
    };
    let prepared = prepare_under(&order, &public_key, &itself, serial, life.begins)?;
    let digest = scheme.digest(prepared.tbs());
    let signature = keystore.sign_with(key.label, scheme.padding(), &digest)?;
    if !public_key.verifies_with(scheme.padding(), &digest, &signature) {
        return Err(IssueError::BadSignature.into());
    }
    let issued = finish(&prepared, &scheme.algorithm_identifier(), &signature);
    Issuer::load(&issued.der, key.label.clone(), keystore)?;
    Ok(issued)
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

/// Makes the key and the certificate of an issuing authority under a root.
///
/// # Errors
/// [`CeremonyError`].
pub fn make_issuing(
    name: &AuthorityName,
    key: &NewKey<'_>,
    serial: Serial,
    life: impl Into<Life>,
    (root, pointers): (&Issuer, &RootPointers),
    keystore: &dyn Keystore,
) -> Result<Issued, CeremonyError> {
    let life = life.into();
    let order = life.of(issuing::order(name, &pointers.certificate, &pointers.crl, pointers.ocsp.as_ref()));
    let public_key = keystore.generate(key.label, key.kind)?;
    let prepared = prepare(&order, &public_key, root, serial, life.begins)?;
    let issued = super::issue(prepared, root, keystore)?;
    Issuer::load(&issued.der, key.label.clone(), keystore)?;
    Ok(issued)
}
