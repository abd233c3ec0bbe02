//! One signature with an employee's own key: opened by the password or by what the phone released, used, wiped.

use certs::{
    keystore::{Digest, Secret32},
    public_key::PublicKey,
};

use super::{
    CertificateError, PasswordProtection,
    keys::{self, Key, Lock},
    store,
};
use crate::platform::{
    ground::Ground,
    id::{AccountId, CertificateId},
};

/// What opens a signing key.
pub enum Opening<'a> {
    /// The password.
    Password(PasswordProtection<'a>),
    /// The key's secret, which the person's phone released for this one signature.
    Released(&'a keycard::Secret),
}

/// Signs a SHA-256 digest with the key of an active certificate of this account: ECDSA, DER. The signature is checked under the certificate's
/// key before it is given out; what opened the key is wiped.
///
/// # Errors
/// [`CertificateError::NotFound`] for another account's certificate, [`CertificateError::NotActive`] for one that is revoked, expired or not
/// finished, [`CertificateError::WrongPassword`], [`CertificateError::EmployeeKey`] for a secret that was renewed meanwhile.
pub async fn sign_with(
    ground: &Ground,
    certificate: CertificateId,
    account: AccountId,
    opening: &Opening<'_>,
    digest: [u8; 32],
) -> Result<Vec<u8>, CertificateError> {
    let mut reader = ground.database.read().await?;
    let found = store::by_id(&mut reader, certificate).await?.filter(|found| found.account == Some(account));
    let found = found.ok_or(CertificateError::NotFound)?;
    if !found.is_usable(ground.clock().now()) {
        return Err(CertificateError::NotActive);
    }
    let blob = store::blob(&mut reader, certificate).await?.ok_or(CertificateError::NotActive)?;
    drop(reader);
    let key = match opening {
        Opening::Password(protection) if protection.account != account => return Err(CertificateError::OtherAccount),
        Opening::Password(protection) => Key::Password(Lock::of(protection)),
        Opening::Released(secret) => Key::Secret(account, Secret32::new(*secret.expose())),
    };
    let public_key = public_key(found.der.as_deref().unwrap_or_default())?;
    let signature = ground
        .with_keystore(move |keystore| {
            let signature = keys::sign(keystore, (found.id, &found.serial), &blob, &key, digest)?;
            let good = public_key.verifies(&Digest::Sha256(digest), &signature);
            if good { Ok(signature) } else { Err(CertificateError::SignatureDoesNotVerify) }
        })
        .await?;
    // Revoked while the key was in hand: the signature is forgotten.
    let still = store::by_id(&mut ground.database.read().await?, certificate).await?;
    let still_usable = still.is_some_and(|found| found.is_usable(ground.clock().now()));
    if still_usable { Ok(signature) } else { Err(CertificateError::NotActive) }
}

/// The public key of a certificate.
pub(super) fn public_key(certificate_der: &[u8]) -> Result<PublicKey, CertificateError> {
    let unreadable = |_| CertificateError::SignatureDoesNotVerify;
    let parsed = openssl::x509::X509::from_der(certificate_der).map_err(unreadable)?;
    let spki = parsed.public_key().and_then(|key| key.public_key_to_der()).map_err(unreadable)?;
    Ok(PublicKey::from_spki(&spki)?)
}
