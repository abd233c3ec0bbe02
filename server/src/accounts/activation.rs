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
/// 32 signs without 0, 1, I and O: five bits each.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_SIGNS: usize = 8;

/// A temporary password of 40 random bits in two groups, as `7KQ2-MX4B`.
pub fn temporary_password(random: &dyn Random) -> String {
    let drawn = random::bytes::<CODE_SIGNS>(random);
    let signs: Vec<char> = drawn.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let (left, right) = signs.split_at(CODE_SIGNS / 2);
    format!("{}-{}", left.iter().collect::<String>(), right.iter().collect::<String>())
}

/// What recognises a temporary password: keyed by the keystore and bound to the link.
///
/// # Errors
/// When the keystore fails.
pub async fn code_verifier(ground: &Ground, link_hash: &[u8], code: &str) -> Result<Vec<u8>, AccountError> {
    let bare: String = code.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect();
    let data = [link_hash, b"|", bare.as_bytes()].concat();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::random::SystemRandom;

    #[test]
    fn a_temporary_password_is_eight_signs_that_cannot_be_mistaken() {
        let code = temporary_password(&SystemRandom);
        let (left, right) = code.split_once('-').unwrap_or_default();
        assert_eq!((left.len(), right.len()), (4, 4));
        assert!(code.bytes().all(|sign| sign == b'-' || ALPHABET.contains(&sign)), "{code}");
    }
}
