//! All rows of requests to phones, of stops and of limits.

pub(super) mod releases;

pub(super) use releases::end_every_release;

use keycard::{Signature, Signed, payload::Payload};

use super::{
    model::{Past, State},
    prepare::Prepared,
};
use crate::{
    execute, fetch,
    platform::{
        consent,
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, ApprovalId, PhoneId, SessionId},
        moment::Moment,
    },
};

/// A request.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub id: ApprovalId,
    pub root_id: ApprovalId,
    pub account_id: AccountId,
    pub purpose: String,
    pub consent: String,
    pub state: String,
    pub number: String,
    pub qr: Vec<u8>,
    pub extended: i64,
    pub session_id: Option<SessionId>,
    pub network: String,
    pub payload: Vec<u8>,
    pub payload_signature: Vec<u8>,
    pub expires_at: Moment,
    pub ended_at: Option<Moment>,
    pub phone_id: Option<PhoneId>,
    pub decision: Option<Vec<u8>>,
}

impl Row {
    pub(super) fn state(&self) -> Result<State, DatabaseError> {
        state_of(&self.state)
    }

    /// The signed payload, as the phone gets it.
    pub(super) fn signed(&self) -> Result<Signed<Payload>, DatabaseError> {
        let corrupt = |error: keycard::Fault| DatabaseError::Corrupt { what: "payload", value: error.to_string() };
        let signature = Signature::from_der("signature", &self.payload_signature).map_err(corrupt)?;
        Signed::from_parts(self.payload.clone(), signature).map_err(corrupt)
    }

    /// What the page's QR holds.
    pub(super) fn qr(&self) -> Result<[u8; keycard::QR_BYTES], DatabaseError> {
        self.qr.as_slice().try_into().map_err(|_| DatabaseError::Corrupt { what: "QR of approval", value: self.id.to_string() })
    }

    /// What was asked: our own bytes, signed by us.
    pub(super) fn payload(&self) -> Result<Payload, DatabaseError> {
        use keycard::Canonical as _;
        Payload::decode(&self.payload).map_err(|error| DatabaseError::Corrupt { what: "payload", value: error.to_string() })
    }
}

fn state_of(word: &str) -> Result<State, DatabaseError> {
    State::of(word).ok_or_else(|| DatabaseError::Corrupt { what: "state of approval", value: word.to_owned() })
}

pub(super) async fn approval(connection: &mut impl Connection, id: ApprovalId) -> Result<Option<Row>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, root_id, account_id, purpose, consent, state, number, qr, extended, session_id, network, payload, payload_signature,
                expires_at, ended_at, phone_id, decision
         FROM approval WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c))
}

/// The newest row of a request, as its page shows it.
pub(super) async fn newest(connection: &mut impl Connection, root: ApprovalId) -> Result<Option<Row>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, root_id, account_id, purpose, consent, state, number, qr, extended, session_id, network, payload, payload_signature,
                expires_at, ended_at, phone_id, decision
         FROM approval WHERE root_id = $1 ORDER BY extended DESC LIMIT 1"
    )
    .bind(root)
    .fetch_optional(c))
}

/// Notes that a person is asked, in the row that whoever asks the same person at once waits for until this unit has ended.
pub(super) async fn ring(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO approval_ring (account_id, rung_at) VALUES ($1, $2)
             ON CONFLICT (account_id) DO UPDATE SET rung_at = excluded.rung_at"
        )
        .bind(account)
        .bind(now)
    )
    .map(drop)
}

/// What waits for a person, and in which slot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Waits {
    pub id: ApprovalId,
    pub slot: i64,
    pub expires_at: Moment,
}

pub(super) async fn waiting(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Waits>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, slot, expires_at FROM approval WHERE account_id = $1 AND slot IN (0, 1, 2) ORDER BY id"
    )
    .bind(account)
    .fetch_all(c))
}

