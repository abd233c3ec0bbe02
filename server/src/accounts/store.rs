//! All rows of accounts.

mod api_keys;
mod strength;

pub use self::api_keys::{api_key_name, api_keys, end_api_key, end_every_api_key, insert_api_key, live_api_key, touch_api_key};
pub(super) use self::strength::{note_strength, strength};
use super::{
    Account, AccountKind, AccountState, Activation, ActivationState, Device, LoggedIn, NewAccount, NewActivation, Protected, UserId,
};
use crate::{
    build, execute, fetch,
    platform::{
        actor::{Carrier, Role},
        database::{BATCH, Connection, DatabaseError, Unit, portions},
        id::{AccountId, ActivationId, DeviceId},
        moment::Moment,
        password::Strength,
    },
};

/// Roles as a row holds them: words with commas between.
pub(super) fn words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(",")
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: AccountId,
    kind: String,
    name: String,
    user_id: Option<String>,
    roles: String,
    state: String,
}

impl AccountRow {
    fn account(self) -> Result<Account, DatabaseError> {
        let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
        let words = self.roles.split(',').filter(|word| !word.is_empty());
        let roles = words.map(|word| Role::of(word).ok_or_else(|| corrupt("role", word))).collect::<Result<_, _>>()?;
        Ok(Account {
            id: self.id,
            kind: AccountKind::of(&self.kind).ok_or_else(|| corrupt("kind of account", &self.kind))?,
            name: self.name,
            user_id: self.user_id,
            roles,
            state: AccountState::of(&self.state).ok_or_else(|| corrupt("state of account", &self.state))?,
        })
    }
}

pub(super) async fn insert_all(unit: &mut Unit, accounts: &[NewAccount]) -> Result<(), DatabaseError> {
    let now = unit.now();
    for portion in portions(accounts) {
        build!(unit, "INSERT INTO account (id, kind, name, roles, state, created_at, changed_at) ", |query, c| {
            query.push_values(portion, |mut row, new| {
                row.push_bind(new.id).push_bind(new.kind.word()).push_bind(&new.name).push_bind(words(&new.roles));
                row.push("'invited'").push_bind(now).push_bind(now);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

pub(super) async fn account(connection: &mut impl Connection, id: AccountId) -> Result<Option<Account>, DatabaseError> {
    let row: Option<AccountRow> =
        fetch!(connection, |c| sqlx::query_as("SELECT id, kind, name, user_id, roles, state FROM account WHERE id = $1")
            .bind(id)
            .fetch_optional(c))?;
    row.map(AccountRow::account).transpose()
}

pub(super) async fn operators(connection: &mut impl Connection) -> Result<Vec<Account>, DatabaseError> {
    let rows: Vec<AccountRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kind, name, user_id, roles, state FROM account WHERE kind = 'operator' AND state <> 'blocked' ORDER BY id LIMIT 200"
    )
    .fetch_all(c))?;
    rows.into_iter().map(AccountRow::account).collect()
}

/// Takes every operator's row for this unit: whoever decides about operators waits.
pub(super) async fn hold_operators(unit: &mut Unit) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE account SET changed_at = changed_at WHERE kind = 'operator'")).map(drop)
}

pub(super) async fn user_id_is_taken(unit: &mut Unit, user_id: &UserId, by_other_than: AccountId) -> Result<bool, DatabaseError> {
    let other: Option<AccountId> = fetch!(unit, |c| sqlx::query_scalar("SELECT id FROM account WHERE user_id = $1 AND id <> $2")
        .bind(user_id.text())
        .bind(by_other_than)
        .fetch_optional(c))?;
    Ok(other.is_some())
}

/// A user id that was changed since it was read stays: then nothing is written. Whoever activates, also once more, may choose another.
pub(super) async fn set_password(
    unit: &mut Unit,
    account: AccountId,
    user_id: &UserId,
    protected: &Protected,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE account SET user_id = $1, salt = $2, verifier = $3, hashing = $4, four_digits = $5, state = 'active',
                 changed_at = $6
             WHERE id = $7 AND state IN ('active', 'invited') AND (user_id IS NULL OR user_id = $1 OR state = 'invited')"
        )
        .bind(user_id.text())
        .bind(&protected.salt)
        .bind(&protected.verifier)
        .bind(protected.hashing.word())
        .bind(protected.strength == Strength::FourDigits)
        .bind(now)
        .bind(account)
    )?;
    Ok(changed == 1)
}

pub(super) async fn change_user_id(unit: &mut Unit, account: AccountId, user_id: &UserId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE account SET user_id = $1, changed_at = $2 WHERE id = $3 AND state = 'active'")
            .bind(user_id.text())
            .bind(now)
            .bind(account)
    )?;
    Ok(changed == 1)
}

