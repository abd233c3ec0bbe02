//! Proves that the keys of the service's own certificates sign as the certificates say: responders, time-stamp unit, notice signer.

use certs::{
    keystore::{
        KeyLabel,
        proof::{self, Mismatch},
    },
    profiles::Kind,
};

use super::{CertificateError, read, sign::public_key};
use crate::{authorities, platform::ground::Ground};

/// What became of one key.
#[derive(Debug)]
pub struct Proven {
    /// What its certificate is for, and whose: `ocsp of issuing1`.
    pub name: String,
    /// Why it does not sign as its certificate says, if so.
    pub fault: Option<Mismatch>,
}

/// Has every key that the service signs with sign, and verifies it with its certificate.
///
/// # Errors
/// When database or authorities cannot be read; what is wrong with a key stands in the answer.
pub async fn prove(ground: &Ground) -> Result<Vec<Proven>, CertificateError> {
    let mut keys = Vec::new();
    let mut reader = ground.database.read().await?;
    for authority in authorities::all(ground).await?.iter().filter(|one| one.kind == authorities::Kind::Issuing) {
        for kind in [Kind::Responder, Kind::TimeStamp, Kind::Notice] {
            let standing = read::own(&mut reader, authority.id, kind).await?;
            if let Some((der, label)) = standing.and_then(|standing| standing.der.zip(standing.key_label)) {
                keys.push((format!("{} of {}", kind.as_str(), authority.name), public_key(&der)?, KeyLabel::parse(&label)?));
            }
        }
    }
    drop(reader);
    let proven = ground.with_keystore(move |keystore| {
        let prove = |(name, key, label): (String, _, KeyLabel)| Proven { fault: proof::prove(&label, &key, keystore).err(), name };
        keys.into_iter().map(prove).collect()
    });
    Ok(proven.await)
}
