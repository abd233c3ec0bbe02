//! Begins a log-in: the password first, then a question about the key card.

use super::{LoginError, model::Login, store, who_is::standing};
use crate::{
    accounts::{self, Proven, Who},
    archives::{self, Lock},
    audit,
    keycards::{self, Question},
    platform::{
        actor::Author,
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{AccountId, CompanyId, LoginId, SessionId},
        random,
        secret::{self, Secret},
    },
};

/// A log-in that waits for its key.
#[derive(Debug)]
pub struct Started {
    /// Names the log-in, for the answer; 128 random bits.
    pub token: String,
    /// What the person must answer.
    pub question: Question,
}

/// Checks user id and password; asks for a key when both are right and the person may still act.
///
/// # Errors
/// As [`accounts::check_password`]; [`LoginError::NotRight`] for somebody who left; [`LoginError::Keycard`] without a usable card.
pub async fn start(ground: &Ground, user_id: &str, password: &Secret<String>, network: &str) -> Result<Started, LoginError> {
    let proven = accounts::check_password(ground, Who::UserId(user_id), password, network).await?;
    let mut reader = ground.database.read().await?;
    let person = standing(&mut reader, proven.account).await?;
    drop(reader);
    let Some(person) = person else { return refuse(ground, proven.account, "no_standing").await };
    tend_archive(ground, &proven, person.company).await;
    let token = random::token(ground.random());
    let asked = ground.database.write(async |unit| ask(unit, proven.account, None, &token, network).await).await;
    match asked {
        Err(LoginError::Keycard(error)) => {
            note_refusal(ground, proven.account, "no_card").await?;
            Err(error.into())
        }
        other => other,
    }
}

/// While the password is at hand: the person's decryption keys follow to the company's present key. Nobody's log-in fails for that.
async fn tend_archive(ground: &Ground, proven: &Proven, company: Option<CompanyId>) {
    let Some(company) = company else { return };
    let lock = Lock::of_person(proven.account, &proven.salt, &proven.prk);
    if let Err(error) = archives::tend(ground, proven.account, company, &lock).await {
        tracing::error!(account = %proven.account, %error, "the archive could not be tended");
    }
}

/// Asks for a key and keeps what it is asked for.
pub(super) async fn ask(
    unit: &mut Unit,
    account: AccountId,
    session: Option<SessionId>,
    token: &str,
    network: &str,
) -> Result<Started, LoginError> {
    let id: LoginId = unit.id();
    let purpose = if session.is_some() { Purpose::StepUp } else { Purpose::LogIn };
    let question = keycards::ask(unit, account, purpose, Login::binding(id, session)).await?;
    let login = Login { id, account, challenge: question.challenge, session };
    store::insert_login(unit, &login, &secret::token_hash(token), network, question.expires_at).await?;
    let event = audit::Event::new("login.asked", Author::Anyone, format!("account:{account}"))
        .fact("purpose", purpose.word())
        .fact("key_number", &question.key_number)
        .personal("network", network);
    audit::record(unit, event).await?;
    Ok(Started { token: token.to_owned(), question })
}

/// Refuses like any other refusal, and writes the true reason down.
pub(super) async fn refuse<T>(ground: &Ground, account: AccountId, reason: &'static str) -> Result<T, LoginError> {
    note_refusal(ground, account, reason).await?;
    Err(LoginError::NotRight)
}

pub(super) async fn note_refusal(ground: &Ground, account: AccountId, reason: &'static str) -> Result<(), LoginError> {
    ground
        .database
        .write(async |unit| {
            let event = audit::Event::new("login.refused", Author::Anyone, format!("account:{account}")).fact("reason", reason);
            Ok::<_, LoginError>(audit::record(unit, event).await?)
        })
        .await
}
