//! After a restore: no list may have a lower number than any that was published, nor forget what stood on the newest.

use certs::{
    path::{CheckedCrl, CrlError, check_crl},
    revocation::Reason,
    serial::Serial,
};
use der::Decode as _;
use time::OffsetDateTime;
use x509_cert::crl::CertificateList;

use super::{FULL, NewStatus, StatusError, store};
use crate::{
    audit,
    authorities::{self, Addresses, AuthorityError, Kind, Loaded},
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
        id::AuthorityId,
        moment::Moment,
        restored::AwaitedList,
    },
};

/// Every list that had been published when the backup was made: as many, or newer ones, must be handed in before serving. The list of all
/// says nothing that the shards' lists do not, so it is not awaited.
///
/// # Errors
/// When the database fails, or an address cannot stand in a list.
pub async fn awaited_lists(ground: &Ground) -> Result<Vec<AwaitedList>, StatusError> {
    let known = authorities::all(ground).await?;
    let mut lists = Vec::new();
    let published = store::published(&mut ground.database.read().await?).await?;
    for (id, shard, number) in published.into_iter().filter(|(_, shard, _)| *shard != FULL) {
        if let Some(authority) = known.iter().find(|one| one.id == id) {
            let url = Addresses::of(&ground.config.server, &authority.name).crl(shard)?.as_str().to_owned();
            lists.push(AwaitedList { authority: authority.name.clone(), shard, number, url });
        }
    }
    Ok(lists)
}

/// Numbers go on from now at least: they are milliseconds since 1970, so no list made before a restore has a higher one.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<(), DatabaseError> {
    let least = unit.now().millis();
    let lists = store::raise_numbers(unit, least).await?;
    let event = audit::Event::new("epoch.crl_numbers_raised", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("lists", lists).fact("least", least)).await
}

/// A list that was published before the restore, read and found to be an authority's.
pub struct PublishedList {
    /// Whose.
    pub authority: std::sync::Arc<Loaded>,
    /// For which shard; none for a list that is complete for its authority though its certificates name shards.
    pub shard: Option<i64>,
    /// What it says.
    pub checked: CheckedCrl,
    /// Its bytes.
    pub der: Vec<u8>,
}

impl PublishedList {
    /// Its number; 0 for none.
    pub fn number(&self) -> i64 {
        self.checked.number().and_then(|number| i64::try_from(number).ok()).unwrap_or(0)
    }

    /// Whether it stands for an awaited one.
    pub fn serves_as(&self, awaited: &AwaitedList) -> bool {
        self.authority.name == awaited.authority && self.shard.is_none_or(|shard| shard == awaited.shard) && self.number() >= awaited.number
    }
}

/// Why a list from outside is refused.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The authorities cannot be loaded.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// None of our certificates points at it.
    #[error("its address {url} is none of this installation's (server.pki_url)")]
    ForeignAddress {
        /// Its address.
        url: String,
    },
    /// Signed by nobody of ours.
    #[error("no authority of this installation made it")]
    Nobodys,
    /// Not a list, or not a whole one.
    #[error(transparent)]
    Refused(#[from] CrlError),
}

/// Reads a list (DER) and finds whose it is, by its signature.
///
/// # Errors
/// [`ListError`].
pub async fn read_list(ground: &Ground, der: Vec<u8>) -> Result<PublishedList, ListError> {
    let made_at: OffsetDateTime = match CertificateList::from_der(&der) {
        Ok(list) => list.tbs_cert_list.this_update.to_system_time().into(),
        Err(error) => return Err(ListError::Refused(error.into())),
    };
    for authority in authorities::all(ground).await?.iter() {
        match check_crl(&der, authority.issuer.certificate_der(), made_at) {
            Ok(checked) => {
                let shard = shard_of_list(ground, authority, &checked)?;
                return Ok(PublishedList { authority: authority.clone(), shard, checked, der });
            }
            Err(CrlError::OtherIssuer) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ListError::Nobodys)
}

/// The shard that a list speaks for, by its address.
fn shard_of_list(ground: &Ground, authority: &Loaded, checked: &CheckedCrl) -> Result<Option<i64>, ListError> {
    let Some(address) = checked.addresses().first() else {
        return Ok((authority.kind == Kind::Root).then_some(0));
    };
    let name = address.rsplit('/').next().and_then(|file| file.strip_suffix(".crl"));
    let shard = name.and_then(|name| name.parse::<i64>().ok()).filter(|shard| (0..=i64::from(u32::MAX)).contains(shard));
    let ours = |shard: &i64| Addresses::of(&ground.config.server, &authority.name).crl(*shard).is_ok_and(|url| url.as_str() == address);
    shard.filter(ours).map(Some).ok_or_else(|| ListError::ForeignAddress { url: address.clone() })
}

/// What became of one entry of a list from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was revoked here too.
    Known,
    /// Nobody here knows this certificate: it was issued after the backup.
    Lost,
    /// It was good here, and is revoked from now on, as of the list's time.
    Revoked,
}

/// Takes one entry over.
///
/// # Errors
/// When the database fails.
pub async fn take_revocation(
    unit: &mut Unit,
    list: &PublishedList,
    serial: Serial,
    (at, reason): (Moment, Reason),
) -> Result<Taken, DatabaseError> {
    let authority: AuthorityId = list.authority.id;
    if note_revoked_at(unit, authority, &serial, (at, reason)).await? {
        return Ok(Taken::Revoked);
    }
    let not_after = Moment::from_datetime(list.authority.issuer.validity().not_after());
    let lost = NewStatus { authority, serial, shard: list.shard.unwrap_or(0), not_after };
    store::open_shard(unit, authority, lost.shard).await?;
    Ok(if store::insert_lost(unit, (&lost, at, reason)).await? { Taken::Lost } else { Taken::Known })
}

/// A certificate is revoked as of a time before this unit's. True when it was good here until now.
///
/// # Errors
/// When the database fails.
pub async fn note_revoked_at(
    unit: &mut Unit,
    authority: AuthorityId,
    serial: &Serial,
    (at, reason): (Moment, Reason),
) -> Result<bool, DatabaseError> {
    let Some(shard) = store::revoke(unit, authority, serial.as_bytes(), at, reason).await? else { return Ok(false) };
    store::count_change(unit, authority, shard).await?;
    Ok(true)
}

/// From here on the list counts as the one that was published last.
///
/// # Errors
/// When the database fails.
pub async fn adopt_list(unit: &mut Unit, list: &PublishedList) -> Result<(), DatabaseError> {
    let Some(shard) = list.shard else { return Ok(()) };
    store::open_shard(unit, list.authority.id, shard).await?;
    let made = store::Made {
        authority: list.authority.id,
        shard,
        replaces: 0,
        number: list.number(),
        changes: 0,
        this_update: Moment::from_datetime(list.checked.this_update()),
        next_update: Moment::from_datetime(list.checked.next_update()),
        der: list.der.clone(),
    };
    store::adopt_list(unit, &made).await
}
