//! The keystores keep secrets secret, labels unique, and formats honest.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use certs::keystore::employee_key::{self, Binding, EmployeeKeyError};
use certs::keystore::opener::{OpenerError, OpenerKey, verifier_input};
use certs::keystore::shares::{self, Rule, SECRET_OCTETS, Share, ShareError};
use certs::keystore::{
    Digest, FileKeystore, KeyKind, KeyLabel, Keyring, Keystore, KeystoreError, MasterKey, MasterKeyError, MemoryKeystore, RsaPadding,
    Scheme, Secret32, proof,
};
use certs::public_key::PublicKeyKind;
use der::Decode;
use support::{label, run, serial, token};
use uuid::Uuid;

fn master(octet: u8) -> MasterKey {
    MasterKey::from_octets(&[octet; 32]).unwrap()
}

fn file_store(directory: &Path, octet: u8) -> Result<FileKeystore, KeystoreError> {
    FileKeystore::open(&directory.join("keys"), master(octet))
}

/// Runs a rule on every kind of store; on the token in a process of its own.
fn on_all(rule: impl Fn(&dyn Keystore)) {
    if let Some(token) = token::own() {
        return rule(&token.store());
    }
    let directory = tempfile::tempdir().unwrap();
    rule(&file_store(directory.path(), 1).unwrap());
    rule(&MemoryKeystore::new(master(2)));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_label_is_given_once() {
    on_all(|store| {
        let key = store.generate(&label("ca.issuing-1"), KeyKind::EcP256).unwrap();
        assert!(matches!(store.generate(&label("ca.issuing-1"), KeyKind::EcP384), Err(KeystoreError::LabelTaken { .. })));
        assert_eq!(store.find(&label("ca.issuing-1")).unwrap(), Some(key));
        assert_eq!(store.find(&label("other")).unwrap(), None);
    });
}

#[test]
fn signatures_verify_and_take_the_digest_of_their_curve() {
    on_all(|store| {
        for (name, kind, other, public) in
            [("a", KeyKind::EcP256, KeyKind::EcP384, PublicKeyKind::EcP256), ("b", KeyKind::EcP384, KeyKind::EcP256, PublicKeyKind::EcP384)]
        {
            let key = store.generate(&label(name), kind).unwrap();
            assert_eq!(key.kind(), public);
            let digest = Digest::of(kind, b"message");
            let signature = store.sign(&label(name), &digest).unwrap();
            assert!(key.verifies(&digest, &signature));
            assert!(!key.verifies(&Digest::of(kind, b"another"), &signature));
            let refused = store.sign(&label(name), &Digest::of(other, b"message"));
            assert!(matches!(refused, Err(KeystoreError::DigestDoesNotFit)), "{refused:?}");
        }
        let nobody = store.sign(&label("nobody"), &Digest::of(KeyKind::EcP256, b""));
        assert!(matches!(nobody, Err(KeystoreError::NoSuchKey { .. })), "{nobody:?}");
    });
}

#[test]
fn an_rsa_key_signs_with_either_padding_and_neither_passes_for_the_other() {
    on_all(|store| {
        for (kind, bits) in [(KeyKind::Rsa3072, 3072), (KeyKind::Rsa4096, 4096)] {
            let name = label(kind.as_str());
            let key = store.generate(&name, kind).unwrap();
            assert_eq!(key.kind(), PublicKeyKind::Rsa { bits });
            let digest = Digest::of(kind, b"message");
            let pss = store.sign(&name, &digest).unwrap();
            let pkcs1 = store.sign_with(&name, RsaPadding::Pkcs1, &digest).unwrap();
            assert!(key.verifies(&digest, &pss) && key.verifies_with(RsaPadding::Pkcs1, &digest, &pkcs1));
            assert!(!key.verifies(&digest, &pkcs1) && !key.verifies_with(RsaPadding::Pkcs1, &digest, &pss));
            assert!(!key.verifies(&Digest::of(kind, b"another"), &pss));
            for (padding, signature) in [(RsaPadding::Pss, &pss), (RsaPadding::Pkcs1, &pkcs1)] {
                let algorithm = Scheme::of(key.kind(), padding).algorithm_identifier();
                let algorithm = spki::AlgorithmIdentifierOwned::from_der(&algorithm).unwrap();
                assert!(key.verifies_signed(&algorithm, b"message", signature), "{padding:?}");
                assert!(!key.verifies_signed(&algorithm, b"another", signature), "{padding:?}");
            }
            let refused = store.sign(&name, &Digest::of(KeyKind::EcP384, b"message"));
            assert!(matches!(refused, Err(KeystoreError::DigestDoesNotFit)), "{refused:?}");
            let other = store.generate(&label(&format!("ec-{bits}")), KeyKind::EcP256).unwrap();
            assert!(matches!(store.agree(&name, &other), Err(KeystoreError::PeerDoesNotFit)));
        }
        let (wrapped, key) = store.generate_wrapped(KeyKind::Rsa3072, b"seal").unwrap();
        let digest = Digest::of(KeyKind::Rsa3072, b"message");
        assert!(key.verifies(&digest, &store.sign_wrapped(&wrapped, b"seal", &digest).unwrap()));
    });
}

/// The encoding that Mozilla's and Microsoft's root programmes ask for, octet for octet (Mozilla Root Store Policy section 5.1.1).
#[test]
fn the_identifier_of_pss_is_the_one_that_root_programmes_ask_for() {
    let expected = "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120";
    assert_eq!(hex::encode(Scheme::RsaPssSha256.algorithm_identifier()), expected);
    assert_eq!(hex::encode(Scheme::RsaPkcs1Sha256.algorithm_identifier()), "300d06092a864886f70d01010b0500");
    assert_eq!(hex::encode(Scheme::EcdsaSha256.algorithm_identifier()), "300a06082a8648ce3d040302");
    assert_eq!(hex::encode(Scheme::EcdsaSha384.algorithm_identifier()), "300a06082a8648ce3d040303");
}

#[test]
fn openssl_verifies_rsa_signatures_of_a_file_store_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let key = file_store(directory.path(), 1).unwrap().generate(&label("seal"), KeyKind::Rsa3072).unwrap();
    let store = file_store(directory.path(), 1).unwrap();
    assert_eq!(store.find(&label("seal")).unwrap().as_ref(), Some(&key));
    fs::write(directory.path().join("key.der"), key.spki()).unwrap();
    fs::write(directory.path().join("message"), b"message").unwrap();
    let pss: &[&str] = &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"];
    for (padding, options) in [(RsaPadding::Pss, pss), (RsaPadding::Pkcs1, &[])] {
        let signature = store.sign_with(&label("seal"), padding, &Digest::of(KeyKind::Rsa3072, b"message")).unwrap();
        fs::write(directory.path().join("signature"), signature).unwrap();
        let mut command = std::process::Command::new("openssl");
        let command = command.current_dir(directory.path()).args(["dgst", "-sha256", "-verify", "key.der", "-keyform", "DER"]);
        let (good, said) = run(command.args(options).args(["-signature", "signature", "message"]));
        assert!(good && said.contains("Verified OK"), "{padding:?}: {said}");
    }
}

