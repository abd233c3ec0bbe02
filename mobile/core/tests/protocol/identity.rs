//! The identity key is renewed, and phones follow only the successor they know.

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
