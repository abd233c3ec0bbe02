//! Publishing: one list per shard, signed, stored, and never one that forgets (RFC 5280 section 5).
//!
//! A list is read from what is committed, its number grows strictly, and it replaces exactly the list that it was compared with: of two
//! rounds at once one stores, the other finds itself overtaken.

use std::{collections::HashSet, sync::Arc};

use certs::{
    path::{CheckedCrl, Subject, check_own_crl},
    revocation::{
        Revocation,
        crl::{List, Scope, make},
    },
    serial::Serial,
};
use openssl::x509::X509Crl;
use time::Duration;

use super::{FULL, StatusError, read, store, turns::Turns};
use crate::{
    audit,
    authorities::{self, Addresses, Kind, Loaded},
    platform::{
        actor::Author,
        database::{DatabaseError, Reader},
        ground::Ground,
        moment::Moment,
    },
};

/// A list is current for a day, and is made anew after half of it.
pub(super) const LIFETIME: Duration = Duration::hours(24);
/// A list of all, which may be long, rests so long between two that are made for revocations.
const FULL_RESTS: Duration = Duration::seconds(45);

/// So many lists are published before the first request, however many companies there are; the round makes the others while requests are
/// answered.
pub const BEFORE_SERVING: usize = 24;
/// So many lists are published in one round: another follows within seconds.
pub const IN_A_ROUND: usize = 250;

/// What became of a shard's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Another node published meanwhile.
    Overtaken,
    /// The list stands.
    Published,
}

/// Publishes what is due, at most so many lists: those with changes, or past half of their lives. Authorities take turns, and what fails
/// rests ([`Turns`]): one authority's failure does not keep the others from theirs.
///
/// # Errors
/// The first failure, after all whose turn it was were tried.
pub async fn publish_due(ground: &Ground, most: usize) -> Result<usize, StatusError> {
    let (now, turns) = (ground.clock().now(), ground.kept.of::<Turns>());
    let due = store::due(&mut ground.database.read().await?, now.plus(LIFETIME / 2), now.plus(-FULL_RESTS)).await?;
    let (mut published, mut first_failure) = (0, None);
    for (id, shard) in turns.choose(&due, now, most) {
        if turns.rests(id, now) {
            continue;
        }
        let outcome = match authorities::by_id(ground, id).await {
            // Its lists are made where its key is, and brought in.
            Ok(authority) if authority.is_offline() => continue,
            Ok(authority) => publish(ground, authority, shard).await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(outcome) => {
                published += usize::from(outcome == Outcome::Published);
                turns.succeeded(id, shard);
            }
            Err(error) => {
                turns.failed(id, shard, ground.clock().now(), &error);
                tracing::error!(authority = %id, shard, %error, "a revocation list was not published");
                first_failure = first_failure.or(Some(error));
            }
        }
    }
    first_failure.map_or(Ok(published), Err)
}

/// Makes and stores the next list of an opened shard.
///
/// # Errors
/// [`StatusError::WouldForget`] when the database knows less than the list before; else when keystore or database fail.
pub async fn publish(ground: &Ground, authority: Arc<Loaded>, shard: i64) -> Result<Outcome, StatusError> {
    let mut reader = ground.database.read().await?;
    let Some(row) = store::crl(&mut reader, authority.id, shard).await? else { return Ok(Outcome::Overtaken) };
    // After the row: what is committed after this line counts as a further change, and gets a list of its own.
    // Certificates of end entities stay on their lists for good (expiredCertsOnCRL); those of authorities until one list after their end.
    let since = match authority.kind {
        Kind::Issuing => Moment::from_millis(0),
        Kind::Root => row.this_update.unwrap_or(Moment::from_millis(0)),
    };
    let entries = entries(&mut reader, &authority, shard, since).await?;
    // No connection is held meanwhile: a list of all may be long.
    drop(reader);
    refuse_forgetting(ground, (&authority, shard), &row, &entries.all).await?;
    // Never older than the list before, whatever the clock says.
    let this_update = ground.clock().now().max(row.this_update.unwrap_or(Moment::from_millis(0)));
    let last = Moment::from_datetime(authority.issuer.validity().not_after());
    let made = store::Made {
        authority: authority.id,
        shard,
        replaces: row.number,
        number: this_update.millis().max(row.number + 1),
        changes: row.changes,
        this_update,
        next_update: this_update.plus(LIFETIME).min(last),
        der: Vec::new(),
    };
    let count = entries.all.len();
    let made = sign(ground, authority.clone(), made, entries.all).await?;
    let made = check_made(ground, authority.clone(), made).await?;
    store_made(ground, &authority.name, &made, (count, &entries.new)).await
}

