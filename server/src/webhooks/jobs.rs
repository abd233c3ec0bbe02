//! Tries what is to be told, tries again what was not taken, and gives up an address that takes nothing.

use std::{
    sync::{Arc, OnceLock},
    time::Duration as Patience,
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
        id::{CompanyId, WebhookDeliveryId, WebhookId},
        moment::Moment,
        outgoing::{Outgoing, OutgoingError},
        queue,
    },
};

/// Tries one telling. It waits for servers that companies name: hands of their own work on these jobs.
pub const DELIVER: queue::Kind = queue::Kind("webhooks.deliver");
/// Tells the administrators that an address is told nothing more. Run by `logins`, which knows who they are.
pub const TELL_DISABLED: queue::Kind = queue::Kind("webhooks.tell_disabled");

/// So long a server may take.
const PATIENCE: Patience = Patience::from_secs(10);
/// What was told is remembered for so long.
const KEPT: Duration = Duration::days(30);
/// "Gone" (RFC 9110 section 15.5.11): the server wants nothing more, says Standard Webhooks.
const GONE: u16 = 410;

/// Which telling.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Deliver {
    /// It.
    pub delivery: WebhookDeliveryId,
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
    /// Nothing was sent: another try failed just before.
    NotTried,
    /// The address is told nothing more.
    NotWanted,
}

/// Runs [`DELIVER`]. Run again after a crash it may tell once more, under the same id; what was taken is not told again.
///
/// # Errors
/// When the database or the keystore fails. What the server does is no error of the job: its own rows say when it is tried again.
pub async fn deliver(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let Deliver { delivery } = serde_json::from_str(payload)?;
    let Some(due) = store::due(&mut ground.database.read().await?, delivery).await? else { return Ok(()) };
    let now = ground.clock().now();
    // Its job of then will do it.
    if due.next_at.is_some_and(|next| next > now) {
        return Ok(());
    }
    let outcome = if WebhookState::of(&due.state) != Some(WebhookState::Active) {
        Outcome::NotWanted
    } else if due.quiet_until.is_some_and(|until| until > now) {
        Outcome::NotTried
    } else {
        post(ground, &due, now).await?
    };
    ground.database.write(async |unit| note(unit, &due, &outcome).await).await?;
    Ok(())
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
        Outcome::NotWanted => {
            store::note_tried(unit, due, &Tried { attempts: due.attempts, ..tried(DeliveryState::Dropped, None, None, None) }).await?;
        }
        Outcome::NotTried => {
            fail(unit, due, Fault::Quiet, None).await?;
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
    if !store::note_tried(unit, due, &tried).await? {
        return Ok(false);
    }
    if let Some(next) = next_at {
        queue::enqueue(unit, DELIVER, &Deliver { delivery: due.id }, next).await?;
    }
    Ok(true)
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
    use super::*;

    #[test]
    fn a_mail_names_the_server_and_nothing_of_the_address_behind_it() {
        assert_eq!(server("https://hooks.example.dk:8443/in/geheim?key=x"), "https://hooks.example.dk:8443");
        assert_eq!(server("https://hooks.example.dk?key=x"), "https://hooks.example.dk");
    }
}
