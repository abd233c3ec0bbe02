//! Changes the password: right after a fresh proof, with the present password. The signing keys' openers are rewritten in the same
//! unit, so that a crash leaves either all old or all new. Other sessions end.

use super::{LoginError, end_others, prove::require_recent};
use crate::{
    accounts::{self, AccountError, Password, UserId, Who},
    audit,
    certificates::{self, PasswordProtection},
    phones,
    platform::{actor::Actor, fault::FieldFault, ground::Ground, secret::Secret},
};

/// Sets a new password.
///
/// # Errors
/// [`LoginError::ProveAgain`]; [`LoginError::Account`] for a wrong present password; [`LoginError::Invalid`] with each rule that the
/// new one breaks; [`LoginError::Certificate`] when certificates came or went meanwhile, [`LoginError::ChangedMeanwhile`] when the user id did.
pub async fn change_password(
    ground: &Ground,
    actor: &Actor,
    present: &Secret<String>,
    new: &Secret<String>,
    network: &str,
) -> Result<(), LoginError> {
    require_recent(actor, ground.clock().now())?;
    let mut reader = ground.database.read().await?;
    let account = accounts::read::account(&mut reader, actor.account).await?.ok_or(LoginError::NotFound)?;
    drop(reader);
    let user_id = account.user_id.as_deref().map(UserId::parse).transpose().map_err(LoginError::Invalid)?;
    let user_id = user_id.ok_or(LoginError::NotFound)?;
    let password = Password::parse(new.reveal(), &user_id).map_err(|faults| LoginError::Invalid(renamed(faults)))?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), present, network).await?;
    phones::tend(ground, &proven).await;
    let protected = accounts::protect(ground, actor.account, &password).await?;
    let old = PasswordProtection { account: actor.account, salt: proven.salt.clone(), prk: &proven.prk, strength: proven.strength };
    let renewed =
        PasswordProtection { account: actor.account, salt: protected.salt.clone(), prk: &protected.prk, strength: protected.strength };
    let rewrapped = certificates::rewrap_password(ground, &old, &renewed).await?;
    ground
        .database
        .write(async |unit| {
            certificates::store_rewrapped(unit, &rewrapped).await?;
            let written = accounts::set_password(unit, actor.account, &user_id, &protected).await;
            written.map_err(|error| if matches!(error, AccountError::Gone) { LoginError::ChangedMeanwhile } else { error.into() })?;
            end_others(unit, actor).await?;
            accounts::forget_devices(unit, actor.account, actor.author()).await?;
            let event = audit::Event::new("account.password_changed", actor.author(), format!("account:{}", actor.account));
            Ok(audit::record(unit, event).await?)
        })
        .await
}

/// The rules speak of `password`; here that is the new one.
fn renamed(faults: Vec<FieldFault>) -> Vec<FieldFault> {
    faults.into_iter().map(|fault| FieldFault { field: "new_password".to_owned(), ..fault }).collect()
}
