//! The checker: compares, for every issuer, what its lists say with what the rows say and with what its OCSP responder answers.
//!
//! It asks the responder as everybody does, and believes neither list nor answer without its signature. What it finds stands in a row for
//! the operator's page, in a metric, in the log, and (when it begins and when it ends) in the audit.

use std::{fmt, sync::Arc};

use certs::{
    path::{CheckedCrl, Subject, check_own_crl},
    revocation::{
        answer::{check_answer, question},
        ocsp::Status,
    },
    serial::Serial,
};
use time::Duration;

use super::{FULL, Known, StatusError, answer_ocsp, publish, read, store};
use crate::{
    audit,
    authorities::{self, Addresses, Kind, Loaded},
    platform::{actor::Author, database::DatabaseError, ground::Ground, id::AuthorityId, moment::Moment, random},
};

/// A revocation that stands on no list after so long is late.
const LISTED_WITHIN: Duration = Duration::seconds(60);
/// So many revoked certificates of each list, and so many good ones of its authority, are asked about in OCSP.
const ASKED: i64 = 4;

/// What is wrong, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// OCSP and the list of a certificate say different things of it.
    OcspDisagrees,
    /// The responder gives no answer that can be believed.
    OcspSilent,
    /// A revoked certificate does not stand on its list.
    ListMisses,
    /// A list names a certificate that is not revoked.
    ListSaysMore,
    /// A list is not there, not ours, or not the one of its row.
    ListUnreadable,
    /// A list should have been renewed long ago.
    ListStale,
    /// A revocation stands on no list after a minute.
    Late,
}

impl Finding {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::OcspDisagrees, Self::OcspSilent, Self::ListMisses, Self::ListSaysMore, Self::ListUnreadable, Self::ListStale, Self::Late];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OcspDisagrees => "ocsp_disagrees",
            Self::OcspSilent => "ocsp_silent",
            Self::ListMisses => "list_misses",
            Self::ListSaysMore => "list_says_more",
            Self::ListUnreadable => "list_unreadable",
            Self::ListStale => "list_stale",
            Self::Late => "late",
        }
    }

    /// The finding of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.word() == word)
    }
}

/// What was found where: a shard, or a serial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub finding: Finding,
    /// Where.
    pub place: String,
}

impl Found {
    fn at(finding: Finding, place: impl fmt::Display) -> Self {
        Self { finding, place: place.to_string() }
    }
}

/// What the last look at an issuer gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// When.
    pub checked_at: Moment,
    /// So many lists.
    pub lists: i64,
    /// With so many entries.
    pub entries: i64,
    /// The gravest finding; none when all agree.
    pub found: Option<Found>,
}

/// A list that was read, and the moment of its row, which is more exact than its own.
struct Listed {
    list: CheckedCrl,
    made_at: Moment,
}

/// What a look at one issuer gathers.
#[derive(Default)]
struct Tally {
    lists: i64,
    entries: i64,
    found: Option<Found>,
}

impl Tally {
    fn note(&mut self, found: Option<Found>) {
        let graver = |found: &Found| self.found.as_ref().is_none_or(|known| found.finding < known.finding);
        if let Some(found) = found.filter(graver) {
            self.found = Some(found);
        }
    }
}

/// Looks at every issuer. Gives for how many something is wrong.
///
/// # Errors
/// When the database fails. What is wrong with lists or answers is a finding.
pub async fn check_all(ground: &Ground) -> Result<usize, StatusError> {
    let mut wrong = 0;
    for authority in authorities::all(ground).await?.iter() {
        let tally = check(ground, authority).await?;
        if let Some(found) = &tally.found {
            wrong += 1;
            tracing::error!(authority = %authority.name, finding = found.finding.word(), place = %found.place, "lists, rows and OCSP disagree");
        }
        note(ground, authority, tally).await?;
    }
    ground.metrics.found("status", wrong);
    Ok(wrong)
}

