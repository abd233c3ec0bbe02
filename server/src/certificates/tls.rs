//! Certificates of TLS servers, for whoever runs the service: of a request, only the key and the proof of having it count.

use certs::{name::Host, profiles::tls, public_key::PublicKey};

use super::{CertificateError, certify, intend, ordinals, service::own_name, store};
use crate::{
    authorities::{self, Addresses},
    platform::{actor::Author, ground::Ground},
    status,
};

/// Issues one for these hosts. Gives it and those above it, DER.
///
/// # Errors
/// [`CertificateError::Name`] for no host or too many; [`CertificateError::RequestDoesNotFit`]; those of issuing.
pub async fn issue_tls(ground: &Ground, key: &PublicKey, hosts: &[Host], author: Author) -> Result<Vec<Vec<u8>>, CertificateError> {
    let authority = authorities::issuing(ground).await?;
    let ordinal = ordinals::reserve(ground, &authority, 1).await?;
    let practice = authorities::practice(ground)?;
    let pointers = Addresses::of(&ground.config.server, &authority.name).pointers(status::shard_of(ordinal))?;
    let order = tls::order(&own_name(&authority, "TLS")?, hosts, &pointers, &practice)?;
    let order = intend::within_life_of(&authority, ground.clock().now(), order);
    let draft = intend::draft(ground, ordinal, order);
    let intention = intend::of_request(&draft, key, &authority)?;
    let id = certify(ground, intention, author).await?;
    let found = store::by_id(&mut ground.database.read().await?, id).await?;
    let issued = found.and_then(|found| found.der).ok_or(CertificateError::NotActive)?;
    let above = authorities::chain_of(ground, authority.id).await?;
    Ok(std::iter::once(issued).chain(above).collect())
}
