//! The one change of a reason: to *keyCompromise*.

use crate::{
    execute,
    platform::{
        database::{DatabaseError, Unit},
        id::CertificateId,
    },
};

/// True when this very call changed it; the time of the revocation stays.
pub(in crate::certificates) async fn compromise(unit: &mut Unit, id: CertificateId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE certificate SET reason = 'keyCompromise'
             WHERE id = $1 AND state = 'revoked' AND reason NOT IN ('keyCompromise', 'cACompromise')"
        )
        .bind(id)
    )?;
    Ok(changed == 1)
}