pub(super) async fn set_roles(unit: &mut Unit, account: AccountId, roles: &[Role]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE account SET roles = $1, changed_at = $2 WHERE id = $3 AND kind = 'operator'")
            .bind(words(roles))
            .bind(now)
            .bind(account)
    )
    .map(drop)
}

pub(super) async fn rename(unit: &mut Unit, account: AccountId, name: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE account SET name = $1, changed_at = $2 WHERE id = $3").bind(name).bind(now).bind(account)).map(drop)
}

/// Writes nothing new: true, and the row held, when its salt is this one.
pub(super) async fn hold_salt(unit: &mut Unit, account: AccountId, salt: &[u8]) -> Result<bool, DatabaseError> {
    let held = execute!(
        unit,
        sqlx::query("UPDATE account SET salt = $1 WHERE id = $2 AND salt = $1 AND state = 'active'").bind(salt).bind(account)
    )?;
    Ok(held == 1)
}

/// The account rests: nobody logs in with it, and its password stays where it is. False when it was not active.
pub(super) async fn rest(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'invited', changed_at = $1 WHERE id = $2 AND state = 'active'").bind(now).bind(account)
    )?;
    Ok(changed == 1)
}

/// The account works as before it rested. False when it does not rest, or has no password to come back to.
pub(super) async fn wake(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'active', changed_at = $1 WHERE id = $2 AND state = 'invited' AND verifier IS NOT NULL")
            .bind(now)
            .bind(account)
    )?;
    Ok(changed == 1)
}

/// Writes nothing new: true, and the row held, when the account waits for a password and has none.
pub(super) async fn lacks_password(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let held = execute!(
        unit,
        sqlx::query("UPDATE account SET changed_at = changed_at WHERE id = $1 AND state = 'invited' AND verifier IS NULL").bind(account)
    )?;
    Ok(held == 1)
}

/// The password is gone for good; the account waits for another, a suspended one once that is lifted.
pub(super) async fn end_password(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE account SET state = CASE WHEN state = 'suspended' THEN state ELSE 'invited' END, salt = NULL, verifier = NULL,
                 hashing = NULL, four_digits = NULL, changed_at = $1
             WHERE id = $2 AND state <> 'blocked'"
        )
        .bind(now)
        .bind(account)
    )?;
    Ok(changed == 1)
}

pub(super) async fn block(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'blocked', changed_at = $1 WHERE id = $2 AND state <> 'blocked'").bind(now).bind(account)
    )?;
    Ok(changed == 1)
}

/// `false` when the account was not active.
pub(super) async fn suspend(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'suspended', changed_at = $1 WHERE id = $2 AND state = 'active'").bind(now).bind(account)
    )?;
    Ok(changed == 1)
}

/// Every active operator's account rests. Gives how many.
pub(super) async fn suspend_operators(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE account SET state = 'suspended', changed_at = $1 WHERE kind = 'operator' AND state = 'active'").bind(now)
    )
}

/// `false` when the account was not suspended. Whose password ended meanwhile waits for another.
pub(super) async fn resume(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE account SET state = CASE WHEN verifier IS NULL THEN 'invited' ELSE 'active' END, changed_at = $1
             WHERE id = $2 AND state = 'suspended'"
        )
        .bind(now)
        .bind(account)
    )?;
    Ok(changed == 1)
}

