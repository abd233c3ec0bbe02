//! Stamping, for requests from outside and for our own documents.

use certs::{
    keystore::{Digest, KeyLabel, Keystore, KeystoreError},
    oid::DEFAULT_POLICY_ARC,
    serial::Serial,
    timestamp::{self, Accuracy, Answer, Failure, Request},
};
use der::{Decode as _, Encode as _, Header, SliceReader, asn1::ObjectIdentifier};

use super::{TimestampError, store};
use crate::platform::{ground::Ground, random};

/// How far the clock may be off.
const ACCURACY: Accuracy = Accuracy { seconds: 1, milliseconds: 0 };

/// The token over a SHA-256 digest, DER, verified.
///
/// # Errors
/// [`TimestampError::Refused`] while no unit is installed or its key does not sign.
pub async fn stamp(ground: &Ground, digest_sha256: [u8; 32]) -> Result<Vec<u8>, TimestampError> {
    let request = Request::new(digest_sha256, None);
    match answered(ground, request.to_der()).await? {
        Answer::Granted { response, .. } => Ok(timestamp::accept(&response, &request)?),
        Answer::Rejected { failure, .. } => Err(TimestampError::Refused(failure)),
    }
}

/// The answer to a DER request, DER; never fails: what is refused is refused in the answer (RFC 3161 section 2.4.2).
pub async fn answer(ground: &Ground, request_der: &[u8]) -> Vec<u8> {
    let answer = answered(ground, request_der.to_vec()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a time-stamp request was not answered");
        timestamp::reject(Failure::SystemFailure)
    });
    answer.into_response()
}

async fn answered(ground: &Ground, request_der: Vec<u8>) -> Result<Answer, TimestampError> {
    let now = ground.clock().now();
    let Some(row) = store::active(&mut ground.database.read().await?, now).await? else {
        return Ok(timestamp::reject(Failure::TimeNotAvailable));
    };
    let serial = Serial::from_random(random::bytes(ground.random()));
    let policy = policy(ground);
    Ok(ground
        .with_keystore(move |keystore| {
            let Some(unit) = policy.and_then(|policy| unit(&row, policy)) else { return timestamp::reject(Failure::SystemFailure) };
            let sign = |digest: &[u8; 32]| sign(keystore, &row.key_label, *digest);
            timestamp::answer(&request_der, &unit, serial.as_bytes(), now.to_datetime(), sign)
        })
        .await)
}

fn sign(keystore: &dyn Keystore, label: &str, digest: [u8; 32]) -> Result<Vec<u8>, KeystoreError> {
    keystore.sign(&KeyLabel::parse(label)?, &Digest::Sha256(digest))
}

fn unit(row: &store::UnitRow, policy: ObjectIdentifier) -> Option<timestamp::Unit> {
    let chain = split(&row.chain).ok()?;
    Some(timestamp::Unit { certificate: row.certificate.clone(), chain, policy, accuracy: ACCURACY })
}

/// The policy of our tokens: the one that the unit's certificate names too. None for a configured arc longer than time-stamp requests can name.
fn policy(ground: &Ground) -> Option<ObjectIdentifier> {
    let arc = ground.config.policy.policy_arc.as_deref().unwrap_or(DEFAULT_POLICY_ARC);
    ObjectIdentifier::new(&format!("{arc}.3.2")).ok()
}

/// The DER values that stand one after another.
fn split(mut rest: &[u8]) -> Result<Vec<Vec<u8>>, der::Error> {
    let mut values = Vec::new();
    while !rest.is_empty() {
        let header = Header::decode(&mut SliceReader::new(rest)?)?;
        let length = usize::try_from((header.encoded_len()? + header.length)?)?;
        let (value, after) = rest.split_at_checked(length).ok_or(der::ErrorKind::Failed)?;
        values.push(value.to_vec());
        rest = after;
    }
    Ok(values)
}
