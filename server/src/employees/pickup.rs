//! The ticket for a new key card: whoever activated fetches the card's sheet with it, for fifteen minutes, and can do nothing else.
//!
//! It holds account, card and time, under an HMAC that only the keystore can make; it is kept in a cookie (or by the program).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use time::Duration;
use uuid::Uuid;

use crate::platform::{
    ground::Ground,
    id::{AccountId, Id as _, KeycardId},
    moment::Moment,
};

/// The cookie that holds it.
pub const COOKIE: &str = "__Host-segl_card";
/// How long it lives.
pub const LIFE: Duration = Duration::minutes(15);

const PURPOSE: &str = "employees/card-pickup/v1";
const PAYLOAD: usize = 16 + 16 + 8;

/// Whose card may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pickup {
    /// Whose.
    pub account: AccountId,
    /// Which card.
    pub card: KeycardId,
    /// Until when.
    pub until: Moment,
}

impl Pickup {
    fn payload(self) -> [u8; PAYLOAD] {
        let mut payload = [0; PAYLOAD];
        payload[..16].copy_from_slice(self.account.uuid().as_bytes());
        payload[16..32].copy_from_slice(self.card.uuid().as_bytes());
        payload[32..].copy_from_slice(&self.until.millis().to_be_bytes());
        payload
    }
}

/// Writes the ticket for a card that was issued just now.
///
/// # Errors
/// When the keystore fails.
pub async fn ticket(ground: &Ground, account: AccountId, card: KeycardId) -> Result<String, certs::keystore::KeystoreError> {
    let payload = Pickup { account, card, until: ground.clock().now().plus(LIFE) }.payload();
    let mac = ground.with_keystore(move |keystore| keystore.hmac(PURPOSE, &payload)).await?;
    Ok(URL_SAFE_NO_PAD.encode([payload.as_slice(), mac.as_slice()].concat()))
}

/// Reads a ticket; none when it is not ours or too old.
///
/// # Errors
/// When the keystore fails.
pub async fn read(ground: &Ground, ticket: &str) -> Result<Option<Pickup>, certs::keystore::KeystoreError> {
    let Some((payload, mac)) = parts(ticket) else { return Ok(None) };
    let expected = ground.with_keystore(move |keystore| keystore.hmac(PURPOSE, &payload)).await?;
    if !bool::from(expected.ct_eq(&mac)) {
        return Ok(None);
    }
    let pickup = pickup(&payload);
    Ok(pickup.filter(|pickup| ground.clock().now() < pickup.until))
}

fn parts(ticket: &str) -> Option<([u8; PAYLOAD], [u8; 32])> {
    if ticket.len() > 128 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
    let (payload, mac) = bytes.split_first_chunk::<PAYLOAD>()?;
    Some((*payload, <[u8; 32]>::try_from(mac).ok()?))
}

fn pickup(payload: &[u8; PAYLOAD]) -> Option<Pickup> {
    let (account, rest) = payload.split_first_chunk::<16>()?;
    let (card, until) = rest.split_first_chunk::<16>()?;
    Some(Pickup {
        account: AccountId::from_uuid(Uuid::from_bytes(*account)),
        card: KeycardId::from_uuid(Uuid::from_bytes(*card)),
        until: Moment::from_millis(i64::from_be_bytes(<[u8; 8]>::try_from(until).ok()?)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::platform::testing;

    #[actix_web::test]
    async fn a_ticket_opens_its_card_for_a_quarter_of_an_hour() {
        let world = testing::ground().await.unwrap();
        let (account, card) = (AccountId::from_uuid(Uuid::from_u128(1)), KeycardId::from_uuid(Uuid::from_u128(2)));
        let written = ticket(&world, account, card).await.unwrap();
        let found = read(&world, &written).await.unwrap().unwrap();
        assert_eq!((found.account, found.card), (account, card));
        world.clock.advance(LIFE);
        assert_eq!(read(&world, &written).await.unwrap(), None);
    }

    #[actix_web::test]
    async fn a_changed_ticket_opens_nothing() {
        let world = testing::ground().await.unwrap();
        let id = Uuid::from_u128(1);
        let written = ticket(&world, AccountId::from_uuid(id), KeycardId::from_uuid(id)).await.unwrap();
        for place in [0, 20, 45, 70] {
            let mut bytes = URL_SAFE_NO_PAD.decode(&written).unwrap();
            bytes[place] ^= 1;
            assert_eq!(read(&world, &URL_SAFE_NO_PAD.encode(bytes)).await.unwrap(), None);
        }
        assert_eq!(read(&world, "").await.unwrap(), None);
    }
}
