//! A phone whose own clock is wrong learns the service's time, and cannot be told a false one.

use keycard::{ClockError, LONGEST_ROUND_TRIP_MS, ServiceClock, SignedError, TRUSTED_MS, TimeAnswer};

use crate::support::TestKey;

const NOON: u64 = 1_795_750_000_000;

#[test]
fn the_time_is_learnt_from_an_answer_to_the_own_question() {
    let identity = TestKey::named("identity");
    let answer = identity.signed(&TimeAnswer { nonce: [3; 16], time_ms: NOON });
    let learn = |nonce: [u8; 16], asked, arrived| ServiceClock::learn(&answer, &identity.public(), &nonce, asked, arrived);
    let clock = learn([3; 16], 100, 350).unwrap();
    assert_eq!(clock.now_ms(350), Ok(NOON));
    assert_eq!(clock.now_ms(5_350), Ok(NOON + 5_000));
    assert_eq!(clock.now_ms(349), Err(ClockError::Backwards));
    assert_eq!(clock.now_ms(350 + TRUSTED_MS), Ok(NOON + TRUSTED_MS));
    assert_eq!(clock.now_ms(351 + TRUSTED_MS), Err(ClockError::TooOld));
    assert_eq!(learn([4; 16], 100, 350), Err(ClockError::OtherQuestion));
    assert_eq!(learn([3; 16], 100, 99), Err(ClockError::Backwards));
    assert!(learn([3; 16], 100, 100 + LONGEST_ROUND_TRIP_MS).is_ok());
    assert_eq!(learn([3; 16], 100, 101 + LONGEST_ROUND_TRIP_MS), Err(ClockError::TooSlow));
    let other = TestKey::named("other").public();
    assert_eq!(ServiceClock::learn(&answer, &other, &[3; 16], 1, 2), Err(ClockError::Signed(SignedError::Signature)));
}
