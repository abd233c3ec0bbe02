//! All rows of phones.

pub(super) mod identities;
pub(super) mod pairings;
pub(super) mod secrets;

use keycard::{PhoneKeys, Protection, PublicKey};

use super::{Phone, PhoneState, model::MOST_PHONES};
use crate::{
    execute, fetch,
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, PhoneId},
        moment::Moment,
        words::Language,
    },
};

#[derive(sqlx::FromRow)]
struct Row {
    id: PhoneId,
    account_id: AccountId,
    name: String,
    state: String,
    sign_key: Vec<u8>,
    agree_key: Vec<u8>,
    protection: String,
    claimed_protection: String,
    attestation: Option<Vec<u8>>,
    record: Vec<u8>,
    record_signature: Vec<u8>,
    token_hash: Option<Vec<u8>>,
    paired_at: Moment,
    signs_from: Moment,
    seen_at: Option<Moment>,
    language: String,
    ended_at: Option<Moment>,
}

fn corrupt(what: &'static str, value: impl ToString) -> DatabaseError {
    DatabaseError::Corrupt { what, value: value.to_string() }
}

pub(super) fn protection(word: &str) -> Result<Protection, DatabaseError> {
    Protection::from_word(word).ok_or_else(|| corrupt("protection of phone", word))
}

impl Row {
    fn phone(self) -> Result<Phone, DatabaseError> {
        let key = |bytes: &[u8]| PublicKey::from_sec1("key", bytes).map_err(|fault| corrupt("key of phone", fault));
        Ok(Phone {
            id: self.id,
            account: self.account_id,
            name: self.name,
            state: PhoneState::of(&self.state).ok_or_else(|| corrupt("state of phone", &self.state))?,
            keys: PhoneKeys { sign: key(&self.sign_key)?, agree: key(&self.agree_key)? },
            protection: protection(&self.protection)?,
            claimed: protection(&self.claimed_protection)?,
            paired_at: self.paired_at,
            signs_from: self.signs_from,
            seen_at: self.seen_at,
            language: Language::of(&self.language).ok_or_else(|| corrupt("language of phone", &self.language))?,
            ended_at: self.ended_at,
            attested: self.attestation.is_some(),
            record: self.record,
            record_signature: self.record_signature,
            token_hash: self.token_hash,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, name, state, sign_key, agree_key, protection, claimed_protection, attestation, record, record_signature, token_hash,
             paired_at, signs_from, seen_at, language, ended_at FROM phone ",
            $rest
        )
    };
}

pub(super) async fn phone(connection: &mut impl Connection, id: PhoneId) -> Result<Option<Phone>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c))?;
    row.map(Row::phone).transpose()
}

pub(super) async fn active(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Phone>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE account_id = $1 AND state = 'active' ORDER BY id LIMIT 10"))
            .bind(account)
            .fetch_all(c))?;
    rows.into_iter().map(Row::phone).collect()
}

pub(super) async fn of_account(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Phone>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE account_id = $1 ORDER BY id DESC LIMIT 50")).bind(account).fetch_all(c))?;
    rows.into_iter().map(Row::phone).collect()
}

/// Takes a person's phones for this unit, so that of two who pair at once the second sees the first's.
pub(super) async fn lock_owner(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO phone_owner (account_id, changed_at) VALUES ($1, $2)
             ON CONFLICT (account_id) DO UPDATE SET changed_at = excluded.changed_at"
        )
        .bind(account)
        .bind(now)
    )
    .map(drop)
}

/// Whether the person may have one more. The owner is locked.
pub(super) async fn has_room(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    Ok(active(unit, account).await?.len() < MOST_PHONES)
}

/// A phone that the person has just confirmed.
pub(super) struct NewPhone {
    pub id: PhoneId,
    pub account: AccountId,
    pub name: String,
    pub keys: PhoneKeys,
    pub protection: Protection,
    pub claimed: Protection,
    pub attestation: Option<[u8; 32]>,
    pub attestation_chain: Option<Vec<u8>>,
    pub record: Vec<u8>,
    pub record_signature: Vec<u8>,
    pub cancel_hash: Vec<u8>,
    pub pin_key_hash: Option<Vec<u8>>,
    pub share: Option<Vec<u8>>,
    pub language: Language,
    pub paired_at: Moment,
    pub signs_from: Moment,
}

pub(super) async fn insert(unit: &mut Unit, phone: &NewPhone) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO phone (id, account_id, name, state, sign_key, agree_key, protection, claimed_protection, attestation, record,
                 record_signature, cancel_hash, pin_key_hash, share, wrong_pins, offline_step, wrong_offline, language, paired_at, signs_from,
                 attestation_chain)
             VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, $14, $15, $16, $17)"
        )
        .bind(phone.id)
        .bind(phone.account)
        .bind(&phone.name)
        .bind(phone.keys.sign.sec1().as_slice())
        .bind(phone.keys.agree.sec1().as_slice())
        .bind(phone.protection.word())
        .bind(phone.claimed.word())
        .bind(phone.attestation.as_ref().map(<[u8; 32]>::as_slice))
        .bind(&phone.record)
        .bind(&phone.record_signature)
        .bind(&phone.cancel_hash)
        .bind(&phone.pin_key_hash)
        .bind(&phone.share)
        .bind(phone.language.tag())
        .bind(phone.paired_at)
        .bind(phone.signs_from)
        .bind(&phone.attestation_chain)
    )
    .map(drop)
}

