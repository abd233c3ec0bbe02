//! Signs the head of the chain, hourly and every 1,000 entries, so that whoever keeps a checkpoint can later prove that the chain
//! still extends it. Checkpoints hang together too: each names the hash of the one before.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{
    keystore::{Digest, KeyKind, KeyLabel, Keystore, KeystoreError, proof},
    public_key::PublicKey,
};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{error::AuditError, store, store::CheckpointRow};
use crate::platform::{ground::Ground, moment::Moment};

/// The keystore's label of the key that signs checkpoints and nothing else.
const LABEL: &str = "audit-checkpoint";
/// A checkpoint is due after so many entries.
const EVERY_ENTRIES: i64 = 1000;
/// A checkpoint is due after so long, if anything happened.
const EVERY: Duration = Duration::HOUR;
/// The version of the body's form.
const VERSION: u8 = 1;

/// Stamps a digest with the time. Implemented over the time-stamp authority, here or outside.
pub trait TimestampSource: Send + Sync {
    /// The RFC 3161 token over a SHA-256 digest; none while no authority can be asked.
    fn stamp<'a>(&'a self, ground: &'a Ground, digest: [u8; 32]) -> LocalBoxFuture<'a, anyhow::Result<Option<Vec<u8>>>>;
}

/// No time-stamp authority: checkpoints stand by their signature alone.
#[derive(Clone, Copy, Debug)]
pub struct NoTimestamps;

impl TimestampSource for NoTimestamps {
    fn stamp<'a>(&'a self, _ground: &'a Ground, _digest: [u8; 32]) -> LocalBoxFuture<'a, anyhow::Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(None) })
    }
}

/// What is signed: JSON without spaces, members in this order, hashes in lower-case hexadecimal, `at` in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub at: i64,
    /// The chain's hash at `sequence`.
    pub head: String,
    /// SHA-256 of the public key's SubjectPublicKeyInfo.
    pub key: String,
    /// SHA-256 of the previous checkpoint's body; empty for the first.
    pub previous: String,
    pub sequence: i64,
    pub version: u8,
}

/// A checkpoint as `/audit/checkpoints` publishes it, and as `segl audit verify --checkpoint FILE` reads it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Published {
    /// The signed text, byte for byte.
    pub body: String,
    /// The DER ECDSA signature (P-256, SHA-256) over the bytes of `body`, in base64.
    pub signature: String,
    /// An RFC 3161 token over SHA-256 of the signature's bytes, in base64; null without a time-stamp authority.
    #[serde(default)]
    pub timestamp: Option<String>,
}

impl From<CheckpointRow> for Published {
    fn from(row: CheckpointRow) -> Self {
        Self {
            body: String::from_utf8_lossy(&row.body).into_owned(),
            signature: STANDARD.encode(row.signature),
            timestamp: row.token.map(|token| STANDARD.encode(token)),
        }
    }
}

impl Published {
    /// Reads a checkpoint kept elsewhere: one item, or a whole answer of `/audit/checkpoints` (its newest counts).
    ///
    /// # Errors
    /// [`AuditError::CheckpointUnreadable`].
    pub fn parse(json: &[u8]) -> Result<Self, AuditError> {
        #[derive(Deserialize)]
        struct List {
            items: Vec<Published>,
        }
        let newest = |list: List| {
            list.items.into_iter().max_by_key(|item| serde_json::from_str::<Body>(&item.body).map_or(-1, |body| body.sequence))
        };
        serde_json::from_slice::<Self>(json)
            .ok()
            .or_else(|| serde_json::from_slice::<List>(json).ok().and_then(newest))
            .ok_or(AuditError::CheckpointUnreadable)
    }

    /// What it says, once its signature is checked.
    pub(super) fn open(&self, key: &PublicKey) -> Result<Body, AuditError> {
        let signature = STANDARD.decode(&self.signature).map_err(|_| AuditError::CheckpointUnreadable)?;
        opened(self.body.as_bytes(), &signature, key).ok_or(AuditError::CheckpointForeign)
    }
}

/// The body, if the key signed exactly these bytes.
pub(super) fn opened(body: &[u8], signature: &[u8], key: &PublicKey) -> Option<Body> {
    if !key.verifies(&Digest::of(KeyKind::EcP256, body), signature) {
        return None;
    }
    let parsed: Body = serde_json::from_slice(body).ok()?;
    (parsed.key == hex::encode(key.spki_sha256())).then_some(parsed)
}

