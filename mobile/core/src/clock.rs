//! The service's time, as a phone learns it whose own clock may be a day off.
//!
//! The phone sends 16 random bytes; the service answers with them and its time, signed by its identity key. Between asking and answer the
//! phone counts on a clock that nobody can set (one that counts through sleep: `elapsedRealtime`, `mach_continuous_time`,
//! `CLOCK_BOOTTIME`).
//!
//! # Why this suffices
//!
//! The answer was made after the question, because it holds the question's nonce, and before it arrived. So the service's time at the
//! arrival lies between the time written and that plus the round trip; the phone takes the earlier end and refuses a round trip above
//! [`LONGEST_ROUND_TRIP_MS`]. Whoever holds answers back can make the phone's time late by ten seconds at most, never early, and can show
//! a request so much longer. That harms nobody: the service judges the expiry again, by its own clock, when the decision comes. The
//! phone's wall clock is never asked.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::Fault;
use crate::public_key::PublicKey;
use crate::signed::{Signed, SignedError};

const DOMAIN: &str = "segl/time/v1";
/// An answer that took longer is of no use.
pub const LONGEST_ROUND_TRIP_MS: u64 = 10_000;
/// After so long the phone asks again: clocks drift.
pub const TRUSTED_MS: u64 = 60 * 60 * 1000;

/// What the service signs when it is asked for its time.
///
/// Bytes: domain `segl/time/v1`, nonce (16), time (Unix milliseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeAnswer {
    /// The phone's question.
    pub nonce: [u8; 16],
    /// The service's time in Unix milliseconds.
    pub time_ms: u64,
}

impl Canonical for TimeAnswer {
    const MAX_BYTES: usize = 64;

    fn encode(&self) -> Vec<u8> {
        Writer::new(DOMAIN).field(&self.nonce).number(self.time_ms).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let answer = Self { nonce: reader.array("nonce")?, time_ms: reader.number("time")? };
        reader.end()?;
        Ok(answer)
    }
}

/// The service's time at one moment of the phone's unsettable clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceClock {
    time_ms: u64,
    counted_ms: u64,
}

/// Why an answer does not tell the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The phone's clock counts backwards: it is not the kind that is asked for here, or the phone was started again.
    #[error("the phone's counting clock went backwards")]
    Backwards,
    /// It is the answer to another question.
    #[error("the time is the answer to another question")]
    OtherQuestion,
    /// It is not signed by the service.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It took too long.
    #[error("the answer took longer than ten seconds")]
    TooSlow,
    /// The last answer is more than an hour old.
    #[error("the service's time must be asked for again")]
    TooOld,
}

impl ServiceClock {
    /// Learns the time from an answer to `nonce`, asked and arrived at these counts of the phone's clock.
    ///
    /// # Errors
    /// [`ClockError`].
    pub fn learn(
        answer: &Signed<TimeAnswer>,
        identity: &PublicKey,
        nonce: &[u8; 16],
        asked_ms: u64,
        arrived_ms: u64,
    ) -> Result<Self, ClockError> {
        let told = answer.open(identity)?;
        if told.nonce != *nonce {
            return Err(ClockError::OtherQuestion);
        }
        let took_ms = arrived_ms.checked_sub(asked_ms).ok_or(ClockError::Backwards)?;
        if took_ms > LONGEST_ROUND_TRIP_MS {
            return Err(ClockError::TooSlow);
        }
        Ok(Self { time_ms: told.time_ms, counted_ms: arrived_ms })
    }

    /// The service's time in Unix milliseconds, at this count of the phone's clock.
    ///
    /// # Errors
    /// [`ClockError::Backwards`] and [`ClockError::TooOld`]: ask again.
    pub fn now_ms(&self, counted_ms: u64) -> Result<u64, ClockError> {
        let since_ms = counted_ms.checked_sub(self.counted_ms).ok_or(ClockError::Backwards)?;
        if since_ms > TRUSTED_MS {
            return Err(ClockError::TooOld);
        }
        Ok(self.time_ms.saturating_add(since_ms))
    }
}
