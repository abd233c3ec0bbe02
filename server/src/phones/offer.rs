//! Tells a phone that knows the token, or the code, who asks it and for whom.

use keycard::{
    pairing::{Offer, Step, TokenKeys},
    pin::{self, Delivery},
    wire::{BeginPairing, Exact, IdentityAnswer, IdentityQuestion, Offered},
};

use super::{
    Pairing, PairingState, PhoneError,
    draw::Drawn,
    identity, invite,
    model::{Kept, WRONG_PER_HOUR, Way, pairing_context, wire_id},
    store,
};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground, moment::Moment},
};

const HOUR: time::Duration = time::Duration::HOUR;

/// A pairing that a phone named, with what follows from its token.
pub(super) struct Named {
    pub pairing: Pairing,
    pub way: Way,
    pub kept: Kept,
    pub keys: TokenKeys,
}

/// The pairing of a lookup name, while its network may try.
pub(super) async fn named(ground: &Ground, lookup: &[u8; 16], network: &str) -> Result<Named, PhoneError> {
    let mut reader = ground.database.read().await?;
    // Whoever knows the name knows 80 or 128 bits: others' wrong tries from the same network do not stand in the way.
    let found = store::pairings::by_lookup(&mut reader, lookup).await?;
    let since = ground.clock().now().plus(-HOUR);
    if found.is_none() && store::wrong_of(&mut reader, network, since).await? >= WRONG_PER_HOUR {
        return Err(PhoneError::TooManyTries);
    }
    drop(reader);
    let Some((pairing, way)) = found else { return wrong(ground, network).await };
    let kept = kept(ground, &pairing).await?;
    let keys = kept.keys(way);
    Ok(Named { pairing, way, kept, keys })
}

/// What the keystore holds of a pairing.
pub(super) async fn kept(ground: &Ground, pairing: &Pairing) -> Result<Kept, PhoneError> {
    let (phone, sealed) = (pairing.phone, pairing.sealed.clone());
    let opened = ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &pairing_context(phone))).await?;
    Kept::of(opened).ok_or(PhoneError::Unreadable("pairing"))
}

/// Counts a wrong try of a network and refuses.
pub(super) async fn wrong<T>(ground: &Ground, network: &str) -> Result<T, PhoneError> {
    let wrong = ground.database.write(async |unit| {
        let since = unit.now().plus(-HOUR);
        let wrong = store::count_wrong(unit, network, since).await?;
        if wrong == WRONG_PER_HOUR {
            let event = audit::Event::new("phone.network_closed", Author::Anyone, "phones").fact("wrong", wrong);
            audit::record(unit, event.personal("network", network)).await?;
        }
        Ok::<_, PhoneError>(())
    });
    wrong.await?;
    Err(PhoneError::NotRight)
}

impl Named {
    /// Refuses what is past its time.
    pub(super) fn in_time(&self, now: Moment) -> Result<(), PhoneError> {
        if self.pairing.expires_at > now { Ok(()) } else { Err(PhoneError::Gone) }
    }
}

/// Gives the identity key to whoever knows the lookup name of a code, with what proves it to whoever knows the code.
///
/// # Errors
/// [`PhoneError::NotRight`] for an unknown name (counted), [`PhoneError::Gone`], [`PhoneError::TooManyTries`].
pub async fn introduce(ground: &Ground, question: &IdentityQuestion, network: &str) -> Result<IdentityAnswer, PhoneError> {
    let named = named(ground, &question.lookup.0, network).await?;
    named.in_time(ground.clock().now())?;
    if named.pairing.state != PairingState::Open || named.way != Way::Typed {
        return Err(PhoneError::Gone);
    }
    let identity = *identity::of(ground).await?.public_key();
    Ok(IdentityAnswer { identity, mac: Exact(named.kept.code().identity_mac(&identity)) })
}

/// Offers the pairing: whom the phone would serve, and its share, sealed to that very question.
///
/// # Errors
/// As [`introduce`]; [`PhoneError::NotRight`] for a tag under another token (counted).
pub async fn offer(ground: &Ground, begin: &BeginPairing, network: &str) -> Result<Offered, PhoneError> {
    let named = named(ground, &begin.lookup.0, network).await?;
    if !named.keys.tagged(Step::Begin, &begin.nonce.0, &begin.reply_key, &begin.tag.0) {
        return wrong(ground, network).await;
    }
    named.in_time(ground.clock().now())?;
    match named.pairing.state {
        PairingState::Open => {}
        PairingState::Agreed | PairingState::Claimed | PairingState::Confirmed => return Err(PhoneError::Claimed),
        PairingState::Refused => return Err(PhoneError::Gone),
    }
    let identity = identity::of(ground).await?;
    let phone = wire_id(named.pairing.phone);
    let share = pin::deliver(&begin.reply_key, Delivery::Share, phone, &begin.nonce.0, &named.kept.share(), &mut Drawn(ground.random()));
    let offer = Offer {
        nonce: begin.nonce.0,
        phone,
        service: invite::service(ground)?.to_string(),
        company: named.pairing.company,
        name: named.pairing.person,
        account: named.pairing.user_id,
        successor: Some(identity.successor()),
        expires_ms: u64::try_from(named.pairing.expires_at.millis()).unwrap_or(0),
        share,
    };
    Ok(Offered { identity: *identity.public_key(), offer: identity.sign(ground, offer).await? })
}
