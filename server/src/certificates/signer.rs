//! Signs the service's own mail with its notice certificate.

use anyhow::{Context as _, ensure};
use certs::{
    keystore::{Digest, KeyLabel},
    profiles::Kind,
    serial::Serial,
};
use futures_util::{FutureExt as _, future::LocalBoxFuture};

use super::{read, sign::public_key};
use crate::{
    authorities::{self, AuthorityError},
    notices::{Credentials, Signer},
    platform::ground::Ground,
};

/// The notice certificate and its key in the keystore.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoticeSigner;

impl Signer for NoticeSigner {
    fn credentials<'a>(&'a self, ground: &'a Ground) -> LocalBoxFuture<'a, anyhow::Result<Option<Credentials>>> {
        credentials(ground).boxed_local()
    }

    fn sign<'a>(
        &'a self,
        ground: &'a Ground,
        credentials: &'a Credentials,
        digest: [u8; 32],
    ) -> LocalBoxFuture<'a, anyhow::Result<Vec<u8>>> {
        sign(ground, credentials, digest).boxed_local()
    }
}

async fn credentials(ground: &Ground) -> anyhow::Result<Option<Credentials>> {
    let authority = match authorities::issuing(ground).await {
        Ok(authority) => authority,
        Err(AuthorityError::NotFounded) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let standing = read::own(&mut ground.database.read().await?, authority.id, Kind::Notice).await?;
    let usable = standing.filter(|standing| standing.is_usable(ground.clock().now()));
    let Some(certificate) = usable.and_then(|standing| standing.der) else { return Ok(None) };
    Ok(Some(Credentials { certificate, chain: authorities::chain_of(ground, authority.id).await? }))
}

async fn sign(ground: &Ground, credentials: &Credentials, digest: [u8; 32]) -> anyhow::Result<Vec<u8>> {
    let parsed = openssl::x509::X509::from_der(&credentials.certificate)?;
    let serial = Serial::from_bytes(&parsed.serial_number().to_bn()?.to_vec())?;
    let row = read::by_serial(&mut ground.database.read().await?, &serial).await?.context("the notice certificate is not ours")?;
    ensure!(row.kind == Kind::Notice && row.is_usable(ground.clock().now()), "the notice certificate is not active");
    let label = KeyLabel::parse(row.key_label.as_deref().unwrap_or_default())?;
    let public_key = public_key(&credentials.certificate)?;
    let digest = Digest::Sha256(digest);
    let signature = ground.with_keystore(move |keystore| keystore.sign(&label, &digest)).await?;
    ensure!(public_key.verifies(&digest, &signature), "the signature just made does not verify");
    Ok(signature)
}