#[test]
fn two_keys_agree_on_one_secret() {
    on_all(|store| {
        let one = store.generate(&label("one"), KeyKind::EcP256).unwrap();
        let (wrapped, two) = store.generate_wrapped(KeyKind::EcP256, b"archive").unwrap();
        let left = store.agree(&label("one"), &two).unwrap();
        let right = store.agree_wrapped(&wrapped, b"archive", &one).unwrap();
        assert_eq!(left.expose(), right.expose());
        let signing = store.generate(&label("p384"), KeyKind::EcP384).unwrap();
        assert!(matches!(store.agree(&label("one"), &signing), Err(KeystoreError::PeerDoesNotFit)));
        assert!(matches!(store.agree(&label("p384"), &one), Err(KeystoreError::PeerDoesNotFit)));
    });
}

#[test]
fn what_is_wrapped_opens_under_its_own_context_and_store_only() {
    on_all(|store| {
        let sealed = store.wrap(b"card secret", b"card 7").unwrap();
        assert_eq!(sealed.len(), b"card secret".len() + 49);
        assert_eq!(store.unwrap(&sealed, b"card 7").unwrap().as_slice(), b"card secret");
        let others = [store.unwrap(&sealed, b"card 8"), MemoryKeystore::new(master(99)).unwrap(&sealed, b"card 7")];
        assert!(others.iter().all(|opened| matches!(opened, Err(KeystoreError::DoesNotOpen))));
        for place in 1..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(matches!(store.unwrap(&changed, b"card 7"), Err(KeystoreError::DoesNotOpen)), "octet {place}");
        }
        assert!(matches!(store.unwrap(&[9; 80], b""), Err(KeystoreError::UnknownVersion { version: 9 })));
        assert!(matches!(store.unwrap(&sealed[..33], b"card 7"), Err(KeystoreError::DoesNotOpen)));
        assert_ne!(store.wrap(b"card secret", b"card 7").unwrap(), sealed, "every box has its own salt");
    });
}

