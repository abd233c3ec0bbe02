//! The archive opens for its holders, for two of a company's, and never for a key that signs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use certs::archive::{ArchiveError, DecryptionKey, EncryptionCertificate, HolderKey, HolderPublic, MOST_SHARES, join, split};
use certs::ca::{issue, prepare};
use certs::keystore::opener::OpenerKey;
use certs::keystore::{KeyKind, Keystore, KeystoreError, MasterKey, MemoryKeystore};
use certs::profiles::encryption;
use support::{World, employee, mailbox, pem, pointers, run, serial};

fn opener(password: u8) -> OpenerKey {
    OpenerKey::derive(&[password; 32], &[9; 32]).unwrap()
}

#[test]
fn a_sealed_key_opens_for_its_holder_and_context_alone() {
    let (holder, stranger) = (HolderKey::generate().unwrap(), HolderKey::generate().unwrap());
    let key = DecryptionKey::generate().unwrap();
    let sealed = holder.public().seal_key(&key, b"one").unwrap();
    assert_eq!(holder.open_key(&sealed, b"one").unwrap().public_key(), key.public_key());
    assert!(matches!(holder.open_key(&sealed, b"two"), Err(ArchiveError::DoesNotOpen)));
    assert!(matches!(stranger.open_key(&sealed, b"one"), Err(ArchiveError::DoesNotOpen)));
    assert_ne!(sealed, holder.public().seal_key(&key, b"one").unwrap(), "each sealing has a key of its own");
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert!(holder.open_key(&changed, b"one").is_err(), "octet {position}");
    }
    for length in 0..sealed.len() {
        assert!(holder.open_key(&sealed[..length], b"one").is_err(), "{length} octets");
    }
}

#[test]
fn a_share_is_not_taken_for_a_key_nor_a_key_for_a_share() {
    let (company, holder) = (HolderKey::generate().unwrap(), HolderKey::generate().unwrap());
    let shares = split(&company, 2).unwrap();
    let sealed = holder.public().seal_share(&shares[0], b"here").unwrap();
    assert!(matches!(holder.open_key(&sealed, b"here"), Err(ArchiveError::DoesNotOpen)));
    let sealed = holder.public().seal_key(&DecryptionKey::generate().unwrap(), b"here").unwrap();
    assert!(matches!(holder.open_share(&sealed, b"here"), Err(ArchiveError::DoesNotOpen)));
}

#[test]
fn a_private_half_rests_under_its_password() {
    let holder = HolderKey::generate().unwrap();
    let sealed = holder.seal_under(&opener(1), b"me").unwrap();
    assert_eq!(HolderKey::open_under(&opener(1), &sealed, b"me").unwrap().public(), holder.public());
    assert!(matches!(HolderKey::open_under(&opener(2), &sealed, b"me"), Err(ArchiveError::Opener(_))));
    assert!(matches!(HolderKey::open_under(&opener(1), &sealed, b"you"), Err(ArchiveError::Opener(_))));
}

#[test]
fn any_two_shares_bring_a_companys_key_back_and_one_does_not() {
    let company = HolderKey::generate().unwrap();
    let people: Vec<HolderKey> = (0..5).map(|_| HolderKey::generate().unwrap()).collect();
    let shares = split(&company, people.len()).unwrap();
    let sealed: Vec<Vec<u8>> = people.iter().zip(&shares).map(|(one, share)| one.public().seal_share(share, b"c").unwrap()).collect();
    let opened = |place: usize| people[place].open_share(&sealed[place], b"c").unwrap();
    for first in 0..5 {
        assert!(matches!(join(&[opened(first)], company.public()), Err(ArchiveError::Shares)));
        assert!(matches!(join(&[opened(first), opened(first)], company.public()), Err(ArchiveError::Shares)), "one share twice");
        for second in (0..5).filter(|second| *second != first) {
            let joined = join(&[opened(first), opened(second)], company.public()).unwrap();
            assert_eq!(joined.public(), company.public());
        }
    }
    assert_eq!(join(&[opened(0), opened(3), opened(4)], company.public()).unwrap().public(), company.public());
    assert!(matches!(join(&[], company.public()), Err(ArchiveError::Shares)));
}

#[test]
fn shares_of_two_keys_bring_nothing_back() {
    let (one, other) = (HolderKey::generate().unwrap(), HolderKey::generate().unwrap());
    let (mut ones, mut others) = (split(&one, 2).unwrap(), split(&other, 2).unwrap());
    let mixed = [ones.remove(0), others.remove(1)];
    assert!(matches!(join(&mixed, one.public()), Err(ArchiveError::Shares)));
    assert!(matches!(join(&mixed, other.public()), Err(ArchiveError::Shares)));
}

#[test]
fn a_key_is_shared_among_two_to_sixty_four() {
    let company = HolderKey::generate().unwrap();
    for holders in [0, 1, MOST_SHARES + 1] {
        assert!(matches!(split(&company, holders), Err(ArchiveError::NumberOfHolders { .. })), "{holders}");
    }
    assert_eq!(split(&company, MOST_SHARES).unwrap().len(), MOST_SHARES);
}

