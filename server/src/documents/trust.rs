//! Whom a verdict trusts, and where that comes from: always told beside the verdict.

use crate::{authorities, authorities::AuthorityError, platform::ground::Ground};

/// Where the trusted roots come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrustSource {
    /// Files that whoever asked gave.
    GivenFiles,
    /// The roots of this installation.
    OwnRoots,
}

/// Roots, and who else may stamp times.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Where the roots come from.
    pub source: TrustSource,
    /// Roots of signers and of time-stamping units, DER.
    pub anchors: Vec<Vec<u8>>,
    /// Certificates trusted to stamp times and for nothing else, DER.
    pub stampers: Vec<Vec<u8>>,
}

impl Trust {
    /// This installation's own roots, and the time-stamp authorities that its configuration trusts.
    ///
    /// # Errors
    /// When authorities cannot be loaded.
    pub async fn own(ground: &Ground) -> Result<Self, AuthorityError> {
        let stampers = ground.config.timestamps.outside_trust.clone();
        Ok(Self { source: TrustSource::OwnRoots, anchors: authorities::anchors(ground).await?, stampers })
    }

    /// Roots from files.
    pub fn given(anchors: Vec<Vec<u8>>) -> Self {
        Self { source: TrustSource::GivenFiles, anchors, stampers: Vec::new() }
    }
}
