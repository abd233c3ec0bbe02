//! Whom a verdict trusts, and where that comes from: always told beside the verdict.

use crate::{authorities, authorities::AuthorityError, platform::ground::Ground};

/// Where the trusted roots come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrustSource {
    /// A root that whoever runs the service added in its configuration (`[trust] roots`).
    AddedRoots,
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
    /// Roots of signers that whoever runs the service added, DER.
    pub added: Vec<Vec<u8>>,
    /// Certificates trusted to stamp times and for nothing else, DER.
    pub stampers: Vec<Vec<u8>>,
}

impl Trust {
    /// This installation's own roots, those that its configuration adds, and the time-stamp authorities that its configuration trusts.
    ///
    /// # Errors
    /// When authorities cannot be loaded.
    pub async fn own(ground: &Ground) -> Result<Self, AuthorityError> {
        let stampers = ground.config.timestamps.outside_trust.clone();
        let anchors = authorities::anchors(ground).await?;
        let added = ground.config.trust.added_roots.iter().filter(|root| !anchors.contains(root)).cloned().collect();
        Ok(Self { source: TrustSource::OwnRoots, anchors, added, stampers })
    }

    /// Whom signers may lead to.
    pub fn of_signers(&self) -> Vec<Vec<u8>> {
        [self.anchors.as_slice(), self.added.as_slice()].concat()
    }

    /// Where a root that signers lead to comes from.
    pub fn source_of(&self, root: &[u8]) -> TrustSource {
        if self.added.iter().any(|added| added == root) { TrustSource::AddedRoots } else { self.source }
    }

    /// Roots from files.
    pub fn given(anchors: Vec<Vec<u8>>) -> Self {
        Self { source: TrustSource::GivenFiles, anchors, added: Vec::new(), stampers: Vec::new() }
    }
}
