//! First activations: a mailed link of 128 bits and a temporary password that came another way; claimed once.
//!
//! The temporary password is useless without the link, may be typed wrongly five times in all, and never seals a key.

use certs::keystore::Keystore;
use subtle::ConstantTimeEq as _;

use super::{AccountError, Activation, NewActivation, create::subject, store};
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
    let data = told(link_hash, code);
    Ok(ground.with_keystore(move |keystore| keystore.hmac(CODE, &data)).await?.to_vec())
}

/// What recognises several temporary passwords, each with the hash of its link, in one call of the keystore and in their order.
///
/// # Errors
/// When the keystore fails.
pub async fn code_verifiers(ground: &Ground, codes: &[(&[u8], &str)]) -> Result<Vec<Vec<u8>>, AccountError> {
    let data: Vec<Vec<u8>> = codes.iter().map(|(link_hash, code)| told(link_hash, code)).collect();
    let all = move |keystore: &dyn Keystore| {
        data.iter().map(|data| keystore.hmac(CODE, data).map(|tag| tag.to_vec())).collect::<Result<Vec<_>, _>>()
    };
    Ok(ground.with_keystore(all).await?)
}

fn told(link_hash: &[u8], code: &str) -> Vec<u8> {
    [link_hash, b"|", random::bare_code(code).as_bytes()].concat()
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
    let new = NewActivation { account, link_hash: link_token_hash.to_vec(), code_verifier, expires_at };
    let id: ActivationId = unit.id();
    open_all(unit, &[(id, &new)]).await?;
    Ok(id)
}

/// Opens the first activation of each of several accounts, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn invite_all(unit: &mut Unit, activations: &[NewActivation]) -> Result<(), AccountError> {
    let activations: Vec<_> = activations.iter().map(|new| (unit.id(), new)).collect();
    open_all(unit, &activations).await
}

async fn open_all(unit: &mut Unit, activations: &[(ActivationId, &NewActivation)]) -> Result<(), AccountError> {
    store::insert_activations(unit, activations).await?;
    let opened = |(_, new): &(ActivationId, &NewActivation)| {
        audit::Event::new("activation.opened", Author::System("accounts"), subject(new.account)).fact("expires_at", new.expires_at)
    };
    Ok(audit::record_all(unit, activations.iter().map(opened).collect()).await?)
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
