//! All rows of code tokens.

use super::model::{
    CodeToken, NewToken, PAUSE, Reach, Reached, Sealed, Taker, TokenKind, TokenState, WRONG_BEFORE_PAUSE, WRONG_IN_A_ROW, digit_count,
    digits_of, hash_of, hash_word,
};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CodeTokenId, CompanyId},
        moment::Moment,
    },
};

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: CodeTokenId,
    serial: String,
    kind: String,
    digits: i64,
    state: String,
    account_id: Option<AccountId>,
    company_id: Option<CompanyId>,
    wrong: i64,
    closed_until: Option<Moment>,
    assigned_at: Option<Moment>,
    life_until: Option<Moment>,
    used_at: Option<Moment>,
    price_ore: Option<i64>,
}

fn corrupt(what: &'static str, value: impl ToString) -> DatabaseError {
    DatabaseError::Corrupt { what, value: value.to_string() }
}

impl TryFrom<TokenRow> for CodeToken {
    type Error = DatabaseError;

    fn try_from(row: TokenRow) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.id,
            serial: row.serial,
            kind: TokenKind::of(&row.kind).ok_or_else(|| corrupt("kind of code token", &row.kind))?,
            digits: row.digits,
            state: TokenState::of(&row.state).ok_or_else(|| corrupt("state of code token", &row.state))?,
            account: row.account_id,
            company: row.company_id,
            wrong: row.wrong,
            closed_until: row.closed_until,
            assigned_at: row.assigned_at,
            life_until: row.life_until,
            used_at: row.used_at,
            price_ore: row.price_ore,
        })
    }
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    id: CodeTokenId,
    kind: String,
    hash_kind: String,
    digits: i64,
    period: i64,
    counter: i64,
    drift: i64,
    sealed: Vec<u8>,
    wrong: i64,
}

impl TryFrom<SealedRow> for Sealed {
    type Error = DatabaseError;

    fn try_from(row: SealedRow) -> Result<Self, DatabaseError> {
        let hash = hash_of(&row.hash_kind).ok_or_else(|| corrupt("hash of code token", &row.hash_kind))?;
        let digits = digits_of(row.digits).ok_or_else(|| corrupt("digits of code token", row.digits))?;
        Ok(Self {
            id: row.id,
            kind: TokenKind::of(&row.kind).ok_or_else(|| corrupt("kind of code token", &row.kind))?,
            oath: keycard::oath::Kind { hash, digits },
            period_ms: u64::try_from(row.period).map_err(|_| corrupt("period of code token", row.period))?.saturating_mul(1000),
            counter: u64::try_from(row.counter).map_err(|_| corrupt("counter of code token", row.counter))?,
            drift: row.drift,
            sealed: row.sealed,
            tries: row.wrong,
        })
    }
}

/// Puts a token into the stock. Whether its serial number was new.
pub(super) async fn insert(
    unit: &mut Unit,
    id: CodeTokenId,
    token: &NewToken,
    sealed: &[u8],
    company: Option<CompanyId>,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let inserted = execute!(
        unit,
        sqlx::query(
            "INSERT INTO code_token (id, serial, kind, hash_kind, digits, period, sealed, counter, drift, state, wrong, imported_at, company_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'stock', 0, $10, $11) ON CONFLICT (serial) DO NOTHING"
        )
        .bind(id)
        .bind(&token.serial)
        .bind(token.kind.word())
        .bind(hash_word(token.oath.hash))
        .bind(digit_count(token.oath.digits))
        .bind(token.period_seconds)
        .bind(sealed)
        .bind(token.counter)
        .bind(token.drift)
        .bind(now)
        .bind(company)
    )?;
    Ok(inserted == 1)
}

pub(super) async fn token(connection: &mut impl Connection, id: CodeTokenId) -> Result<Option<CodeToken>, DatabaseError> {
    let row: Option<TokenRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, serial, kind, digits, state, account_id, company_id, wrong, closed_until, assigned_at, life_until, used_at, price_ore
         FROM code_token WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    })?;
    row.map(TryInto::try_into).transpose()
}

/// What a person has that is not over, the newest first.
pub(super) async fn held(connection: &mut impl Connection, account: AccountId) -> Result<Vec<CodeToken>, DatabaseError> {
    let rows: Vec<TokenRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, serial, kind, digits, state, account_id, company_id, wrong, closed_until, assigned_at, life_until, used_at, price_ore
         FROM code_token WHERE account_id = $1 AND state <> 'ended' ORDER BY id DESC LIMIT 10"
    )
    .bind(account)
    .fetch_all(c)
    })?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// By serial number, within a range, after one.
pub(super) async fn list(
    connection: &mut impl Connection,
    (from, to): (&str, &str),
    after: &str,
    rows: i64,
) -> Result<Vec<(String, CodeToken)>, DatabaseError> {
    let rows: Vec<TokenRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, serial, kind, digits, state, account_id, company_id, wrong, closed_until, assigned_at, life_until, used_at, price_ore
         FROM code_token WHERE serial >= $1 AND serial < $2 AND serial > $3 ORDER BY serial LIMIT $4"
    )
    // From the cursor on: of two lower bounds SQLite searches by one and reads on from there.
    .bind(from.max(after))
    .bind(to)
    .bind(after)
    .bind(rows)
    .fetch_all(c)
    })?;
    rows.into_iter().map(|row| Ok((row.serial.clone(), row.try_into()?))).collect()
}

