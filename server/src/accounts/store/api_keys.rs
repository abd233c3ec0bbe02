//! The rows of companies' API keys.

use super::super::{ApiKey, api_keys::words};
use crate::{
    execute, fetch,
    platform::{
        actor::Scope,
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, ApiKeyId, CompanyId},
        moment::Moment,
        networks::Network,
    },
};

#[derive(sqlx::FromRow)]
struct Row {
    id: ApiKeyId,
    company_id: CompanyId,
    name: String,
    prefix: String,
    scopes: String,
    networks: String,
    made_by: AccountId,
    created_at: Moment,
    expires_at: Moment,
    seen_at: Option<Moment>,
}

fn corrupt(what: &'static str, value: &str) -> DatabaseError {
    DatabaseError::Corrupt { what, value: value.to_owned() }
}

fn scopes(words: &str) -> Result<Vec<Scope>, DatabaseError> {
    let words = words.split(',').filter(|word| !word.is_empty());
    words.map(|word| Scope::of(word).ok_or_else(|| corrupt("scope", word))).collect()
}

fn networks(words: &str) -> Result<Vec<Network>, DatabaseError> {
    let words = words.split(',').filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|_| corrupt("network", word))).collect()
}

impl TryFrom<Row> for ApiKey {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            scopes: scopes(&row.scopes)?,
            networks: networks(&row.networks)?,
            id: row.id,
            company: row.company_id,
            name: row.name,
            prefix: row.prefix,
            made_by: row.made_by,
            made_at: row.created_at,
            expires_at: row.expires_at,
            seen_at: row.seen_at,
        })
    }
}

pub async fn insert_api_key(unit: &mut Unit, key: &ApiKey, hash: &[u8]) -> Result<(), DatabaseError> {
    let networks = key.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO api_key (id, token_hash, company_id, name, prefix, scopes, networks, made_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        )
        .bind(key.id)
        .bind(hash)
        .bind(key.company)
        .bind(&key.name)
        .bind(&key.prefix)
        .bind(words(&key.scopes))
        .bind(networks)
        .bind(key.made_by)
        .bind(key.made_at)
        .bind(key.expires_at)
    )
    .map(drop)
}

/// Those that are neither ended nor too old, the newest first.
pub async fn api_keys(connection: &mut impl Connection, company: CompanyId, now: Moment) -> Result<Vec<ApiKey>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, name, prefix, scopes, networks, made_by, created_at, expires_at, seen_at FROM api_key
         WHERE company_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id DESC LIMIT 100"
    )
    .bind(company)
    .bind(now)
    .fetch_all(c))?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

pub async fn api_key_name(connection: &mut impl Connection, id: ApiKeyId) -> Result<Option<String>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT name FROM api_key WHERE id = $1").bind(id).fetch_optional(c))
}

/// `false` when it is not the company's, or was ended.
pub async fn end_api_key(unit: &mut Unit, company: CompanyId, id: ApiKeyId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query("UPDATE api_key SET ended_at = $1 WHERE id = $2 AND company_id = $3 AND ended_at IS NULL")
            .bind(now)
            .bind(id)
            .bind(company)
    )?;
    Ok(ended == 1)
}

pub async fn live_api_key(connection: &mut impl Connection, hash: &[u8], now: Moment) -> Result<Option<ApiKey>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, name, prefix, scopes, networks, made_by, created_at, expires_at, seen_at FROM api_key
         WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c))?;
    let key = row.map(ApiKey::try_from).transpose()?;
    Ok(key)
}

pub async fn touch_api_key(unit: &mut Unit, id: ApiKeyId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE api_key SET seen_at = $1 WHERE id = $2").bind(now).bind(id)).map(drop)
}

/// Gives how many.
pub async fn end_every_api_key(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE api_key SET ended_at = $1 WHERE ended_at IS NULL").bind(now))
}
