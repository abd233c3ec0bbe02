//! Tries what is to be told, tries again what was not taken, and gives up an address that takes nothing.
//!
//! Fair: one job at a time works for an address, tries one thing, and stands behind all others again; one at a time works for a company. So however
//! much waits at a company's addresses, and however slowly these answer, it has one hand of each node, and others' things are told between. An
//! address that answers slowly rests for a while as one that fails.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration as Patience, Instant},
};

use time::Duration;

use super::{
    DeliveryState, Fault, WebhookState, Why,
    choose::target,
    model::{FAILING, WITHIN, pause, quiet, subject},
    secrets,
    store::{self, Due, Tried},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{CompanyId, WebhookId},
        moment::Moment,
        outgoing::{Outgoing, OutgoingError},
        queue,
    },
};

/// Tries the next telling at an address. It waits for servers that companies name: hands of their own work on these jobs.
pub const DELIVER: queue::Kind = queue::Kind("webhooks.deliver");
/// Tells the administrators that an address is told nothing more. Run by `logins`, which knows who they are.
pub const TELL_DISABLED: queue::Kind = queue::Kind("webhooks.tell_disabled");

/// So long a server may take.
const PATIENCE: Patience = Patience::from_secs(10);
/// What was told is remembered for so long.
const KEPT: Duration = Duration::days(30);
/// "Gone" (RFC 9110 section 15.5.11): the server wants nothing more, says Standard Webhooks.
const GONE: u16 = 410;

/// Longer than a try takes: whoever works for an address and is gone is waited for no longer.
const WORKING: Duration = Duration::seconds(60);
/// A job finds another at work for the company, and comes again then.
const BUSY: Duration = Duration::seconds(2);
/// A job that comes within so long needs none beside it.
const SOON: Duration = Duration::seconds(60);
/// What should have been tried so long ago lacks a job.
const LATE: Duration = Duration::seconds(30);
/// A job that did not come for so long never comes.
const LOST: Duration = Duration::hours(1);
/// An answer that took longer is a slow one: the address rests for so many times as long, and no longer than [`MOST_REST`].
const SLOW: Patience = Patience::from_secs(3);
const REST: u32 = 4;
const MOST_REST: Patience = Patience::from_secs(40);

/// At which address something is to be tried, and when: a job that is not the one noted with the address does nothing.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Deliver {
    webhook: WebhookId,
    at: Moment,
}

/// Whom to tell of which address.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellDisabled {
    /// Whose administrators.
    pub company: CompanyId,
    /// Which.
    pub webhook: WebhookId,
    /// Its server, without what may be secret in the address.
    pub url: String,
}

#[derive(Default)]
struct Held(OnceLock<Arc<Outgoing>>);

fn outgoing(ground: &Ground) -> Result<Arc<Outgoing>, OutgoingError> {
    let held = ground.kept.of::<Held>();
    if let Some(made) = held.0.get() {
        return Ok(made.clone());
    }
    let settings = &ground.config.webhooks;
    let made = Arc::new(Outgoing::new(settings.trust_file.as_deref(), settings.inside)?.one_by_one(PATIENCE));
    Ok(held.0.get_or_init(|| made).clone())
}

/// What came of a try.
enum Outcome {
    Taken(i64),
    Refused(Fault, Option<u16>),
}

/// Something is to be tried at an address by now: sees to a job, in the unit that makes it so. `false` when one comes anyway.
pub(super) async fn wake(unit: &mut Unit, webhook: WebhookId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let noted = store::note_job(unit, webhook, now.plus(SOON), now.plus(-LOST)).await?;
    if noted {
        queue::enqueue(unit, DELIVER, &Deliver { webhook, at: now }, now).await?;
    }
    Ok(noted)
}

/// Runs [`DELIVER`]. Run again after a crash it may tell once more, under the same id; what was taken is not told again.
///
/// # Errors
/// When the database or the keystore fails. What the server does is no error of the job: its own rows say when it is tried again.
pub async fn deliver(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    // One of an earlier release names a telling: the round finds where it waits.
    let Ok(Deliver { webhook, at }) = serde_json::from_str(payload) else { return Ok(()) };
    let begun = ground.database.write(async |unit| begin(unit, webhook, at).await).await?;
    let Some(due) = begun else { return Ok(()) };
    let begun_at = Instant::now();
    let outcome = post(ground, &due, ground.clock().now()).await?;
    // One that fails is quiet by its failures.
    let rest = match &outcome {
        Outcome::Taken(_) => rest(begun_at.elapsed()),
        Outcome::Refused(..) => Duration::ZERO,
    };
    ground
        .database
        .write::<_, DatabaseError, _>(async |unit| {
            note(unit, &due, &outcome).await?;
            hand_on(unit, webhook, at, unit.now().plus(rest)).await
        })
        .await?;
    Ok(())
}