async fn check(ground: &Ground, authority: &Arc<Loaded>) -> Result<Tally, StatusError> {
    let mut tally = Tally::default();
    let now = ground.clock().now();
    let late = store::first_unlisted(&mut ground.database.read().await?, authority.id, now.plus(-LISTED_WITHIN)).await?;
    tally.note(late.map(|serial| Found::at(Finding::Late, hex::encode(serial))));
    for shard in store::shards(&mut ground.database.read().await?, authority.id).await? {
        tally.lists += 1;
        match list(ground, authority, shard).await? {
            Ok(list) => {
                tally.entries += i64::try_from(list.list.len()).unwrap_or(i64::MAX);
                tally.note(against_rows(ground, authority, shard, &list).await?);
                if authority.kind == Kind::Issuing && shard != FULL {
                    tally.note(against_ocsp(ground, authority, shard, &list).await?);
                }
            }
            Err(found) => tally.note(Some(found)),
        }
    }
    Ok(tally)
}

/// The list that the world gets at this moment.
async fn list(ground: &Ground, authority: &Arc<Loaded>, shard: i64) -> Result<Result<Listed, Found>, StatusError> {
    let now = ground.clock().now();
    let Some(crl) = read::crl(&mut ground.database.read().await?, authority.id, shard).await? else {
        return Ok(Err(Found::at(Finding::ListUnreadable, shard)));
    };
    let address = Addresses::of(&ground.config.server, &authority.name).crl(shard)?;
    let (issuer, at) = (authority.clone(), now.max(crl.this_update).to_datetime());
    let (number, made_at) = (crl.number, crl.this_update);
    let checked = ground.with_keystore(move |_| check_own_crl(&crl.der, issuer.issuer.certificate_der(), at)).await;
    Ok(match checked {
        Ok(list) => {
            if list.number() != Some(number.unsigned_abs()) || !list.covers(Subject::EndEntity, &[address.as_str()]) {
                Err(Found::at(Finding::ListUnreadable, shard))
            } else if Moment::from_datetime(list.next_update()).since(now) < publish::LIFETIME / 4 {
                Err(Found::at(Finding::ListStale, shard))
            } else {
                Ok(Listed { list, made_at })
            }
        }
        Err(error) => {
            tracing::error!(authority = %authority.name, shard, %error, "a list of ours cannot be read");
            Err(Found::at(Finding::ListUnreadable, shard))
        }
    })
}

/// Every row that a list has named stands on it, and it names no other. Entries of a root may leave after their end.
async fn against_rows(ground: &Ground, authority: &Loaded, shard: i64, listed: &Listed) -> Result<Option<Found>, StatusError> {
    let rows = store::revoked(&mut ground.database.read().await?, authority.id, (shard, Moment::from_millis(0))).await?;
    let Listed { list, made_at } = listed;
    let mut named = 0;
    // What a list named first, it names itself; the list of all must name what a list before it did.
    let must_name = |listed_at: Moment| if shard == FULL { listed_at < *made_at } else { listed_at <= *made_at };
    for row in rows {
        let serial = read::serial(&row.serial)?;
        if list.lookup(&serial).is_some() {
            named += 1;
        } else if row.listed_at.is_some_and(must_name) && (authority.kind == Kind::Issuing || row.not_after > *made_at) {
            return Ok(Some(Found::at(Finding::ListMisses, serial)));
        }
    }
    // More entries than rows: what the database does not know as revoked.
    Ok((named < list.len()).then(|| Found::at(Finding::ListSaysMore, shard)))
}