/// Gives a token of the stock to a person. Its life begins with the first; it is the company's from then on.
pub(super) async fn assign(
    unit: &mut Unit,
    taker: &Taker,
    serial: &str,
    life_until: Moment,
    price_ore: i64,
) -> Result<Option<CodeTokenId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| {
        sqlx::query_scalar(
        "UPDATE code_token SET state = 'assigned', account_id = $1, assigned_at = $2, life_until = COALESCE(life_until, $3), price_ore = $4,
             company_id = $6, wrong = 0, closed_until = NULL
         WHERE serial = $5 AND state = 'stock' AND COALESCE(life_until, $3) > $2 AND ($7 OR company_id IS NULL OR company_id = $6) RETURNING id"
    )
    .bind(taker.account)
    .bind(now)
    .bind(life_until)
    .bind(price_ore)
    .bind(serial)
    .bind(taker.company)
    .bind(taker.reach == Reach::Everything)
    .fetch_optional(c)
    })
}

/// Ends a person's token.
pub(super) async fn put(unit: &mut Unit, id: CodeTokenId, account: AccountId, state: TokenState) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE code_token SET state = $1 WHERE id = $2 AND account_id = $3 AND state <> 'ended' AND state <> 'stock'")
            .bind(state.word())
            .bind(id)
            .bind(account)
    )?;
    Ok(changed == 1)
}

/// Back into the stock: nobody's, but of the same company.
pub(super) async fn take_back(unit: &mut Unit, id: CodeTokenId, account: AccountId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE code_token SET state = 'stock', account_id = NULL, assigned_at = NULL, price_ore = NULL, wrong = 0, closed_until = NULL
             WHERE id = $1 AND account_id = $2 AND state IN ('assigned', 'active')"
        )
        .bind(id)
        .bind(account)
    )?;
    Ok(changed == 1)
}

pub(super) async fn block(unit: &mut Unit, id: CodeTokenId, account: AccountId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE code_token SET state = 'blocked' WHERE id = $1 AND account_id = $2 AND state IN ('assigned', 'active')")
            .bind(id)
            .bind(account)
    )?;
    Ok(changed == 1)
}

/// Takes one try of a person's token before any code is looked at; none when no code is taken now. After every fifth wrong one it pauses.
pub(super) async fn count_try(unit: &mut Unit, account: AccountId) -> Result<Option<Sealed>, DatabaseError> {
    let now = unit.now();
    let row: Option<SealedRow> = fetch!(unit, |c| sqlx::query_as(
        "UPDATE code_token SET wrong = wrong + 1, closed_until = CASE WHEN (wrong + 1) % $1 = 0 THEN $2 ELSE closed_until END
         WHERE account_id = $3 AND state = 'active' AND wrong < $4 AND life_until > $5 AND COALESCE(closed_until, 0) <= $5
         RETURNING id, kind, hash_kind, digits, period, counter, drift, sealed, wrong"
    )
    .bind(WRONG_BEFORE_PAUSE)
    .bind(now.plus(PAUSE))
    .bind(account)
    .bind(WRONG_IN_A_ROW)
    .bind(now)
    .fetch_optional(c))?;
    row.map(TryInto::try_into).transpose()
}

/// The same for two codes that follow one another, whatever its state: no end to the tries, but the pauses.
pub(super) async fn count_pair(unit: &mut Unit, id: CodeTokenId, account: AccountId) -> Result<Option<Sealed>, DatabaseError> {
    let now = unit.now();
    let row: Option<SealedRow> = fetch!(unit, |c| sqlx::query_as(
        "UPDATE code_token SET wrong = wrong + 1, closed_until = CASE WHEN (wrong + 1) % $1 = 0 THEN $2 ELSE closed_until END
         WHERE id = $3 AND account_id = $4 AND state IN ('assigned', 'active', 'blocked') AND life_until > $5
           AND COALESCE(closed_until, 0) <= $5
         RETURNING id, kind, hash_kind, digits, period, counter, drift, sealed, wrong"
    )
    .bind(WRONG_BEFORE_PAUSE)
    .bind(now.plus(PAUSE))
    .bind(id)
    .bind(account)
    .bind(now)
    .fetch_optional(c))?;
    row.map(TryInto::try_into).transpose()
}

/// Burns a code of a token that serves, and all before: a code is taken once.
pub(super) async fn burn(unit: &mut Unit, id: CodeTokenId, account: AccountId, reached: Reached) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let burnt = execute!(
        unit,
        sqlx::query(
            "UPDATE code_token SET counter = $1, drift = $2, wrong = 0, closed_until = NULL, used_at = $3
             WHERE id = $4 AND account_id = $5 AND state = 'active' AND counter < $1 AND life_until > $3"
        )
        .bind(reached.counter)
        .bind(reached.drift)
        .bind(now)
        .bind(id)
        .bind(account)
    )?;
    Ok(burnt == 1)
}

/// Makes a token serve, and burns all codes up to the second of the two that were shown.
pub(super) async fn activate(unit: &mut Unit, id: CodeTokenId, account: AccountId, reached: Reached) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let activated = execute!(
        unit,
        sqlx::query(
            "UPDATE code_token SET state = 'active', counter = $1, drift = $2, wrong = 0, closed_until = NULL, used_at = $3
             WHERE id = $4 AND account_id = $5 AND state IN ('assigned', 'active', 'blocked') AND counter < $1 AND life_until > $3"
        )
        .bind(reached.counter)
        .bind(reached.drift)
        .bind(now)
        .bind(id)
        .bind(account)
    )?;
    Ok(activated == 1)
}

pub(super) async fn block_every(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE code_token SET state = 'blocked' WHERE state = 'active'"))
}

/// No code by time is taken that could have been shown until now.
pub(super) async fn burn_every_step(unit: &mut Unit) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE code_token SET counter = CASE WHEN counter > $1 / (period * 1000) + drift + 2 THEN counter ELSE $1 / (period * 1000) + drift + 2 END
             WHERE kind = 'totp'"
        )
        .bind(now)
    )
    .map(drop)
}
