//! Openers and releases: they open for their own purpose only, and `hpke`, which seals them, opens them too.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR};
use keycard::opener::Opener;
use keycard::payload::Payload;
use keycard::release::{Release, ReleaseKey, ReleaseKeyNotice};
use keycard::{DeviceKey as _, KeptOffline, OpenError, PhoneId, ReleaseKeyId, Rule, Secret, Unopened, UserAuth};

use crate::support::{PHONE, Seeded, TestKey, changed, fixed_parts, pin, share, soft_phone};

const SERIAL: [u8; 3] = [1, 2, 3];

fn payload_for(key: &ReleaseKey) -> Payload {
    let mut parts = fixed_parts();
    parts.release_key = Some(key.public());
    Payload::new(parts).unwrap()
}

#[test]
fn an_opener_opens_with_a_phones_key_that_only_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let phone = soft_phone(&folder);
    let own = phone.public_key().unwrap().agree;
    for seed in 0..4 {
        let secret = Secret::draw(&mut Seeded::new(seed));
        let opener = Opener::seal(&own, &SERIAL, PHONE, &secret, &mut Seeded::new(seed + 100));
        let (pin, share) = (pin("2718"), share());
        let opened = opener.open(&own, &SERIAL, PHONE, |peer| phone.agree(peer, UserAuth::Pin { pin: &pin, share: &share }));
        assert!(opened.unwrap().is(&secret));
    }
}

#[test]
fn the_hpke_crate_opens_what_goes_out() {
    let own = TestKey::named("phone agree");
    let private = <DhP256HkdfSha256 as Kem>::PrivateKey::from_bytes(&own.0.to_bytes()).unwrap();
    let secret = Secret::new([5; 32]);
    let opener = Opener::seal(&own.public(), &SERIAL, PHONE, &secret, &mut Seeded::new(1));
    let (sender, ciphertext) = opener.bytes().split_at(65);
    let sender = <DhP256HkdfSha256 as Kem>::EncappedKey::from_bytes(sender).unwrap();
    let info = [b"\0\0\0\x0esegl/opener/v1\0\0\0\x03\x01\x02\x03\0\0\0\x10".as_slice(), PHONE.bytes()].concat();
    let opened =
        hpke::single_shot_open::<AesGcm256, HkdfSha256, DhP256HkdfSha256>(&OpModeR::Base, &private, &sender, &info, ciphertext, &[]);
    assert_eq!(opened.unwrap(), [5; 32]);
}

#[test]
fn an_opener_opens_for_nothing_else() {
    let own = TestKey::named("phone agree");
    let opener = Opener::seal(&own.public(), &SERIAL, PHONE, &Secret::new([5; 32]), &mut Seeded::new(1));
    let open =
        |opener: &Opener, key: &TestKey, serial: &[u8], phone| opener.open(&key.public(), serial, phone, |peer| key.agree(peer)).err();
    let refused = Some(OpenError::Unopened(Unopened));
    assert_eq!(open(&opener, &own, &SERIAL, PHONE), None);
    assert_eq!(open(&opener, &own, &[1, 2, 4], PHONE), refused);
    assert_eq!(open(&opener, &own, &SERIAL, PhoneId([8; 16])), refused);
    assert_eq!(open(&opener, &TestKey::named("other"), &SERIAL, PHONE), refused);
    for bytes in changed(opener.bytes()) {
        let Ok(changed) = Opener::from_bytes(&bytes) else { continue };
        assert_eq!(open(&changed, &own, &SERIAL, PHONE), refused);
    }
    assert_eq!(Opener::from_bytes(&opener.bytes()[1..]).unwrap_err(), Rule::WrongLength { expected: 113 }.at("opener"));
    assert_eq!(Opener::from_bytes(&[4; 113]).unwrap_err(), Rule::NotPoint.at("opener"));
    let refusal = opener.open(&own.public(), &SERIAL, PHONE, |_| Err(keycard::DeviceKeyError::Cancelled));
    assert_eq!(refusal.err(), Some(OpenError::Key(keycard::DeviceKeyError::Cancelled)));
}