/// So long an address rests after an answer that took so long.
fn rest(took: Patience) -> Duration {
    let rest = if took > SLOW { (took * REST).min(MOST_REST) } else { Patience::ZERO };
    Duration::try_from(rest).unwrap_or(Duration::ZERO)
}

/// Takes the address, and what has waited longest there. `None` when there is nothing to do, or not now.
async fn begin(unit: &mut Unit, webhook: WebhookId, at: Moment) -> Result<Option<Due>, DatabaseError> {
    let now = unit.now();
    if !store::begin_work(unit, webhook, at, now.plus(WORKING)).await? {
        let later = now.plus(BUSY);
        if store::put_off(unit, webhook, at, later).await? {
            queue::enqueue(unit, DELIVER, &Deliver { webhook, at: later }, later).await?;
        }
        return Ok(None);
    }
    let due = store::due(unit, webhook, now).await?;
    match due {
        Some(due) if WebhookState::of(&due.state) != Some(WebhookState::Active) => store::drop_waiting(unit, webhook).await?,
        Some(due) if due.quiet_until.is_none_or(|until| until <= now) => return Ok(Some(due)),
        Some(_) | None => {}
    }
    hand_on(unit, webhook, at, now).await?;
    Ok(None)
}

/// Ends the work of a job; the next one comes when there is something to try, and no sooner than `earliest`.
async fn hand_on(unit: &mut Unit, webhook: WebhookId, at: Moment, earliest: Moment) -> Result<(), DatabaseError> {
    let Some((quiet_until, due)) = store::next_due(unit, webhook).await? else { return Ok(()) };
    let next = due.map(|due| due.max(earliest).max(quiet_until.unwrap_or(due)));
    if store::end_work(unit, webhook, at, next).await?
        && let Some(next) = next
    {
        queue::enqueue(unit, DELIVER, &Deliver { webhook, at: next }, next).await?;
    }
    Ok(())
}

/// Sees to a job where something should have been tried and none comes. Gives at how many addresses.
///
/// # Errors
/// When the database fails.
pub async fn sweep(ground: &Ground) -> Result<u64, DatabaseError> {
    let late = store::late(&mut ground.database.read().await?, ground.clock().now().plus(-LATE)).await?;
    let mut woken = 0;
    for webhook in late {
        woken += u64::from(ground.database.write(async |unit| wake(unit, webhook).await).await?);
    }
    Ok(woken)
}

async fn post(ground: &Ground, due: &Due, now: Moment) -> anyhow::Result<Outcome> {
    let Ok(target) = target(ground, &due.url) else { return Ok(Outcome::Refused(Fault::Address, None)) };
    let former = due.former_sealed.clone().filter(|_| due.former_until.is_some_and(|until| until > now));
    let opened = secrets::open(ground, due.webhook_id, std::iter::once(due.sealed.clone()).chain(former).collect()).await?;
    let headers = secrets::headers(due.id, now, &due.body, &opened);
    Ok(match outgoing(ground)?.post(&target, &headers, due.body.clone()).await {
        Ok(answer) => match answer.status {
            200..=299 => Outcome::Taken(i64::from(answer.status)),
            300..=399 => Outcome::Refused(Fault::Redirect, Some(answer.status)),
            status => Outcome::Refused(Fault::Status, Some(status)),
        },
        Err(OutgoingError::Address) => Outcome::Refused(Fault::Address, None),
        Err(OutgoingError::Away(_)) => Outcome::Refused(Fault::Away, None),
        Err(OutgoingError::TooLong) => Outcome::Refused(Fault::TooLong, None),
    })
}

async fn note(unit: &mut Unit, due: &Due, outcome: &Outcome) -> Result<(), DatabaseError> {
    let now = unit.now();
    let attempts = due.attempts + 1;
    let tried = |state, fault, status: Option<i64>, next_at| Tried { state, attempts, status, fault, next_at };
    match outcome {
        Outcome::Taken(status) => {
            if store::note_tried(unit, due, &tried(DeliveryState::Delivered, None, Some(*status), None)).await? {
                store::note_success(unit, due.webhook_id).await?;
            }
        }
        Outcome::Refused(fault, status) => {
            if fail(unit, due, *fault, *status).await? {
                store::note_failure(unit, due.webhook_id, now.plus(quiet(due.failures + 1))).await?;
                give_up(unit, due, *status).await?;
            }
        }
    }
    Ok(())
}

