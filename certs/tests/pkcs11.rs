//! The PKCS#11 keystore on a SoftHSM2 token: what goes wrong is named, a lost session comes back, and keys never leave. What every
//! keystore must do stands in `keystore.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use certs::keystore::{Digest, KeyKind, Keystore, KeystoreError, Pkcs11Keystore, TokenError, TokenName};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use support::token::{self, PIN, Token, module};
use support::{label, run};
use zeroize::Zeroizing;

fn refused(opened: Result<Pkcs11Keystore, KeystoreError>) -> TokenError {
    match opened.err() {
        Some(KeystoreError::Token(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn sign(store: &dyn Keystore, name: &str) -> Result<Vec<u8>, KeystoreError> {
    store.sign(&label(name), &Digest::of(KeyKind::EcP256, b"message"))
}

/// Takes the module away from under the store: every session and handle of this process is void. The library is the same one.
fn pull_out() {
    Pkcs11::new(module()).unwrap().finalize().unwrap();
}

/// The same, with somebody else having initialised the module again already.
fn pull_out_and_in() {
    pull_out();
    Pkcs11::new(module()).unwrap().initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
}

/// Logs the whole process out: sessions stay, private objects go.
fn log_out() {
    let other = Pkcs11::new(module()).unwrap();
    let slot = other.get_slots_with_initialized_token().unwrap()[0];
    other.open_ro_session(slot).unwrap().logout().unwrap();
}

#[test]
fn keys_are_found_again_and_verify_with_openssl() {
    let Some(token) = token::own() else { return };
    let key = token.store().generate(&label("ca.issuing-1"), KeyKind::EcP256).unwrap();
    let again = token.store();
    assert_eq!(again.find(&label("ca.issuing-1")).unwrap(), Some(key.clone()));
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("key.der"), key.spki()).unwrap();
    fs::write(directory.path().join("message"), b"message").unwrap();
    fs::write(directory.path().join("signature"), sign(&again, "ca.issuing-1").unwrap()).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.current_dir(directory.path()).args(["dgst", "-sha256", "-verify", "key.der", "-keyform", "DER", "-signature", "signature"]);
    let (good, said) = run(openssl.arg("message"));
    assert!(good && said.contains("Verified OK"), "{said}");
}

#[test]
fn no_key_of_the_token_can_be_read_out() {
    let Some(token) = token::own() else { return };
    let store = token.store();
    store.generate(&label("ca"), KeyKind::EcP384).unwrap();
    store.hmac("test", b"").unwrap();
    store.generate_wrapped(KeyKind::EcP256, b"employee").unwrap();
    let other = Pkcs11::new(module()).unwrap();
    let slot = other.get_slots_with_initialized_token().unwrap()[0];
    let session = other.open_ro_session(slot).unwrap();
    let mut looked_at = 0;
    for class in [ObjectClass::PRIVATE_KEY, ObjectClass::SECRET_KEY] {
        for object in session.find_objects(&[Attribute::Class(class)]).unwrap() {
            let wanted = [AttributeType::Token, AttributeType::Sensitive, AttributeType::Extractable, AttributeType::NeverExtractable];
            let found = session.get_attributes(object, &wanted).unwrap();
            for rule in
                [Attribute::Token(true), Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::NeverExtractable(true)]
            {
                assert!(found.contains(&rule), "{found:?}");
            }
            looked_at += 1;
        }
    }
    assert_eq!(looked_at, 3, "the CA's key, the secret, the wrapping key; nothing of the wrapped key stays");
}

#[test]
fn a_lost_session_comes_back_within_the_call() {
    let Some(token) = token::own() else { return };
    let store = token.store();
    store.generate(&label("ca"), KeyKind::EcP256).unwrap();
    let (wrapped, key) = store.generate_wrapped(KeyKind::EcP256, b"employee").unwrap();
    let mac = store.hmac("pepper", b"data").unwrap();
    let digest = Digest::of(KeyKind::EcP256, b"document");
    for lose in [pull_out, pull_out_and_in, log_out, pull_out] {
        lose();
        sign(&store, "ca").unwrap();
        lose();
        assert!(key.verifies(&digest, &store.sign_wrapped(&wrapped, b"employee", &digest).unwrap()));
        lose();
        assert_eq!(store.hmac("pepper", b"data").unwrap(), mac);
        lose();
        store.generate_wrapped(KeyKind::EcP256, b"employee").unwrap();
    }
}

#[test]
fn many_threads_share_a_small_pool_while_sessions_are_lost() {
    let Some(token) = token::own() else { return };
    let store = token.open(module(), "segl-test", PIN, 2).unwrap();
    let key = store.generate(&label("ca"), KeyKind::EcP256).unwrap();
    let digest = Digest::of(KeyKind::EcP256, b"message");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert!(key.verifies(&digest, &store.sign(&label("ca"), &digest).unwrap()));
                }
            });
        }
    });
    pull_out();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(key.verifies(&digest, &store.sign(&label("ca"), &digest).unwrap())));
        }
    });
}

#[test]
fn a_wrong_pin_is_named_and_not_tried_twice() {
    let Some(token) = token::own() else { return };
    let wrong = refused(token.open(module(), "segl-test", "0000-wrong", 4));
    assert!(matches!(&wrong, TokenError::WrongPin { token } if token == "segl-test"), "{wrong:?}");
    assert!(wrong.to_string().contains("PIN file") && !wrong.to_string().contains("0000-wrong"), "{wrong}");
    token.store().generate(&label("ca"), KeyKind::EcP256).unwrap();
}

