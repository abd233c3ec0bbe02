//! What the kernel knows of its clock (`adjtimex(2)`): whether a time daemon keeps it, and how wrong it may have become since.

use rtime_clock::adjtime::{Timex, adjtimex};
use time::Duration;

use super::{Ignorance, State};

/// `TIME_OOP`: a leap second is being inserted.
const LEAP_SECOND: i32 = 3;
/// `TIME_ERROR`: the clock is not synchronised.
const ERROR: i32 = 5;
/// `STA_UNSYNC | STA_CLOCKERR`.
const BROKEN: i32 = 0x0040 | 0x1000;

pub(super) fn state() -> State {
    let mut timex = Timex::new();
    match adjtimex(&mut timex) {
        Ok(code) => judge(code, timex.0.status, timex.0.maxerror),
        Err(_) => State::Unknown(Ignorance::KernelRefuses),
    }
}

/// What is cut off where times are told in whole milliseconds.
const OWN_RESOLUTION: Duration = Duration::MILLISECOND;

/// `maximum_error` grows by 500 ppm from what the daemon last wrote.
fn judge(code: i32, status: i32, maximum_error_microseconds: i64) -> State {
    if code == ERROR || status & BROKEN != 0 || maximum_error_microseconds < 0 {
        return State::Unknown(Ignorance::KernelUnsynchronised);
    }
    if code == LEAP_SECOND {
        return State::Unknown(Ignorance::LeapSecond);
    }
    State::of(Duration::ZERO, Duration::microseconds(maximum_error_microseconds) + OWN_RESOLUTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_that_nobody_keeps_right_is_unknown_and_one_that_may_have_drifted_too_far_is_off() {
        assert_eq!(judge(0, 0x2001, 12_345), State::Trusted { within_ms: 14 });
        assert_eq!(judge(0, 0x2001, 1_000_001), State::Off { by_ms: 1002 });
        assert_eq!(judge(3, 0x2011, 500), State::Unknown(Ignorance::LeapSecond));
        for (code, status) in [(5, 0x2001), (0, 0x2041), (0, 0x3001)] {
            assert_eq!(judge(code, status, 500), State::Unknown(Ignorance::KernelUnsynchronised));
        }
    }

    #[test]
    fn this_kernel_answers() {
        assert_ne!(state(), State::Unknown(Ignorance::KernelRefuses));
    }
}
