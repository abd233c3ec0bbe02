//! The keystore fails at each of its calls on the way to a certificate, and after each of them the process may be gone.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use certs::{
    key_file::LooseKey,
    keystore::{Destroyed, Digest, KeyKind, KeyLabel, Keystore, KeystoreError, RsaPadding, Secret32},
    public_key::PublicKey,
};
use time::Duration;
use zeroize::Zeroizing;

use super::{Person, Profile, certificate, world};
use crate::{
    certificates::{CertificateError, State, finish, jobs::recover, prepare_for_employee, store_intention},
    platform::{actor::Author, ground::Ground, id::CertificateId},
    status,
};

/// Whether a call fails; told is the key, where the call names one.
type Fails = Box<dyn Fn(Option<&KeyLabel>) -> bool + Send + Sync>;

/// A keystore of which some calls fail.
pub(super) struct Failing {
    pub(super) inner: Arc<dyn Keystore>,
    pub(super) fails: Fails,
}

impl Failing {
    /// The same service with a keystore of which one call fails: when `calls` have been made.
    pub(super) fn of(world: &Ground, calls: i64) -> Ground {
        Ground { keystore: Arc::new(Self::after(calls, world.keystore.clone())), ..world.clone() }
    }

    /// The call fails before which so many were made, and no other.
    fn after(calls: i64, inner: Arc<dyn Keystore>) -> Self {
        let calls = AtomicI64::new(calls);
        Self { inner, fails: Box::new(move |_| calls.fetch_sub(1, Ordering::SeqCst) == 0) }
    }

    fn call(&self, label: Option<&KeyLabel>) -> Result<(), KeystoreError> {
        if (self.fails)(label) { Err(KeystoreError::DoesNotOpen) } else { Ok(()) }
    }
}

impl Keystore for Failing {
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError> {
        self.call(Some(label))?;
        self.inner.generate(label, kind)
    }

    fn import(&self, label: &KeyLabel, key: &LooseKey) -> Result<PublicKey, KeystoreError> {
        self.call(Some(label))?;
        self.inner.import(label, key)
    }

    fn destroy(&self, label: &KeyLabel) -> Result<Destroyed, KeystoreError> {
        self.call(Some(label))?;
        self.inner.destroy(label)
    }

    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError> {
        self.call(Some(label))?;
        self.inner.find(label)
    }

    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.call(Some(label))?;
        self.inner.sign_with(label, padding, digest)
    }

    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.call(Some(label))?;
        self.inner.agree(label, ephemeral)
    }

    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        self.call(None)?;
        self.inner.wrap(plain, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        self.call(None)?;
        self.inner.unwrap(wrapped, context)
    }

    fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError> {
        self.call(None)?;
        self.inner.generate_wrapped(kind, context)
    }

    fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.call(None)?;
        self.inner.sign_wrapped(wrapped, context, digest)
    }

    fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.call(None)?;
        self.inner.agree_wrapped(wrapped, context, ephemeral)
    }

    fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError> {
        self.call(None)?;
        self.inner.hmac(purpose, data)
    }
}

/// Issues a signing and an encryption certificate; what was stored of it by the time of a failure.
async fn issue(world: &Ground, person: &Person) -> (Vec<CertificateId>, Result<(), CertificateError>) {
    let profiles = [Profile::Signing, Profile::Encryption];
    let intentions = match prepare_for_employee(world, &person.holder, &profiles, &person.protection()).await {
        Ok(intentions) => intentions,
        Err(error) => return (Vec::new(), Err(error)),
    };
    let author = Author::Account(person.holder.account);
    let stored = world
        .database
        .write(async |unit| {
            for intention in &intentions {
                store_intention(unit, intention, author).await?;
            }
            Ok::<_, CertificateError>(())
        })
        .await;
    let ids: Vec<CertificateId> = intentions.iter().map(|intention| intention.id).collect();
    if let Err(error) = stored {
        return (Vec::new(), Err(error));
    }
    for id in &ids {
        if let Err(error) = finish(world, *id).await {
            return (ids, Err(error));
        }
    }
    (ids, Ok(()))
}

#[actix_web::test]
async fn a_keystore_that_fails_at_any_call_leaves_nothing_signed_and_unknown() {
    let world = world().await;
    let mut failures = 0;
    for calls in 0.. {
        let person = Person::new(&world);
        let broken = Failing::of(&world, calls);
        let (ids, outcome) = issue(&broken, &person).await;
        for id in &ids {
            let left = certificate(&world, *id).await;
            let known = status::known(&mut world.database.read().await.unwrap(), left.authority, &left.serial).await.unwrap();
            assert_eq!(left.state == State::Active, known.is_some(), "after {calls} calls: {:?}", left.state);
            assert_eq!(left.der.is_some(), left.state == State::Active, "after {calls} calls");
        }
        world.clock.advance(Duration::seconds(31));
        recover(&world).await.unwrap();
        for id in &ids {
            assert_eq!(certificate(&world, *id).await.state, State::Active, "after {calls} calls");
        }
        if let Some(signing) = ids.first() {
            person.sign(&world, *signing, [7; 32]).await.unwrap();
        }
        match outcome {
            Ok(()) => break,
            Err(_) => failures += 1,
        }
        assert!(calls < 100, "issuing never ends");
    }
    assert!(failures > 5, "the keystore failed only {failures} times on the way");
}
