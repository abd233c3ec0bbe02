//! All rows of webhooks.

use super::{
    Delivery, DeliveryState, EventKind, Fault, Webhook, WebhookState, Why,
    model::{TEST, words},
};
use crate::{
    build, execute, fetch,
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit, portions},
        id::{CompanyId, WebhookDeliveryId, WebhookId},
        moment::Moment,
    },
};

fn corrupt(what: &'static str, value: &str) -> DatabaseError {
    DatabaseError::Corrupt { what, value: value.to_owned() }
}

fn kinds(words: &str) -> Result<Vec<EventKind>, DatabaseError> {
    let words = words.split(',').filter(|word| !word.is_empty());
    words.map(|word| EventKind::of(word).ok_or_else(|| corrupt("kind of event", word))).collect()
}

#[derive(sqlx::FromRow)]
struct WebhookRow {
    id: WebhookId,
    company_id: CompanyId,
    url: String,
    kinds: String,
    state: String,
    why: Option<String>,
    failing_since: Option<Moment>,
    dropped: i64,
    former_until: Option<Moment>,
    created_at: Moment,
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = DatabaseError;

    fn try_from(row: WebhookRow) -> Result<Self, DatabaseError> {
        Ok(Self {
            kinds: kinds(&row.kinds)?,
            state: WebhookState::of(&row.state).ok_or_else(|| corrupt("state of a webhook", &row.state))?,
            why: row.why.as_deref().map(|why| Why::of(why).ok_or_else(|| corrupt("reason of a webhook", why))).transpose()?,
            id: row.id,
            company: row.company_id,
            url: row.url,
            failing_since: row.failing_since,
            dropped: row.dropped,
            former_until: row.former_until,
            created_at: row.created_at,
        })
    }
}

pub async fn insert(unit: &mut Unit, webhook: &Webhook, sealed: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO webhook (id, company_id, url, kinds, sealed, state, failures, dropped, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7)"
        )
        .bind(webhook.id)
        .bind(webhook.company)
        .bind(&webhook.url)
        .bind(words(&webhook.kinds))
        .bind(sealed)
        .bind(webhook.state.word())
        .bind(webhook.created_at)
    )
    .map(drop)
}

pub async fn webhooks(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Webhook>, DatabaseError> {
    let rows: Vec<WebhookRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, url, kinds, state, why, failing_since, dropped, former_until, created_at
         FROM webhook WHERE company_id = $1 ORDER BY id LIMIT 50"
    )
    .bind(company)
    .fetch_all(c))?;
    rows.into_iter().map(Webhook::try_from).collect()
}

pub async fn webhook(connection: &mut impl Connection, company: CompanyId, id: WebhookId) -> Result<Option<Webhook>, DatabaseError> {
    let row: Option<WebhookRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, url, kinds, state, why, failing_since, dropped, former_until, created_at
         FROM webhook WHERE id = $1 AND company_id = $2"
    )
    .bind(id)
    .bind(company)
    .fetch_optional(c))?;
    row.map(Webhook::try_from).transpose()
}

/// Those of the companies that have an address that is told anything.
pub async fn listening_among(connection: &mut impl Connection, companies: &[CompanyId]) -> Result<Vec<CompanyId>, DatabaseError> {
    let mut listening = Vec::new();
    for portion in portions(companies) {
        let found: Vec<CompanyId> = build!(connection, "SELECT DISTINCT company_id FROM webhook WHERE state = 'active' ", |query, c| {
            query.push(" AND company_id IN (");
            let mut list = query.separated(", ");
            for company in portion {
                list.push_bind(*company);
            }
            query.push(")");
            query.build_query_scalar().fetch_all(c).await
        })?;
        listening.extend(found);
    }
    Ok(listening)
}

/// Those addresses of a company that are told anything, with the kinds.
pub async fn listening(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<(WebhookId, Vec<EventKind>)>, DatabaseError> {
    let rows: Vec<(WebhookId, String)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kinds FROM webhook WHERE company_id = $1 AND state = 'active' ORDER BY id LIMIT 50"
    )
    .bind(company)
    .fetch_all(c))?;
    rows.into_iter().map(|(id, words)| Ok((id, kinds(&words)?))).collect()
}

pub async fn count_waiting(connection: &mut impl Connection, id: WebhookId) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT COUNT(*) FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting'")
        .bind(id)
        .fetch_one(c))
}

pub async fn note_dropped(unit: &mut Unit, id: WebhookId, count: i64) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE webhook SET dropped = dropped + $2 WHERE id = $1").bind(id).bind(count)).map(drop)
}

