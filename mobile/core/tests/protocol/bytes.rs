//! Every canonical message: inverse both ways, total on any bytes, one domain each.

use keycard::pairing::{Claim, Offer, PairingRecord, Registered};
use keycard::payload::Payload;
use keycard::pin::{PinChange, PinProof};
use keycard::release::ReleaseKeyNotice;
use keycard::{Canonical, Decision, OfflineAsk, Succession, TimeAnswer};
use rand_core::RngCore as _;

use crate::support::{Seeded, any_decision, any_payload};

/// What is read must be what writing makes: one message has one form.
fn assert_total<T: Canonical>(bytes: &[u8]) -> bool {
    T::decode(bytes).is_ok_and(|message| {
        assert_eq!(message.encode(), bytes);
        true
    })
}

fn assert_all_total(bytes: &[u8]) -> usize {
    let read = [
        assert_total::<keycard::Block>(bytes),
        assert_total::<Claim>(bytes),
        assert_total::<keycard::pairing::ClientData>(bytes),
        assert_total::<Decision>(bytes),
        assert_total::<Offer>(bytes),
        assert_total::<OfflineAsk>(bytes),
        assert_total::<keycard::pairing::Collect>(bytes),
        assert_total::<PairingRecord>(bytes),
        assert_total::<Payload>(bytes),
        assert_total::<PinChange>(bytes),
        assert_total::<PinProof>(bytes),
        assert_total::<Registered>(bytes),
        assert_total::<ReleaseKeyNotice>(bytes),
        assert_total::<Succession>(bytes),
        assert_total::<TimeAnswer>(bytes),
    ];
    read.into_iter().filter(|read| *read).count()
}

#[test]
fn any_payload_and_decision_is_read_as_it_was_written_and_as_nothing_else() {
    let mut random = Seeded::new(1);
    for _ in 0..300 {
        let payload = any_payload(&mut random);
        assert_eq!(Payload::decode(&payload.encode()).unwrap(), payload);
        assert!(payload.encode().len() <= Payload::MAX_BYTES);
        let decision = any_decision(&mut random);
        assert_eq!(Decision::decode(&decision.encode()).unwrap(), decision);
        assert_eq!((assert_all_total(&payload.encode()), assert_all_total(&decision.encode())), (1, 1));
    }
}

#[test]
fn the_longest_payload_fits_its_bound() {
    let mut parts = crate::support::fixed_parts();
    let wide = |count: usize| "😀".repeat(count);
    (parts.service, parts.account, parts.company, parts.title) = (wide(120), wide(120), wide(120), wide(120));
    (parts.network, parts.place) = (wide(64), Some(wide(120)));
    parts.lines = vec![wide(200); 40];
    parts.digests = vec![keycard::payload::Listed { label: wide(200), digest: [1; 32] }; 50];
    parts.certificate = Some(vec![1; 20]);
    let payload = Payload::new(parts).unwrap();
    assert_eq!(Payload::decode(&payload.encode()).unwrap(), payload);
}

#[test]
fn no_bytes_make_a_reader_panic() {
    let mut random = Seeded::new(2);
    for _ in 0..20_000 {
        let mut bytes = vec![0; random.below(200)];
        random.fill_bytes(&mut bytes);
        assert_all_total(&bytes);
    }
    for _ in 0..200 {
        let good = if random.coin() { any_payload(&mut random).encode() } else { any_decision(&mut random).encode() };
        for _ in 0..50 {
            let mut bytes = good.clone();
            match random.below(4) {
                0 => bytes.truncate(random.below(good.len())),
                1 => bytes.push(random.below(256) as u8),
                2 => drop(bytes.drain(random.below(good.len())..)),
                _ => {
                    let place = random.below(good.len());
                    bytes[place] = random.below(256) as u8;
                }
            }
            assert_all_total(&bytes);
        }
    }
}

#[test]
fn a_message_cut_anywhere_or_lengthened_is_refused() {
    let payload = any_payload(&mut Seeded::new(3)).encode();
    for length in 0..payload.len() {
        assert!(Payload::decode(&payload[..length]).is_err(), "cut at {length}");
    }
    assert_eq!(
        Payload::decode(&[&payload[..], &[0]].concat()).unwrap_err().to_string(),
        "message: is followed by bytes that do not belong there"
    );
    assert!(Payload::decode(&vec![0; Payload::MAX_BYTES + 1]).unwrap_err().to_string().contains("is longer than"));
}

#[test]
fn a_length_beyond_the_message_is_refused_without_reserving_it() {
    let mut bytes = any_payload(&mut Seeded::new(4)).encode();
    bytes[..4].copy_from_slice(&[0xff; 4]);
    assert_eq!(Payload::decode(&bytes).unwrap_err().field, "domain");
}
