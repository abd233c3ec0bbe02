//! What is stored of a password: argon2id once, then a verifier that only this keystore can compute (`security.md` section 2).

use certs::keystore::opener::verifier_input;

use super::{AccountError, Password};
use crate::platform::{
    ground::Ground,
    id::AccountId,
    password::{Hashing, Strength},
    random,
    secret::Secret,
};

const VERIFIER: &str = "accounts/verifier/v1";

/// A password made ready for its row, and what opens the person's keys.
pub struct Protected {
    /// 16 random bytes.
    pub salt: Vec<u8>,
    /// What recognises the password.
    pub verifier: Vec<u8>,
    /// The costs.
    pub hashing: Hashing,
    /// Which form the password has.
    pub strength: Strength,
    /// What argon2id made of it; wiped when dropped.
    pub prk: Secret<[u8; 32]>,
}

/// Stretches a new password. Outside any unit: it takes tens of milliseconds.
///
/// # Errors
/// When pool or keystore fail.
pub async fn protect(ground: &Ground, account: AccountId, password: &Password) -> Result<Protected, AccountError> {
    let salt = random::bytes::<16>(ground.random()).to_vec();
    let hashing = ground.passwords.hashing();
    let prk = ground.passwords.stretch(password.folded(), &salt, hashing).await?;
    let verifier = verifier(ground, account, &prk).await?;
    Ok(Protected { salt, verifier, hashing, strength: password.strength(), prk })
}

/// `keystore.hmac(account | HKDF(prk, "auth"))`: bound to the account, so that rows cannot be swapped.
pub(super) async fn verifier(ground: &Ground, account: AccountId, prk: &Secret<[u8; 32]>) -> Result<Vec<u8>, AccountError> {
    let input = verifier_input(prk.reveal())?;
    let mac = ground
        .with_keystore(move |keystore| {
            let mut data = zeroize::Zeroizing::new(account.to_string().into_bytes());
            data.extend_from_slice(input.expose());
            keystore.hmac(VERIFIER, &data)
        })
        .await?;
    Ok(mac.to_vec())
}