/// Ends a phone: whatever it could be used for is deleted. Whether it was active.
pub(super) async fn end(unit: &mut Unit, id: PhoneId, account: AccountId, state: PhoneState) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query(
            "UPDATE phone SET state = $1, ended_at = $2, token_hash = NULL, cancel_hash = NULL, share = NULL, next_share = NULL,
                 pin_key_hash = NULL, next_pin_key_hash = NULL, offline = NULL, nonce = NULL, wake = NULL
             WHERE id = $3 AND account_id = $4 AND state = 'active'"
        )
        .bind(state.word())
        .bind(now)
        .bind(id)
        .bind(account)
    )?;
    Ok(ended == 1)
}

/// Whose phone a cancelling link names, if it can still be cancelled.
pub(super) async fn cancellable(connection: &mut impl Connection, cancel_hash: &[u8]) -> Result<Option<Phone>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE cancel_hash = $1 AND state = 'active'")).bind(cancel_hash).fetch_optional(c))?;
    row.map(Row::phone).transpose()
}

pub(super) async fn rename(unit: &mut Unit, id: PhoneId, account: AccountId, name: &str) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE phone SET name = $1 WHERE id = $2 AND account_id = $3 AND state = 'active'").bind(name).bind(id).bind(account)
    )?;
    Ok(changed == 1)
}

/// Whose phones ended lately: what another node may not have told us.
pub(super) async fn ended_since(
    connection: &mut impl Connection,
    since: Moment,
) -> Result<Vec<(PhoneId, AccountId, Moment)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT id, account_id, ended_at FROM phone WHERE ended_at > $1").bind(since).fetch_all(c))
}

/// Notes that a phone was seen, and in which language its screens are.
pub(super) async fn touch(unit: &mut Unit, id: PhoneId, language: Language) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE phone SET seen_at = $1, language = $2 WHERE id = $3 AND state = 'active'")
            .bind(now)
            .bind(language.tag())
            .bind(id)
    )
    .map(drop)
}

/// Gives a phone its token, as long as it has not used one.
pub(super) async fn give_token(unit: &mut Unit, id: PhoneId, token_hash: &[u8]) -> Result<bool, DatabaseError> {
    let given = execute!(
        unit,
        sqlx::query("UPDATE phone SET token_hash = $1 WHERE id = $2 AND state = 'active' AND seen_at IS NULL").bind(token_hash).bind(id)
    )?;
    Ok(given == 1)
}

/// What attests a phone's key, as it was claimed.
pub(super) async fn attestation_chain(connection: &mut impl Connection, id: PhoneId) -> Result<Option<Vec<u8>>, DatabaseError> {
    let found: Option<Option<Vec<u8>>> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT attestation_chain FROM phone WHERE id = $1").bind(id).fetch_optional(c))?;
    Ok(found.flatten())
}

/// What attests the keys of a person's phones, where it was kept, newest first.
pub(super) async fn attestation_chains(
    connection: &mut impl Connection,
    account: AccountId,
) -> Result<Vec<(PhoneId, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, attestation_chain FROM phone WHERE account_id = $1 AND attestation_chain IS NOT NULL ORDER BY id DESC LIMIT 50"
    )
    .bind(account)
    .fetch_all(c))
}

/// Counts a wrong try of a network, and gives how many there were since `since`.
pub(super) async fn count_wrong(unit: &mut Unit, network: &str, since: Moment) -> Result<i64, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO phone_try (network, wrong, began_at) VALUES ($1, 1, $2)
         ON CONFLICT (network) DO UPDATE SET
             wrong = CASE WHEN phone_try.began_at < $3 THEN 1 ELSE phone_try.wrong + 1 END,
             began_at = CASE WHEN phone_try.began_at < $3 THEN excluded.began_at ELSE phone_try.began_at END
         RETURNING wrong"
    )
    .bind(network)
    .bind(now)
    .bind(since)
    .fetch_one(c))
}

/// So many wrong tries of a network since `since`.
pub(super) async fn wrong_of(connection: &mut impl Connection, network: &str, since: Moment) -> Result<i64, DatabaseError> {
    let found: Option<i64> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT wrong FROM phone_try WHERE network = $1 AND began_at >= $2")
            .bind(network)
            .bind(since)
            .fetch_optional(c))?;
    Ok(found.unwrap_or(0))
}

/// Forgets tries of long ago. Gives how many.
pub(super) async fn forget_tries(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM phone_try WHERE network IN (SELECT network FROM phone_try WHERE began_at < $1 ORDER BY began_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

/// Ends every phone, since a restore does not know what was ended meanwhile. Gives how many.
pub(super) async fn block_every_phone(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE phone SET state = 'blocked', ended_at = $1, token_hash = NULL, cancel_hash = NULL, share = NULL, next_share = NULL,
                 pin_key_hash = NULL, next_pin_key_hash = NULL, offline = NULL, nonce = NULL, wake = NULL WHERE state = 'active'"
        )
        .bind(now)
    )
}

/// Nothing that was on its way goes on.
pub(super) async fn refuse_every_pairing(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE phone_pairing SET state = 'refused', openers = NULL WHERE state IN ('open', 'claimed', 'agreed')"))
}