/// Publishes a checked list of the authority with this name, when its number is greater than that of the list that stands. Whether it did.
///
/// # Errors
/// [`StatusError::NotOffline`] when its lists are made here; [`StatusError::NoNumber`] for a list without a number.
pub async fn bring_in_list(ground: &Ground, authority: &str, der: &[u8], checked: &CheckedCrl) -> Result<bool, StatusError> {
    let loaded = authorities::by_name(ground, authority).await?.filter(|one| one.is_offline());
    let loaded = loaded.ok_or_else(|| StatusError::NotOffline { authority: authority.to_owned() })?;
    let number = checked.number().and_then(|number| i64::try_from(number).ok()).ok_or(StatusError::NoNumber)?;
    let Some(row) = store::crl(&mut ground.database.read().await?, loaded.id, 0).await? else { return Ok(false) };
    if number <= row.number {
        return Ok(false);
    }
    let made = store::Made {
        authority: loaded.id,
        shard: 0,
        replaces: row.number,
        number,
        changes: row.changes,
        this_update: Moment::from_datetime(checked.this_update()),
        next_update: Moment::from_datetime(checked.next_update()),
        der: der.to_vec(),
    };
    let revoked_at = |serial: &Serial| Some(Moment::from_datetime(checked.lookup(serial)?.at));
    let known = authorities::all(ground).await?;
    let stored = ground.database.write(async |unit| -> Result<bool, StatusError> {
        if !store::publish(unit, &made).await? {
            return Ok(false);
        }
        authorities::note_revoked(unit, &known, loaded.id, revoked_at).await?;
        let event = audit::Event::new("crl.brought_in", Author::System("status"), format!("crl:{authority}/0"))
            .fact("number", number.to_string())
            .fact("entries", checked.len().to_string());
        audit::record(unit, event).await?;
        Ok(true)
    });
    let stored = stored.await?;
    authorities::forget(ground);
    Ok(stored)
}

/// What a list says, and which of it no list said before.
struct Entries {
    all: Vec<(Serial, Revocation)>,
    new: Vec<Serial>,
}

async fn entries(reader: &mut Reader, authority: &Loaded, shard: i64, since: Moment) -> Result<Entries, DatabaseError> {
    let rows = store::revoked(reader, authority.id, (shard, since)).await?;
    let mut entries = Entries { all: Vec::with_capacity(rows.len()), new: Vec::new() };
    for row in rows {
        let (serial, (at, reason)) = (read::serial(&row.serial)?, read::revocation(row.revoked_at, row.reason)?);
        entries.all.push((serial, Revocation { at: at.to_datetime(), reason }));
        if row.listed_at.is_none() && shard != FULL {
            entries.new.push(serial);
        }
    }
    Ok(entries)
}