/// Notes a failed try, and when the next one is, if there is one. `false` when somebody else noted it.
async fn fail(unit: &mut Unit, due: &Due, fault: Fault, status: Option<u16>) -> Result<bool, DatabaseError> {
    let attempts = due.attempts + 1;
    let next_at = pause(attempts).map(|pause| unit.now().plus(pause)).filter(|next| next.since(due.begun_at) <= WITHIN);
    let state = if next_at.is_some() { DeliveryState::Waiting } else { DeliveryState::Failed };
    let tried = Tried { state, attempts, status: status.map(i64::from), fault: Some(fault), next_at };
    store::note_tried(unit, due, &tried).await
}

/// Tells nothing more at an address that is gone, or takes nothing for days.
async fn give_up(unit: &mut Unit, due: &Due, status: Option<u16>) -> Result<(), DatabaseError> {
    let now = unit.now();
    let is_failing = due.failing_since.is_some_and(|since| now.since(since) >= FAILING);
    let why = match (status == Some(GONE), is_failing) {
        (true, _) => Why::Gone,
        (false, true) => Why::Failing,
        (false, false) => return Ok(()),
    };
    if !store::disable(unit, due.webhook_id, why).await? {
        return Ok(());
    }
    let event = audit::Event::new("webhook.disabled", Author::System("webhooks"), subject(due.webhook_id)).company(due.company_id);
    audit::record(unit, event.fact("why", why.word())).await?;
    let told = TellDisabled { company: due.company_id, webhook: due.webhook_id, url: server(&due.url) };
    queue::enqueue(unit, TELL_DISABLED, &told, now).await.map(drop)
}

/// Scheme, host and port.
fn server(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/").split('?').next().unwrap_or_default().to_owned()
}

/// Forgets what was told a month ago. Gives how much.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches(async |unit| store::forget(unit, unit.now().plus(-KEPT)).await).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{
        platform::{id::Id as _, testing},
        webhooks::{EventKind, Webhook},
    };

    #[test]
    fn whoever_answers_slowly_rests_for_longer_than_the_answer_took() {
        assert_eq!(rest(Patience::from_millis(500)), Duration::ZERO);
        assert_eq!(rest(Patience::from_secs(3)), Duration::ZERO);
        assert_eq!(rest(Patience::from_secs(5)), Duration::seconds(20));
        assert_eq!(rest(Patience::from_secs(600)), Duration::seconds(40));
    }

    #[actix_web::test]
    async fn one_job_at_a_time_works_for_an_address_and_for_a_company() {
        let world = testing::ground().await.unwrap();
        let now = world.clock().now();
        let (ours, theirs) = (CompanyId::fresh(now, world.random()), CompanyId::fresh(now, world.random()));
        let mut ids = Vec::new();
        for company in [ours, ours, theirs] {
            let webhook = Webhook {
                id: WebhookId::fresh(now, world.random()),
                company,
                url: "https://hooks.example.dk/in".to_owned(),
                kinds: vec![EventKind::EmployeeLeft],
                state: WebhookState::Active,
                why: None,
                failing_since: None,
                dropped: 0,
                former_until: None,
                created_at: now,
            };
            world.database.write(async |unit| store::insert(unit, &webhook, b"sealed").await).await.unwrap();
            assert!(world.database.write(async |unit| wake(unit, webhook.id).await).await.unwrap());
            assert!(!world.database.write(async |unit| wake(unit, webhook.id).await).await.unwrap(), "one job is enough");
            ids.push(webhook.id);
        }
        let work = async |id: WebhookId, at: Moment| {
            world.database.write(async |unit| store::begin_work(unit, id, at, unit.now().plus(WORKING)).await).await.unwrap()
        };
        assert!(work(ids[0], now).await);
        assert!(!work(ids[0], now).await, "it works already");
        assert!(!work(ids[1], now).await, "another address of the company has its turn");
        assert!(work(ids[2], now).await, "another company does not wait");
        assert!(world.database.write(async |unit| store::end_work(unit, ids[0], now, None).await).await.unwrap());
        assert!(work(ids[1], now).await);
        assert!(!work(ids[0], now).await, "that job is not the noted one any more");
        world.clock.advance(WORKING);
        assert!(work(ids[1], now).await, "whoever is gone is waited for no longer");
    }

    #[test]
    fn a_mail_names_the_server_and_nothing_of_the_address_behind_it() {
        assert_eq!(server("https://hooks.example.dk:8443/in/geheim?key=x"), "https://hooks.example.dk:8443");
        assert_eq!(server("https://hooks.example.dk?key=x"), "https://hooks.example.dk");
    }
}