/// `false` when it is not there, or not the company's. What waits there ends with it.
pub async fn remove(unit: &mut Unit, company: CompanyId, id: WebhookId) -> Result<bool, DatabaseError> {
    let gone = execute!(unit, sqlx::query("DELETE FROM webhook WHERE id = $1 AND company_id = $2").bind(id).bind(company))?;
    if gone == 1 {
        drop_waiting(unit, id).await?;
    }
    Ok(gone == 1)
}

/// What waits at an address is not told.
pub async fn drop_waiting(unit: &mut Unit, id: WebhookId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE webhook_delivery SET state = 'dropped', next_at = NULL, ended_at = $2 WHERE webhook_id = $1 AND state = 'waiting'"
        )
        .bind(id)
        .bind(now)
    )
    .map(drop)
}

/// Another secret, and none beside it: the one that was there may be one of before, that was replaced. `false` when it is not there.
pub async fn replace_secret(unit: &mut Unit, company: CompanyId, id: WebhookId, sealed: &[u8]) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE webhook SET sealed = $3, former_sealed = NULL, former_until = NULL WHERE id = $1 AND company_id = $2")
            .bind(id)
            .bind(company)
            .bind(sealed)
    )?;
    Ok(changed == 1)
}

/// Counts what is sent by hand. `false` when it was so much since `since` that no more is sent now.
pub async fn count_by_hand(unit: &mut Unit, id: WebhookId, most: i64, since: Moment) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let counted = execute!(
        unit,
        sqlx::query(
            "UPDATE webhook SET by_hand = CASE WHEN by_hand_at > $2 THEN by_hand + 1 ELSE 1 END,
                 by_hand_at = CASE WHEN by_hand_at > $2 THEN by_hand_at ELSE $3 END
             WHERE id = $1 AND (by_hand_at IS NULL OR by_hand_at <= $2 OR by_hand < $4)"
        )
        .bind(id)
        .bind(since)
        .bind(now)
        .bind(most)
    )?;
    Ok(counted == 1)
}

/// `false` when it is not there, or serves.
pub async fn resume(unit: &mut Unit, company: CompanyId, id: WebhookId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE webhook SET state = 'active', why = NULL, failures = 0, failing_since = NULL, quiet_until = NULL, dropped = 0
             WHERE id = $1 AND company_id = $2 AND state = 'disabled'"
        )
        .bind(id)
        .bind(company)
    )?;
    Ok(changed == 1)
}

/// Another secret; the present one signs too until `until`. `false` when it is not there.
pub async fn rotate(unit: &mut Unit, company: CompanyId, id: WebhookId, sealed: &[u8], until: Moment) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE webhook SET former_sealed = sealed, former_until = $4, sealed = $3 WHERE id = $1 AND company_id = $2")
            .bind(id)
            .bind(company)
            .bind(sealed)
            .bind(until)
    )?;
    Ok(changed == 1)
}

/// `false` when it is disabled already.
pub async fn disable(unit: &mut Unit, id: WebhookId, why: Why) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE webhook SET state = 'disabled', why = $2 WHERE id = $1 AND state = 'active'").bind(id).bind(why.word())
    )?;
    Ok(changed == 1)
}

/// Gives how many.
pub async fn disable_every(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE webhook SET state = 'disabled', why = 'restored' WHERE state = 'active'"))
}

/// Disables all addresses of a company, also those that are told nothing for another reason. Gives how many.
pub async fn disable_of(unit: &mut Unit, company: CompanyId, why: Why) -> Result<u64, DatabaseError> {
    let disable = "UPDATE webhook SET state = 'disabled', why = $2 WHERE company_id = $1";
    execute!(unit, sqlx::query(disable).bind(company).bind(why.word()))
}

/// A try failed: so many in a row by now.
pub async fn note_failure(unit: &mut Unit, id: WebhookId, quiet_until: Moment) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE webhook SET failures = failures + 1, failing_since = COALESCE(failing_since, $2), quiet_until = $3 WHERE id = $1"
        )
        .bind(id)
        .bind(now)
        .bind(quiet_until)
    )
    .map(drop)
}

/// Something was taken.
pub async fn note_success(unit: &mut Unit, id: WebhookId) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE webhook SET failures = 0, failing_since = NULL, quiet_until = NULL WHERE id = $1 AND failures > 0").bind(id)
    )
    .map(drop)
}