/// Takes the row of an active account for this unit; `false` when it is not active.
pub(super) async fn hold_active(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    let held = execute!(unit, sqlx::query("UPDATE account SET changed_at = changed_at WHERE id = $1 AND state = 'active'").bind(account))?;
    Ok(held == 1)
}

/// What a password is checked against.
#[derive(sqlx::FromRow)]
pub(super) struct Credentials {
    pub id: AccountId,
    pub state: String,
    pub salt: Option<Vec<u8>>,
    pub verifier: Option<Vec<u8>>,
    pub hashing: Option<String>,
}

pub(super) async fn credentials(connection: &mut impl Connection, id: AccountId) -> Result<Option<Credentials>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT id, state, salt, verifier, hashing FROM account WHERE id = $1")
        .bind(id)
        .fetch_optional(c))
}

pub(super) async fn credentials_by_user_id(connection: &mut impl Connection, folded: &str) -> Result<Option<Credentials>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT id, state, salt, verifier, hashing FROM account WHERE user_id = $1")
        .bind(folded)
        .fetch_optional(c))
}

/// Until when a place is closed for an account, if it ever was.
pub(super) async fn closed_until(connection: &mut impl Connection, account: AccountId, key: &str) -> Result<Option<Moment>, DatabaseError> {
    let found: Option<Option<Moment>> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT closed_until FROM account_attempt WHERE account_id = $1 AND network = $2")
            .bind(account)
            .bind(key)
            .fetch_optional(c))?;
    Ok(found.flatten())
}

/// Wrong tries of all places of a kind since a moment.
pub(super) async fn day_wrong(
    connection: &mut impl Connection,
    account: AccountId,
    place: &str,
    since: Moment,
) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(day_wrong), 0) AS BIGINT) FROM account_attempt WHERE account_id = $1 AND place = $2 AND last_at > $3"
    )
    .bind(account)
    .bind(place)
    .bind(since)
    .fetch_one(c))
}

/// Wrong tries of one place since a moment.
pub(super) async fn day_wrong_at(
    connection: &mut impl Connection,
    account: AccountId,
    key: &str,
    since: Moment,
) -> Result<i64, DatabaseError> {
    let found: Option<i64> = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT day_wrong FROM account_attempt WHERE account_id = $1 AND network = $2 AND last_at > $3"
    )
    .bind(account)
    .bind(key)
    .bind(since)
    .fetch_optional(c))?;
    Ok(found.unwrap_or(0))
}

/// As [`lock`], for a user id that is nobody's: of its own row, since there is none of an account.
pub(super) async fn lock_stranger(unit: &mut Unit, made_up: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO account_attempt (account_id, network, place, wrong, day_began_at, day_wrong, last_at) VALUES ($1, '', 'stranger', 0, $2, 0, $2)
             ON CONFLICT (account_id, network) DO UPDATE SET last_at = excluded.last_at"
        )
        .bind(made_up)
        .bind(now)
    )
    .map(drop)
}

/// Takes the account's row for this unit: whoever decides about the same account waits.
pub(super) async fn lock(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE account SET changed_at = changed_at WHERE id = $1").bind(account)).map(drop)
}

/// The row ends; what was wrong within the day stays counted.
pub(super) async fn note_right(unit: &mut Unit, account: AccountId, place: &str, key: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO account_attempt (account_id, network, place, wrong, day_began_at, day_wrong, last_at)
             VALUES ($1, $2, $3, 0, $4, 0, $4)
             ON CONFLICT (account_id, network) DO UPDATE SET wrong = 0, closed_until = NULL"
        )
        .bind(account)
        .bind(key)
        .bind(place)
        .bind(now)
    )
    .map(drop)
}

/// What is counted, for whom.
pub(super) struct Counted {
    pub account: AccountId,
    pub place: &'static str,
    pub key: String,
}

