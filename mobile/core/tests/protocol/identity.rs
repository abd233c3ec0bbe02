//! The identity key is renewed, and phones follow only the successor they know.

use keycard::wire::{Bounded, Identities, IdentityStep};
use keycard::{Pins, SignedError, Succession};

use crate::support::TestKey;

#[test]
fn only_the_known_successor_takes_over() {
    let [first, second, third, thief] = ["first", "second", "third", "thief"].map(TestKey::named);
    let pins = Pins { current: first.public().thumbprint(), successor: Some(second.public().thumbprint()) };
    assert!(pins.accept(&first.public()) && pins.accept(&second.public()) && !pins.accept(&third.public()));
    let named = Succession { successor: Some(third.public().thumbprint()) };
    let renewed = pins.succeed(&second.public(), &second.signed(&named)).unwrap();
    assert_eq!(renewed, Pins { current: second.public().thumbprint(), successor: Some(third.public().thumbprint()) });
    assert!(!renewed.accept(&first.public()));
    assert_eq!(pins.succeed(&thief.public(), &thief.signed(&named)), Err(SignedError::Signature));
    assert_eq!(pins.succeed(&second.public(), &thief.signed(&named)), Err(SignedError::Signature));
    assert_eq!(pins.succeed(&first.public(), &first.signed(&named)), Err(SignedError::Signature));
}

#[test]
fn a_phone_that_was_away_follows_every_step_after_its_pin_and_none_beside_them() {
    let [first, second, third, fourth, thief] = ["first", "second", "third", "fourth", "thief"].map(TestKey::named);
    let step = |key: &TestKey, next: &TestKey, signer: &TestKey| IdentityStep {
        key: key.public(),
        named: signer.signed(&Succession { successor: Some(next.public().thumbprint()) }),
    };
    let pins = Pins { current: first.public().thumbprint(), successor: Some(second.public().thumbprint()) };
    let told = |steps| Identities { steps: Bounded::new(steps).unwrap() };
    let both = told(vec![step(&second, &third, &second), step(&third, &fourth, &third)]);
    let (reached, key) = both.follow(&pins).unwrap().unwrap();
    assert_eq!((reached.current, key), (third.public().thumbprint(), third.public()));
    assert_eq!(reached.successor, Some(fourth.public().thumbprint()));
    assert_eq!(both.follow(&reached), Ok(None), "nothing follows from the newest");
    // A gap is not leapt, a stranger not followed, a forged step refused.
    assert_eq!(told(vec![step(&third, &fourth, &third)]).follow(&pins), Ok(None));
    assert_eq!(told(vec![step(&thief, &thief, &thief)]).follow(&pins), Ok(None));
    assert_eq!(told(vec![step(&second, &thief, &thief)]).follow(&pins), Err(SignedError::Signature));
}