/// A telling to be kept.
pub struct NewDelivery<'a> {
    pub id: WebhookDeliveryId,
    pub webhook: WebhookId,
    pub kind: &'static str,
    pub body: &'a [u8],
}

pub async fn insert_deliveries(unit: &mut Unit, deliveries: &[NewDelivery<'_>]) -> Result<(), DatabaseError> {
    let now = unit.now();
    for portion in portions(deliveries) {
        build!(
            unit,
            "INSERT INTO webhook_delivery (id, webhook_id, kind, body, state, attempts, created_at, begun_at, next_at) ",
            |query, c| {
                query.push_values(portion, |mut row, one| {
                    row.push_bind(one.id).push_bind(one.webhook).push_bind(one.kind).push_bind(one.body.to_vec());
                    row.push("'waiting'").push("0").push_bind(now).push_bind(now).push_bind(now);
                });
                query.build().execute(c).await.map(drop)
            }
        )?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: WebhookDeliveryId,
    kind: String,
    state: String,
    attempts: i64,
    status: Option<i64>,
    fault: Option<String>,
    created_at: Moment,
    tried_at: Option<Moment>,
    next_at: Option<Moment>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = DatabaseError;

    fn try_from(row: DeliveryRow) -> Result<Self, DatabaseError> {
        if row.kind != TEST && EventKind::of(&row.kind).is_none() {
            return Err(corrupt("kind of event", &row.kind));
        }
        Ok(Self {
            state: DeliveryState::of(&row.state).ok_or_else(|| corrupt("state of a delivery", &row.state))?,
            fault: row.fault.as_deref().map(|fault| Fault::of(fault).ok_or_else(|| corrupt("fault of a delivery", fault))).transpose()?,
            id: row.id,
            kind: row.kind,
            attempts: row.attempts,
            status: row.status,
            created_at: row.created_at,
            tried_at: row.tried_at,
            next_at: row.next_at,
        })
    }
}

/// What was told at an address before `before`, the newest first.
pub async fn deliveries(
    connection: &mut impl Connection,
    webhook: WebhookId,
    before: WebhookDeliveryId,
    rows: i64,
) -> Result<Vec<Delivery>, DatabaseError> {
    let rows: Vec<DeliveryRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kind, state, attempts, status, fault, created_at, tried_at, next_at
         FROM webhook_delivery WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    )
    .bind(webhook)
    .bind(before)
    .bind(rows)
    .fetch_all(c))?;
    rows.into_iter().map(Delivery::try_from).collect()
}

/// `false` when it is not there, or waits already.
pub async fn again(unit: &mut Unit, webhook: WebhookId, id: WebhookDeliveryId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, begun_at = $3, next_at = $3, ended_at = NULL
             WHERE id = $1 AND webhook_id = $2 AND state <> 'waiting'"
        )
        .bind(id)
        .bind(webhook)
        .bind(now)
    )?;
    Ok(changed == 1)
}

pub async fn exists(connection: &mut impl Connection, webhook: WebhookId, id: WebhookDeliveryId) -> Result<bool, DatabaseError> {
    let found: Option<WebhookDeliveryId> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT id FROM webhook_delivery WHERE id = $1 AND webhook_id = $2")
            .bind(id)
            .bind(webhook)
            .fetch_optional(c))?;
    Ok(found.is_some())
}

/// A telling that waits, with what trying it needs.
#[derive(sqlx::FromRow)]
pub struct Due {
    pub id: WebhookDeliveryId,
    pub body: Vec<u8>,
    pub attempts: i64,
    pub begun_at: Moment,
    pub webhook_id: WebhookId,
    pub company_id: CompanyId,
    pub url: String,
    pub state: String,
    pub failures: i64,
    pub failing_since: Option<Moment>,
    pub quiet_until: Option<Moment>,
    pub sealed: Vec<u8>,
    pub former_sealed: Option<Vec<u8>>,
    pub former_until: Option<Moment>,
}

/// What has waited longest at an address, of what is to be tried by now.
pub async fn due(connection: &mut impl Connection, webhook: WebhookId, now: Moment) -> Result<Option<Due>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT d.id, d.body, d.attempts, d.begun_at, d.webhook_id, w.company_id, w.url, w.state, w.failures, w.failing_since,
                w.quiet_until, w.sealed, w.former_sealed, w.former_until
         FROM webhook_delivery AS d JOIN webhook AS w ON w.id = d.webhook_id
         WHERE d.webhook_id = $1 AND d.state = 'waiting' AND d.next_at <= $2 ORDER BY d.next_at, d.id LIMIT 1"
    )
    .bind(webhook)
    .bind(now)
    .fetch_optional(c))
}

