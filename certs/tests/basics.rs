//! Serial numbers, periods, object identifiers and public keys: what each takes and refuses.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use certs::oid::{DEFAULT_POLICY_ARC, PolicyArc, PolicyArcError};
use certs::profiles::{Kind, PracticeError};
use certs::public_key::{PublicKey, PublicKeyError, PublicKeyKind};
use certs::serial::{Serial, SerialError};
use certs::validity::{Validity, ValidityError};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

#[test]
fn our_serials_have_sixteen_octets_and_are_never_negative() {
    for random in [[0u8; 16], [0xff; 16], [0x80; 16]] {
        let serial = Serial::from_random(random);
        assert!(serial.is_ours());
        assert_eq!(serial.as_bytes().len(), 16);
        assert!(serial.as_bytes()[0] < 0x80 && serial.as_bytes()[0] >= 0x40);
        assert_eq!(Serial::parse(&serial.to_string()).unwrap(), serial);
        assert_eq!(Serial::parse(&serial.to_string().to_uppercase()).unwrap(), serial);
    }
}

#[test]
fn serials_of_a_later_time_are_greater_until_the_year_4199() {
    let at = |milliseconds, octet| Serial::from_time(milliseconds, [octet; 10]);
    assert!(at(1_800_000_000_000, 0xff) < at(1_800_000_000_001, 0));
    for serial in [at(0, 0), at(1_800_000_000_000, 1), at((1 << 46) - 1, 0xff), at(u64::MAX, 0xff)] {
        assert!(serial.is_ours());
        assert_eq!(serial.as_bytes().len(), 16);
    }
    assert_eq!(at(0x1234_5678_9abc, 7).to_string(), "52345678 9abc 07070707070707070707".replace(' ', ""));
}

#[test]
fn serials_are_positive_and_at_most_twenty_octets() {
    assert_eq!(Serial::from_bytes(&[0, 0, 7]).unwrap().as_bytes(), [7]);
    assert_eq!(Serial::from_bytes(&[0, 0]), Err(SerialError::NotPositive));
    assert_eq!(Serial::from_bytes(&[]), Err(SerialError::NotPositive));
    assert!(Serial::from_bytes(&[0xff; 20]).is_ok());
    assert_eq!(Serial::from_bytes(&[1; 21]), Err(SerialError::TooLong { octets: 21 }));
    for wrong in ["0", "xy", "12 34", "0x12", "æ"] {
        assert_eq!(Serial::parse(wrong), Err(SerialError::NotHexadecimal), "{wrong:?}");
    }
}

#[test]
fn a_period_counts_both_ends_in_whole_seconds() {
    let start = datetime!(2026-11-22 20:00:00.9 UTC);
    let year = Validity::of_days(start, 365).unwrap();
    assert_eq!(year.not_before(), datetime!(2026-11-22 20:00:00 UTC));
    assert_eq!(year.not_after(), datetime!(2027-11-22 19:59:59 UTC));
    assert_eq!(year.days(), 365);
    assert!(year.contains(datetime!(2027-11-22 19:59:59.99 UTC)));
    assert!(!year.contains(datetime!(2027-11-22 20:00:00 UTC)));
    assert_eq!(Validity::of_days(start, 0), Err(ValidityError::Backwards));
    assert_eq!(Validity::of_days(start, u32::MAX), Err(ValidityError::OutOfRange));
    let ancient = OffsetDateTime::UNIX_EPOCH - Duration::days(366 * 21);
    assert_eq!(Validity::of_days(ancient, 1), Err(ValidityError::OutOfRange));
}

#[test]
fn a_policy_arc_has_arcs_that_everybody_can_read() {
    let arc = PolicyArc::parse(DEFAULT_POLICY_ARC).unwrap();
    assert_eq!(arc.policy([1, 2]).to_string(), format!("{DEFAULT_POLICY_ARC}.1.2"));
    assert_eq!(arc.time_stamp_policy().to_string(), format!("{DEFAULT_POLICY_ARC}.4.1"));
    for wrong in ["", "1", "1.2.x", "3.1.2", "1.40.1", "2.25.262917326388137966775307992582404334766", "1..2", "1.3.+6", "1.3.6.268435456"]
    {
        assert_eq!(PolicyArc::parse(wrong), Err(PolicyArcError::Form), "{wrong:?}");
    }
    let long = format!("1.3.6.1{}.16384", ".268435455".repeat(8));
    assert_eq!(PolicyArc::parse(&long), Err(PolicyArcError::TooLong));
    let refused = certs::profiles::Practice::parse("x", "https://segl.example.dk/").unwrap_err();
    assert_eq!(refused, PracticeError::PolicyArc(PolicyArcError::Form));
    assert!(certs::profiles::Practice::parse(DEFAULT_POLICY_ARC, "ftp://x/").is_err());
}

