//! The time stamp of a signature: from the first authority of the configured order that gives one.

use super::{TimestampError, outside, ready, stamp};
use crate::{config::Stamper, platform::ground::Ground};

/// Room for a token of our own with its chain, bytes.
const OWN_ROOM: usize = 6 * 1024;
/// Room for anybody's: authorities elsewhere send longer keys and chains.
const ANY_ROOM: usize = 16 * 1024;

/// A verified token, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// TimeStampToken, DER.
    pub token: Vec<u8>,
    /// `own`, or the address of the authority.
    pub by: String,
}

/// How many bytes a token may have.
pub fn room(ground: &Ground) -> usize {
    if ground.config.timestamps.order == [Stamper::Own] { OWN_ROOM } else { ANY_ROOM }
}

/// Whether a token could be had now, as far as that can be known without asking anybody outside.
///
/// # Errors
/// [`TimestampError::Refused`].
pub async fn ready_in_order(ground: &Ground) -> Result<(), TimestampError> {
    let outside = ground.config.timestamps.order.iter().any(|stamper| *stamper != Stamper::Own);
    if outside { Ok(()) } else { ready(ground).await }
}

/// The token over a SHA-256 digest. An authority that fails is logged, and the next is asked.
///
/// # Errors
/// What the last one failed with.
pub async fn stamp_in_order(ground: &Ground, digest_sha256: [u8; 32]) -> Result<Stamped, TimestampError> {
    let mut last = None;
    for stamper in &ground.config.timestamps.order {
        let (by, outcome) = match stamper {
            Stamper::Own => ("own", stamp(ground, digest_sha256).await),
            Stamper::Outside(url) => (url.as_str(), outside::ask(ground, url, digest_sha256, room(ground)).await.map_err(Into::into)),
        };
        match outcome {
            Ok(token) => return Ok(Stamped { token, by: by.to_owned() }),
            Err(error) => {
                tracing::warn!(authority = by, %error, "no time stamp: the next authority is asked");
                last = Some(error);
            }
        }
    }
    // The configuration names at least one.
    Err(last.unwrap_or(TimestampError::Refused(certs::timestamp::Failure::TimeNotAvailable)))
}