/// Writes a request into a slot; not when somebody else was faster.
pub(super) async fn insert(unit: &mut Unit, prepared: &Prepared, slot: i64) -> Result<bool, DatabaseError> {
    let Prepared { ask, id, number, qr, payload, issued_at, expires_at } = prepared;
    let now = unit.now();
    let written = execute!(
        unit,
        sqlx::query(
            "INSERT INTO approval (id, root_id, account_id, purpose, consent, binding, state, slot, number, qr, wrong, extended, session_id,
                                   network, payload, payload_signature, issued_at, expires_at, changed_at)
             VALUES ($1, $1, $2, $3, $4, $5, 'waiting', $6, $7, $8, 0, 0, $9, $10, $11, $12, $13, $14, $15)
             ON CONFLICT (account_id, slot) DO NOTHING"
        )
        .bind(*id)
        .bind(ask.account)
        .bind(ask.purpose.word())
        .bind(ask.consent.word())
        .bind(ask.binding.as_slice())
        .bind(slot)
        .bind(number)
        .bind(qr.as_slice())
        .bind(ask.initiator.standpoint.session())
        .bind(&ask.initiator.network)
        .bind(payload.bytes())
        .bind(payload.signature().der())
        .bind(*issued_at)
        .bind(*expires_at)
        .bind(now)
    )?;
    Ok(written == 1)
}

/// The request that takes the place of one whose time was extended.
pub(super) struct Later {
    pub id: ApprovalId,
    pub payload: Signed<Payload>,
    pub issued_at: Moment,
    pub expires_at: Moment,
}

/// Ends a request in favour of a later one; gives its slot, to one only of many who ask.
pub(super) async fn end_extended(unit: &mut Unit, id: ApprovalId) -> Result<Option<i64>, DatabaseError> {
    let now = unit.now();
    let slot: Option<i64> = fetch!(unit, |c| sqlx::query_scalar(
        "SELECT slot FROM approval WHERE id = $1 AND state = 'waiting' AND expires_at > $2 AND slot IS NOT NULL"
    )
    .bind(id)
    .bind(now)
    .fetch_optional(c))?;
    let ended = execute!(
        unit,
        sqlx::query(
            "UPDATE approval SET state = 'extended', slot = NULL, ended_at = $1, changed_at = $1
             WHERE id = $2 AND state = 'waiting' AND expires_at > $1"
        )
        .bind(now)
        .bind(id)
    )?;
    Ok(slot.filter(|_| ended == 1))
}

pub(super) async fn insert_later(unit: &mut Unit, row: &Row, later: &Later, slot: i64) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO approval (id, root_id, account_id, purpose, consent, binding, state, slot, number, qr, wrong, extended, session_id,
                                   network, payload, payload_signature, issued_at, expires_at, changed_at)
             SELECT $1, root_id, account_id, purpose, consent, binding, 'waiting', $2, number, qr, wrong, extended + 1, session_id,
                    network, $3, $4, $5, $6, $7
             FROM approval WHERE id = $8"
        )
        .bind(later.id)
        .bind(slot)
        .bind(later.payload.bytes())
        .bind(later.payload.signature().der())
        .bind(later.issued_at)
        .bind(later.expires_at)
        .bind(now)
        .bind(row.id)
    )
    .map(drop)
}

/// What a network asked this person lately, newest first, and when each lapses.
pub(super) async fn past_of_network(
    connection: &mut impl Connection,
    account: AccountId,
    network: &str,
    since: Moment,
) -> Result<Vec<(Past, Moment)>, DatabaseError> {
    let rows: Vec<(String, Moment, Moment)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT state, issued_at, expires_at FROM approval
         WHERE account_id = $1 AND session_id IS NULL AND network = $2 AND issued_at > $3 ORDER BY id DESC LIMIT 60"
    )
    .bind(account)
    .bind(network)
    .bind(since)
    .fetch_all(c))?;
    past_of(rows)
}

/// What a session asked lately, newest first, and when each lapses.
pub(super) async fn past_of_session(
    connection: &mut impl Connection,
    account: AccountId,
    session: SessionId,
    since: Moment,
) -> Result<Vec<(Past, Moment)>, DatabaseError> {
    let rows: Vec<(String, Moment, Moment)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT state, issued_at, expires_at FROM approval
         WHERE account_id = $1 AND session_id = $2 AND issued_at > $3 ORDER BY id DESC LIMIT 60"
    )
    .bind(account)
    .bind(session)
    .bind(since)
    .fetch_all(c))?;
    past_of(rows)
}

