//! The service's identity key I, which phones pin (`security.md` section 3): all that is told to a phone is signed by it, and not by TLS.
//!
//! It rests in the keystore and is made when it is first asked for, and its successor with it, so that a phone knows both from the day it is paired.
//! [`succeed`] lets the successor take over: it names the next one in its first message, which stands in a row, so that every process signs with it
//! from its next message on, and a phone that was away follows step by step ([`steps`]). A key that was succeeded signs nothing more,
//! after a restore neither: a new epoch begins with a key of its own ([`fresh`]).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use certs::keystore::{Digest, KeyKind, KeyLabel, Keystore, KeystoreError};
use keycard::{
    Canonical, PublicKey, Signature, Signed, Succession,
    wire::{Bounded, Identities, IdentityStep, STEPS},
};

use super::{PhoneError, store::identities};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
    },
};

/// The keystore's label of a generation's key.
fn label(generation: i64) -> Result<KeyLabel, KeystoreError> {
    KeyLabel::parse(&format!("phone-identity-{generation}"))
}

/// The public half of the identity key, and the name of its successor.
#[derive(Debug)]
pub struct Identity {
    generation: i64,
    key: PublicKey,
    successor: [u8; 32],
}

#[derive(Default)]
struct Held(Mutex<HashMap<i64, Arc<Identity>>>);

/// The identity key of this service; made on first need.
///
/// # Errors
/// When keystore or database refuse.
pub async fn of(ground: &Ground) -> Result<Arc<Identity>, PhoneError> {
    let generation = identities::newest(&mut ground.database.read().await?).await?.unwrap_or(1);
    of_generation(ground, generation).await
}

async fn of_generation(ground: &Ground, generation: i64) -> Result<Arc<Identity>, PhoneError> {
    let held = ground.kept.of::<Held>();
    let known = held.0.lock().unwrap_or_else(PoisonError::into_inner).get(&generation).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let (own, next) = (label(generation)?, label(generation + 1)?);
    let made = ground.with_keystore(move |keystore| Ok::<_, PhoneError>((key(keystore, &own)?, key(keystore, &next)?))).await?;
    let identity = Arc::new(Identity { generation, key: made.0, successor: made.1.thumbprint() });
    held.0.lock().unwrap_or_else(PoisonError::into_inner).insert(generation, identity.clone());
    Ok(identity)
}

fn key(keystore: &dyn Keystore, label: &KeyLabel) -> Result<PublicKey, PhoneError> {
    let found = match keystore.find(label)? {
        Some(found) => found,
        None => match keystore.generate(label, KeyKind::EcP256) {
            // Another node was faster.
            Err(KeystoreError::LabelTaken { label }) => keystore.find(&label)?.ok_or(KeystoreError::NoSuchKey { label })?,
            made => made?,
        },
    };
    Ok(PublicKey::from_spki("identity key", found.spki())?)
}

/// Every identity key that this service has had, the one in use last: what was signed long ago is checked with its own.
///
/// # Errors
/// When keystore or database refuse.
pub async fn all(ground: &Ground) -> Result<Vec<PublicKey>, PhoneError> {
    let _made = of(ground).await?;
    let later = identities::generations(&mut ground.database.read().await?).await?;
    let mut keys = Vec::new();
    for generation in std::iter::once(1).chain(later) {
        keys.push(of_generation(ground, generation).await?.key);
    }
    Ok(keys)
}

/// The steps from the first key to the one in use, oldest first, at most the last sixteen: a phone follows those after its own pin.
///
/// # Errors
/// When the database fails.
pub async fn steps(ground: &Ground) -> Result<Identities, PhoneError> {
    let rows = identities::last(&mut ground.database.read().await?, STEPS).await?;
    let steps = rows.into_iter().map(|row| {
        let named = Signed::<Succession>::from_parts(row.succession, Signature::from_der("signature", &row.succession_signature)?)?;
        Ok(IdentityStep { key: PublicKey::from_sec1("identity key", &row.public_key)?, named })
    });
    let steps = steps.collect::<Result<Vec<_>, keycard::Fault>>()?;
    Ok(Identities { steps: Bounded::new(steps)? })
}

