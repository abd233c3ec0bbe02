//! Stamping, for requests from outside and for our own documents.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use certs::{
    keystore::{Digest, KeyLabel},
    oid::DEFAULT_POLICY_ARC,
    timestamp::{self, Accuracy, Answer, Failure, PreparedUnit, Request},
};
use der::{Decode as _, Encode as _, Header, SliceReader, asn1::ObjectIdentifier};

use super::{TimestampError, serials, store};
use crate::platform::{
    ground::Ground,
    moment::Moment,
    reference::{self, State},
};

/// How long an installed unit is used before the rows are read again: another node may have installed the next one.
const KEPT: Duration = Duration::from_secs(1);

/// The token over a SHA-256 digest, DER, verified.
///
/// # Errors
/// [`TimestampError::Refused`] while no unit is installed, the clock is not fit, or the key does not sign.
pub async fn stamp(ground: &Ground, digest_sha256: [u8; 32]) -> Result<Vec<u8>, TimestampError> {
    let request = Request::new(digest_sha256, None);
    match answered(ground, request.clone()).await? {
        Answer::Granted { response, .. } => Ok(timestamp::accept(&response, &request)?),
        Answer::Rejected { failure, .. } => Err(TimestampError::Refused(failure)),
    }
}

/// Whether a token could be had now: for whoever would lose something by asking in vain.
///
/// # Errors
/// [`TimestampError::Refused`] with what [`stamp`] would refuse with.
pub async fn ready(ground: &Ground) -> Result<(), TimestampError> {
    match ready_unit(ground).await? {
        Ok(_) => Ok(()),
        Err(failure) => Err(TimestampError::Refused(failure)),
    }
}

/// The answer to a DER request, DER; never fails: what is refused is refused in the answer (RFC 3161 section 2.4.2).
pub async fn answer(ground: &Ground, request_der: &[u8]) -> Vec<u8> {
    // What is no request costs no serial number, and is told so whatever the clock is.
    let answer = match Request::parse(request_der) {
        Ok(request) => answered(ground, request).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a time-stamp request was not answered");
            timestamp::reject(Failure::SystemFailure)
        }),
        Err(failure) => timestamp::reject(failure),
    };
    ground.metrics.stamped(outcome(&answer));
    answer.into_response()
}

/// What became of a request, in one word.
fn outcome(answer: &Answer) -> &'static str {
    match answer {
        Answer::Granted { .. } => "granted",
        Answer::Rejected { failure, .. } => match failure {
            Failure::BadAlgorithm => "bad_algorithm",
            Failure::BadDataFormat => "bad_data_format",
            Failure::BadRequest => "bad_request",
            Failure::SystemFailure => "system_failure",
            Failure::TimeNotAvailable => "time_not_available",
            Failure::UnacceptedExtension => "unaccepted_extension",
            Failure::UnacceptedPolicy => "unaccepted_policy",
        },
    }
}

async fn answered(ground: &Ground, request: Request) -> Result<Answer, TimestampError> {
    let (kept, accuracy) = match ready_unit(ground).await? {
        Ok(ready) => ready,
        Err(failure) => return Ok(timestamp::reject(failure)),
    };
    let serial = serials::next(ground).await?;
    let now = ground.clock().now();
    let key = kept.key.clone();
    Ok(ground
        .with_key(&key, move |keystore| {
            let sign = |digest: &[u8; 32]| keystore.sign(&kept.key, &Digest::Sha256(*digest));
            kept.unit.answer(&request, accuracy, &serial, now.to_datetime(), sign)
        })
        .await)
}

/// The installed unit and what its tokens may say of the clock, or why there is none.
async fn ready_unit(ground: &Ground) -> Result<Result<(Arc<KeptUnit>, Accuracy), Failure>, TimestampError> {
    let accuracy = match reference::state(ground).await {
        State::Unchecked => Accuracy::UNTOLD,
        State::Trusted { within_ms } => Accuracy::of_milliseconds(within_ms),
        State::Off { .. } | State::Unknown(_) => return Ok(Err(Failure::TimeNotAvailable)),
    };
    Ok(kept_unit(ground).await?.map(|unit| (unit, accuracy)).ok_or(Failure::TimeNotAvailable))
}

/// The unit as it was read a moment ago.
struct KeptUnit {
    unit: PreparedUnit,
    key: KeyLabel,
    not_after: Moment,
    read: Instant,
}

#[derive(Default)]
struct Newest(RwLock<Option<Arc<KeptUnit>>>);

/// The active unit, if its certificate is valid now.
async fn kept_unit(ground: &Ground) -> Result<Option<Arc<KeptUnit>>, TimestampError> {
    let newest = ground.kept.of::<Newest>();
    let now = ground.clock().now();
    let known = newest.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known
        && known.read.elapsed() < KEPT
        && known.not_after >= now
    {
        return Ok(Some(known));
    }
    let read = Instant::now();
    let Some(row) = store::active(&mut ground.database.read().await?, now).await? else { return Ok(None) };
    let (Some(policy), Ok(chain), Ok(key)) = (policy(ground), split(&row.chain), KeyLabel::parse(&row.key_label)) else {
        return Ok(None);
    };
    let unit = timestamp::Unit { certificate: row.certificate, chain, policy, accuracy: Accuracy::UNTOLD };
    let Ok(unit) = PreparedUnit::of(&unit) else { return Ok(None) };
    let kept = Arc::new(KeptUnit { unit, key, not_after: row.not_after, read });
    *newest.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kept));
    Ok(Some(kept))
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
