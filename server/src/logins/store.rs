//! All rows of log-ins, sessions and API keys.

use super::{ApiToken, Refusal, Session, model::Login};
use crate::{
    execute, fetch,
    platform::{
        actor::{Carrier, ProvenBy},
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, ApiTokenId, ChallengeId, LoginId, SessionId},
        moment::Moment,
    },
};

/// The word of a carrier in rows.
pub(super) const fn carrier_word(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Browser => "browser",
        Carrier::Program => "program",
    }
}

fn carrier_of(word: String) -> Result<Carrier, DatabaseError> {
    match word.as_str() {
        "browser" => Ok(Carrier::Browser),
        "program" => Ok(Carrier::Program),
        _ => Err(DatabaseError::Corrupt { what: "carrier", value: word }),
    }
}

pub(super) async fn insert_login(
    unit: &mut Unit,
    login: &Login,
    token_hash: &[u8],
    network: &str,
    expires_at: Moment,
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO login (id, token_hash, account_id, challenge_id, approval_id, session_id, device_id, network, state, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10)"
        )
        .bind(login.id)
        .bind(token_hash)
        .bind(login.account)
        .bind(login.challenge)
        .bind(login.approval)
        .bind(login.session)
        .bind(login.device)
        .bind(network)
        .bind(now)
        .bind(expires_at)
    )
    .map(drop)
}

pub(super) async fn waiting_login(
    connection: &mut impl Connection,
    token_hash: &[u8],
    now: Moment,
) -> Result<Option<Login>, DatabaseError> {
    fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, account_id, challenge_id, approval_id, session_id, device_id FROM login WHERE token_hash = $1 AND state = 'waiting' AND expires_at > $2"
    )
    .bind(token_hash)
    .bind(now)
    .fetch_optional(c)
    })
}

pub(super) async fn claim_login(unit: &mut Unit, id: LoginId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let claimed = execute!(
        unit,
        sqlx::query("UPDATE login SET state = 'answered' WHERE id = $1 AND state = 'waiting' AND expires_at > $2").bind(id).bind(now)
    )?;
    Ok(claimed == 1)
}

/// Another card is asked. Whether the log-in still waited.
pub(super) async fn change_challenge(unit: &mut Unit, id: LoginId, challenge: ChallengeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE login SET challenge_id = $1 WHERE id = $2 AND state = 'waiting' AND expires_at > $3")
            .bind(challenge)
            .bind(id)
            .bind(now)
    )?;
    Ok(changed == 1)
}

/// Ends a log-in on its way. Whether it still waited.
pub(super) async fn give_up_login(unit: &mut Unit, id: LoginId) -> Result<bool, DatabaseError> {
    let ended = execute!(unit, sqlx::query("UPDATE login SET state = 'ended' WHERE id = $1 AND state = 'waiting'").bind(id))?;
    Ok(ended == 1)
}

/// A session to be stored.
pub(super) struct NewSession {
    pub id: SessionId,
    pub token_hash: Vec<u8>,
    pub account: AccountId,
    pub carrier: Carrier,
    pub network: String,
    pub proven_at: Moment,
    pub proven_by: ProvenBy,
    pub expires_at: Moment,
}

pub(super) async fn insert_session(unit: &mut Unit, session: &NewSession) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO session (id, token_hash, account_id, carrier, network, created_at, seen_at, proven_at, proven_by, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)"
        )
        .bind(session.id)
        .bind(&session.token_hash)
        .bind(session.account)
        .bind(carrier_word(session.carrier))
        .bind(&session.network)
        .bind(now)
        .bind(session.proven_at)
        .bind(session.proven_by.word())
        .bind(session.expires_at)
    )
    .map(drop)
}

/// A live session, as each request finds it.
#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub id: SessionId,
    pub account_id: AccountId,
    pub created_at: Moment,
    pub seen_at: Moment,
    pub proven_at: Moment,
    pub proven_by: String,
}

pub(super) async fn live_session(
    connection: &mut impl Connection,
    token_hash: &[u8],
    carrier: Carrier,
    now: Moment,
    idle_since: Moment,
) -> Result<Option<SessionRow>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, account_id, created_at, seen_at, proven_at, proven_by FROM session
         WHERE token_hash = $1 AND carrier = $2 AND ended_at IS NULL AND expires_at > $3 AND seen_at > $4"
    )
    .bind(token_hash)
    .bind(carrier_word(carrier))
    .bind(now)
    .bind(idle_since)
    .fetch_optional(c))
}

/// Writes nothing new: true, and the row held, when the session lives. Whoever ends it waits, and then finds what this unit wrote.
pub(super) async fn hold_session(unit: &mut Unit, id: SessionId) -> Result<bool, DatabaseError> {
    let held = execute!(unit, sqlx::query("UPDATE session SET seen_at = seen_at WHERE id = $1 AND ended_at IS NULL").bind(id))?;
    Ok(held == 1)
}

pub(super) async fn touch(unit: &mut Unit, id: SessionId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE session SET seen_at = $1 WHERE id = $2 AND ended_at IS NULL AND seen_at < $1").bind(now).bind(id))
        .map(drop)
}

pub(super) async fn note_proven(unit: &mut Unit, id: SessionId, by: ProvenBy) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE session SET proven_at = $1, proven_by = $2, seen_at = $1 WHERE id = $3 AND ended_at IS NULL AND expires_at > $1"
        )
        .bind(now)
        .bind(by.word())
        .bind(id)
    )?;
    Ok(changed == 1)
}

