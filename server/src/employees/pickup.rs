//! The ticket for a new key card: whoever activated fetches the card's sheet with it, for fifteen minutes, and can do nothing else.
//!
//! It holds account, card, time and the revocation code that is shown beside the card, sealed by the keystore: whoever keeps it (a cookie, or
//! the program) cannot read or change it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use certs::keystore::KeystoreError;
use time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::platform::{
    ground::Ground,
    id::{AccountId, Id as _, KeycardId},
    moment::Moment,
};

/// The cookie that holds it.
pub const COOKIE: &str = "__Host-segl_card";
/// How long it lives.
pub const LIFE: Duration = Duration::minutes(15);

const CONTEXT: &[u8] = b"employees/card-pickup/v2";
const IDS: usize = 16 + 16 + 8;
/// A ticket is shorter than this.
const TICKET_CHARACTERS: usize = 256;

/// Whose card may be fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct Pickup {
    /// Whose.
    pub account: AccountId,
    /// Which card.
    pub card: KeycardId,
    /// Until when.
    pub until: Moment,
    /// What revokes the certificates without a login.
    pub revocation_code: Option<String>,
}

/// Writes the ticket for a card that was issued just now.
///
/// # Errors
/// When the keystore fails.
pub async fn ticket(ground: &Ground, account: AccountId, card: KeycardId, code: Option<&str>) -> Result<String, KeystoreError> {
    let until = ground.clock().now().plus(LIFE);
    let mut plain = Zeroizing::new(Vec::with_capacity(IDS + 32));
    plain.extend_from_slice(account.uuid().as_bytes());
    plain.extend_from_slice(card.uuid().as_bytes());
    plain.extend_from_slice(&until.millis().to_be_bytes());
    plain.extend_from_slice(code.unwrap_or_default().as_bytes());
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, CONTEXT)).await?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Reads a ticket; none when it is not ours or too old.
///
/// # Errors
/// When the keystore fails.
pub async fn read(ground: &Ground, ticket: &str) -> Result<Option<Pickup>, KeystoreError> {
    let sealed = if ticket.len() <= TICKET_CHARACTERS { URL_SAFE_NO_PAD.decode(ticket).ok() } else { None };
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = match ground.with_keystore(move |keystore| keystore.unwrap(&sealed, CONTEXT)).await {
        Ok(plain) => plain,
        Err(KeystoreError::DoesNotOpen | KeystoreError::UnknownVersion { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(pickup(&plain).filter(|pickup| ground.clock().now() < pickup.until))
}

fn pickup(plain: &[u8]) -> Option<Pickup> {
    let (account, rest) = plain.split_first_chunk::<16>()?;
    let (card, rest) = rest.split_first_chunk::<16>()?;
    let (until, code) = rest.split_first_chunk::<8>()?;
    Some(Pickup {
        account: AccountId::from_uuid(Uuid::from_bytes(*account)),
        card: KeycardId::from_uuid(Uuid::from_bytes(*card)),
        until: Moment::from_millis(i64::from_be_bytes(*until)),
        revocation_code: Some(std::str::from_utf8(code).ok()?.to_owned()).filter(|code| !code.is_empty()),
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
        let written = ticket(&world, account, card, Some("7KQ2-MX4B-9TRA-HC3W")).await.unwrap();
        let found = read(&world, &written).await.unwrap().unwrap();
        assert_eq!((found.account, found.card), (account, card));
        assert_eq!(found.revocation_code.as_deref(), Some("7KQ2-MX4B-9TRA-HC3W"));
        world.clock.advance(LIFE);
        assert!(read(&world, &written).await.unwrap().is_none());
    }

    #[actix_web::test]
    async fn a_changed_ticket_opens_nothing() {
        let world = testing::ground().await.unwrap();
        let id = Uuid::from_u128(1);
        let written = ticket(&world, AccountId::from_uuid(id), KeycardId::from_uuid(id), None).await.unwrap();
        for place in [0, 20, 45, 70] {
            let mut bytes = URL_SAFE_NO_PAD.decode(&written).unwrap();
            bytes[place] ^= 1;
            assert!(read(&world, &URL_SAFE_NO_PAD.encode(bytes)).await.unwrap().is_none());
        }
        assert!(read(&world, "").await.unwrap().is_none());
    }
}