#[test]
fn a_wrapped_key_signs_only_under_its_context_and_is_no_wrapped_text() {
    on_all(|store| {
        let (inner, key) = store.generate_wrapped(KeyKind::EcP256, b"account 1").unwrap();
        let digest = Digest::of(KeyKind::EcP256, b"document");
        assert!(key.verifies(&digest, &store.sign_wrapped(&inner, b"account 1", &digest).unwrap()));
        assert!(matches!(store.sign_wrapped(&inner, b"account 2", &digest), Err(KeystoreError::DoesNotOpen)));
        // The two kinds of box share no key: a private key can not be read as a wrapped secret.
        assert!(matches!(store.unwrap(&inner, b"account 1"), Err(KeystoreError::DoesNotOpen)));
        let text = store.wrap(&[1; 33], b"account 1").unwrap();
        assert!(matches!(store.sign_wrapped(&text, b"account 1", &digest), Err(KeystoreError::DoesNotOpen)));
    });
}

#[test]
fn hmac_is_the_same_again_and_differs_by_purpose_and_data() {
    on_all(|store| {
        let value = store.hmac("pepper", b"data").unwrap();
        assert_eq!(value, store.hmac("pepper", b"data").unwrap());
        for (purpose, data) in [("verifier", b"data".as_slice()), ("pepper", b"datb"), ("peppe", b"rdata")] {
            assert_ne!(value, store.hmac(purpose, data).unwrap());
        }
    });
}

#[test]
fn hmac_differs_by_store() {
    let (one, other) = (MemoryKeystore::new(master(1)), MemoryKeystore::new(master(2)));
    let value = one.hmac("pepper", b"data").unwrap();
    assert_eq!(value, MemoryKeystore::new(master(1)).hmac("pepper", b"data").unwrap());
    for another in [one.hmac("verifier", b"data"), one.hmac("pepper", b"datb"), other.hmac("pepper", b"data")] {
        assert_ne!(value, another.unwrap());
    }
}

#[test]
fn a_file_store_finds_its_keys_again_and_knows_a_wrong_master_key() {
    let directory = tempfile::tempdir().unwrap();
    let key = file_store(directory.path(), 1).unwrap().generate(&label("root"), KeyKind::EcP384).unwrap();
    let again = file_store(directory.path(), 1).unwrap();
    assert_eq!(again.find(&label("root")).unwrap(), Some(key.clone()));
    let digest = Digest::of(KeyKind::EcP384, b"x");
    assert!(key.verifies(&digest, &again.sign(&label("root"), &digest).unwrap()));
    assert!(matches!(again.generate(&label("root"), KeyKind::EcP384), Err(KeystoreError::LabelTaken { .. })));
    assert!(matches!(file_store(directory.path(), 2).err(), Some(KeystoreError::WrongMasterKey)));
}

