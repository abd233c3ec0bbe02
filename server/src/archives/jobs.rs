//! What is left to do when the holders of a company's key may have changed. Run by `recoveries`, which knows who may hold a share.

use crate::platform::{
    database::{DatabaseError, Unit},
    id::CompanyId,
    queue,
};

/// Looks at a company's holders again.
pub const SHARE: queue::Kind = queue::Kind("archives.share");

/// Of which company.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// The company.
    pub company: CompanyId,
}

/// Somebody came or went who may hold a share: in the unit of that change.
///
/// # Errors
/// When the database fails.
pub async fn holders_changed(unit: &mut Unit, company: CompanyId) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, SHARE, &Share { company }, now).await.map(drop)
}
