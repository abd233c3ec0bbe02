//! Ends a log-in: the key opens a session.

use time::Duration;

use super::{
    LoginError,
    factor::{Shown, Weight, claim},
    model::Login,
    start::{note_refusal, refuse},
    store::{self, NewSession},
    who_is::{Person, standing},
};
use crate::{
    approvals, audit,
    config::Policy,
    employees,
    keycards::{self, KeycardError},
    phones::PhoneError,
    platform::{
        actor::{Author, Carrier, ProvenBy},
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{AccountId, SessionId},
        moment::Moment,
        random, secret,
    },
    tokens::TokenError,
};

/// A session that has just begun. Its token is shown once: in a cookie or to the program.
pub struct Opened {
    /// The session.
    pub session: SessionId,
    /// Its token, 128 random bits.
    pub token: String,
    /// When it ends in any case.
    pub expires_at: Moment,
    /// Whose it is.
    pub account: AccountId,
}

/// Answers the question of a log-in.
///
/// # Errors
/// [`LoginError::Gone`] for a log-in that is used or too old; [`LoginError::NotRight`] for a wrong key (counted), or when the person
/// may not act any more.
pub async fn answer(ground: &Ground, login_token: &str, key: &str, carrier: Carrier, network: &str) -> Result<Opened, LoginError> {
    let login = waiting(ground, login_token).await?;
    let Some(challenge) = login.challenge else { return Err(LoginError::Gone) };
    let judged = keycards::judge(ground, challenge, key).await?;
    finish(ground, &login, Shown::Key(judged), carrier, network).await
}

/// Opens the session of a log-in whose second factor was looked at.
pub(super) async fn finish(ground: &Ground, login: &Login, shown: Shown, carrier: Carrier, network: &str) -> Result<Opened, LoginError> {
    let mut reader = ground.database.read().await?;
    let person = standing(&mut reader, login.account).await?;
    drop(reader);
    finish_of(ground, (login, person), shown, carrier, network).await
}

/// The same, of a person whose standing has just been read; none: they do not stand any more.
pub(super) async fn finish_of(
    ground: &Ground,
    (login, person): (&Login, Option<Person>),
    shown: Shown,
    carrier: Carrier,
    network: &str,
) -> Result<Opened, LoginError> {
    if login.session.is_some() {
        return Err(LoginError::Gone);
    }
    if person.is_none() {
        return refuse(ground, login.account, "no_standing").await;
    }
    let token = random::token(ground.random());
    let policy = ground.config.policy.clone();
    let opened = ground
        .database
        .write(async |unit| {
            let weight = claim(unit, login, &shown, Purpose::LogIn).await?;
            open_session(unit, &policy, (login.account, weight, shown.proves()), carrier, network, &token).await
        })
        .await;
    approvals::wake(ground, login.account);
    note_failure(ground, login, opened).await
}

/// The log-in of a token that still waits for its key.
pub(super) async fn waiting(ground: &Ground, login_token: &str) -> Result<Login, LoginError> {
    let mut reader = ground.database.read().await?;
    let found = store::waiting_login(&mut reader, &secret::token_hash(login_token), ground.clock().now()).await?;
    found.ok_or(LoginError::Gone)
}

/// A refused key is told like any refusal; what kept it from being looked at is told as it is.
pub(super) async fn note_failure<T>(ground: &Ground, login: &Login, outcome: Result<T, LoginError>) -> Result<T, LoginError> {
    match outcome {
        Err(LoginError::Keycard(KeycardError::NotRight)) => refuse(ground, login.account, "wrong_key").await,
        Err(LoginError::PhoneCode(PhoneError::NotRight)) => refuse(ground, login.account, "wrong_code").await,
        Err(LoginError::CodeToken(TokenError::NotRight)) => refuse(ground, login.account, "wrong_token_code").await,
        Err(LoginError::Phone(state)) => {
            note_refusal(ground, login.account, "refused_on_phone").await?;
            Err(LoginError::Phone(state))
        }
        Err(LoginError::Keycard(KeycardError::Gone)) => {
            note_refusal(ground, login.account, "question_gone").await?;
            Err(LoginError::Gone)
        }
        other => other,
    }
}

/// Opens a session for somebody who has just shown password and second factor; of what weight, decides whether it proves more. `token` is 128 random bits, drawn outside the unit.
///
/// # Errors
/// When the database fails.
async fn open_session(
    unit: &mut Unit,
    policy: &Policy,
    (account, weight, by): (AccountId, Weight, ProvenBy),
    carrier: Carrier,
    network: &str,
    token: &str,
) -> Result<Opened, LoginError> {
    let expires_at = unit.now().plus(Duration::hours(policy.session_hours));
    let session: SessionId = unit.id();
    let proven_at = match weight {
        Weight::LogIn => Moment::from_millis(0),
        Weight::Proof => unit.now(),
    };
    let row = NewSession {
        proven_at,
        proven_by: by,
        id: session,
        token_hash: secret::token_hash(token),
        account,
        carrier,
        network: network.to_owned(),
        expires_at,
    };
    store::insert_session(unit, &row).await?;
    employees::note_used(unit, account).await?;
    let event = audit::Event::new("login.succeeded", Author::Account(account), format!("session:{session}"))
        .fact("carrier", store::carrier_word(carrier))
        .fact("by", by.word())
        .personal("network", network);
    audit::record(unit, event).await?;
    Ok(Opened { session, token: token.to_owned(), expires_at, account })
}
