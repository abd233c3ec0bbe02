//! A code token as the second factor, and which factors a person's company allows. The key card is always one of them.

use super::{
    LoginError, Opened,
    answer::{finish, waiting},
    factor::Shown,
    model::Login,
    prove::{finish_proof, require_own},
    start::note_refusal,
    who_is::{Person, standing},
};
use crate::{
    employees::factors::{self, Factors},
    platform::{
        actor::{Actor, Carrier},
        database::{Connection, DatabaseError},
        ground::Ground,
        id::AccountId,
        moment::Moment,
    },
    tokens,
};

/// With what a person may log in beside the card. Operators have no company: phones, and no code tokens.
pub(super) async fn factors_of(connection: &mut impl Connection, person: &Person) -> Result<Factors, DatabaseError> {
    match person.company {
        Some(company) => factors::allowed(connection, company).await,
        None => Ok(Factors::default()),
    }
}

/// Whether a code token may answer for a person.
pub(super) async fn serves(
    connection: &mut impl Connection,
    account: AccountId,
    person: &Person,
    now: Moment,
) -> Result<bool, DatabaseError> {
    Ok(factors_of(connection, person).await?.token && tokens::read::serves(connection, account, now).await?)
}

/// Whether a code token may answer a log-in or proof.
///
/// # Errors
/// [`LoginError::Gone`] for a log-in that is used or too old.
pub async fn takes_token(ground: &Ground, login_token: &str) -> Result<bool, LoginError> {
    let login = waiting(ground, login_token).await?;
    let mut reader = ground.database.read().await?;
    let Some(person) = standing(&mut reader, login.account).await? else { return Ok(false) };
    Ok(serves(&mut reader, login.account, &person, ground.clock().now()).await?)
}

/// Opens the session of a log-in by a code of the person's code token.
///
/// # Errors
/// [`LoginError::FactorNotAllowed`] where the company does not allow it; [`LoginError::NotRight`] for a wrong code (counted); as [`tokens::judge`];
/// [`LoginError::Gone`] for a log-in that is used or too old.
pub async fn answer_by_token(
    ground: &Ground,
    login_token: &str,
    code: &str,
    carrier: Carrier,
    network: &str,
) -> Result<Opened, LoginError> {
    let login = waiting(ground, login_token).await?;
    let shown = look(ground, &login, code).await?;
    finish(ground, &login, shown, carrier, network).await
}

/// Counts the session as proven by a code of the person's code token: for less than a card would.
///
/// # Errors
/// As [`answer_by_token`].
pub async fn answer_proof_by_token(ground: &Ground, actor: &Actor, login_token: &str, code: &str) -> Result<(), LoginError> {
    let login = waiting(ground, login_token).await?;
    require_own(actor, &login)?;
    let shown = look(ground, &login, code).await?;
    finish_proof(ground, actor, &login, shown).await
}

async fn look(ground: &Ground, login: &Login, code: &str) -> Result<Shown, LoginError> {
    let mut reader = ground.database.read().await?;
    let allowed = match standing(&mut reader, login.account).await? {
        Some(person) => factors_of(&mut reader, &person).await?.token,
        None => false,
    };
    drop(reader);
    if !allowed {
        note_refusal(ground, login.account, "factor_not_allowed").await?;
        return Err(LoginError::FactorNotAllowed);
    }
    Ok(Shown::Token(tokens::judge(ground, login.account, code).await?))
}
