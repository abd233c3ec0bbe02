//! Release keys, and secrets that phones release to them (`security.md` section 3). A key rests in the memory of this process only and is wiped
//! when dropped. Payloads name it for an hour, and it is kept five minutes longer, whatever waits then: a request that would outlive it names the
//! next one from the beginning, and whoever is given more time is given the key of that moment.
//!
//! Whichever node takes the phone's answer, only the process that holds the key opens what came with it: at another node it waits, sealed, at
//! most thirty seconds in a row, which that process looks for each second while a request that names its key can be answered. A process that is
//! gone opens nothing: then the person is asked again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use keycard::{
    ReleaseKeyId, SEALED_BYTES, Secret, Signature, Signed, Unopened,
    payload::{LONGEST_LIFETIME_MS, Payload, ReleaseTo},
    release::{Release, ReleaseKey, ReleaseKeyNotice},
};

use super::{
    ApprovalError,
    prepare::unix_ms,
    store::{self, releases},
};
use crate::{
    phones::identity,
    platform::{
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{AccountId, ApprovalId},
        moment::Moment,
        random::{self, Drawn},
        release::Released,
    },
};

/// Payloads name a key for so long.
const NAMED_FOR: time::Duration = time::Duration::hours(1);
/// It is kept so much longer.
const KEPT_AFTER: time::Duration = time::Duration::minutes(5);
/// A secret waits so long for the process that can open it.
const WAITS_FOR: time::Duration = time::Duration::seconds(30);
/// A fresh key outlives the request that is longest without more time, and what it released: else none could be named.
const _: () = assert!(LONGEST_LIFETIME_MS as i128 + WAITS_FOR.whole_milliseconds() < NAMED_FOR.whole_milliseconds());
/// So often it is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Held(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// This process, for the other nodes.
    node: Option<[u8; 16]>,
    keys: Vec<Kept>,
    looking: bool,
}

struct Kept {
    key: ReleaseKey,
    named_until: Moment,
    /// It is wiped then.
    ends_at: Moment,
    /// Until then a secret for it may come by another node.
    awaited_until: Moment,
}

impl Held {
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A key in use that outlives a request which can be answered until `expires_at`, named in it from now.
    fn name(&self, now: Moment, expires_at: Moment) -> Option<ReleaseTo> {
        let used_until = expires_at.plus(WAITS_FOR);
        self.with(|inner| {
            let kept = inner.keys.iter_mut().find(|kept| now < kept.named_until && used_until <= kept.ends_at)?;
            kept.awaited_until = kept.awaited_until.max(used_until);
            Some(kept.key.public())
        })
    }
}

/// The public part of this process's key, for a request that can be answered until `expires_at`. Made on first need, and anew each hour, or as soon
/// as a request would outlive the last one.
///
/// # Errors
/// When keystore or database fail.
pub(super) async fn name(ground: &Ground, expires_at: Moment) -> Result<ReleaseTo, ApprovalError> {
    let held = ground.kept.of::<Held>();
    let now = ground.clock().now();
    if let Some(named) = held.name(now, expires_at) {
        return Ok(named);
    }
    let key = ReleaseKey::draw(ReleaseKeyId(random::bytes(ground.random())), &mut Drawn(ground.random()));
    let node = held.with(|inner| *inner.node.get_or_insert_with(|| random::bytes(ground.random())));
    let (to, named_until) = (key.public(), now.plus(NAMED_FOR));
    let notice = ReleaseKeyNotice { node, to, until_ms: unix_ms(named_until) };
    let notice = identity::of(ground).await?.sign(ground, notice).await?;
    let told = (notice.bytes(), notice.signature().der());
    let ends_at = named_until.plus(KEPT_AFTER);
    ground.database.write(async |unit| releases::insert_key(unit, &to.id.0, told, ends_at).await).await?;
    let begin = held.with(|inner| {
        inner.keys.push(Kept { key, named_until, ends_at, awaited_until: expires_at.plus(WAITS_FOR) });
        !std::mem::replace(&mut inner.looking, true)
    });
    if begin {
        tokio::task::spawn_local(look(ground.clone(), held));
    }
    Ok(to)
}

/// Whether this process holds the key.
pub(super) fn is_here(ground: &Ground, to: ReleaseTo) -> bool {
    ground.kept.of::<Held>().with(|inner| inner.keys.iter().any(|kept| kept.key.public() == to))
}

/// Until when a request may name another process's key; none when that key is gone.
///
/// # Errors
/// When keystore or database fail.
pub(super) async fn named_elsewhere_until(ground: &Ground, to: ReleaseTo) -> Result<Option<Moment>, ApprovalError> {
    let Some(notice) = told(ground, to).await? else { return Ok(None) };
    let named_until = i64::try_from(notice.until_ms).map(Moment::from_millis).ok();
    Ok(named_until.map(|until| until.plus(KEPT_AFTER - WAITS_FOR)))
}

/// What the process that holds a key told of it.
async fn told(ground: &Ground, to: ReleaseTo) -> Result<Option<ReleaseKeyNotice>, ApprovalError> {
    let now = ground.clock().now();
    let told = releases::key(&mut ground.database.read().await?, &to.id.0, now).await?;
    let Some((notice, signature)) = told else { return Ok(None) };
    let notice = Signed::<ReleaseKeyNotice>::from_parts(notice, Signature::from_der("signature", &signature)?)?;
    // By the identity key of its time: a successor vouches for no key that was named before.
    let identities = identity::all(ground).await?;
    Ok(identities.iter().find_map(|identity| notice.open(identity).ok()).filter(|notice| notice.to == to))
}

/// What a phone released with one answer: a secret for each key that the payload names, in its order.
pub(super) struct Releases {
    pub first: Release,
    pub further: Vec<Release>,
}