/// Until when an address is quiet, and when something there is to be tried next. `None` when it is not there.
pub async fn next_due(
    connection: &mut impl Connection,
    webhook: WebhookId,
) -> Result<Option<(Option<Moment>, Option<Moment>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT w.quiet_until, (SELECT MIN(d.next_at) FROM webhook_delivery AS d WHERE d.webhook_id = w.id AND d.state = 'waiting')
         FROM webhook AS w WHERE w.id = $1"
    )
    .bind(webhook)
    .fetch_optional(c))
}

/// Addresses where something should have been tried before `before`.
pub async fn late(connection: &mut impl Connection, before: Moment) -> Result<Vec<WebhookId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT DISTINCT webhook_id FROM webhook_delivery WHERE state = 'waiting' AND next_at <= $1 ORDER BY webhook_id LIMIT 1000"
    )
    .bind(before)
    .fetch_all(c))
}

/// Notes a job of now. `false` when one comes before `soon` anyway, or the address is quiet; one of before `lost` never came.
pub async fn note_job(unit: &mut Unit, id: WebhookId, soon: Moment, lost: Moment) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let noted = execute!(
        unit,
        sqlx::query(
            "UPDATE webhook SET next_job_at = $2 WHERE id = $1 AND (next_job_at IS NULL OR next_job_at < $4
                 OR (next_job_at > $3 AND (quiet_until IS NULL OR quiet_until <= $2)))"
        )
        .bind(id)
        .bind(now)
        .bind(soon)
        .bind(lost)
    )?;
    Ok(noted == 1)
}

/// `true` when this very job works for the address until then: it is the noted one, and no other works for the company.
pub async fn begin_work(unit: &mut Unit, id: WebhookId, job_at: Moment, until: Moment) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let begun = execute!(
        unit,
        sqlx::query(
            "UPDATE webhook SET working_until = $3
             WHERE id = $1 AND next_job_at = $2 AND (working_until IS NULL OR working_until <= $4) AND NOT EXISTS (
                 SELECT 1 FROM webhook AS other
                 WHERE other.company_id = webhook.company_id AND other.id <> webhook.id AND other.working_until > $4)"
        )
        .bind(id)
        .bind(job_at)
        .bind(until)
        .bind(now)
    )?;
    Ok(begun == 1)
}

/// The job of `job_at` has ended its work, and the next one is of then. `false` when another is noted by now.
pub async fn end_work(unit: &mut Unit, id: WebhookId, job_at: Moment, next: Option<Moment>) -> Result<bool, DatabaseError> {
    let ended = execute!(
        unit,
        sqlx::query("UPDATE webhook SET working_until = NULL, next_job_at = $3 WHERE id = $1 AND next_job_at = $2")
            .bind(id)
            .bind(job_at)
            .bind(next)
    )?;
    Ok(ended == 1)
}

/// The job of `job_at` comes later, since another works. `false` when another is noted by now.
pub async fn put_off(unit: &mut Unit, id: WebhookId, job_at: Moment, later: Moment) -> Result<bool, DatabaseError> {
    let put_off = execute!(
        unit,
        sqlx::query("UPDATE webhook SET next_job_at = $3 WHERE id = $1 AND next_job_at = $2").bind(id).bind(job_at).bind(later)
    )?;
    Ok(put_off == 1)
}

/// What became of a try.
pub struct Tried {
    pub state: DeliveryState,
    pub attempts: i64,
    pub status: Option<i64>,
    pub fault: Option<Fault>,
    pub next_at: Option<Moment>,
}

/// `false` when somebody else noted the outcome of this very try.
pub async fn note_tried(unit: &mut Unit, due: &Due, tried: &Tried) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended_at = (tried.state != DeliveryState::Waiting).then_some(now);
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE webhook_delivery SET state = $3, attempts = $4, status = $5, fault = $6, tried_at = $7, next_at = $8, ended_at = $9
             WHERE id = $1 AND attempts = $2 AND state = 'waiting'"
        )
        .bind(due.id)
        .bind(due.attempts)
        .bind(tried.state.word())
        .bind(tried.attempts)
        .bind(tried.status)
        .bind(tried.fault.map(Fault::word))
        .bind(now)
        .bind(tried.next_at)
        .bind(ended_at)
    )?;
    Ok(changed == 1)
}

/// What ended before `before`, a batch of it. Gives how much.
pub async fn forget(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM webhook_delivery WHERE id IN
             (SELECT id FROM webhook_delivery WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}
