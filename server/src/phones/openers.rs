//! Keeps a person's phones as second openers of the signing keys, whenever the password is at hand (`security.md` section 2).

use super::{Phone, PhoneError, store};
use crate::{
    accounts::Proven,
    certificates::{self, PasswordProtection, PhoneKey},
    platform::{ground::Ground, id::PhoneId},
};

impl Phone {
    /// What openers are sealed to.
    fn key(&self) -> PhoneKey {
        PhoneKey { phone: self.id, agree: self.keys.agree }
    }
}

/// What opens a person's keys while the password is at hand.
pub(super) fn protection(proven: &Proven) -> PasswordProtection<'_> {
    PasswordProtection { account: proven.account, salt: proven.salt.clone(), prk: &proven.prk, strength: proven.strength }
}

/// Makes the openers that phones lack, and renews the secrets that ended phones could have. Looks at a few rows when nothing is due. Whatever
/// the password was shown for does not fail because of this: the next time does it.
pub async fn tend(ground: &Ground, proven: &Proven) {
    if let Err(error) = try_tend(ground, proven).await {
        tracing::warn!(account = %proven.account, %error, "the phones' openers could not be tended");
    }
}

async fn try_tend(ground: &Ground, proven: &Proven) -> Result<(), PhoneError> {
    let mut reader = ground.database.read().await?;
    let keys: Vec<PhoneKey> = store::active(&mut reader, proven.account).await?.iter().map(Phone::key).collect();
    drop(reader);
    let Some(tended) = certificates::tend(ground, &protection(proven), &keys).await? else { return Ok(()) };
    ground
        .database
        .write(async |unit| {
            store::lock_owner(unit, proven.account).await?;
            let serving: Vec<PhoneId> = store::active(unit, proven.account).await?.iter().map(|phone| phone.id).collect();
            Ok(certificates::store_tended(unit, &tended, &serving).await?)
        })
        .await
}
