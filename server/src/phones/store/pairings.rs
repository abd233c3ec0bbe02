//! Rows of pairings on their way.

use crate::{
    execute, fetch,
    phones::{Pairing, PairingState, model::Way, store::protection},
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, ChallengeId, PhoneId, SessionId},
        moment::Moment,
    },
};

#[derive(sqlx::FromRow)]
struct Row {
    phone_id: PhoneId,
    account_id: AccountId,
    session_id: SessionId,
    sealed: Vec<u8>,
    company: String,
    person: String,
    user_name: String,
    state: String,
    way: Option<String>,
    claim: Option<Vec<u8>>,
    claim_hash: Option<Vec<u8>>,
    protection: Option<String>,
    nonce: Option<Vec<u8>>,
    registered: Option<Vec<u8>>,
    registered_signature: Option<Vec<u8>>,
    challenge_id: Option<ChallengeId>,
    replaces_id: Option<PhoneId>,
    attestation_chain: Option<Vec<u8>>,
    expires_at: Moment,
    openers: Option<Vec<u8>>,
}

impl Row {
    fn pairing(self) -> Result<Pairing, DatabaseError> {
        let Some(state) = PairingState::of(&self.state) else {
            return Err(DatabaseError::Corrupt { what: "state of pairing", value: self.state });
        };
        Ok(Pairing {
            phone: self.phone_id,
            account: self.account_id,
            session: self.session_id,
            state,
            expires_at: self.expires_at,
            challenge: self.challenge_id,
            replaces: self.replaces_id,
            attestation_chain: self.attestation_chain,
            sealed: self.sealed,
            company: self.company,
            person: self.person,
            user_id: self.user_name,
            way: self.way.as_deref().and_then(Way::of),
            claim: self.claim,
            claim_hash: self.claim_hash,
            protection: self.protection.as_deref().map(protection).transpose()?,
            nonce: self.nonce,
            registered: self.registered.zip(self.registered_signature),
            openers: self.openers,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT phone_id, account_id, session_id, sealed, company, person, user_name, state, way, claim, claim_hash, protection, nonce,
             registered, registered_signature, challenge_id, replaces_id, attestation_chain, expires_at, openers FROM phone_pairing ",
            $rest
        )
    };
}

/// A pairing that begins.
pub(in crate::phones) struct NewPairing {
    pub phone: PhoneId,
    pub account: AccountId,
    pub session: SessionId,
    pub scanned_lookup: [u8; 16],
    pub typed_lookup: [u8; 16],
    pub sealed: Vec<u8>,
    pub company: String,
    pub person: String,
    pub user_name: String,
    pub replaces: Option<PhoneId>,
    pub expires_at: Moment,
}

pub(in crate::phones) async fn insert(unit: &mut Unit, new: &NewPairing) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO phone_pairing (phone_id, account_id, session_id, scanned_lookup, typed_lookup, sealed, company, person, user_name,
                 replaces_id, state, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, $12)"
        )
        .bind(new.phone)
        .bind(new.account)
        .bind(new.session)
        .bind(new.scanned_lookup.as_slice())
        .bind(new.typed_lookup.as_slice())
        .bind(&new.sealed)
        .bind(&new.company)
        .bind(&new.person)
        .bind(&new.user_name)
        .bind(new.replaces)
        .bind(now)
        .bind(new.expires_at)
    )
    .map(drop)
}

pub(in crate::phones) async fn pairing(connection: &mut impl Connection, phone: PhoneId) -> Result<Option<Pairing>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE phone_id = $1")).bind(phone).fetch_optional(c))?;
    row.map(Row::pairing).transpose()
}

/// The pairing that a phone names, and how the phone came to it.
pub(in crate::phones) async fn by_lookup(
    connection: &mut impl Connection,
    lookup: &[u8; 16],
) -> Result<Option<(Pairing, Way)>, DatabaseError> {
    let scanned: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE scanned_lookup = $1")).bind(lookup.as_slice()).fetch_optional(c))?;
    if let Some(row) = scanned {
        return Ok(Some((row.pairing()?, Way::Scanned)));
    }
    let typed: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE typed_lookup = $1")).bind(lookup.as_slice()).fetch_optional(c))?;
    Ok(typed.map(Row::pairing).transpose()?.map(|pairing| (pairing, Way::Typed)))
}

