//! Changes one's telephone: right after a fresh proof. Mail and both numbers are told; it receives no secret for three days.

use super::{
    LoginError,
    prove::require_recent,
    read::{recipient, require_own_time},
};
use crate::{
    notices,
    platform::{actor::Actor, ground::Ground, telephone::Telephone},
};

/// Sets another number; nothing typed takes it away.
///
/// # Errors
/// [`LoginError::ProveAgain`]; [`LoginError::StillWaits`]; [`LoginError::Invalid`] for what is no number, or one that cannot be called where no text messages leave.
pub async fn change_telephone(ground: &Ground, actor: &Actor, typed: &str) -> Result<(), LoginError> {
    require_recent(actor, ground.clock().now())?;
    let new = notices::typed_telephone(&ground.config, typed).map_err(|fault| LoginError::Invalid(vec![fault]))?;
    let changed = notices::prepare_telephone(ground, new).await?;
    let mut reader = ground.database.read().await?;
    require_own_time(&mut reader, actor, ground.clock().now()).await?;
    let told = recipient(&mut reader, actor.account).await?;
    drop(reader);
    ground
        .database
        .write(async |unit| {
            notices::change_telephone(unit, told, &changed, actor.author()).await?;
            Ok(())
        })
        .await
}

/// One's telephone, its last digits alone.
///
/// # Errors
/// When the database fails.
pub async fn masked_telephone(ground: &Ground, actor: &Actor) -> Result<Option<String>, LoginError> {
    let mut reader = ground.database.read().await?;
    let told = recipient(&mut reader, actor.account).await?;
    Ok(notices::telephone(&mut reader, told).await?.as_ref().map(Telephone::masked))
}
