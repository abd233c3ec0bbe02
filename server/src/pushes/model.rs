//! The nouns: what is sent, through what, and what becomes of it.

use futures_util::future::LocalBoxFuture;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc2822};

use super::PushError;
use crate::platform::{ground::Ground, moment::Moment, outgoing::Answer};

/// What every wake-up says.
pub const LOOK: &str = "look";
/// A server that says "later" without saying when.
const SOON: Duration = Duration::seconds(10);

/// A wake-up.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// It is of no use after this.
    pub until: Moment,
}

impl Look {
    /// So many seconds it is still of use, one at least.
    pub fn seconds(&self, now: Moment) -> i64 {
        self.until.since(now).whole_seconds().max(1)
    }
}

/// What became of a wake-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The phone is not reached there any more.
    Gone,
    /// Not now: the server is busy, or throttles us.
    Later {
        /// After so long.
        after: Duration,
    },
    /// The server will not have it, however often it is sent.
    Refused {
        /// Its status.
        status: u16,
    },
    /// The server has taken it.
    Sent,
}

impl Outcome {
    /// What follows from an answer that is neither a yes nor "gone".
    pub(super) fn of(answer: &Answer, now: Moment) -> Self {
        match answer.status {
            408 | 425 | 429 | 500..=599 => {
                Self::Later { after: answer.retry_after.as_deref().and_then(|text| after(text, now)).unwrap_or(SOON) }
            }
            status => Self::Refused { status },
        }
    }
}

/// Seconds, or a date (RFC 9110 section 10.2.3).
fn after(text: &str, now: Moment) -> Option<Duration> {
    let seconds = match text.trim().parse::<u32>() {
        Ok(seconds) => i64::from(seconds),
        Err(_) => OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?.unix_timestamp() - now.millis() / 1000,
    };
    Some(Duration::seconds(seconds.max(1)))
}

/// A way to wake one phone.
pub trait Push {
    /// Sends a wake-up.
    fn push<'a>(&'a self, ground: &'a Ground, look: Look) -> LocalBoxFuture<'a, Result<Outcome, PushError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_when_in_seconds_or_by_a_date() {
        let now = Moment::from_millis(784_111_777_000);
        let answer = |status, retry: Option<&str>| Answer {
            status,
            retry_after: retry.map(str::to_owned),
            body: bytes::Bytes::new(),
            too_large: false,
        };
        let later = |retry| Outcome::of(&answer(429, retry), now);
        assert_eq!(later(Some("7")), Outcome::Later { after: Duration::seconds(7) });
        assert_eq!(later(Some("Sun, 06 Nov 1994 08:49:47 GMT")), Outcome::Later { after: Duration::seconds(10) });
        assert_eq!(later(Some("soon")), Outcome::Later { after: SOON });
        assert_eq!(later(None), Outcome::Later { after: SOON });
        assert_eq!(Outcome::of(&answer(403, Some("7")), now), Outcome::Refused { status: 403 });
    }
}