/// Counts a wrong try; gives how many in a row. The last of a row closes the place; after it opened, or a day without, the row begins anew.
pub(super) async fn note_wrong(
    unit: &mut Unit,
    counted: &Counted,
    most: i64,
    closes_until: Moment,
    day_ago: Moment,
) -> Result<i64, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| {
        sqlx::query_scalar(
        "INSERT INTO account_attempt (account_id, network, place, wrong, day_began_at, day_wrong, last_at) VALUES ($1, $2, $7, 1, $3, 1, $3)
         ON CONFLICT (account_id, network) DO UPDATE SET
             wrong = CASE WHEN account_attempt.closed_until IS NULL AND account_attempt.last_at > $6 THEN account_attempt.wrong + 1 ELSE 1 END,
             closed_until = CASE WHEN account_attempt.closed_until IS NULL AND account_attempt.last_at > $6
                 AND account_attempt.wrong + 1 >= $4 THEN $5 ELSE NULL END,
             day_began_at = CASE WHEN account_attempt.day_began_at < $6 THEN $3 ELSE account_attempt.day_began_at END,
             day_wrong = CASE WHEN account_attempt.day_began_at < $6 THEN 1 ELSE account_attempt.day_wrong + 1 END,
             last_at = $3
         RETURNING wrong"
    )
    .bind(counted.account)
    .bind(&counted.key)
    .bind(now)
    .bind(most)
    .bind(closes_until)
    .bind(day_ago)
    .bind(counted.place)
    .fetch_one(c)
    })
}

/// Whether a person may be told of such a thing now: not told since that moment. Whoever is told so is told.
pub(super) async fn may_warn(unit: &mut Unit, account: AccountId, kind: &str, since: Moment) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let told: Option<AccountId> = fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO account_warning (account_id, kind, told_at) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, kind) DO UPDATE SET told_at = excluded.told_at WHERE account_warning.told_at <= $4
         RETURNING account_id"
    )
    .bind(account)
    .bind(kind)
    .bind(now)
    .bind(since)
    .fetch_optional(c))?;
    Ok(told.is_some())
}

/// The device of this person that keeps this token.
pub(super) async fn known_device(
    connection: &mut impl Connection,
    account: AccountId,
    token_hash: &[u8],
) -> Result<Option<DeviceId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT id FROM device WHERE token_hash = $1 AND account_id = $2")
        .bind(token_hash)
        .bind(account)
        .fetch_optional(c))
}

pub(super) async fn insert_device(unit: &mut Unit, id: DeviceId, one: &LoggedIn<'_>, token_hash: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO device (id, account_id, token_hash, kind, network, known_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $6)"
        )
        .bind(id)
        .bind(one.account)
        .bind(token_hash)
        .bind(carrier_word(one.carrier))
        .bind(one.network)
        .bind(now)
    )
    .map(drop)
}

pub(super) async fn see_device(unit: &mut Unit, id: DeviceId, network: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE device SET seen_at = $1, network = $2 WHERE id = $3").bind(now).bind(network).bind(id)).map(drop)
}

/// Keeps the devices that were used last.
pub(super) async fn forget_oldest_devices(unit: &mut Unit, account: AccountId, most: i64) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM device WHERE account_id = $1 AND id NOT IN
             (SELECT id FROM device WHERE account_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2)"
        )
        .bind(account)
        .bind(most)
    )
    .map(drop)
}

pub(super) async fn forget_device(unit: &mut Unit, account: AccountId, id: DeviceId) -> Result<bool, DatabaseError> {
    let forgotten = execute!(unit, sqlx::query("DELETE FROM device WHERE id = $1 AND account_id = $2").bind(id).bind(account))?;
    Ok(forgotten == 1)
}

pub(super) async fn forget_devices(unit: &mut Unit, account: AccountId) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM device WHERE account_id = $1").bind(account))
}

/// No device is known any more. Gives how many were.
pub(super) async fn forget_every_device(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM device WHERE known_at IS NOT NULL"))
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    id: DeviceId,
    kind: String,
    network: String,
    known_at: Moment,
    seen_at: Moment,
}