/// What log-ins of whatever networks asked this person lately, newest first, and when each lapses.
pub(super) async fn past_log_ins(
    connection: &mut impl Connection,
    account: AccountId,
    since: Moment,
) -> Result<Vec<(Past, Moment)>, DatabaseError> {
    let rows: Vec<(String, Moment, Moment)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT state, issued_at, expires_at FROM approval
         WHERE account_id = $1 AND session_id IS NULL AND issued_at > $2 ORDER BY id DESC LIMIT 60"
    )
    .bind(account)
    .bind(since)
    .fetch_all(c))?;
    past_of(rows)
}

fn past_of(rows: Vec<(String, Moment, Moment)>) -> Result<Vec<(Past, Moment)>, DatabaseError> {
    rows.into_iter().map(|(state, issued_at, expires_at)| Ok((Past { state: state_of(&state)?, issued_at }, expires_at))).collect()
}

/// Ends what waited too long. Gives which.
pub(super) async fn lapse(unit: &mut Unit, account: AccountId) -> Result<Vec<ApprovalId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE approval SET state = 'lapsed', slot = NULL, ended_at = expires_at, changed_at = $1
         WHERE account_id = $2 AND slot IN (0, 1, 2) AND state = 'waiting' AND expires_at <= $1 RETURNING id"
    )
    .bind(now)
    .bind(account)
    .fetch_all(c))
}

/// Ends what the same session asked for the same purpose. Gives which.
pub(super) async fn replace(
    unit: &mut Unit,
    account: AccountId,
    session: SessionId,
    purpose: &str,
) -> Result<Vec<ApprovalId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE approval SET state = 'replaced', slot = NULL, ended_at = $1, changed_at = $1
         WHERE account_id = $2 AND slot IN (0, 1, 2) AND state = 'waiting' AND session_id = $3 AND purpose = $4 RETURNING id"
    )
    .bind(now)
    .bind(account)
    .bind(session)
    .bind(purpose)
    .fetch_all(c))
}

/// Ends a request that still waits, otherwise than by an answer.
pub(super) async fn end(unit: &mut Unit, root: ApprovalId, how: State) -> Result<Option<ApprovalId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE approval SET state = $1, slot = NULL, ended_at = $2, changed_at = $2
         WHERE root_id = $3 AND state = 'waiting' AND expires_at > $2 RETURNING id"
    )
    .bind(how.word())
    .bind(now)
    .bind(root)
    .fetch_optional(c))
}

/// What a phone answered, and everything that proves it.
pub(super) struct Answer<'a> {
    pub state: State,
    pub phone: PhoneId,
    pub decision: &'a [u8],
    pub evidence: &'a [u8],
}

/// Answers a request that still waits: of two phones at once, one wins.
pub(super) async fn answer(unit: &mut Unit, id: ApprovalId, answer: &Answer<'_>) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let answered = execute!(
        unit,
        sqlx::query(
            "UPDATE approval SET state = $1, slot = NULL, phone_id = $2, decision = $3, evidence = $4, ended_at = $5, changed_at = $5
             WHERE id = $6 AND state = 'waiting' AND expires_at > $5"
        )
        .bind(answer.state.word())
        .bind(answer.phone)
        .bind(answer.decision)
        .bind(answer.evidence)
        .bind(now)
        .bind(id)
    )?;
    Ok(answered == 1)
}

/// Ends a request whose answer came with a secret that no process can open. Gives whether it waited.
pub(super) async fn end_unopened(unit: &mut Unit, id: ApprovalId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query(
            "UPDATE approval SET state = 'lapsed', slot = NULL, ended_at = $1, changed_at = $1 WHERE id = $2 AND state = 'waiting'"
        )
        .bind(now)
        .bind(id)
    )?;
    Ok(ended == 1)
}

/// Counts a wrong number on a request that still waits. Gives how many there were.
pub(super) async fn count_wrong(unit: &mut Unit, id: ApprovalId) -> Result<Option<i64>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE approval SET wrong = wrong + 1 WHERE id = $1 AND state = 'waiting' AND expires_at > $2 RETURNING wrong"
    )
    .bind(id)
    .bind(now)
    .fetch_optional(c))
}

/// Ends a request after too many wrong numbers.
pub(super) async fn close(unit: &mut Unit, id: ApprovalId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE approval SET state = 'closed', slot = NULL, ended_at = $1, changed_at = $1 WHERE id = $2 AND state = 'waiting'"
        )
        .bind(now)
        .bind(id)
    )
    .map(drop)
}