/// The public half of the checkpoint key; the key is made when it is first asked for.
///
/// # Errors
/// When the keystore refuses.
pub async fn public_key(ground: &Ground) -> Result<PublicKey, AuditError> {
    Ok(ground.with_keystore(find_or_make).await?)
}

/// The public half of the checkpoint key, if there is one.
pub(super) async fn known_key(ground: &Ground) -> Result<Option<PublicKey>, AuditError> {
    Ok(ground.with_keystore(|keystore| keystore.find(&KeyLabel::parse(LABEL)?)).await?)
}

/// Has the checkpoint key sign, and compares it with the newest checkpoint. Before the first there is nothing to compare.
///
/// # Errors
/// [`AuditError::CheckpointForeign`] when the newest checkpoint is another key's; [`AuditError::Key`] when it does not sign.
pub async fn prove(ground: &Ground) -> Result<(), AuditError> {
    let Some(newest) = store::newest_checkpoint(&mut ground.database.read().await?).await? else { return Ok(()) };
    ground
        .with_keystore(move |keystore| {
            let label = KeyLabel::parse(LABEL)?;
            let key = keystore.find(&label)?.ok_or_else(|| KeystoreError::NoSuchKey { label: label.clone() })?;
            proof::prove(&label, &key, keystore)?;
            opened(&newest.body, &newest.signature, &key).map(drop).ok_or(AuditError::CheckpointForeign)
        })
        .await
}

fn find_or_make(keystore: &dyn Keystore) -> Result<PublicKey, KeystoreError> {
    let label = KeyLabel::parse(LABEL)?;
    if let Some(key) = keystore.find(&label)? {
        return Ok(key);
    }
    match keystore.generate(&label, KeyKind::EcP256) {
        // Another node was faster.
        Err(KeystoreError::LabelTaken { label }) => keystore.find(&label)?.ok_or(KeystoreError::NoSuchKey { label }),
        made => made,
    }
}

/// Makes a checkpoint if one is due. Whether it made one.
///
/// # Errors
/// When database or keystore fail. A time-stamp authority that fails is logged; the checkpoint then stands without its token.
pub async fn make_if_due(ground: &Ground, timestamps: &dyn TimestampSource) -> Result<bool, AuditError> {
    let mut reader = ground.database.read().await?;
    let Some((sequence, head)) = store::tail(&mut reader).await? else { return Ok(false) };
    let newest = store::newest_checkpoint(&mut reader).await?;
    drop(reader);
    let now = ground.clock().now();
    if !is_due(newest.as_ref(), sequence, now) {
        return Ok(false);
    }
    let previous = newest.map(|row| hex::encode(Sha256::digest(&row.body))).unwrap_or_default();
    let row = sign(ground, sequence, head, previous, now, timestamps).await?;
    Ok(ground.database.write(async |unit| store::insert_checkpoint(unit, &row).await).await?)
}

fn is_due(newest: Option<&CheckpointRow>, sequence: i64, now: Moment) -> bool {
    newest.is_none_or(|newest| {
        let entries = sequence - newest.sequence;
        entries >= EVERY_ENTRIES || (entries > 0 && now.since(newest.made_at) >= EVERY)
    })
}

async fn sign(
    ground: &Ground,
    sequence: i64,
    head: Vec<u8>,
    previous: String,
    now: Moment,
    timestamps: &dyn TimestampSource,
) -> Result<CheckpointRow, AuditError> {
    let key = public_key(ground).await?;
    let body =
        Body { at: now.millis(), head: hex::encode(&head), key: hex::encode(key.spki_sha256()), previous, sequence, version: VERSION };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let digest = Digest::of(KeyKind::EcP256, &body);
    let signature = ground.with_keystore(move |keystore| keystore.sign(&KeyLabel::parse(LABEL)?, &digest)).await?;
    let token = timestamps.stamp(ground, Sha256::digest(&signature).into()).await.unwrap_or_else(|error| {
        tracing::warn!(%error, sequence, "a checkpoint of the audit stands without a time stamp");
        None
    });
    Ok(CheckpointRow { sequence, head, made_at: now, body, signature, token })
}