#[derive(sqlx::FromRow)]
struct ListedSession {
    id: SessionId,
    carrier: String,
    network: String,
    created_at: Moment,
    seen_at: Moment,
    proven_at: Moment,
    expires_at: Moment,
}

pub(super) async fn sessions_of(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Vec<Session>, DatabaseError> {
    let rows: Vec<ListedSession> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, carrier, network, created_at, seen_at, proven_at, expires_at FROM session
         WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id DESC LIMIT 50"
    )
    .bind(account)
    .bind(now)
    .fetch_all(c))?;
    let listed = rows.into_iter().map(|row| {
        let ListedSession { id, carrier, network, created_at, seen_at, proven_at, expires_at } = row;
        Ok(Session { id, carrier: carrier_of(carrier)?, network, created_at, seen_at, proven_at, expires_at })
    });
    listed.collect()
}

pub(super) async fn end_session(unit: &mut Unit, account: AccountId, id: SessionId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query("UPDATE session SET ended_at = $1 WHERE id = $2 AND account_id = $3 AND ended_at IS NULL")
            .bind(now)
            .bind(id)
            .bind(account)
    )?;
    Ok(ended == 1)
}

/// Ends the person's sessions that began in a network. Gives which.
pub(super) async fn end_sessions_of_network(unit: &mut Unit, account: AccountId, network: &str) -> Result<Vec<SessionId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE session SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL AND network = $3 RETURNING id"
    )
    .bind(now)
    .bind(account)
    .bind(network)
    .fetch_all(c))
}

pub(super) async fn end_other_sessions(
    unit: &mut Unit,
    account: AccountId,
    but: Option<SessionId>,
) -> Result<Vec<SessionId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE session SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL AND ($3 IS NULL OR id <> $3) RETURNING id"
    )
    .bind(now)
    .bind(account)
    .bind(but)
    .fetch_all(c))
}

pub(super) async fn live_api_token(
    connection: &mut impl Connection,
    token_hash: &[u8],
    now: Moment,
) -> Result<Option<(AccountId, Moment)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT account_id, created_at FROM api_token WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2"
    )
    .bind(token_hash)
    .bind(now)
    .fetch_optional(c))
}

pub(super) async fn insert_token(unit: &mut Unit, token: &ApiToken, account: AccountId, token_hash: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO api_token (id, token_hash, account_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(token.id)
            .bind(token_hash)
            .bind(account)
            .bind(&token.name)
            .bind(token.created_at)
            .bind(token.expires_at)
    )
    .map(drop)
}

pub(super) async fn tokens_of(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Vec<ApiToken>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, name, created_at, expires_at FROM api_token
         WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id DESC LIMIT 50"
    )
    .bind(account)
    .bind(now)
    .fetch_all(c))
}

/// Ends what programs of the person log in with.
pub(super) async fn end_api_tokens(unit: &mut Unit, account: AccountId) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE api_token SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL").bind(now).bind(account))
}

pub(super) async fn end_token(unit: &mut Unit, account: AccountId, id: ApiTokenId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query("UPDATE api_token SET ended_at = $1 WHERE id = $2 AND account_id = $3 AND ended_at IS NULL")
            .bind(now)
            .bind(id)
            .bind(account)
    )?;
    Ok(ended == 1)
}

pub(super) async fn forget_logins(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query("DELETE FROM login WHERE id IN (SELECT id FROM login WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)")
            .bind(before)
            .bind(BATCH)
    )
}

pub(super) async fn forget_sessions(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query("DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)")
            .bind(before)
            .bind(BATCH)
    )
}

/// A refusal to be written down.
pub(super) struct NewRefusal<'a> {
    pub reference: &'a str,
    pub account: Option<AccountId>,
    pub reason: &'a str,
    pub network: &'a str,
    pub closed_door: Option<&'a [u8]>,
}

/// Whether it was written down; not when the same door has its row already.
pub(super) async fn insert_refusal(unit: &mut Unit, refusal: &NewRefusal<'_>) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let inserted = execute!(
        unit,
        sqlx::query(
            "INSERT INTO login_refusal (reference, account_id, reason, network, at, closed_door) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING"
        )
        .bind(refusal.reference)
        .bind(refusal.account)
        .bind(refusal.reason)
        .bind(refusal.network)
        .bind(now)
        .bind(refusal.closed_door)
    )?;
    Ok(inserted == 1)
}

pub(super) async fn refusal_at_door(connection: &mut impl Connection, closed_door: &[u8]) -> Result<Option<String>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT reference FROM login_refusal WHERE closed_door = $1")
        .bind(closed_door)
        .fetch_optional(c))
}

pub(super) async fn refusal(connection: &mut impl Connection, reference: &str) -> Result<Option<Refusal>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT reference, account_id, reason, network, at FROM login_refusal WHERE reference = $1")
        .bind(reference)
        .fetch_optional(c))
}

pub(super) async fn forget_refusals(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM login_refusal WHERE reference IN (SELECT reference FROM login_refusal WHERE at < $1 ORDER BY at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

/// Every session, log-in on its way and API key ends. Gives how many of each.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<[u64; 3], DatabaseError> {
    let now = unit.now();
    let sessions = execute!(unit, sqlx::query("UPDATE session SET ended_at = $1 WHERE ended_at IS NULL").bind(now))?;
    let logins = execute!(unit, sqlx::query("UPDATE login SET state = 'ended' WHERE state = 'waiting'"))?;
    let tokens = execute!(unit, sqlx::query("UPDATE api_token SET ended_at = $1 WHERE ended_at IS NULL").bind(now))?;
    Ok([sessions, logins, tokens])
}
