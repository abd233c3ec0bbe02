//! Invites a phone: draws token, code and share, and keeps them where only the keystore opens them. The newest invitation of a person counts.

use keycard::{
    pairing::{Address, CODE_BYTES, Invitation, TOKEN_BYTES},
    plain,
};
use zeroize::Zeroizing;

use super::{
    PhoneError, identity,
    model::{INVITED_FOR, Kept, MOST_PHONES, pairing_context, subject},
    store::{self, pairings::NewPairing},
};
use crate::{
    audit,
    platform::{
        actor::Actor,
        database::Unit,
        ground::Ground,
        id::{Id as _, PhoneId},
        moment::Moment,
        random,
    },
};

const NAME_CHARACTERS: usize = 120;

/// Whom the phone would serve, as the offer tells it.
#[derive(Clone, Debug)]
pub struct Whom {
    /// The company; the service itself for its operators.
    pub company: String,
    /// The user id.
    pub user_id: String,
}

/// What the page shows.
pub struct Invited {
    /// What the phone will be called.
    pub phone: PhoneId,
    /// What the QR holds.
    pub invitation: Zeroizing<String>,
    /// Where the service is, to be typed with the code.
    pub address: String,
    /// The code, as it is typed.
    pub code: Zeroizing<String>,
    /// Until when.
    pub expires_at: Moment,
}

/// An invitation that is drawn and sealed, not yet in the database.
pub struct NewInvitation {
    row: NewPairing,
    kept: Kept,
}

impl NewInvitation {
    /// Draws one for somebody who has just proven himself.
    ///
    /// # Errors
    /// [`PhoneError::ProveAgain`] without a fresh proof; when the keystore fails.
    pub async fn draw(ground: &Ground, actor: &Actor, whom: &Whom) -> Result<Self, PhoneError> {
        Self::drawn(ground, actor, whom, None).await
    }

    /// Draws one for a new phone that takes the place of this one, which must approve it.
    ///
    /// # Errors
    /// As [`Self::draw`]; [`PhoneError::NotFound`] for somebody else's phone, [`PhoneError::NotYet`] before its waiting time is over.
    pub async fn draw_move(ground: &Ground, actor: &Actor, whom: &Whom, from: PhoneId) -> Result<Self, PhoneError> {
        let found = store::phone(&mut ground.database.read().await?, from).await?;
        let phone = found.filter(|phone| phone.account == actor.account && phone.is_active()).ok_or(PhoneError::NotFound)?;
        if !phone.signs(ground.clock().now()) {
            return Err(PhoneError::NotYet { from: phone.signs_from });
        }
        Self::drawn(ground, actor, whom, Some(from)).await
    }

    async fn drawn(ground: &Ground, actor: &Actor, whom: &Whom, replaces: Option<PhoneId>) -> Result<Self, PhoneError> {
        let now = ground.clock().now();
        let session = actor.session.filter(|_| actor.has_proven_by_card(now)).ok_or(PhoneError::ProveAgain)?;
        let (token, code) =
            (Zeroizing::new(random::bytes::<TOKEN_BYTES>(ground.random())), Zeroizing::new(random::bytes::<CODE_BYTES>(ground.random())));
        let share = Zeroizing::new(random::bytes::<32>(ground.random()));
        let kept = Kept::new(&token, &code, &share);
        let phone = PhoneId::fresh(now, ground.random());
        let plain = Zeroizing::new(kept.bytes().to_vec());
        let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &pairing_context(phone))).await?;
        let row = NewPairing {
            phone,
            account: actor.account,
            session,
            scanned_lookup: kept.token().keys().lookup,
            typed_lookup: kept.code().token().keys().lookup,
            sealed,
            company: text(&whom.company),
            person: text(&actor.name),
            user_name: text(&whom.user_id),
            replaces,
            expires_at: now.plus(INVITED_FOR),
        };
        Ok(Self { row, kept })
    }

    /// What the phone will be called.
    pub fn phone(&self) -> PhoneId {
        self.row.phone
    }

    /// What the page shows of it.
    ///
    /// # Errors
    /// When the keystore fails.
    pub async fn shown(&self, ground: &Ground) -> Result<Invited, PhoneError> {
        shown(ground, self.row.phone, self.row.expires_at, &self.kept).await
    }
}

/// What a phone shows must be plain text.
fn text(given: &str) -> String {
    let tamed = plain::tame(given, NAME_CHARACTERS);
    if tamed.is_empty() { "-".to_owned() } else { tamed }
}

/// The name by which people know this service: its host.
pub(super) fn service(ground: &Ground) -> Result<Address, PhoneError> {
    let url = &ground.config.server.public_url;
    let address = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    Ok(Address::parse(address)?)
}

/// Where a phone reaches it. Phones speak HTTPS alone: where the public URL does not (on this machine only), they go by the HTTPS listener.
fn reached(ground: &Ground) -> Result<Address, PhoneError> {
    match ground.config.tls.listen {
        Some(listen) if !ground.config.server.public_url.starts_with("https://") => Ok(Address::parse(&listen.to_string())?),
        Some(_) | None => service(ground),
    }
}

pub(super) async fn shown(ground: &Ground, phone: PhoneId, expires_at: Moment, kept: &Kept) -> Result<Invited, PhoneError> {
    let pin = identity::of(ground).await?.pin();
    let address = reached(ground)?;
    let named = address.to_string();
    let invitation = Zeroizing::new(Invitation { address, pin, token: kept.token() }.text());
    Ok(Invited { phone, invitation, address: named, code: kept.code().expose(), expires_at })
}

/// Writes the invitation; whatever the person had on its way is refused by it.
///
/// # Errors
/// [`PhoneError::TooManyPhones`].
pub async fn invite(unit: &mut Unit, new: &NewInvitation, actor: &Actor) -> Result<(), PhoneError> {
    store::lock_owner(unit, actor.account).await?;
    if new.row.replaces.is_none() && !store::has_room(unit, actor.account).await? {
        return Err(PhoneError::TooManyPhones { most: MOST_PHONES });
    }
    store::pairings::refuse_others(unit, actor.account).await?;
    store::pairings::insert(unit, &new.row).await?;
    let event = audit::Event::new("phone.invited", actor.author(), subject(new.row.phone)).fact("account", actor.account);
    audit::record(unit, event.company(actor.company)).await?;
    Ok(())
}
