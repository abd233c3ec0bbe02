//! Checks a password: the same cost and the same refusal whatever is wrong, the true reason in the audit.
//!
//! The count is kept where the decision falls, under the account's row lock: of many tries at once only the first five from a network
//! are looked at, right ones among the later ones are refused like the rest. Five wrong in a row close that network for that account
//! for eight hours. Twenty wrong within a day, over all networks, close the account to networks from which nobody has logged in yet.

use subtle::ConstantTimeEq as _;
use time::Duration;

use super::{
    AccountError, AccountState, Proven,
    create::subject,
    jobs,
    password::fold,
    protect::verifier,
    store::{self, Tally},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, Id as _},
        moment::Moment,
        password::Hashing,
        secret::Secret,
    },
};

/// So many wrong in a row close a network.
const WRONG_IN_A_ROW: i64 = 5;
/// For so long.
const CLOSED_FOR: Duration = Duration::hours(8);
/// So many wrong in a day, over all networks, close an account to networks that are not known.
const WRONG_IN_A_DAY: i64 = 20;
pub(super) const DAY: Duration = Duration::hours(24);
/// What makes ids and salts for user ids that nobody has.
const STRANGER: &str = "accounts/stranger/v1";

/// Why a password was not accepted: [`AccountError::NotRight`] or [`AccountError::TooManyTries`], or that something failed.
pub type Refused = AccountError;

/// Whose password it is said to be.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// Somebody who is logged in already.
    Account(AccountId),
    /// What a person typed as user id.
    UserId(&'a str),
}

/// What the database knows of the one who tries; made up for those whom it does not know.
struct Candidate {
    account: AccountId,
    salt: Vec<u8>,
    verifier: Vec<u8>,
    hashing: Hashing,
    refusal: Option<&'static str>,
}

/// Checks a password. `network` is counted, see [`crate::http::network`].
///
/// # Errors
/// [`AccountError::NotRight`] for an unknown user id, a wrong password, an account without password or a blocked one;
/// [`AccountError::TooManyTries`] while the network is closed for that account.
pub async fn check_password(ground: &Ground, who: Who<'_>, password: &Secret<String>, network: &str) -> Result<Proven, Refused> {
    let candidate = candidate(ground, who).await?;
    let mut reader = ground.database.read().await?;
    let now = ground.clock().now();
    refuse_closed(&tally(&mut reader, candidate.account, network, now).await?, now)?;
    drop(reader);
    let prk = ground.passwords.stretch(&fold(password.reveal()), &candidate.salt, candidate.hashing).await?;
    let given = verifier(ground, candidate.account, &prk).await?;
    let matches = bool::from(given.ct_eq(&candidate.verifier));
    let refusal = candidate.refusal.or((!matches).then_some("wrong_password"));
    ground.database.write(async |unit| decide(unit, candidate.account, network, refusal).await).await??;
    Ok(Proven { account: candidate.account, salt: candidate.salt, prk })
}

async fn candidate(ground: &Ground, who: Who<'_>) -> Result<Candidate, AccountError> {
    let folded = match who {
        Who::Account(_) => String::new(),
        // PostgreSQL holds no NUL in text and would fail: nobody has such a user id, and nobody has this one.
        Who::UserId(text) => text.trim().to_ascii_lowercase().replace('\0', "\u{fffd}"),
    };
    let mut reader = ground.database.read().await?;
    let found = match who {
        Who::Account(id) => store::credentials(&mut reader, id).await?,
        Who::UserId(_) => store::credentials_by_user_id(&mut reader, &folded).await?,
    };
    let stranger = stranger(ground, who, folded).await?;
    let Some(found) = found else { return Ok(stranger) };
    let refusal = match AccountState::of(&found.state) {
        Some(AccountState::Active) => None,
        Some(AccountState::Blocked) => Some("blocked"),
        Some(AccountState::Invited) | None => Some("no_password"),
    };
    let hashing = found.hashing.as_deref().and_then(Hashing::of);
    match (found.salt, found.verifier, hashing) {
        (Some(salt), Some(verifier), Some(hashing)) => Ok(Candidate { account: found.id, salt, verifier, hashing, refusal }),
        _ => Ok(Candidate { account: found.id, refusal: Some("no_password"), ..stranger }),
    }
}

/// Somebody whom nobody is: always the same id and salt for a user id, so that tries are counted as for a real one.
async fn stranger(ground: &Ground, who: Who<'_>, folded: String) -> Result<Candidate, AccountError> {
    let name = match who {
        Who::Account(id) => id.to_string(),
        Who::UserId(_) => folded,
    };
    let mac = ground.with_keystore(move |keystore| keystore.hmac(STRANGER, name.as_bytes())).await?;
    let (id, salt) = mac.split_at(16);
    let account = AccountId::from_uuid(uuid::Builder::from_slice(id).map_or_else(|_| uuid::Uuid::nil(), uuid::Builder::into_uuid));
    let hashing = ground.passwords.hashing();
    Ok(Candidate { account, salt: salt.to_vec(), verifier: mac.to_vec(), hashing, refusal: Some("unknown_user_id") })
}

struct Counted {
    tally: Option<Tally>,
    day_wrong: i64,
}

async fn tally(
    connection: &mut impl crate::platform::database::Connection,
    account: AccountId,
    network: &str,
    now: Moment,
) -> Result<Counted, AccountError> {
    let tally = store::tally(connection, account, network).await?;
    let day_wrong = store::day_wrong(connection, account, now.plus(-DAY)).await?;
    Ok(Counted { tally, day_wrong })
}

fn refuse_closed(counted: &Counted, now: Moment) -> Result<(), AccountError> {
    let closed = counted.tally.as_ref().and_then(|tally| tally.closed_until).filter(|until| *until > now);
    if let Some(until) = closed {
        return Err(AccountError::TooManyTries { until });
    }
    let is_known = counted.tally.as_ref().is_some_and(|tally| tally.proven_at.is_some());
    if counted.day_wrong >= WRONG_IN_A_DAY && !is_known {
        return Err(AccountError::TooManyTries { until: now.plus(DAY) });
    }
    Ok(())
}

/// Decides in the unit, so that the refusal itself is stored.
async fn decide(
    unit: &mut Unit,
    account: AccountId,
    network: &str,
    refusal: Option<&'static str>,
) -> Result<Result<(), AccountError>, AccountError> {
    let now = unit.now();
    store::lock(unit, account).await?;
    if let Err(closed) = refuse_closed(&tally(unit, account, network, now).await?, now) {
        return Ok(Err(closed));
    }
    let Some(reason) = refusal else {
        store::note_right(unit, account, network).await?;
        return Ok(Ok(()));
    };
    let closes_until = now.plus(CLOSED_FOR);
    let wrong = store::note_wrong(unit, account, network, WRONG_IN_A_ROW, closes_until, now.plus(-DAY)).await?;
    let event = audit::Event::new("password.refused", Author::Anyone, subject(account))
        .fact("reason", reason)
        .fact("wrong_in_a_row", wrong)
        .personal("network", network);
    audit::record(unit, event).await?;
    if wrong == WRONG_IN_A_ROW && reason != "unknown_user_id" {
        jobs::tell_closed(unit, account, closes_until).await?;
    }
    Ok(Err(AccountError::NotRight))
}