#[test]
fn a_kept_offline_secret_opens_on_its_own_phone_only_and_is_no_opener() {
    let own = TestKey::named("phone agree");
    let kept = KeptOffline::seal(&own.public(), PHONE, &Secret::new([5; 32]), &mut Seeded::new(1));
    let open = |kept: &KeptOffline, key: &TestKey, phone| kept.open(&key.public(), phone, |peer| key.agree(peer));
    let refused = Some(OpenError::Unopened(Unopened));
    assert!(open(&kept, &own, PHONE).unwrap().is(&Secret::new([5; 32])));
    assert_eq!(open(&kept, &own, PhoneId([8; 16])).err(), refused);
    assert_eq!(open(&kept, &TestKey::named("other"), PHONE).err(), refused);
    for bytes in changed(kept.bytes()) {
        let Ok(changed) = KeptOffline::from_bytes(&bytes) else { continue };
        assert_eq!(open(&changed, &own, PHONE).err(), refused);
    }
    // Neither stands in the other's place, whatever serial number is named.
    let opener = Opener::from_bytes(kept.bytes()).unwrap();
    for serial in [&[][..], &SERIAL] {
        assert_eq!(opener.open(&own.public(), serial, PHONE, |peer| own.agree(peer)).err(), refused);
    }
    let opener = Opener::seal(&own.public(), &SERIAL, PHONE, &Secret::new([5; 32]), &mut Seeded::new(1));
    assert_eq!(open(&KeptOffline::from_bytes(opener.bytes()).unwrap(), &own, PHONE).err(), refused);
    assert_eq!(KeptOffline::from_bytes(&kept.bytes()[1..]).unwrap_err(), Rule::WrongLength { expected: 113 }.at("kept offline secret"));
    let refusal = kept.open(&own.public(), PHONE, |_| Err(keycard::DeviceKeyError::Cancelled));
    assert_eq!(refusal.err(), Some(OpenError::Key(keycard::DeviceKeyError::Cancelled)));
}

#[test]
fn a_release_opens_only_for_its_own_approval() {
    let key = ReleaseKey::draw(ReleaseKeyId([1; 16]), &mut Seeded::new(2));
    let payload = payload_for(&key);
    let release = Release::seal(&payload, &Secret::new([6; 32]), &mut Seeded::new(3)).unwrap();
    assert_eq!(key.open(&release, &payload).unwrap().expose(), &[6; 32]);
    let mut parts = payload.parts().clone();
    parts.nonce[0] ^= 1;
    assert_eq!(key.open(&release, &Payload::new(parts).unwrap()).err(), Some(Unopened));
    let mut parts = payload.parts().clone();
    parts.id.0[15] ^= 1;
    assert_eq!(key.open(&release, &Payload::new(parts).unwrap()).err(), Some(Unopened));
    let other = ReleaseKey::draw(ReleaseKeyId([1; 16]), &mut Seeded::new(4));
    assert_eq!(other.open(&release, &payload).err(), Some(Unopened));
    for bytes in changed(release.bytes()) {
        let Ok(changed) = Release::from_bytes(&bytes) else { continue };
        assert_eq!(key.open(&changed, &payload).err(), Some(Unopened));
        assert_ne!(changed.hash(), release.hash());
    }
}

#[test]
fn of_several_releases_none_stands_in_anothers_place() {
    let key = ReleaseKey::draw(ReleaseKeyId([1; 16]), &mut Seeded::new(2));
    let mut parts = crate::support::several_parts();
    parts.release_key = Some(key.public());
    let payload = Payload::new(parts.clone()).unwrap();
    let (second, third) = (&parts.further[0].clone(), &parts.further[1].clone());
    let seal = |serial: &[u8]| Release::seal_further(&payload, serial, &Secret::new([7; 32]), &mut Seeded::new(3));
    let (first, release) = (Release::seal(&payload, &Secret::new([6; 32]), &mut Seeded::new(3)).unwrap(), seal(second).unwrap());
    assert_eq!(key.open_further(&release, &payload, second).unwrap().expose(), &[7; 32]);
    assert_eq!(key.open_further(&release, &payload, third).err(), Some(Unopened));
    assert_eq!(key.open_further(&first, &payload, second).err(), Some(Unopened));
    assert_eq!(key.open(&release, &payload).err(), Some(Unopened));
    assert!(seal(&[9]).is_none() && seal(parts.certificate.as_ref().unwrap()).is_none(), "a certificate that is not named there");
    parts.further.swap(0, 1);
    assert_eq!(key.open_further(&release, &Payload::new(parts.clone()).unwrap(), second).err(), Some(Unopened), "another payload");
    let hashes = [
        Release::hash_of(&first, &[]),
        Release::hash_of(&first, std::slice::from_ref(&release)),
        Release::hash_of(&release, std::slice::from_ref(&first)),
    ];
    assert_eq!(hashes[0], first.hash());
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2], "the hash covers every release, in its order");
}

#[test]
fn nothing_is_released_to_a_payload_that_does_not_ask() {
    let mut parts = fixed_parts();
    parts.release_key = None;
    assert!(Release::seal(&Payload::new(parts).unwrap(), &Secret::new([6; 32]), &mut Seeded::new(3)).is_none());
}

#[test]
fn a_release_key_in_the_database_is_vouched_for() {
    let identity = TestKey::named("identity");
    let to = ReleaseKey::draw(ReleaseKeyId([1; 16]), &mut Seeded::new(2)).public();
    let notice = ReleaseKeyNotice { node: [2; 16], to, until_ms: 5 };
    let signed = identity.signed(&notice);
    assert_eq!(signed.open(&identity.public()).unwrap(), notice);
    for bytes in changed(signed.bytes()) {
        let forged = keycard::Signed::<ReleaseKeyNotice>::from_parts(bytes, signed.signature().clone()).unwrap();
        assert!(forged.open(&identity.public()).is_err());
    }
}
