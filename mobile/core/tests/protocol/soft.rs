//! Keys in a file: only PIN and share together open them, and whatever breaks off leaves one whole file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keycard::oath::{Code, Kind};
use keycard::pin::PinChange;
use keycard::soft::{Cost, FileShelf, SoftKeys};
use keycard::{DeviceKey, DeviceKeyError, Protection, Secret, UserAuth};

use crate::support::{CHEAP, PHONE, Seeded, TestKey, pin, share, soft_keys, soft_phone};

const WRONG: DeviceKeyError = DeviceKeyError::WrongPin { tries_left: None };

#[test]
fn keys_sign_and_agree_with_pin_and_share_and_not_with_one_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let phone = soft_phone(&folder);
    let (pin, wrong_pin, share, wrong_share) = (pin("2718"), pin("2719"), share(), Secret::new([0; 32]));
    let keys = phone.public_key().unwrap();
    let signature = phone.sign(b"message", UserAuth::Pin { pin: &pin, share: &share }).unwrap();
    assert!(keys.sign.verifies(b"message", &signature) && !keys.sign.verifies(b"massage", &signature));
    let peer = TestKey::named("peer");
    let agreed = phone.agree(&peer.public(), UserAuth::Pin { pin: &pin, share: &share }).unwrap();
    assert_eq!(*agreed, *peer.agree(&keys.agree).unwrap());
    assert_eq!(phone.sign(b"m", UserAuth::Pin { pin: &wrong_pin, share: &share }), Err(WRONG));
    assert_eq!(phone.sign(b"m", UserAuth::Pin { pin: &pin, share: &wrong_share }), Err(WRONG));
    assert_eq!(phone.sign(b"m", UserAuth::Prompt { reason: "log in" }), Err(DeviceKeyError::NotAvailable));
    assert_eq!(phone.protection(), Protection::SoftwarePin);
}

#[test]
fn unlocked_keys_are_forgotten_when_they_are_locked() {
    let folder = tempfile::tempdir().unwrap();
    let mut phone = soft_phone(&folder);
    assert_eq!(phone.sign(b"m", UserAuth::Unlocked), Err(DeviceKeyError::Locked));
    let stretched = phone.stretch(&pin("2718")).unwrap();
    assert_eq!(phone.unlock(&stretched, &Secret::new([0; 32])), Err(WRONG));
    assert_eq!(phone.sign(b"m", UserAuth::Unlocked), Err(DeviceKeyError::Locked));
    phone.unlock(&stretched, &share()).unwrap();
    assert!(phone.sign(b"m", UserAuth::Unlocked).is_ok());
    phone.lock();
    assert_eq!(phone.sign(b"m", UserAuth::Unlocked), Err(DeviceKeyError::Locked));
}

#[test]
fn the_file_is_its_owners_alone_and_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut phone = soft_phone(&folder);
    let path = folder.path().join("keys");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&path).unwrap();
    let (pin, share) = (pin("2718"), share());
    let again = phone.create("Annes telefon", &[], UserAuth::Pin { pin: &pin, share: &share });
    assert_eq!(again.err(), Some(DeviceKeyError::AlreadyThere));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_left_by_a_crash_is_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("keys.new"), b"half").unwrap();
    let mut phone = soft_phone(&folder);
    assert!(phone.public_key().is_ok());
    phone.destroy().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(phone.public_key(), Err(DeviceKeyError::Gone));
    assert_eq!(phone.destroy(), Ok(()));
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut phone = soft_phone(&folder);
    fs::create_dir(folder.path().join("keys.new")).unwrap();
    let new = phone.prepare_pin(pin("3141")).unwrap();
    let changed = phone.change_pin((&pin("2718"), &share()), &new, &Secret::new([9; 32]));
    assert_eq!(changed, Err(DeviceKeyError::NotAvailable));
    assert!(phone.sign(b"m", UserAuth::Pin { pin: &pin("2718"), share: &share() }).is_ok());
}

#[test]
fn every_changed_byte_of_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let phone = soft_phone(&folder);
    let path = folder.path().join("keys");
    let good = fs::read(&path).unwrap();
    let (pin, share) = (pin("2718"), share());
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 1 << (place % 8);
        fs::write(&path, &bad).unwrap();
        let refused = phone.sign(b"m", UserAuth::Pin { pin: &pin, share: &share }).expect_err("a byte is changed");
        assert!(matches!(refused, DeviceKeyError::Gone | DeviceKeyError::WrongPin { .. }), "{refused:?} at {place}");
    }
    fs::write(&path, vec![0; 5000]).unwrap();
    assert_eq!(phone.public_key(), Err(DeviceKeyError::Gone));
}

