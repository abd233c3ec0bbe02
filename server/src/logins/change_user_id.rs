//! Changes the user id: right after a fresh proof, with the password, which must not hold the new one. The person is told by mail. Whatever hangs on the
//! account stays: keys, cards, phones, sessions, known devices.

use super::{LoginError, prove::require_recent, read::recipient};
use crate::{
    accounts::{self, Password, UserId, Who},
    notices::{self, Kind, Notice},
    platform::{actor::Actor, ground::Ground, secret::Secret},
};

/// Sets a new user id.
///
/// # Errors
/// [`LoginError::ProveAgain`]; [`LoginError::Account`] for a wrong password or a user id that somebody has; [`LoginError::Invalid`] with each rule that
/// the new one breaks.
pub async fn change_user_id(ground: &Ground, actor: &Actor, new: &str, password: &Secret<String>, network: &str) -> Result<(), LoginError> {
    require_recent(actor, ground.clock().now())?;
    let user_id = UserId::parse(new).map_err(LoginError::Invalid)?;
    accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    // Four digits hold no user id.
    if !Password::is_four_digits(password.reveal()) {
        Password::parse(password.reveal(), &user_id).map_err(LoginError::Invalid)?;
    }
    let told = recipient(&mut ground.database.read().await?, actor.account).await?;
    let sealed = notices::seal(ground, &Notice::mail(Kind::UserIdChanged).with("network", network)).await?;
    ground
        .database
        .write(async |unit| {
            accounts::change_user_id(unit, actor.account, &user_id, actor.author()).await?;
            notices::tell(unit, told, &sealed).await?;
            Ok(())
        })
        .await
}
