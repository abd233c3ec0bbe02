//! What a root's list says of those whom the root certified: issuing authorities here, and further certificates for them.

use std::sync::Arc;

use certs::serial::Serial;

use super::{AuthorityError, Loaded, cross, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::AuthorityId, moment::Moment},
};

/// Notes which of a root's are revoked: `at` says since when. A revoked authority certifies nothing more, and its entry never leaves.
/// After the commit, [`super::forget`] what is kept.
///
/// # Errors
/// When the database fails.
pub async fn note_revoked(
    unit: &mut Unit,
    known: &[Arc<Loaded>],
    root: AuthorityId,
    at: impl Fn(&Serial) -> Option<Moment>,
) -> Result<(), AuthorityError> {
    for authority in known.iter().filter(|one| one.parent == Some(root)) {
        let serial = authority.issuer.certificate().tbs_certificate.serial_number.as_bytes();
        let Some((serial, at)) = Serial::from_bytes(serial).ok().and_then(|serial| Some((serial, at(&serial)?))) else { continue };
        if store::revoke(unit, authority.id, at).await? {
            let event = audit::Event::new("authority.revoked", Author::System("authorities"), format!("authority:{}", authority.id));
            audit::record(unit, event.fact("name", &authority.name).fact("serial", serial).fact("at", at.rfc3339())).await?;
        }
    }
    cross::note_revoked(unit, root, at).await
}
