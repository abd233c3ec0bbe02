//! Whether this machine's clock is right, as the configured reference says: the kernel, an NTP server, or nobody.
//!
//! What cannot be known is said to be unknown, and a clock that may be off by more than a second is said to be off: whoever stamps
//! times then refuses. The bound that is told holds the reference's own uncertainty too.

mod filter;
mod kernel;
mod ntp;
mod packet;

use time::Duration;

pub use self::packet::Unfit;
use crate::{config::ClockReference, platform::ground::Ground};

/// How far the clock may be off before it is no clock to stamp by.
pub const TOLERANCE: Duration = Duration::SECOND;
/// Between two looks in the background. A server is not asked more often (RFC 4330 section 10, item 1).
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(16);

/// Why nothing is known of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignorance {
    /// The server's name does not resolve, or the network refuses.
    #[error("the NTP server cannot be reached")]
    Unreachable,
    /// No answer came in time.
    #[error("the NTP server does not answer")]
    Silent,
    /// Its answer is not one to go by.
    #[error("the NTP server's answer does not count: {0}")]
    Unfit(Unfit),
    /// The kernel does not tell.
    #[error("the kernel does not tell whether its clock is synchronised")]
    KernelRefuses,
    /// No time daemon keeps the kernel's clock.
    #[error("the kernel's clock is not synchronised: is a time daemon running?")]
    KernelUnsynchronised,
    /// A second is being repeated.
    #[error("a leap second is being inserted")]
    LeapSecond,
}

/// What is known of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody is asked.
    Unchecked,
    /// It is right within this bound, milliseconds.
    Trusted {
        /// Rounded up, at least 1.
        within_ms: u32,
    },
    /// It may be off by more than [`TOLERANCE`].
    Off {
        /// By how much it may be off, milliseconds, rounded up.
        by_ms: u64,
    },
    /// It cannot be known.
    Unknown(Ignorance),
}

impl State {
    /// The state of a clock that is off by `offset` (either way), known within `error`.
    fn of(offset: Duration, error: Duration) -> Self {
        let most = offset.abs() + error;
        let nanoseconds = most.whole_nanoseconds().max(1).cast_unsigned();
        let by_ms = u64::try_from(nanoseconds.div_ceil(1_000_000)).unwrap_or(u64::MAX);
        match u32::try_from(by_ms) {
            Ok(within_ms) if most <= TOLERANCE => Self::Trusted { within_ms },
            Ok(_) | Err(_) => Self::Off { by_ms },
        }
    }

    /// One word for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Trusted { .. } => "trusted",
            Self::Off { .. } => "off",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether times may be stamped by it.
    pub const fn is_usable(self) -> bool {
        match self {
            Self::Unchecked | Self::Trusted { .. } => true,
            Self::Off { .. } | Self::Unknown(_) => false,
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unchecked => formatter.write_str("compared with nothing: time stamps do not say how accurate they are"),
            Self::Trusted { within_ms } => write!(formatter, "right within {within_ms} ms"),
            Self::Off { by_ms } => write!(formatter, "may be off by {by_ms} ms: time stamps are refused"),
            Self::Unknown(why) => write!(formatter, "{why}: time stamps are refused"),
        }
    }
}

/// The word for the configured reference.
pub fn name(ground: &Ground) -> &'static str {
    match &ground.config.timestamps.clock {
        ClockReference::Kernel => "kernel",
        ClockReference::Ntp(_) => "ntp",
        ClockReference::Unchecked => "none",
    }
}

/// What is known of the clock now. Asks when nothing fresh is known; bounded by some seconds.
pub async fn state(ground: &Ground) -> State {
    match &ground.config.timestamps.clock {
        ClockReference::Kernel => kernel::state(),
        ClockReference::Ntp(server) => ntp::state(ground, server).await,
        ClockReference::Unchecked => State::Unchecked,
    }
}

/// One look in the background: asks the reference, tells the metrics, and logs when the clock is not to be trusted.
pub async fn look(ground: &Ground) -> State {
    if let ClockReference::Ntp(server) = &ground.config.timestamps.clock {
        ntp::sample(ground, server).await;
    }
    let state = state(ground).await;
    match state {
        State::Unchecked | State::Trusted { .. } => {}
        State::Off { .. } | State::Unknown(_) => tracing::error!(reference = name(ground), "the clock: {state}"),
    }
    ground.metrics.clock(
        state.is_usable(),
        match state {
            State::Trusted { within_ms } => Some(within_ms.into()),
            State::Off { by_ms } => Some(i64::try_from(by_ms).unwrap_or(i64::MAX)),
            State::Unchecked | State::Unknown(_) => None,
        },
    );
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_second_counting_the_uncertainty_is_off() {
        let millis = Duration::milliseconds;
        assert_eq!(State::of(millis(-3), Duration::microseconds(200)), State::Trusted { within_ms: 4 });
        assert_eq!(State::of(millis(700), millis(300)), State::Trusted { within_ms: 1000 });
        assert_eq!(State::of(millis(-700), millis(301)), State::Off { by_ms: 1001 });
        assert_eq!(State::of(Duration::ZERO, Duration::ZERO), State::Trusted { within_ms: 1 });
        assert_eq!(State::of(Duration::days(-36500), Duration::ZERO), State::Off { by_ms: 3_153_600_000_000 });
    }
}
