//! A further certificate for an authority that exists: for its key and name, by another root. Whoever trusts that root then trusts everything
//! that the authority ever issued.

use super::ceremony::{CeremonyError, Life, RootPointers};
use super::issue::Issued;
use super::issuer::Issuer;
use super::prepare::prepare;
use crate::keystore::Keystore;
use crate::profiles::issuing;
use crate::profiles::root::AuthorityName;
use crate::serial::Serial;

/// Certifies `authority`, which must have exactly this `name`, under `root`.
///
/// # Errors
/// [`CeremonyError::OtherName`] when the authority's certificate has another subject than `name` makes; else as
/// [`super::ceremony::make_issuing`].
pub fn certify(
    (authority, name): (&Issuer, &AuthorityName),
    serial: Serial,
    life: impl Into<Life>,
    (root, pointers): (&Issuer, &RootPointers),
    keystore: &dyn Keystore,
) -> Result<Issued, CeremonyError> {
    let life = life.into();
    let order = life.of(issuing::order(name, &pointers.certificate, &pointers.crl, pointers.ocsp.as_ref()));
    if super::prepare::subject_der(&order) != authority.subject_der() {
        return Err(CeremonyError::OtherName);
    }
    let prepared = prepare(&order, authority.public_key(), root, serial, life.begins)?;
    Ok(super::issue(prepared, root, keystore)?)
}