#[test]
fn a_changed_pin_under_a_running_store_is_tried_once_only() {
    let Some(token) = token::own() else { return };
    let store = token.store();
    store.generate(&label("ca"), KeyKind::EcP256).unwrap();
    let other = Pkcs11::new(module()).unwrap();
    let slot = other.get_slots_with_initialized_token().unwrap()[0];
    let session = other.open_rw_session(slot).unwrap();
    session.set_pin(&PIN.into(), &"another-pin".into()).unwrap();
    drop(session);
    pull_out();
    for _ in 0..2 {
        let failed = sign(&store, "ca");
        assert!(matches!(failed, Err(KeystoreError::Token(TokenError::WrongPin { .. }))), "{failed:?}");
    }
    let right = token.open(module(), "segl-test", "another-pin", 4).unwrap();
    right.sign(&label("ca"), &Digest::of(KeyKind::EcP256, b"")).unwrap();
}

#[test]
fn a_missing_token_slot_or_module_is_named_with_what_there_is() {
    let Some(token) = token::own() else { return };
    let missing = refused(token.open(module(), "another", PIN, 4));
    assert!(matches!(missing, TokenError::NoSuchToken { .. }), "{missing:?}");
    assert!(missing.to_string().contains("another") && missing.to_string().contains("segl-test (slot "), "{missing}");
    let slot = Pkcs11Keystore::open(module(), TokenName::Slot(4711), Zeroizing::new(PIN.to_owned()), 4);
    assert!(refused(slot).to_string().contains("in slot 4711"));
    let nowhere = refused(token.open(Path::new("/nowhere/module.so"), "segl-test", PIN, 4));
    assert!(matches!(&nowhere, TokenError::ModuleMissing { path } if path == Path::new("/nowhere/module.so")), "{nowhere:?}");
    let text = token.tokens().join("not-a-module.so");
    fs::write(&text, b"no library").unwrap();
    assert!(matches!(refused(token.open(&text, "segl-test", PIN, 4)), TokenError::Module { .. }));
    let by_number = Pkcs11::new(module()).unwrap().get_slots_with_initialized_token().unwrap()[0].id();
    Pkcs11Keystore::open(module(), TokenName::Slot(by_number), Zeroizing::new(PIN.to_owned()), 4).unwrap();
}

#[test]
fn a_key_deleted_under_the_running_store_is_no_longer_there() {
    let Some(token) = token::own() else { return };
    let store = token.store();
    store.generate(&label("ca"), KeyKind::EcP256).unwrap();
    delete_everything(&token);
    let gone = sign(&store, "ca");
    assert!(matches!(gone, Err(KeystoreError::NoSuchKey { .. })), "{gone:?}");
    assert_eq!(store.find(&label("ca")).unwrap(), None);
}

fn delete_everything(_token: &Token) {
    let other = Pkcs11::new(module()).unwrap();
    let slot = other.get_slots_with_initialized_token().unwrap()[0];
    let session = other.open_rw_session(slot).unwrap();
    for object in session.find_objects(&[Attribute::Token(true)]).unwrap() {
        session.destroy_object(object).unwrap();
    }
}

#[test]
fn a_token_removed_under_the_running_store_is_an_error_until_it_is_back() {
    let Some(token) = token::own() else { return };
    let store = token.store();
    store.generate(&label("ca"), KeyKind::EcP256).unwrap();
    let (there, away) = (token.tokens(), token.tokens().with_extension("away"));
    fs::rename(&there, &away).unwrap();
    pull_out();
    let failed = sign(&store, "ca");
    assert!(matches!(failed, Err(KeystoreError::Token(_) | KeystoreError::NoSuchKey { .. })), "{failed:?}");
    fs::rename(&away, &there).unwrap();
    sign(&store, "ca").unwrap();
}

/// Not ours: `pkcs11-tool` writes what other programs would find.
#[test]
fn a_key_that_another_program_made_is_used() {
    let Some(token) = token::own() else { return };
    let mut tool = Command::new("pkcs11-tool");
    tool.args(["--module", "/usr/lib/softhsm/libsofthsm2.so", "--token-label", "segl-test", "--login", "--pin", PIN]);
    let (made, said) = run(tool.args(["--keypairgen", "--key-type", "EC:prime256v1", "--label", "foreign", "--id", "01"]));
    assert!(made, "{said}");
    let store = token.store();
    let key = store.find(&label("foreign")).unwrap().expect("found");
    assert!(key.verifies(&Digest::of(KeyKind::EcP256, b"message"), &sign(&store, "foreign").unwrap()));
    assert!(matches!(store.generate(&label("foreign"), KeyKind::EcP256), Err(KeystoreError::LabelTaken { .. })));
    let mut tool = Command::new("pkcs11-tool");
    tool.args(["--module", "/usr/lib/softhsm/libsofthsm2.so", "--token-label", "segl-test", "--login", "--pin", PIN]);
    let (made, said) = run(tool.args(["--keypairgen", "--key-type", "EC:secp521r1", "--label", "odd", "--id", "02"]));
    assert!(made, "{said}");
    let odd = store.find(&label("odd"));
    assert!(odd.is_err(), "a curve that we do not use: {odd:?}");
}