pub(super) async fn redeem(
    unit: &mut Unit,
    root: ApprovalId,
    account: AccountId,
    purpose: consent::Purpose,
    binding: &[u8; 32],
    since: Moment,
) -> Result<Option<(ApprovalId, Option<PhoneId>)>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE approval SET redeemed_at = $1
         WHERE root_id = $2 AND state = 'approved' AND redeemed_at IS NULL AND account_id = $3 AND consent = $4 AND binding = $5
           AND ended_at > $6 RETURNING id, phone_id"
    )
    .bind(now)
    .bind(root)
    .bind(account)
    .bind(purpose.word())
    .bind(binding.as_slice())
    .bind(since)
    .fetch_optional(c))
}

/// What a phone was asked before, newest first.
pub(super) async fn history(
    connection: &mut impl Connection,
    account: AccountId,
    after: Option<ApprovalId>,
    now: Moment,
    most: i64,
) -> Result<Vec<Row>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, root_id, account_id, purpose, consent, state, number, qr, extended, session_id, network, payload, payload_signature,
                expires_at, ended_at, phone_id, decision
         FROM approval
         WHERE account_id = $1 AND ($2 IS NULL OR id < $2) AND state <> 'extended' AND (state <> 'waiting' OR expires_at <= $3)
         ORDER BY id DESC LIMIT $4"
    )
    .bind(account)
    .bind(after)
    .bind(now)
    .bind(most)
    .fetch_all(c))
}

/// Whose requests changed lately: what another node may not have told us.
pub(super) async fn changed_since(
    connection: &mut impl Connection,
    since: Moment,
) -> Result<Vec<(ApprovalId, AccountId, Moment)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT id, account_id, changed_at FROM approval WHERE changed_at > $1").bind(since).fetch_all(c))
}

/// The evidence of an answered request.
pub(super) async fn evidence(
    connection: &mut impl Connection,
    id: ApprovalId,
) -> Result<Option<(AccountId, Option<Vec<u8>>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT account_id, evidence FROM approval WHERE id = $1").bind(id).fetch_optional(c))
}

pub(super) async fn stop(unit: &mut Unit, account: AccountId, approval: ApprovalId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO signing_stop (account_id, approval_id, stopped_at) VALUES ($1, $2, $3)
             ON CONFLICT (account_id) DO UPDATE SET approval_id = excluded.approval_id, stopped_at = excluded.stopped_at"
        )
        .bind(account)
        .bind(approval)
        .bind(now)
    )
    .map(drop)
}

pub(super) async fn is_stopped(connection: &mut impl Connection, account: AccountId) -> Result<bool, DatabaseError> {
    let stopped: Option<ApprovalId> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT approval_id FROM signing_stop WHERE account_id = $1")
            .bind(account)
            .fetch_optional(c))?;
    Ok(stopped.is_some())
}

pub(super) async fn end_stop(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    Ok(execute!(unit, sqlx::query("DELETE FROM signing_stop WHERE account_id = $1").bind(account))? == 1)
}

pub(super) async fn limit(connection: &mut impl Connection, account: AccountId) -> Result<Option<i64>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT seconds FROM approval_limit WHERE account_id = $1").bind(account).fetch_optional(c))
}

pub(super) async fn set_limit(unit: &mut Unit, account: AccountId, seconds: i64) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO approval_limit (account_id, seconds) VALUES ($1, $2)
             ON CONFLICT (account_id) DO UPDATE SET seconds = excluded.seconds"
        )
        .bind(account)
        .bind(seconds)
    )
    .map(drop)
}

pub(super) async fn forget_unanswered(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM approval WHERE id IN
             (SELECT id FROM approval WHERE changed_at < $1 AND evidence IS NULL ORDER BY changed_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

/// Nothing waits any more, and no yes may be redeemed. What changed longer ago has lapsed by itself.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    let since = now.plus(-time::Duration::days(1));
    let waiting = execute!(
        unit,
        sqlx::query(
            "UPDATE approval SET state = 'withdrawn', slot = NULL, ended_at = $1, changed_at = $1
             WHERE changed_at > $2 AND state = 'waiting'"
        )
        .bind(now)
        .bind(since)
    )?;
    let approved = execute!(
        unit,
        sqlx::query("UPDATE approval SET redeemed_at = $1 WHERE changed_at > $2 AND state = 'approved' AND redeemed_at IS NULL")
            .bind(now)
            .bind(since)
    )?;
    Ok(waiting + approved)
}
