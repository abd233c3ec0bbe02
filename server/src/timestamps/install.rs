//! A new unit takes over.

use certs::keystore::KeyLabel;

use super::store;
use crate::platform::{
    database::{DatabaseError, Unit},
    moment::Moment,
};

/// From now on this unit stamps; those before are retired. `chain` is what goes into tokens beside the certificate, DER each.
///
/// # Errors
/// When the database fails.
pub async fn install_unit(
    unit: &mut Unit,
    certificate: &[u8],
    chain: &[Vec<u8>],
    key: &KeyLabel,
    not_after: Moment,
) -> Result<(), DatabaseError> {
    store::retire_all(unit).await?;
    let id = unit.id();
    store::insert(unit, id, (certificate, &chain.concat()), key.as_str(), not_after).await
}
