//! Ordinals: each certificate of an authority has its own, and by it its place in a shard. Whoever asks at the same time shares a commit; when
//! many ask, some are reserved ahead and kept in memory: what is left of them when the process ends is never used, and its shards stay that
//! much smaller.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::CertificateError;
use crate::{
    authorities::{self, Loaded},
    platform::{batch::Batch, ground::Ground, id::AuthorityId},
    status,
};

/// When so many are asked for at once ...
const MANY: i64 = 8;
/// ... so many times as many are reserved ...
const AHEAD: i64 = 4;
/// ... but no more than these: a shard has 2,000.
const MOST_AHEAD: i64 = 256;

/// From the first, up to before the last.
type Range = (i64, i64);

#[derive(Default)]
struct Ordinals {
    asked: Batch<(Arc<Loaded>, i64), Result<i64, CertificateError>>,
    ahead: Mutex<HashMap<AuthorityId, Range>>,
}

impl Ordinals {
    fn take(&self, authority: AuthorityId, count: i64) -> Option<i64> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, end) = ahead.get_mut(&authority)?;
        (*end - *first >= count).then(|| {
            let taken = *first;
            *first += count;
            taken
        })
    }

    fn keep(&self, authority: AuthorityId, range: Range) {
        if range.0 < range.1 {
            self.ahead.lock().unwrap_or_else(PoisonError::into_inner).insert(authority, range);
        }
    }
}

/// The first of so many ordinals; the lists of shards that they open are published before anything points there.
///
/// # Errors
/// [`crate::authorities::AuthorityError::PublicUrlIsLocal`]; when the database fails.
pub(super) async fn reserve(ground: &Ground, authority: &Arc<Loaded>, count: usize) -> Result<i64, CertificateError> {
    authorities::may_issue(ground)?;
    let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
    let ordinals = ground.kept.of::<Ordinals>();
    if let Some(first) = ordinals.take(authority.id, count) {
        return Ok(first);
    }
    let own = ground.clone();
    ordinals.asked.run((authority.clone(), count), async move |asked| reserve_all(&own, asked).await).await?
}

async fn reserve_all(ground: &Ground, asked: Vec<(Arc<Loaded>, i64)>) -> Vec<Result<i64, CertificateError>> {
    let mut totals: HashMap<AuthorityId, (Arc<Loaded>, i64)> = HashMap::new();
    for (authority, count) in &asked {
        totals.entry(authority.id).or_insert_with(|| (authority.clone(), 0)).1 += count;
    }
    let ordinals = ground.kept.of::<Ordinals>();
    let mut next = HashMap::new();
    for (id, (authority, total)) in totals {
        let ahead = if total < MANY { 0 } else { (total * (AHEAD - 1)).min(MOST_AHEAD) };
        let first = reserve_range(ground, authority, total + ahead).await;
        if let Ok(first) = &first {
            ordinals.keep(id, (first + total, first + total + ahead));
        }
        next.insert(id, first);
    }
    let mut answer = |(authority, count): (Arc<Loaded>, i64)| match next.get_mut(&authority.id) {
        Some(Ok(next)) => {
            let first = *next;
            *next += count;
            Ok(first)
        }
        // The first who asked is told why.
        Some(failed) => std::mem::replace(failed, Err(CertificateError::NotFinished)),
        None => Err(CertificateError::NotFinished),
    };
    asked.into_iter().map(&mut answer).collect()
}

async fn reserve_range(ground: &Ground, authority: Arc<Loaded>, count: i64) -> Result<i64, CertificateError> {
    let (first, opened) = ground
        .database
        .write(async |unit| -> Result<(i64, Vec<i64>), CertificateError> {
            let first = authorities::reserve_ordinals(unit, authority.id, count).await?;
            let mut opened = Vec::new();
            for shard in status::shard_of(first)..=status::shard_of(first + count - 1) {
                if status::open_shard(unit, authority.id, shard).await? {
                    opened.push(shard);
                }
            }
            Ok((first, opened))
        })
        .await?;
    for shard in opened {
        // The publishing round comes by within seconds in any case.
        if let Err(error) = status::publish::publish(ground, authority.clone(), shard).await {
            tracing::warn!(shard, %error, "a new shard's first list was not published at once");
        }
    }
    Ok(first)
}
