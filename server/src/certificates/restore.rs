//! After a restore: takes over the revocations that the newest published lists hold and the backup does not. A key that others may have is
//! condemned here too, with all that was certified for it.

use certs::{path::Revoked, revocation::Reason, serial::Serial};

use super::{CertificateError, State, certified, finish::abandon, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::CertificateId, moment::Moment},
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
/// When the database fails, or a stored certificate cannot be read.
pub async fn take_list(unit: &mut Unit, list: &PublishedList) -> Result<Learned, CertificateError> {
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
            if revocation.1 == Reason::KeyCompromise {
                learned.revoked.extend(end_its_key(unit, id, revocation).await?);
            }
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

/// Ends what else was certified for the key of a certificate, as of the same time: it ended in the same unit when that was told to us.
async fn end_its_key(unit: &mut Unit, id: CertificateId, revocation: (Moment, Reason)) -> Result<Vec<Serial>, CertificateError> {
    let author = Author::System("restore");
    let mut ended = Vec::new();
    let Some(compromised) = store::by_id(unit, id).await? else { return Ok(ended) };
    certified::condemn(unit, &compromised, author).await?;
    for other in certified::open_with_its_key(unit, &compromised).await? {
        if other.state == State::Intended {
            abandon(unit, &other, author, revocation.1).await?;
        } else if store::take_revocation(unit, other.authority, &other.serial, revocation).await?.is_some() {
            restore::note_revoked_at(unit, other.authority, &other.serial, revocation).await?;
            store::delete_blob(unit, other.id).await?;
            let event = audit::Event::new("certificate.revoked", author, format!("certificate:{}", other.id));
            audit::record(unit, event.fact("serial", other.serial).fact("reason", revocation.1)).await?;
            ended.push(other.serial);
        }
    }
    Ok(ended)
}

/// A reason that we do not use stands for none.
fn reason(entry: &Revoked) -> Reason {
    entry.reason.unwrap_or(Reason::Unspecified)
}