#[test]
fn only_a_p256_key_that_lies_open_in_this_process_signs_at_once() {
    if let Some(token) = token::own() {
        let store = token.store();
        store.generate(&label("a"), KeyKind::EcP256).unwrap();
        assert!(!store.signs_at_once(&label("a")), "a token is asked over a wire");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let first = file_store(directory.path(), 1).unwrap();
    for (name, kind, at_once) in [("a", KeyKind::EcP256, true), ("b", KeyKind::EcP384, false), ("c", KeyKind::Rsa3072, false)] {
        first.generate(&label(name), kind).unwrap();
        assert_eq!(first.signs_at_once(&label(name)), at_once, "{kind:?}");
    }
    let again = file_store(directory.path(), 1).unwrap();
    assert!(!again.signs_at_once(&label("a")), "its file is still to be read");
    again.sign(&label("a"), &Digest::of(KeyKind::EcP256, b"x")).unwrap();
    assert!(again.signs_at_once(&label("a")));
    let ring =
        Keyring::new(Arc::new(MemoryKeystore::new(master(2))), BTreeMap::from([("file".to_owned(), Arc::new(again) as Arc<dyn Keystore>)]));
    assert!(ring.signs_at_once(&label("file.a")) && !ring.signs_at_once(&label("a")) && !ring.signs_at_once(&label("other.a")));
}

#[test]
fn two_openings_of_one_directory_cannot_both_make_a_label() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (file_store(directory.path(), 1).unwrap(), file_store(directory.path(), 1).unwrap());
    let key = one.generate(&label("root"), KeyKind::EcP256).unwrap();
    assert!(matches!(two.generate(&label("root"), KeyKind::EcP256), Err(KeystoreError::LabelTaken { .. })));
    assert_eq!(two.find(&label("root")).unwrap(), Some(key));
}

#[test]
fn a_key_that_is_destroyed_while_it_is_opened_does_not_stay_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    let name = label("import-1");
    file_store(directory.path(), 1).unwrap().generate(&name, KeyKind::EcP256).unwrap();
    // The file becomes a pipe: whoever opens the key has opened the file, and waits for its octets.
    let file = directory.path().join("keys/import-1.key");
    let sealed = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    let store = file_store(directory.path(), 1).unwrap();
    std::thread::scope(|threads| {
        let opening = threads.spawn(|| store.find(&name).unwrap());
        let mut pipe = fs::OpenOptions::new().write(true).open(&file).unwrap();
        store.destroy(&name).unwrap();
        std::io::Write::write_all(&mut pipe, &sealed).unwrap();
        drop(pipe);
        assert!(opening.join().unwrap().is_some(), "who was first found it");
    });
    assert!(!file.exists() && store.find(&name).unwrap().is_none(), "it is gone");
    assert!(matches!(store.sign(&name, &Digest::of(KeyKind::EcP256, b"")), Err(KeystoreError::NoSuchKey { .. })));
    // What is made under the same label afterwards is another key, and kept.
    let other = store.generate(&name, KeyKind::EcP256).unwrap();
    assert_eq!(store.find(&name).unwrap(), Some(other));
    assert!(store.signs_at_once(&name));
}

#[test]
fn files_are_private_sealed_and_bound_to_their_label() {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    let store = file_store(directory.path(), 1).unwrap();
    store.generate(&label("one"), KeyKind::EcP256).unwrap();
    assert_eq!(mode(&keys), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, ["keystore.check", "one.key"], "no draft stays behind");
    fs::copy(keys.join("one.key"), keys.join("two.key")).unwrap();
    let moved = file_store(directory.path(), 1).unwrap().find(&label("two"));
    assert!(matches!(moved, Err(KeystoreError::DoesNotOpen)), "{moved:?}");
}

#[test]
fn an_open_directory_or_a_lost_check_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    file_store(directory.path(), 1).unwrap().generate(&label("one"), KeyKind::EcP256).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(file_store(directory.path(), 1).err(), Some(KeystoreError::DirectoryMode { mode: 0o750 })));
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(keys.join("keystore.check")).unwrap();
    assert!(matches!(file_store(directory.path(), 1).err(), Some(KeystoreError::MissingCheck)));
}

#[test]
fn labels_are_safe_file_names() {
    for wrong in ["", "../root", "a/b", ".hidden", "-x", "Root", "æ", "a b", "a\0", &"a".repeat(65)] {
        assert!(matches!(KeyLabel::parse(wrong), Err(KeystoreError::Label)), "{wrong:?}");
    }
    for right in ["root", "ocsp.2026-11", &"a".repeat(64)] {
        assert_eq!(KeyLabel::parse(right).unwrap().as_str(), right);
    }
}

