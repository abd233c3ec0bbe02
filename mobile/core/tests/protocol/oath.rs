//! One-time codes: the answers of RFC 6238 and RFC 4226, and each step once.

use keycard::oath::{Code, Digits, Hash, Kind, LONGEST_SPAN, STEP_MS, Span, matched, matched_pair, matched_step};

use crate::support::Seeded;

fn kind(hash: Hash, digits: Digits) -> Kind {
    Kind { hash, digits }
}

/// RFC 6238 appendix B.
#[test]
fn the_codes_are_those_of_rfc_6238() {
    let answers = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    let secret = |bytes: usize| -> Vec<u8> { b"1234567890".iter().copied().cycle().take(bytes).collect() };
    for (seconds, sha1, sha256, sha512) in answers {
        for (hash, bytes, expected) in [(Hash::Sha1, 20, sha1), (Hash::Sha256, 32, sha256), (Hash::Sha512, 64, sha512)] {
            let code = Code::at_time(kind(hash, Digits::Eight), &secret(bytes), seconds * 1000).unwrap();
            assert_eq!(code.expose(), expected, "{hash:?} at {seconds}");
        }
    }
}

/// RFC 4226 appendix D.
#[test]
fn the_codes_are_those_of_rfc_4226() {
    let answers = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (step, expected) in answers.into_iter().enumerate() {
        let code = Code::at_step(kind(Hash::Sha1, Digits::Six), b"12345678901234567890", step as u64).unwrap();
        assert_eq!(code.expose(), expected);
    }
}

#[test]
fn a_code_is_good_one_step_before_and_after_and_once() {
    let (secret, now) = ([7; 32], 1_795_750_000_000);
    let present = now / STEP_MS;
    let at = |step: u64| Code::at_step(Kind::PHONE, &secret, step).unwrap().expose().to_owned();
    let judge = |typed: &str, burnt| matched_step(Kind::PHONE, &secret, typed, now, burnt);
    for step in present - 1..=present + 1 {
        assert_eq!(judge(&at(step), None), Some(step));
        assert_eq!(judge(&at(step), Some(step)), None, "burnt");
    }
    assert_eq!(judge(&at(present - 2), None), None);
    assert_eq!(judge(&at(present + 2), None), None);
    assert_eq!(judge(&at(present - 1), Some(present)), None, "older than the burnt one");
    assert_eq!(judge(&at(present + 1), Some(present)), Some(present + 1));
    let grouped = format!(" {}-{} ", &at(present)[..3], &at(present)[3..]);
    assert_eq!(judge(&grouped, None), Some(present));
}

#[test]
fn nothing_else_than_six_digits_is_a_code() {
    for typed in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "123456                               "] {
        assert!(Code::parse(Digits::Six, typed).is_none(), "{typed}");
    }
    assert!(Code::at_step(Kind::PHONE, &[], 1).is_none());
    assert!(Code::at_step(Kind::PHONE, &[0; 129], 1).is_none());
    assert_eq!(matched_step(Kind::PHONE, &[1; 32], "000000", 0, None).filter(|step| *step > 1), None, "the first step has none before it");
    assert!(matched_step(Kind::PHONE, &[1; 32], "000000", u64::MAX, Some(u64::MAX)).is_none());
}

/// The first digit of six is not quite uniform (2^31 is no multiple of a million), which ten thousand codes do not show.
#[test]
fn every_digit_is_as_likely() {
    let (mut random, mut counts) = (Seeded::new(8), [0_u32; 10]);
    for step in 0..10_000 {
        let code = Code::at_step(Kind::PHONE, &random.bytes::<32>(), step).unwrap();
        code.expose().bytes().for_each(|digit| counts[usize::from(digit - b'0')] += 1);
    }
    let chi_squared: f64 = counts.iter().map(|count| (f64::from(*count) - 6000.0).powi(2) / 6000.0).sum();
    assert!(chi_squared < 33.7, "nine degrees of freedom, {chi_squared}");
}

/// RFC 4226 section 7.4: a look-ahead window, and two codes that follow one another.
#[test]
fn a_counter_is_found_ahead_and_two_codes_bring_it_back() {
    let (secret, six) = (b"12345678901234567890", kind(Hash::Sha1, Digits::Six));
    let at = |counter: u64| Code::at_step(six, secret, counter).unwrap().expose().to_owned();
    let ahead = |typed: &str, from: u64| matched(six, secret, typed, Span::ahead(from, 10), from);
    assert_eq!(ahead("755224", 0), Some(0));
    assert_eq!(ahead(&at(10), 0), Some(10));
    assert_eq!(ahead(&at(11), 0), None, "too far ahead");
    assert_eq!(ahead(&at(4), 5), None, "before the counter");
    let pair = |first: &str, second: &str, from: u64| matched_pair(six, secret, [first, second], Span::ahead(from, 1000), from);
    assert_eq!(pair(&at(700), &at(701), 3), Some(701));
    assert_eq!(pair(&at(1003), &at(1004), 3), Some(1004), "the last of the span, and the one after it");
    assert_eq!(pair(&at(1004), &at(1005), 3), None);
    for (first, second) in [(at(701), at(700)), (at(700), at(702)), (at(700), at(700)), (at(2), at(3)), (at(700), String::new())] {
        assert_eq!(pair(&first, &second, 3), None);
    }
}

#[test]
fn a_span_costs_no_more_than_its_bound() {
    let (secret, six) = ([7; 20], kind(Hash::Sha1, Digits::Six));
    let far = Code::at_step(six, &secret, LONGEST_SPAN + 1).unwrap().expose().to_owned();
    assert_eq!(matched(six, &secret, &far, Span { first: 0, last: u64::MAX }, 0), None);
    assert_eq!(matched(six, &secret, "000000", Span { first: 5, last: 4 }, 0), None);
    assert_eq!(Span::around(0, 3), Span { first: 0, last: 3 });
    assert_eq!(Span::ahead(u64::MAX, 3).last, u64::MAX);
}