/// Whatever this person had on its way is refused: the newest invitation counts.
pub(in crate::phones) async fn refuse_others(unit: &mut Unit, account: AccountId) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "UPDATE phone_pairing SET state = 'refused', openers = NULL WHERE account_id = $1 AND state IN ('open', 'claimed', 'agreed')"
        )
        .bind(account)
    )
}

pub(in crate::phones) async fn refuse(unit: &mut Unit, phone: PhoneId, account: AccountId) -> Result<bool, DatabaseError> {
    let refused = execute!(
        unit,
        sqlx::query(
            "UPDATE phone_pairing SET state = 'refused', openers = NULL WHERE phone_id = $1 AND account_id = $2 AND state IN ('open', 'claimed', 'agreed')"
        )
        .bind(phone)
        .bind(account)
    )?;
    Ok(refused == 1)
}

/// A claim to be written down.
pub(in crate::phones) struct Claimed<'a> {
    pub way: Way,
    pub claim: &'a [u8],
    pub claim_hash: [u8; 32],
    pub protection: keycard::Protection,
    pub answer: [u8; 32],
    pub nonce: [u8; 32],
    pub registered: &'a [u8],
    pub registered_signature: &'a [u8],
    pub attestation_chain: Option<&'a [u8]>,
}

/// Writes the first claim down; of many at once, one is first.
pub(in crate::phones) async fn claim(unit: &mut Unit, phone: PhoneId, claimed: &Claimed<'_>) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let written = execute!(
        unit,
        sqlx::query(
            "UPDATE phone_pairing SET state = 'claimed', way = $1, claim = $2, claim_hash = $3, protection = $4, answer = $5, nonce = $6,
                 registered = $7, registered_signature = $8, attestation_chain = $9
             WHERE phone_id = $10 AND state = 'open' AND expires_at > $11"
        )
        .bind(claimed.way.word())
        .bind(claimed.claim)
        .bind(claimed.claim_hash.as_slice())
        .bind(claimed.protection.word())
        .bind(claimed.answer.as_slice())
        .bind(claimed.nonce.as_slice())
        .bind(claimed.registered)
        .bind(claimed.registered_signature)
        .bind(claimed.attestation_chain)
        .bind(phone)
        .bind(now)
    )?;
    Ok(written == 1)
}

/// Takes the right answer to the agreement key's challenge.
pub(in crate::phones) async fn agree(unit: &mut Unit, phone: PhoneId, answer: &[u8; 32]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let agreed = execute!(
        unit,
        sqlx::query(
            "UPDATE phone_pairing SET state = 'agreed' WHERE phone_id = $1 AND state = 'claimed' AND answer = $2 AND expires_at > $3"
        )
        .bind(phone)
        .bind(answer.as_slice())
        .bind(now)
    )?;
    Ok(agreed == 1)
}

/// Keeps which question confirms it, and the openers that are written then.
pub(in crate::phones) async fn keep_challenge(
    unit: &mut Unit,
    phone: PhoneId,
    challenge: ChallengeId,
    openers: &[u8],
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let kept = execute!(
        unit,
        sqlx::query(
            "UPDATE phone_pairing SET challenge_id = $1, openers = $2 WHERE phone_id = $3 AND state = 'agreed' AND expires_at > $4"
        )
        .bind(challenge)
        .bind(openers)
        .bind(phone)
        .bind(now)
    )?;
    Ok(kept == 1)
}

/// Keeps the new phone's openers until it is confirmed.
pub(in crate::phones) async fn keep_openers(unit: &mut Unit, phone: PhoneId, openers: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let kept = execute!(
        unit,
        sqlx::query("UPDATE phone_pairing SET openers = $1 WHERE phone_id = $2 AND state = 'agreed' AND expires_at > $3")
            .bind(openers)
            .bind(phone)
            .bind(now)
    )?;
    Ok(kept == 1)
}

/// Confirms it, once.
pub(in crate::phones) async fn confirm(unit: &mut Unit, phone: PhoneId, claim_hash: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let confirmed = execute!(
        unit,
        sqlx::query(
            "UPDATE phone_pairing SET state = 'confirmed', openers = NULL WHERE phone_id = $1 AND state = 'agreed' AND claim_hash = $2 AND expires_at > $3"
        )
        .bind(phone)
        .bind(claim_hash)
        .bind(now)
    )?;
    Ok(confirmed == 1)
}

/// Forgets pairings of long ago. Gives how many.
pub(in crate::phones) async fn forget(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM phone_pairing WHERE phone_id IN
             (SELECT phone_id FROM phone_pairing WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}
