//! Questions about log-ins, sessions and API keys.

use super::{ApiToken, LoginError, Session, answer::waiting, store};
use crate::{
    keycards::{self, Question},
    platform::{
        database::{Connection, DatabaseError},
        ground::Ground,
        id::AccountId,
        moment::Moment,
    },
};

/// The question of a log-in or proof that still waits for its key.
///
/// # Errors
/// [`LoginError::Gone`].
pub async fn question(ground: &Ground, login_token: &str) -> Result<Question, LoginError> {
    let login = waiting(ground, login_token).await?;
    let mut reader = ground.database.read().await?;
    keycards::read::question(&mut reader, login.challenge, ground.clock().now()).await?.ok_or(LoginError::Gone)
}

/// A person's live sessions, newest first.
///
/// # Errors
/// When the database fails.
pub async fn sessions_of(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Vec<Session>, DatabaseError> {
    store::sessions_of(connection, account, now).await
}

/// A person's live API keys, newest first.
///
/// # Errors
/// When the database fails.
pub async fn tokens_of(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Vec<ApiToken>, DatabaseError> {
    store::tokens_of(connection, account, now).await
}