#[test]
fn a_changed_pin_leaves_the_old_one_and_an_old_copy_worthless() {
    let folder = tempfile::tempdir().unwrap();
    let mut phone = soft_phone(&folder);
    phone.keep_offline(&pin("2718"), &Secret::new([4; 32])).unwrap();
    let (keys, old) = (phone.public_key().unwrap(), phone.stretch(&pin("2718")).unwrap());
    let new = phone.prepare_pin(pin("3141")).unwrap();
    let reply = phone.reply_key();
    let change = PinChange { phone: PHONE, nonce: [1; 32], pin_key: new.stretched().pin_key(), reply_key: reply.public() };
    assert_eq!(old.change(&change).open(&old.pin_key()).unwrap(), change);
    let new_share = Secret::new([9; 32]);
    assert_eq!(phone.change_pin((&pin("2719"), &share()), &new, &new_share), Err(WRONG));
    phone.change_pin((&pin("2718"), &share()), &new, &new_share).unwrap();
    assert_eq!(phone.public_key().unwrap(), keys);
    assert_eq!(phone.stretch(&pin("3141")).unwrap().pin_key(), new.stretched().pin_key());
    assert!(phone.sign(b"m", UserAuth::Pin { pin: &pin("3141"), share: &new_share }).is_ok());
    assert_eq!(phone.sign(b"m", UserAuth::Pin { pin: &pin("2718"), share: &share() }), Err(WRONG));
    assert_eq!(phone.sign(b"m", UserAuth::Pin { pin: &pin("3141"), share: &share() }), Err(WRONG));
    assert!(phone.offline(&pin("3141")).unwrap().is(&Secret::new([4; 32])));
}

#[test]
fn a_wrong_pin_gives_a_wrong_offline_code_and_no_sign_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut phone = soft_phone(&folder);
    assert_eq!(phone.offline(&pin("2718")).err(), Some(DeviceKeyError::Gone));
    phone.keep_offline(&pin("2718"), &Secret::new([4; 32])).unwrap();
    let code = |digits: &str| Code::at_step(Kind::PHONE, phone.offline(&pin(digits)).unwrap().expose(), 1).unwrap();
    assert_eq!(code("2718").expose(), Code::at_step(Kind::PHONE, &[4; 32], 1).unwrap().expose());
    assert_ne!(code("2719").expose(), code("2718").expose());
    assert_eq!(code("2719").expose().len(), 6);
}

#[test]
fn a_cost_beyond_its_bounds_is_refused() {
    for cost in [
        Cost { memory_kib: 1024, ..CHEAP },
        Cost { memory_kib: 1 << 20, ..CHEAP },
        Cost { passes: 0, ..CHEAP },
        Cost { passes: 11, ..CHEAP },
    ] {
        let folder = tempfile::tempdir().unwrap();
        let shelf = FileShelf::new(folder.path().join("keys"));
        let mut phone = SoftKeys::new(Box::new(shelf), Box::new(Seeded::new(1)), cost);
        let made = phone.create("Annes telefon", &[], UserAuth::Pin { pin: &pin("2718"), share: &share() });
        assert_eq!(made.err(), Some(DeviceKeyError::NotAvailable), "{cost:?}");
    }
}

#[test]
fn a_phone_is_an_object_behind_the_trait() {
    let folder = tempfile::tempdir().unwrap();
    let mut keys: Box<dyn DeviceKey> = Box::new(soft_keys(&folder, 2));
    assert_eq!(keys.public_key(), Err(DeviceKeyError::Gone));
    let (pin, share) = (pin("2718"), share());
    let refused = keys.create("two\nlines", &[], UserAuth::Pin { pin: &pin, share: &share });
    assert_eq!(refused.err(), Some(DeviceKeyError::NotAvailable));
    let created = keys.create("Annes telefon", &[], UserAuth::Pin { pin: &pin, share: &share }).unwrap();
    assert_eq!(created.public_key, keys.public_key().unwrap());
    assert_eq!(created.attestation, None);
    assert_ne!(created.public_key.sign, created.public_key.agree);
}