#[test]
fn a_master_key_file_is_private_and_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    MasterKey::create(&path).unwrap();
    assert_eq!((mode(&path), fs::metadata(&path).unwrap().len()), (0o600, 32));
    assert!(MasterKey::read(&path).is_ok());
    assert!(matches!(MasterKey::create(&path).err(), Some(MasterKeyError::File { .. })), "never overwritten");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let open = MasterKey::read(&path).err().unwrap();
    assert!(matches!(open, MasterKeyError::Mode { mode: 0o640 }) && open.to_string().contains("chmod 600"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, [1; 33]).unwrap();
    assert!(matches!(MasterKey::read(&path).err(), Some(MasterKeyError::Length { octets: 33 })));
}

#[test]
fn a_passphrase_gives_the_same_key_with_the_same_salt_only() {
    let directory = tempfile::tempdir().unwrap();
    let salt = directory.path().join("master.salt");
    let derive = |words: &str| MasterKey::from_passphrase(words, &salt);
    let store = MemoryKeystore::new(derive("korrekt hest batteri").unwrap());
    let value = store.hmac("test", b"").unwrap();
    assert_eq!(mode(&salt), 0o600);
    assert_eq!(MemoryKeystore::new(derive("korrekt hest batteri").unwrap()).hmac("test", b"").unwrap(), value);
    assert_ne!(MemoryKeystore::new(derive("korrekt hest Batteri").unwrap()).hmac("test", b"").unwrap(), value);
    fs::remove_file(&salt).unwrap();
    assert_ne!(MemoryKeystore::new(derive("korrekt hest batteri").unwrap()).hmac("test", b"").unwrap(), value);
    assert!(matches!(derive("for kort").err(), Some(MasterKeyError::ShortPassphrase)));
}

#[test]
fn openssl_verifies_with_the_exported_public_key() {
    let store = MemoryKeystore::new(master(1));
    let key = store.generate(&label("a"), KeyKind::EcP256).unwrap();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("key.der"), key.spki()).unwrap();
    fs::write(directory.path().join("message"), b"message").unwrap();
    fs::write(directory.path().join("signature"), store.sign(&label("a"), &Digest::of(KeyKind::EcP256, b"message")).unwrap()).unwrap();
    let mut command = std::process::Command::new("openssl");
    let command = command.current_dir(directory.path()).args(["dgst", "-sha256", "-verify", "key.der", "-keyform", "DER"]);
    let (good, said) = run(command.args(["-signature", "signature", "message"]));
    assert!(good && said.contains("Verified OK"), "{said}");
}

#[test]
fn without_the_person_s_secret_no_employee_key_opens() {
    let store = MemoryKeystore::new(master(1));
    let (inner, key) = store.generate_wrapped(KeyKind::EcP256, b"employee").unwrap();
    let (number, pin, account) = (serial(1), key.spki_sha256(), Uuid::from_u128(5));
    let binding = Binding { serial: &number, account, spki_sha256: &pin };
    let (secret, salt) = (Secret32::new([3; 32]), [4; 32]);
    let outer = employee_key::seal(&inner, &secret, &salt, &binding).unwrap();
    let digest = Digest::of(KeyKind::EcP256, b"document");
    // The keystore alone, with everything that the database holds, signs nothing.
    assert!(store.sign_wrapped(&outer, b"employee", &digest).is_err());
    let opened = employee_key::open(&outer, &secret, &salt, &binding).unwrap();
    assert!(key.verifies(&digest, &store.sign_wrapped(&opened, b"employee", &digest).unwrap()));
    let (other_number, other_pin) = (serial(2), [0; 32]);
    let others = [
        employee_key::open(&outer, &Secret32::new([5; 32]), &salt, &binding),
        employee_key::open(&outer, &secret, &[5; 32], &binding),
        employee_key::open(&outer, &secret, &salt, &Binding { serial: &other_number, ..binding }),
        employee_key::open(&outer, &secret, &salt, &Binding { account: Uuid::from_u128(6), ..binding }),
        employee_key::open(&outer, &secret, &salt, &Binding { spki_sha256: &other_pin, ..binding }),
        employee_key::open(&outer[..20], &secret, &salt, &binding),
        employee_key::open(&[], &secret, &salt, &binding),
    ];
    assert!(others.iter().all(|opened| matches!(opened, Err(EmployeeKeyError::DoesNotOpen))));
    let newer = employee_key::open(&[2; 90], &secret, &salt, &binding);
    assert!(matches!(newer, Err(EmployeeKeyError::UnknownVersion { version: 2 })));
}