/// Lets the successor take over: it signs from now, and names the one after it. Phones have pinned it since they were paired.
///
/// # Errors
/// [`PhoneError::Gone`] when somebody else has just done it; when keystore or database refuse.
pub async fn succeed(ground: &Ground, author: Author) -> Result<Arc<Identity>, PhoneError> {
    let generation = of(ground).await?.generation + 1;
    let identity = of_generation(ground, generation).await?;
    let named = identity.sign(ground, Succession { successor: Some(identity.successor) }).await?;
    ground
        .database
        .write(async |unit| {
            if !identities::insert(unit, generation, identity.key.sec1(), &named).await? {
                return Err(PhoneError::Gone);
            }
            let event = audit::Event::new("identity.succeeded", author, "identity").fact("generation", generation);
            audit::record(unit, event.fact("pin", hex::encode(identity.pin()))).await?;
            Ok(())
        })
        .await?;
    Ok(identity)
}

/// An identity key that nobody has had before, to begin an epoch with.
#[derive(Debug)]
pub struct Fresh {
    identity: Arc<Identity>,
    named: Signed<Succession>,
}

/// Makes the identity key of a new epoch. What the backup calls the key in use, or its successor, may have been succeeded after it, and for a reason:
/// so the new one is the first that the keystore holds nothing of.
///
/// # Errors
/// When keystore or database refuse.
pub async fn fresh(ground: &Ground) -> Result<Fresh, PhoneError> {
    let newest = identities::newest(&mut ground.database.read().await?).await?.unwrap_or(1);
    let find = move |keystore: &dyn Keystore| {
        for generation in newest.saturating_add(1).. {
            if keystore.find(&label(generation)?)?.is_none() {
                return Ok::<_, PhoneError>(generation);
            }
        }
        Err(PhoneError::Gone)
    };
    let generation = ground.with_keystore(find).await?;
    let identity = of_generation(ground, generation).await?;
    let named = identity.sign(ground, Succession { successor: Some(identity.successor) }).await?;
    Ok(Fresh { identity, named })
}

/// Lets it take over, in the unit that begins the epoch.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(unit: &mut Unit, fresh: &Fresh) -> Result<(), DatabaseError> {
    let Fresh { identity, named } = fresh;
    identities::insert(unit, identity.generation, identity.key.sec1(), named).await?;
    let event = audit::Event::new("identity.succeeded", Author::System("restore"), "identity").fact("generation", identity.generation);
    audit::record(unit, event.fact("pin", hex::encode(identity.pin()))).await?;
    Ok(())
}

impl Fresh {
    /// Which of the service's identity keys it is.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.identity.generation
    }
}

impl Identity {
    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Which of the service's identity keys it is, counted from one.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.generation
    }

    /// What phones pin: SHA-256 of the SubjectPublicKeyInfo.
    #[must_use]
    pub fn pin(&self) -> [u8; 32] {
        self.key.thumbprint()
    }

    /// What phones pin beside it.
    #[must_use]
    pub fn successor(&self) -> [u8; 32] {
        self.successor
    }

    /// Signs a message to a phone.
    ///
    /// # Errors
    /// When the keystore refuses.
    pub async fn sign<T: Canonical + Send + 'static>(&self, ground: &Ground, message: T) -> Result<Signed<T>, PhoneError> {
        let label = label(self.generation)?;
        let own = label.clone();
        let sign = move |keystore: &dyn Keystore| {
            Signed::sign(&message, |bytes| {
                let der = keystore.sign(&own, &Digest::of(KeyKind::EcP256, bytes))?;
                Ok::<_, PhoneError>(Signature::from_der("signature", &der)?)
            })
        };
        ground.with_key(&label, sign).await
    }
}