pub(super) async fn devices_of(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Device>, DatabaseError> {
    let rows: Vec<DeviceRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kind, network, known_at, seen_at FROM device WHERE account_id = $1 ORDER BY seen_at DESC, id DESC LIMIT 20"
    )
    .bind(account)
    .fetch_all(c))?;
    let listed = rows.into_iter().map(|row| {
        let DeviceRow { id, kind, network, known_at, seen_at } = row;
        let carrier = match kind.as_str() {
            "browser" => Carrier::Browser,
            "program" => Carrier::Program,
            _ => return Err(DatabaseError::Corrupt { what: "kind of device", value: kind }),
        };
        Ok(Device { id, carrier, network, known_at, seen_at })
    });
    listed.collect()
}

const fn carrier_word(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Browser => "browser",
        Carrier::Program => "program",
    }
}

/// Counts that are neither closed nor of the last day.
pub(super) async fn forget_old_tries(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM account_attempt WHERE (account_id, network) IN
             (SELECT account_id, network FROM account_attempt
              WHERE last_at < $1 AND (closed_until IS NULL OR closed_until < $2) ORDER BY last_at LIMIT $3)"
        )
        .bind(before)
        .bind(now)
        .bind(BATCH)
    )
}

pub(super) async fn withdraw_activations(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE activation SET state = 'withdrawn' WHERE account_id = $1 AND state = 'open'").bind(account))
        .map(drop)
}

/// Activations, each with its id.
pub(super) async fn insert_activations(unit: &mut Unit, activations: &[(ActivationId, &NewActivation)]) -> Result<(), DatabaseError> {
    let now = unit.now();
    for portion in portions(activations) {
        let start = "INSERT INTO activation (id, account_id, link_hash, code_verifier, tries, state, created_at, expires_at) ";
        build!(unit, start, |query, c| {
            query.push_values(portion, |mut row, (id, new)| {
                row.push_bind(*id).push_bind(new.account).push_bind(&new.link_hash).push_bind(&new.code_verifier);
                row.push("0").push("'open'").push_bind(now).push_bind(new.expires_at);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ActivationRow {
    id: ActivationId,
    account_id: AccountId,
    link_hash: Vec<u8>,
    code_verifier: Option<Vec<u8>>,
    tries: i64,
    state: String,
    expires_at: Moment,
}

pub(super) async fn activation_by_link(connection: &mut impl Connection, link_hash: &[u8]) -> Result<Option<Activation>, DatabaseError> {
    let row: Option<ActivationRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, account_id, link_hash, code_verifier, tries, state, expires_at FROM activation WHERE link_hash = $1"
    )
    .bind(link_hash)
    .fetch_optional(c))?;
    let Some(row) = row else { return Ok(None) };
    let Some(state) = ActivationState::of(&row.state) else {
        return Err(DatabaseError::Corrupt { what: "state of activation", value: row.state });
    };
    Ok(Some(Activation {
        id: row.id,
        account: row.account_id,
        link_hash: row.link_hash,
        code_verifier: row.code_verifier,
        tries: row.tries,
        state,
        expires_at: row.expires_at,
    }))
}

/// Counts a wrong temporary password; none when the activation takes no more tries.
pub(super) async fn count_code_try(unit: &mut Unit, id: ActivationId) -> Result<Option<i64>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE activation SET tries = tries + 1 WHERE id = $1 AND state = 'open' AND tries < $2 AND expires_at > $3 RETURNING tries"
    )
    .bind(id)
    .bind(Activation::MOST_TRIES)
    .bind(now)
    .fetch_optional(c))
}

pub(super) async fn claim_activation(unit: &mut Unit, id: ActivationId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let claimed = execute!(
        unit,
        sqlx::query(
            "UPDATE activation SET state = 'used', used_at = $1 WHERE id = $2 AND state = 'open' AND tries < $3 AND expires_at > $1"
        )
        .bind(now)
        .bind(id)
        .bind(Activation::MOST_TRIES)
    )?;
    Ok(claimed == 1)
}

/// Every open activation is withdrawn. Gives how many.
pub(super) async fn withdraw_every_activation(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE activation SET state = 'withdrawn' WHERE state = 'open'"))
}
