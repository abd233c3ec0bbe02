//! After a restore: takes over the revocations that the newest published lists hold and the backup does not.

use certs::{path::Revoked, revocation::Reason, serial::Serial};

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        moment::Moment,
    },
    status::restore::{self, PublishedList, Taken},
};

/// What a list taught.
#[derive(Debug, Default)]
pub struct Learned {
    /// Certificates that were good here and are revoked now.
    pub revoked: Vec<Serial>,
    /// Revoked certificates that the backup does not know: issued after it.
    pub lost: Vec<Serial>,
}

/// Takes a whole list over.
///
/// # Errors
/// When the database fails.
pub async fn take_list(unit: &mut Unit, list: &PublishedList) -> Result<Learned, DatabaseError> {
    let mut learned = Learned::default();
    for (serial, entry) in list.checked.entries() {
        let revocation = (Moment::from_datetime(entry.at), reason(entry));
        match restore::take_revocation(unit, list, *serial, revocation).await? {
            Taken::Known => {}
            Taken::Lost => learned.lost.push(*serial),
            Taken::Revoked => learned.revoked.push(*serial),
        }
        if let Some(id) = store::take_revocation(unit, list.authority.id, serial, revocation).await? {
            store::delete_blob(unit, id).await?;
            let event = audit::Event::new("certificate.revoked", Author::System("restore"), format!("certificate:{id}"));
            audit::record(unit, event.fact("serial", serial).fact("reason", revocation.1)).await?;
        }
    }
    restore::adopt_list(unit, list).await?;
    let event = audit::Event::new("epoch.crl_taken", Author::System("restore"), format!("crl:{}", list.authority.name))
        .fact("number", list.number())
        .fact("revoked", learned.revoked.len())
        .fact("lost", learned.lost.len());
    audit::record(unit, event).await?;
    Ok(learned)
}

/// A reason that we do not use stands for none.
fn reason(entry: &Revoked) -> Reason {
    entry.reason.unwrap_or(Reason::Unspecified)
}