#[test]
fn an_opener_needs_password_and_pepper_and_tells_nothing_of_the_verifier() {
    let (prk, pepper) = ([1; 32], [2; 32]);
    let opener = OpenerKey::derive(&prk, &pepper).unwrap();
    let sealed = opener.seal(&Secret32::new([7; 32]), b"account 1").unwrap();
    assert_eq!(sealed.len(), 60);
    assert_eq!(opener.open(&sealed, b"account 1").unwrap().expose(), &[7; 32]);
    let wrong_password = OpenerKey::derive(&[9; 32], &pepper).unwrap();
    let wrong_pepper = OpenerKey::derive(&prk, &[9; 32]).unwrap();
    let others = [
        wrong_password.open(&sealed, b"account 1"),
        wrong_pepper.open(&sealed, b"account 1"),
        opener.open(&sealed, b"account 2"),
        opener.open(&sealed[..11], b"account 1"),
    ];
    assert!(others.iter().all(|opened| matches!(opened, Err(OpenerError::DoesNotOpen))));
    assert_ne!(verifier_input(&prk).unwrap().expose(), verifier_input(&[9; 32]).unwrap().expose());
}

/// HKDF-SHA256 without salt over 32 octets of 1, info "segl/opener/v1/auth"; computed with Python's hmac and hashlib.
#[test]
fn the_verifier_input_is_a_known_answer() {
    let expected = "36186c980198b48171cb8b06f9e84e46153438f46d360975fc03b382e57c5126";
    assert_eq!(hex::encode(verifier_input(&[1; 32]).unwrap().expose()), expected);
}

#[test]
fn a_label_names_its_keystore_and_the_rest_is_the_main_ones() {
    let (main, token) = (Arc::new(MemoryKeystore::new(master(1))), Arc::new(MemoryKeystore::new(master(2))));
    let named: BTreeMap<String, Arc<dyn Keystore>> = BTreeMap::from([("hsm".to_owned(), token.clone() as Arc<dyn Keystore>)]);
    let ring = Keyring::new(main.clone(), named);
    let there = label("issuing1").in_keystore("hsm").unwrap();
    assert_eq!((there.as_str(), there.keystore()), ("hsm.issuing1", Some("hsm")));
    let key = ring.generate(&there, KeyKind::EcP256).unwrap();
    assert_eq!(token.find(&label("issuing1")).unwrap(), Some(key.clone()));
    assert_eq!(main.find(&label("issuing1")).unwrap(), None);
    let digest = Digest::of(KeyKind::EcP256, b"message");
    assert!(key.verifies(&digest, &ring.sign(&there, &digest).unwrap()));
    proof::prove(&there, &key, &ring).unwrap();
    ring.generate(&label("issuing1"), KeyKind::EcP256).unwrap();
    assert!(matches!(proof::prove(&label("issuing1"), &key, &ring), Err(proof::Mismatch::Other { .. })));
    assert!(matches!(proof::prove(&label("nobody"), &key, &ring), Err(proof::Mismatch::Missing { .. })));
    let elsewhere = ring.find(&label("cloud.issuing1"));
    assert!(matches!(elsewhere, Err(KeystoreError::NoSuchKeystore { .. })), "{elsewhere:?}");
    assert_eq!(ring.hmac("a", b"b").unwrap(), main.hmac("a", b"b").unwrap());
    let sealed = ring.wrap(b"secret", b"context").unwrap();
    assert_eq!(main.unwrap(&sealed, b"context").unwrap().as_slice(), b"secret");
}

