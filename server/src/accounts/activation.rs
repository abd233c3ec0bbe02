//! First activations: a mailed link of 128 bits and a temporary password that came another way; claimed once.
//!
//! The temporary password is useless without the link, may be typed wrongly five times in all, and never seals a key.

use subtle::ConstantTimeEq as _;

use super::{AccountError, Activation, create::subject, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, ActivationId},
        moment::Moment,
        random::{self, Random},
    },
};

const CODE: &str = "accounts/temporary-password/v1";

/// A temporary password of 40 random bits in two groups, as `7KQ2-MX4B`.
pub fn temporary_password(random: &dyn Random) -> String {
    random::code(random, 2)
}

/// What recognises a temporary password: keyed by the keystore and bound to the link.
///
/// # Errors
/// When the keystore fails.
pub async fn code_verifier(ground: &Ground, link_hash: &[u8], code: &str) -> Result<Vec<u8>, AccountError> {
    let data = [link_hash, b"|", random::bare_code(code).as_bytes()].concat();
    Ok(ground.with_keystore(move |keystore| keystore.hmac(CODE, &data)).await?.to_vec())
}

/// Opens an activation; earlier ones of the account are withdrawn.
///
/// # Errors
/// When the database fails.
pub async fn invite(
    unit: &mut Unit,
    account: AccountId,
    link_token_hash: &[u8],
    code_verifier: Option<Vec<u8>>,
    expires_at: Moment,
) -> Result<ActivationId, AccountError> {
    store::withdraw_activations(unit, account).await?;
    let id: ActivationId = unit.id();
    store::insert_activation(unit, id, account, link_token_hash, code_verifier.as_deref(), expires_at).await?;
    let event = audit::Event::new("activation.opened", Author::System("accounts"), subject(account)).fact("expires_at", expires_at);
    audit::record(unit, event).await?;
    Ok(id)
}

/// Withdraws every open activation of an account.
///
/// # Errors
/// When the database fails.
pub async fn withdraw_activations(unit: &mut Unit, account: AccountId) -> Result<(), AccountError> {
    Ok(store::withdraw_activations(unit, account).await?)
}

/// Whether the typed temporary password is right. A wrong one is counted before this returns.
///
/// # Errors
/// [`AccountError::NotRight`]; [`AccountError::Gone`] when the activation is used, too old, or was tried five times.
pub async fn try_code(ground: &Ground, activation: &Activation, typed: &str) -> Result<(), AccountError> {
    if !activation.is_usable(ground.clock().now()) {
        return Err(AccountError::Gone);
    }
    let Some(expected) = &activation.code_verifier else { return Ok(()) };
    let given = code_verifier(ground, &activation.link_hash, typed).await?;
    if bool::from(given.ct_eq(expected)) {
        return Ok(());
    }
    let (id, account) = (activation.id, activation.account);
    ground
        .database
        .write(async |unit| {
            let Some(tries) = store::count_code_try(unit, id).await? else { return Ok(Err(AccountError::Gone)) };
            let event = audit::Event::new("activation.code_refused", Author::Anyone, subject(account)).fact("tries", tries);
            audit::record(unit, event).await?;
            Ok::<_, AccountError>(Err(AccountError::NotRight))
        })
        .await?
}

/// Uses an activation up: of two at once, one gets it.
///
/// # Errors
/// [`AccountError::Gone`] when it is used, withdrawn, too old or was tried too often.
pub async fn claim_activation(unit: &mut Unit, activation: ActivationId) -> Result<(), AccountError> {
    if store::claim_activation(unit, activation).await? { Ok(()) } else { Err(AccountError::Gone) }
}