#[test]
fn kinds_keep_their_words() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Kind::parse("employee"), None);
}

/// The public key of RFC 6979 appendix A.2.5 (P-256).
#[test]
fn a_known_key_is_read_and_named() {
    let point = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    let spki = hex::decode(format!("3059301306072a8648ce3d020106082a8648ce3d030107034200{point}")).unwrap();
    let key = PublicKey::from_spki(&spki).unwrap();
    assert_eq!(key.kind(), PublicKeyKind::EcP256);
    assert_eq!(hex::encode(key.raw()), point);
    assert_eq!(key.spki(), spki);
    // Signature over SHA-256 of "sample", same appendix.
    let signature = "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
    let signature = hex::decode(signature).unwrap();
    let digest = certs::keystore::Digest::of(certs::keystore::KeyKind::EcP256, b"sample");
    assert!(key.verifies(&digest, &signature));
    assert!(key.verifies_message(certs::oid::ECDSA_SHA256, b"sample", &signature));
    assert!(!key.verifies_message(certs::oid::ECDSA_SHA256, b"simple", &signature));
    assert!(!key.verifies_message(certs::oid::RSA_SHA256, b"sample", &signature), "an algorithm of another key");
    assert!(!key.verifies_message(certs::oid::SHA1, b"sample", &signature), "an unknown algorithm");
    assert!(!key.verifies(&digest, b"no signature"));
    let mut off_curve = spki.clone();
    off_curve[40] ^= 1;
    assert!(matches!(PublicKey::from_spki(&off_curve), Err(PublicKeyError::Point)));
    let mut trailing = spki;
    trailing.push(0);
    assert!(matches!(PublicKey::from_spki(&trailing), Err(PublicKeyError::Encoding(_))));
}

/// DER SubjectPublicKeyInfo of a modulus that nobody need know the factors of.
fn rsa_spki(modulus: openssl::bn::BigNum) -> Vec<u8> {
    let exponent = openssl::bn::BigNum::from_u32(65_537).unwrap();
    openssl::rsa::Rsa::from_public_components(modulus, exponent).unwrap().public_key_to_der().unwrap()
}

#[test]
fn rsa_moduli_that_can_be_factored_are_refused_by_name() {
    use openssl::bn::{BigNum, BigNumContext};
    let mut context = BigNumContext::new().unwrap();
    // A modulus divisible by 653, a prime: 653 times 2^3070 + 1, made odd.
    let mut power = BigNum::new().unwrap();
    power.set_bit(3071).unwrap();
    power.add_word(1).unwrap();
    let mut divisible = power.to_owned().unwrap();
    divisible.mul_word(653).unwrap();
    let refused = PublicKey::from_spki(&rsa_spki(divisible));
    assert!(matches!(refused, Err(PublicKeyError::RsaFactor { prime }) if prime <= 653), "{refused:?}");
    // ROCA: N = 65537^c modulo the product of the first primes, and large.
    let is_prime = |number: &u32| (2..*number).take_while(|d| d * d <= *number).all(|d| !number.is_multiple_of(d));
    let mut primorial = BigNum::from_u32(1).unwrap();
    for prime in (2..=167).filter(is_prime) {
        primorial.mul_word(prime).unwrap();
    }
    let (generator, exponent) = (BigNum::from_u32(65_537).unwrap(), BigNum::from_u32(123_456_789).unwrap());
    let mut marked = BigNum::new().unwrap();
    marked.mod_exp(&generator, &exponent, &primorial, &mut context).unwrap();
    let mut shift = BigNum::new().unwrap();
    shift.lshift(&primorial, 3072 - primorial.num_bits()).unwrap();
    let mut modulus = BigNum::new().unwrap();
    modulus.checked_add(&shift, &marked).unwrap();
    // Not divisible by a prime between 167 and 752.
    while (3..752).filter(is_prime).any(|prime| modulus.mod_word(prime).unwrap() == 0) {
        let before = modulus.to_owned().unwrap();
        modulus.checked_add(&before, &primorial).unwrap();
    }
    let refused = PublicKey::from_spki(&rsa_spki(modulus));
    assert!(matches!(refused, Err(PublicKeyError::RsaRoca)), "{refused:?}");
    let honest = openssl::rsa::Rsa::generate(3072).unwrap();
    assert!(PublicKey::from_spki(&honest.public_key_to_der().unwrap()).is_ok());
}

#[test]
fn rsa_with_a_small_exponent_is_refused() {
    let exponent = openssl::bn::BigNum::from_u32(3).unwrap();
    let key = openssl::rsa::Rsa::generate_with_e(3072, &exponent).unwrap();
    let refused = PublicKey::from_spki(&key.public_key_to_der().unwrap());
    assert!(matches!(refused, Err(PublicKeyError::RsaExponent)), "{refused:?}");
}