impl Releases {
    /// One after the other: each has the same length.
    fn bytes(&self) -> Vec<u8> {
        let all = std::iter::once(&self.first).chain(&self.further);
        all.flat_map(|release| release.bytes().iter().copied()).collect()
    }

    fn read(bytes: &[u8]) -> Result<Self, ApprovalError> {
        let mut all = bytes.chunks(SEALED_BYTES).map(Release::from_bytes);
        let first = all.next().unwrap_or_else(|| Release::from_bytes(&[]))?;
        Ok(Self { first, further: all.collect::<Result<_, _>>()? })
    }

    /// The secrets, if each opens for exactly its key in this payload.
    fn open(&self, key: &ReleaseKey, payload: &Payload) -> Result<Secrets, Unopened> {
        let named = &payload.parts().further;
        if named.len() != self.further.len() {
            return Err(Unopened);
        }
        let first = key.open(&self.first, payload)?;
        let further = self.further.iter().zip(named).map(|(release, serial)| key.open_further(release, payload, serial));
        Ok(Secrets { first, further: further.collect::<Result<_, _>>()? })
    }
}

/// What was in them.
pub(super) struct Secrets {
    first: Secret,
    further: Vec<Secret>,
}

/// Where the secrets that came with an answer can be opened.
pub(super) enum Received {
    /// In this process: here they are.
    Here(Secrets),
    /// In another one, which is there.
    Elsewhere(ReleaseKeyId),
    /// In none that is left.
    Nowhere,
}

/// Opens what a phone released for a request, or says who can.
///
/// # Errors
/// [`ApprovalError::Release`] when any of it does not open for exactly this request.
pub(super) async fn receive(ground: &Ground, payload: &Payload, to: ReleaseTo, releases: &Releases) -> Result<Received, ApprovalError> {
    let own = ground.kept.of::<Held>().with(|inner| {
        let kept = inner.keys.iter().find(|kept| kept.key.public() == to)?;
        Some(releases.open(&kept.key, payload))
    });
    if let Some(opened) = own {
        return opened.map(Received::Here).map_err(|_| ApprovalError::Release);
    }
    Ok(if told(ground, to).await?.is_some() { Received::Elsewhere(to.id) } else { Received::Nowhere })
}

/// Leaves secrets for the process that can open it, in the unit that takes the answer.
pub(super) async fn leave(unit: &mut Unit, approval: ApprovalId, key: ReleaseKeyId, releases: &Releases) -> Result<(), DatabaseError> {
    let expires_at = unit.now().plus(WAITS_FOR);
    releases::insert(unit, approval, &key.0, &releases.bytes(), expires_at).await
}

/// Has the secrets used. The phone, which has its answer, does not wait for that.
pub(super) fn hand_over(ground: &Ground, root: ApprovalId, account: AccountId, payload: Payload, secrets: Secrets) {
    let Secrets { first: secret, further } = secrets;
    let released = Released { approval: root, account, payload, secret, further };
    tokio::task::spawn_local(ground.releases.take(ground.clone(), released));
}

/// Looks for secrets that came by other nodes, and wipes keys whose time is over.
async fn look(ground: Ground, held: Arc<Held>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = ground.clock().now();
        let awaited: Option<Vec<ReleaseKeyId>> = held.with(|inner| {
            inner.keys.retain(|kept| now < kept.ends_at);
            inner.looking = !inner.keys.is_empty();
            inner.looking.then(|| inner.keys.iter().filter(|kept| now < kept.awaited_until).map(|kept| kept.key.public().id).collect())
        });
        let Some(awaited) = awaited else { return };
        for key in awaited {
            if let Err(error) = collect(&ground, &held, key).await {
                tracing::error!(%error, "what phones released at other nodes could not be looked at");
            }
        }
    }
}

async fn collect(ground: &Ground, held: &Held, key: ReleaseKeyId) -> Result<(), ApprovalError> {
    let waiting = releases::waiting(&mut ground.database.read().await?, &key.0).await?;
    for approval in waiting {
        let taken = ground.database.write(async |unit| {
            let taken = releases::take(unit, approval).await?;
            let row = store::approval(unit, approval).await?;
            Ok::<_, ApprovalError>(taken.zip(row))
        });
        let Some((sealed, row)) = taken.await? else { continue };
        let (releases, payload) = (Releases::read(&sealed)?, row.payload()?);
        let opened = held.with(|inner| Some(releases.open(&inner.keys.iter().find(|kept| kept.key.public().id == key)?.key, &payload)));
        match opened {
            Some(Ok(secrets)) => hand_over(ground, row.root_id, row.account_id, payload, secrets),
            // The phone broke the protocol, or the key's time ended in this moment: the person is asked again.
            Some(Err(_)) | None => tracing::warn!(%approval, "what a phone released at another node does not open: nothing is signed"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_for_an_hour_and_kept_five_minutes_longer_whatever_waits() {
        let held = Held::default();
        let at = |minutes: i64| Moment::from_millis(0).plus(time::Duration::minutes(minutes));
        let key = ReleaseKey::draw(ReleaseKeyId([7; 16]), &mut Drawn(&random::SystemRandom));
        let kept = Kept { key, named_until: at(60), ends_at: at(65), awaited_until: at(2) };
        held.with(|inner| inner.keys.push(kept));
        assert!(held.name(at(1), at(3)).is_some() && held.name(at(54), at(64)).is_some() && held.name(at(59), at(61)).is_some());
        assert!(held.name(at(55), at(65)).is_none(), "it would outlive the key");
        assert!(held.name(at(60), at(62)).is_none(), "after its hour nobody names it");
        held.with(|inner| assert!(inner.keys[0].ends_at == at(65) && inner.keys[0].awaited_until == at(64).plus(WAITS_FOR)));
    }
}