#[test]
fn a_public_half_is_a_point_on_the_curve() {
    let holder = HolderKey::generate().unwrap();
    assert_eq!(&HolderPublic::from_octets(holder.public().as_octets()).unwrap(), holder.public());
    let mut changed = holder.public().as_octets().to_vec();
    changed[40] ^= 1;
    for octets in [&changed[..], &[], &[4; 65], &holder.public().as_octets()[..64]] {
        assert!(matches!(HolderPublic::from_octets(octets), Err(ArchiveError::PublicHolder)));
    }
}

/// A decryption key with its certificate, issued by the profile.
fn certified(world: &World, seed: u8) -> (DecryptionKey, EncryptionCertificate) {
    let key = DecryptionKey::generate().unwrap();
    let order = encryption::order(&employee(), &mailbox(), &pointers(), &world.practice);
    let prepared = prepare(&order, key.public_key(), &world.issuing, serial(seed), world.start).unwrap();
    let issued = issue(prepared, &world.issuing, &world.keystore).unwrap();
    (key, EncryptionCertificate::check(&issued.der).unwrap())
}

#[test]
fn no_certificate_that_may_sign_counts_as_one_for_encryption() {
    let world = World::new();
    for (name, issued) in world.every_leaf() {
        let checked = EncryptionCertificate::check(&issued.der);
        if name.contains("encryption") {
            assert!(checked.is_ok(), "{name}");
        } else {
            assert!(matches!(checked, Err(ArchiveError::MaySign)), "{name}");
        }
    }
    assert!(matches!(EncryptionCertificate::check(b"\x30\x03\x02\x01\x01"), Err(ArchiveError::Certificate(_))));
}

#[test]
fn the_keystore_releases_a_decryption_key_for_its_own_certificate_and_no_signing_key_for_any() {
    let world = World::new();
    let store = &world.keystore;
    let (wrapped, public) = store.generate_wrapped(KeyKind::EcP256, b"kept").unwrap();
    let order = encryption::order(&employee(), &mailbox(), &pointers(), &world.practice);
    let prepared = prepare(&order, &public, &world.issuing, serial(40), world.start).unwrap();
    let own = EncryptionCertificate::check(&issue(prepared, &world.issuing, store).unwrap().der).unwrap();
    assert_eq!(*DecryptionKey::adopt(store, &wrapped, b"kept", &own).unwrap().public_key(), public);
    let refused = |outcome: Result<DecryptionKey, ArchiveError>| matches!(outcome, Err(ArchiveError::Keystore(KeystoreError::DoesNotOpen)));
    assert!(refused(DecryptionKey::adopt(store, &wrapped, b"another", &own)));
    let (signing, _) = store.generate_wrapped(KeyKind::EcP256, b"signs").unwrap();
    assert!(refused(DecryptionKey::adopt(store, &signing, b"signs", &own)), "a signing key beside somebody's encryption certificate");
    let other_store = MemoryKeystore::new(MasterKey::from_octets(&[8; 32]).unwrap());
    assert!(refused(DecryptionKey::adopt(&other_store, &wrapped, b"kept", &own)));
}

#[test]
fn openssl_reads_old_mail_with_the_pkcs12_and_not_with_a_wrong_password() {
    let world = World::new();
    let (key, certificate) = certified(&world, 41);
    let (_, other) = certified(&world, 42);
    assert!(matches!(key.pkcs12(&other, &[], "old", "x"), Err(ArchiveError::OtherKey)));
    let chain: Vec<Vec<u8>> = world.every_leaf().into_iter().take(2).map(|(_, issued)| issued.der).collect();
    let file = key.pkcs12(&certificate, &chain, "Åse Ødegård", "fresh-password").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    std::fs::write(place("old.p12"), file).unwrap();
    std::fs::write(place("certificate.pem"), pem("CERTIFICATE", certificate.der())).unwrap();
    std::fs::write(place("letter"), "Kære Åse, her er lønnen.\n").unwrap();
    let tool = |arguments: &str| {
        let words = arguments.split(' ').collect::<Vec<_>>();
        run(std::process::Command::new("openssl").args(words).current_dir(directory.path()))
    };
    let (good, said) = tool("cms -encrypt -aes-256-cbc -in letter -out mail.eml certificate.pem");
    assert!(good, "{said}");
    let (good, said) = tool("pkcs12 -in old.p12 -info -nodes -out all.pem -passin pass:fresh-password");
    assert!(good && said.contains("AES-256-CBC") && said.contains("sha256"), "{said}");
    let all = String::from_utf8_lossy(&std::fs::read(place("all.pem")).unwrap()).into_owned();
    assert_eq!(all.matches("BEGIN CERTIFICATE").count(), 3, "the certificate and its chain");
    let (good, said) = tool("cms -decrypt -in mail.eml -inkey all.pem -recip certificate.pem");
    assert!(good && said.contains("her er lønnen"), "{said}");
    assert!(!tool("pkcs12 -in old.p12 -nodes -out none.pem -passin pass:wrong").0);
}