#[test]
fn any_two_of_three_shares_give_the_secret_back_and_one_does_not() {
    let secret = [0x5a; SECRET_OCTETS];
    let texts = shares::split(&secret, Rule::new(2, 3).unwrap()).unwrap();
    let read = |at: usize| Share::parse(&texts[at].to_lowercase()).unwrap();
    for pair in [[0, 1], [0, 2], [2, 1]] {
        assert_eq!(shares::join(&pair.map(read)).unwrap().as_slice(), secret);
    }
    assert!(matches!(shares::join(&[read(0)]), Err(ShareError::TooFew { needed: 2, given: 1 })));
    assert!(matches!(shares::join(&[read(1), read(1)]), Err(ShareError::GivenTwice { number: 2 })));
    let others = shares::split(&secret, Rule::new(2, 3).unwrap()).unwrap();
    let mixed = shares::join(&[read(0), Share::parse(&others[1]).unwrap()]);
    assert!(matches!(mixed, Err(ShareError::OtherSet { number: 2 })), "each set has a name of its own");
    for (needed, of) in [(1, 3), (4, 3), (0, 0), (2, 17)] {
        assert!(matches!(Rule::new(needed, of), Err(ShareError::Rule)));
    }
}

#[test]
fn every_mistyped_letter_of_a_share_is_named_by_its_group_or_at_least_its_share() {
    let texts = shares::split(&[7; SECRET_OCTETS], Rule::new(2, 3).unwrap()).unwrap();
    let text = texts[0].as_str();
    let begin = text.find(' ').unwrap() + 1;
    let (mut by_group, mut typos) = (0, 0);
    for place in begin..text.len() {
        let letter = text.as_bytes()[place];
        if letter == b'-' {
            continue;
        }
        for wrong in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().filter(|wrong| **wrong != letter) {
            let mut mistyped = text.as_bytes().to_vec();
            mistyped[place] = *wrong;
            let refused = Share::parse(std::str::from_utf8(&mistyped).unwrap()).err().expect("a typo is never taken");
            typos += 1;
            if let ShareError::MistypedGroup { number: 1, group } = refused {
                assert_eq!(group, (place - begin) / 6 + 1);
                by_group += 1;
            } else {
                assert!(matches!(refused, ShareError::MistypedShare { number: 1 }), "{refused:?}");
            }
        }
    }
    assert!(by_group * 10 > typos * 7, "{by_group} of {typos} typos are named by their group");
    for wrong in ["", "7f3a", "7f3a-1of3-1 AAAAA", "7f3a-2of3-4 AAAAA", "zzzz-2of3-1 AAAAA"] {
        assert!(matches!(Share::parse(wrong), Err(ShareError::Head { .. })), "{wrong:?}");
    }
    let short = text.rsplit_once('-').unwrap().0;
    assert!(matches!(Share::parse(short), Err(ShareError::MistypedGroup { number: 1, .. })));
    let renumbered = text.replacen("2of3-1", "2of3-2", 1);
    assert!(Share::parse(&renumbered).is_err(), "the head is checked too");
}

#[test]
fn a_key_is_handed_over_under_its_own_passphrase_and_label_and_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let here = file_store(&directory.path().join("a"), 1).unwrap();
    let there = file_store(&directory.path().join("b"), 2).unwrap();
    let (name, passphrase) = (label("issuing1-ab"), || MasterKey::stretch("korrekt hest batteri", &[9; 16]).unwrap());
    let key = here.generate(&name, KeyKind::EcP256).unwrap();
    let sealed = here.hand_over(&name, passphrase()).unwrap();
    let wrong = there.take_over(&name, &sealed, MasterKey::stretch("en helt anden hest", &[9; 16]).unwrap());
    assert!(matches!(wrong, Err(KeystoreError::DoesNotOpen)));
    assert!(matches!(there.take_over(&label("another"), &sealed, passphrase()), Err(KeystoreError::DoesNotOpen)));
    assert_eq!(there.take_over(&name, &sealed, passphrase()).unwrap(), key);
    assert!(matches!(there.take_over(&name, &sealed, passphrase()), Err(KeystoreError::LabelTaken { .. })));
    here.forget(&name).unwrap();
    assert!(matches!(here.sign(&name, &Digest::of(KeyKind::EcP256, b"")), Err(KeystoreError::NoSuchKey { .. })));
    proof::prove(&name, &key, &there).unwrap();
}
