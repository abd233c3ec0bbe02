//! The clock that nobody can set, and that counts through sleep: see `keycard::ServiceClock`. The phone's wall clock is never asked.

use rustix::time::{ClockId, clock_gettime};

/// Milliseconds since some moment before the program began.
#[must_use]
pub fn counted_ms() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let now = clock_gettime(ClockId::Boottime);
    // Apple's CLOCK_MONOTONIC counts through sleep.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    seconds * 1000 + u64::try_from(now.tv_nsec).unwrap_or_default() / 1_000_000
}