/// Every entry of the list before is either on the new one or known to have expired before the list before was made. Read where it may take
/// its time: a list of all has tens of thousands.
async fn refuse_forgetting(
    ground: &Ground,
    (authority, shard): (&Loaded, i64),
    row: &store::CrlRow,
    entries: &[(Serial, Revocation)],
) -> Result<(), StatusError> {
    let (Some(der), Some(made_at)) = (row.der.clone(), row.this_update) else { return Ok(()) };
    let kept: HashSet<Serial> = entries.iter().map(|(serial, _)| *serial).collect();
    let unreadable = StatusError::PreviousUnreadable { authority: authority.name.clone(), shard };
    let missing = ground
        .with_keystore(move |_| {
            let named = serials_on(&der).ok_or(unreadable)?;
            Ok::<_, StatusError>(named.into_iter().filter(|serial| !kept.contains(serial)).collect::<Vec<_>>())
        })
        .await?;
    if missing.is_empty() {
        return Ok(());
    }
    let mut reader = ground.database.read().await?;
    for serial in missing {
        let expiry = store::expiry_of_revoked(&mut reader, authority.id, serial.as_bytes()).await?;
        if authority.kind == Kind::Issuing || expiry.is_none_or(|expiry| expiry >= made_at) {
            return Err(StatusError::WouldForget { authority: authority.name.clone(), shard, serial });
        }
    }
    Ok(())
}

fn serials_on(der: &[u8]) -> Option<Vec<Serial>> {
    let list = X509Crl::from_der(der).ok()?;
    let Some(revoked) = list.get_revoked() else { return Some(Vec::new()) };
    revoked.iter().map(|one| Serial::from_bytes(&one.serial_number().to_bn().ok()?.to_vec()).ok()).collect()
}

async fn sign(
    ground: &Ground,
    authority: Arc<Loaded>,
    made: store::Made,
    entries: Vec<(Serial, Revocation)>,
) -> Result<store::Made, StatusError> {
    let url = Addresses::of(&ground.config.server, &authority.name).crl(made.shard)?;
    ground
        .with_keystore(move |keystore| {
            let list = List {
                scope: match authority.kind {
                    Kind::Issuing if made.shard == FULL => Scope::Full,
                    Kind::Issuing => Scope::Shard(&url),
                    Kind::Root => Scope::Complete,
                },
                number: made.number.unsigned_abs(),
                this_update: made.this_update.to_datetime(),
                next_update: made.next_update.to_datetime(),
            };
            let der = make(&list, entries, &authority.issuer, keystore)?;
            Ok(store::Made { der, ..made })
        })
        .await
}

/// The storer's own look before the list replaces the one that stands: our signature, this number, later than the one before, this address
/// and no other.
async fn check_made(ground: &Ground, authority: Arc<Loaded>, made: store::Made) -> Result<store::Made, StatusError> {
    let url = Addresses::of(&ground.config.server, &authority.name).crl(made.shard)?;
    let wrong = StatusError::NotAsMade { authority: authority.name.clone(), shard: made.shard };
    ground
        .with_keystore(move |_| {
            let at = made.this_update.to_datetime();
            let Ok(list) = check_own_crl(&made.der, authority.issuer.certificate_der(), at) else { return Err(wrong) };
            let is_shard = authority.kind == Kind::Issuing && made.shard != FULL;
            let here = list.covers(Subject::EndEntity, &[url.as_str()]);
            let elsewhere = list.covers(Subject::EndEntity, &[]) || list.covers(Subject::Authority, &[url.as_str()]);
            let number = list.number() == Some(made.number.unsigned_abs()) && made.number > made.replaces;
            if number && here && elsewhere != is_shard { Ok(made) } else { Err(wrong) }
        })
        .await
}

async fn store_made(
    ground: &Ground,
    authority: &str,
    made: &store::Made,
    (entries, new): (usize, &[Serial]),
) -> Result<Outcome, StatusError> {
    let stored = ground
        .database
        .write(async |unit| -> Result<bool, DatabaseError> {
            if !store::publish(unit, made).await? {
                return Ok(false);
            }
            store::note_listed(unit, (made.authority, made.shard), new, made.this_update).await?;
            let subject = format!("crl:{authority}/{}", made.shard);
            let event = audit::Event::new("crl.published", Author::System("status"), subject)
                .fact("number", made.number.to_string())
                .fact("entries", entries.to_string());
            audit::record(unit, event).await?;
            Ok(true)
        })
        .await?;
    Ok(if stored { Outcome::Published } else { Outcome::Overtaken })
}
