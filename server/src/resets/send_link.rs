//! Mails a link, or says that there is none: what a mailbox is told, and nobody else.
//!
//! Nothing is sent to whom we do not know, who may not act, whose address is newer than three days, or who got three mails within the day.

use super::{
    ResetError,
    model::{COUNTED, LIFETIME, LINKS, ResetState},
    read, store,
};
use crate::{
    accounts, audit,
    notices::{self, Kind, Notice},
    platform::{
        actor::Author,
        ground::Ground,
        id::{AccountId, ResetId},
        random, secret,
    },
};

/// Sends the mail that an asking leads to, once.
///
/// # Errors
/// When database or keystore fail.
pub async fn send_link(ground: &Ground, id: ResetId, user_id: &str) -> Result<(), ResetError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let Some(account) = accounts::read::by_user_id(&mut reader, user_id).await? else { return Ok(()) };
    let Some(person) = read::person(&mut reader, account).await? else { return note(ground, id, account, "no_standing").await };
    let is_new = notices::is_new_contact(&mut reader, person.recipient, person.activated_at, now).await?;
    let way = read::way(&mut reader, account, now).await?;
    drop(reader);
    if is_new {
        return note(ground, id, account, "new_address").await;
    }
    let (link, expires_at) = (random::token(ground.random()), now.plus(LIFETIME));
    let (notice, state) = match way {
        None => (Notice::mail(Kind::PasswordForgottenWithoutPhone), ResetState::Ended),
        Some(_) => {
            let address = format!("{}/password/new/{link}", ground.config.server.public_url);
            (Notice::mail(Kind::PasswordForgotten).with("until", expires_at).secret("link", &address), ResetState::Open)
        }
    };
    let sealed = notices::seal(ground, &notice).await?;
    let hash = secret::token_hash(&link);
    ground
        .database
        .write(async |unit| {
            let enough = store::links_of(unit, account, unit.now().plus(-COUNTED)).await? >= LINKS;
            if enough || !store::insert(unit, id, account, (&hash, state), expires_at).await? {
                return Ok::<_, ResetError>(());
            }
            store::end_others(unit, account, id).await?;
            notices::tell(unit, person.recipient, &sealed).await?;
            let event = audit::Event::new("reset.told", Author::System("resets"), format!("reset:{id}")).fact("account", account);
            Ok(audit::record(unit, event.fact("link", if state == ResetState::Open { "sent" } else { "no_phone" })).await?)
        })
        .await
}

/// Why nothing was sent.
async fn note(ground: &Ground, id: ResetId, account: AccountId, why: &'static str) -> Result<(), ResetError> {
    ground
        .database
        .write(async |unit| {
            let event = audit::Event::new("reset.not_told", Author::System("resets"), format!("reset:{id}"));
            Ok(audit::record(unit, event.fact("account", account).fact("why", why)).await?)
        })
        .await
}
