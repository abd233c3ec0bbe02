//! One's own decryption keys, with the whole history: whoever renewed still reads old mail.

use super::{Bundle, RecoveryError, bundle};
use crate::{
    accounts::{self, Who},
    archives::{self, Lock},
    audit, employees,
    notices::{self, Kind, Notice},
    platform::{actor::Actor, ground::Ground, secret::Secret},
};

/// Opens them with the password, right after a fresh proof, and tells the person by mail.
///
/// # Errors
/// [`RecoveryError::NothingArchived`], [`RecoveryError::ProveAgain`], [`RecoveryError::Account`] for a wrong password.
pub async fn fetch_own(ground: &Ground, actor: &Actor, password: &Secret<String>, network: &str) -> Result<Bundle, RecoveryError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(RecoveryError::ProveAgain);
    }
    let found = employees::read::of_account(&mut ground.database.read().await?, actor.account).await?;
    let employee = found.ok_or(RecoveryError::NotFound)?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    let opened = archives::open_own(ground, &Lock::of_person(actor.account, &proven.salt, &proven.prk, proven.strength)).await?;
    let bundle = bundle::of(ground, opened, employee.name()).await?;
    if bundle.files.is_empty() {
        return Err(RecoveryError::NothingArchived);
    }
    let told = notices::seal(ground, &Notice::mail(Kind::KeyHistoryFetched)).await?;
    ground
        .database
        .write(async |unit| {
            let event = audit::Event::new("key_history.fetched", actor.author(), format_args!("employee:{}", employee.id))
                .company(employee.company)
                .fact("serials", bundle.serials());
            audit::record(unit, event).await?;
            notices::tell(unit, employee.id.into(), &told).await.map_err(RecoveryError::from)
        })
        .await?;
    Ok(bundle)
}