/// OCSP says of some certificates of the list what the list says.
async fn against_ocsp(ground: &Ground, authority: &Loaded, shard: i64, listed: &Listed) -> Result<Option<Found>, StatusError> {
    let Listed { list, .. } = listed;
    let mut reader = ground.database.read().await?;
    let mut serials = store::some_revoked(&mut reader, (authority.id, shard), ASKED).await?;
    if let Some(ends) = store::ends(&mut reader, authority.id).await? {
        let mut good = store::good_from(&mut reader, authority.id, &between(ground, &ends), ASKED).await?;
        if good.len() < usize::try_from(ASKED).unwrap_or(0) {
            good = store::good_from(&mut reader, authority.id, &ends[0], ASKED).await?;
        }
        serials.append(&mut good);
    }
    drop(reader);
    let serials: Vec<Serial> = serials.iter().map(|octets| read::serial(octets)).collect::<Result<_, _>>()?;
    if serials.is_empty() {
        return Ok(None);
    }
    let issuer = authority.issuer.certificate_der();
    let Ok(asked) = question(issuer, &serials) else { return Ok(Some(Found::at(Finding::OcspSilent, shard))) };
    let answered = answer_ocsp(ground, &asked).await;
    // The answer may be older than this moment by as long as answers are kept, and no younger.
    let told = match check_answer(answered.der(), issuer, ground.clock().now().to_datetime()) {
        Ok(told) => told,
        Err(error) => {
            tracing::error!(authority = %authority.name, shard, %error, "our own OCSP responder cannot be believed");
            return Ok(Some(Found::at(Finding::OcspSilent, shard)));
        }
    };
    for serial in serials {
        let said = told.iter().find(|(one, _)| *one == serial).map(|(_, status)| *status);
        // Revoked after the list was made: OCSP knows first.
        let agrees = match said {
            Some(Status::Revoked(_)) => list.lookup(&serial).is_some() || is_new(ground, authority.id, &serial, listed).await?,
            Some(Status::Good) => list.lookup(&serial).is_none(),
            Some(Status::Unknown) | None => false,
        };
        if !agrees {
            return Ok(Some(Found::at(Finding::OcspDisagrees, serial)));
        }
    }
    Ok(None)
}

/// The beginning of a serial anywhere between the first and the last: those that are asked about are others at each check. Our serials have one
/// length and begin with the time.
fn between(ground: &Ground, [first, last]: &[Vec<u8>; 2]) -> [u8; 8] {
    let [first, last] = [first, last].map(|serial| {
        let mut head = [0; 8];
        head.iter_mut().zip(serial).for_each(|(to, from)| *to = *from);
        u64::from_be_bytes(head)
    });
    (first + random::below(ground.random(), last.saturating_sub(first).saturating_add(1))).to_be_bytes()
}

/// Whether a certificate was revoked after the list was made.
async fn is_new(ground: &Ground, authority: AuthorityId, serial: &Serial, listed: &Listed) -> Result<bool, StatusError> {
    let known = read::known(&mut ground.database.read().await?, authority, serial).await?;
    let seen = read::seen(&mut ground.database.read().await?, authority, serial).await?;
    Ok(matches!(known, Some(Known::Revoked { .. })) && seen.listed_at.is_none_or(|listed_at| listed_at > listed.made_at))
}

/// Stores what was found; the audit hears of a finding when it begins, changes and ends.
async fn note(ground: &Ground, authority: &Loaded, tally: Tally) -> Result<(), DatabaseError> {
    let before = read::checked(&mut ground.database.read().await?, authority.id).await?.and_then(|checked| checked.found);
    ground
        .database
        .write(async |unit| -> Result<(), DatabaseError> {
            let finding = tally.found.as_ref().map(|found| (found.finding.word(), found.place.as_str()));
            store::note_check(unit, authority.id, (tally.lists, tally.entries), finding).await?;
            if before == tally.found {
                return Ok(());
            }
            let event = audit::Event::new("status.checked", Author::System("status"), format!("authority:{}", authority.name))
                .fact("finding", finding.map_or("none", |(word, _)| word))
                .fact("place", finding.map_or("", |(_, place)| place));
            audit::record(unit, event).await
        })
        .await
}
