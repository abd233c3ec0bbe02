//! Sends what was told. May be run again after a crash: a sent message is never sent twice knowingly, and a mail that went out just
//! before the crash goes out again under the same Message-ID (in the spool: under the same name).

use std::collections::BTreeMap;

use time::Duration;
use zeroize::Zeroizing;

use super::{
    deliver,
    error::NoticeError,
    letter::Letter,
    mime::{self, Head, Signer},
    model::{Channel, Contact, Kind, context},
    render::{self, Rendered, Values},
    store::{self, MessageRow},
    texts::{self, Text, TextError},
};
use crate::{
    audit,
    config::Letters,
    platform::{actor::Author, database::DatabaseError, ground::Ground, id::MessageId, queue, telephone::Telephone},
};

/// The kind of the sending job.
pub const SEND: queue::Kind = queue::Kind("notices.send");

/// What nobody could send in so long is given up, and its sealed content deleted.
const KEPT: Duration = Duration::days(14);
/// A letter that nobody posted in so long is given up likewise.
const LETTERS_KEPT: Duration = Duration::days(60);

/// What the job carries.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Payload {
    /// Which message.
    pub message: MessageId,
}

/// Sends one message, and deletes its sealed content.
///
/// # Errors
/// When it should be tried again. A recipient without an address is no error: the message ends as undeliverable.
pub async fn send(ground: &Ground, signer: &dyn Signer, payload: &str) -> anyhow::Result<()> {
    let Payload { message } = serde_json::from_str(payload)?;
    let mut reader = ground.database.read().await?;
    let Some(row) = store::waiting(&mut reader, message).await? else { return Ok(()) };
    let contact = store::contact(&mut reader, row.recipient_id).await?;
    let telephone = store::telephone(&mut reader, row.recipient_id).await?.map(|(telephone, _)| telephone);
    drop(reader);
    let kind = Kind::of(&row.kind).ok_or(NoticeError::Sealed)?;
    let channel = Channel::of(&row.channel).ok_or(NoticeError::Sealed)?;
    let Some((contact, route)) = contact.and_then(|contact| route(channel, &contact, telephone.as_ref()).map(|route| (contact, route)))
    else {
        tracing::error!(%message, kind = kind.word(), channel = channel.word(), "a message has no address to go to");
        return Ok(end(ground, message, kind, channel, "undeliverable").await?);
    };
    if route == Channel::Letter && ground.config.mail.letters == Letters::Queue {
        return Ok(queue(ground, &row, &contact, kind).await?);
    }
    let values = open(ground, kind, channel, row.sealed.clone()).await?;
    let rendered = render::render(kind, route, &contact, &values, &ground.config.server.public_url);
    let to = Address { contact: &contact, telephone };
    match deliver(ground, signer, &row, to, route, rendered).await {
        Err(NoticeError::Text(error)) if error.is_permanent() => {
            tracing::error!(%message, kind = kind.word(), %error, "a text message is refused for good");
            return Ok(end(ground, message, kind, channel, "undeliverable").await?);
        }
        Err(NoticeError::Relay(error)) if error.is_permanent() => {
            tracing::error!(%message, kind = kind.word(), "the relay refuses a message for good");
            return Ok(end(ground, message, kind, channel, "undeliverable").await?);
        }
        other => other?,
    }
    Ok(end(ground, message, kind, route, "sent").await?)
}

/// How the message goes: a mail falls back to paper; a letter never to mail, since it may carry what a mail must not. A letter
/// without a postal address bears the name alone, and is handed over. A text message goes to a telephone or nowhere.
fn route(channel: Channel, contact: &Contact, telephone: Option<&Telephone>) -> Option<Channel> {
    match channel {
        Channel::Text => telephone.map(|_| Channel::Text),
        Channel::Letter => Some(Channel::Letter),
        Channel::Mail if contact.email.is_some() => Some(Channel::Mail),
        Channel::Mail => contact.postal_address.is_some().then_some(Channel::Letter),
    }
}

/// Lays a letter into the print queue, sealed as it is, with the address of now.
async fn queue(ground: &Ground, row: &MessageRow, contact: &Contact, kind: Kind) -> Result<(), DatabaseError> {
    ground
        .database
        .write(async |unit| {
            if store::end(unit, row.id, "queued").await? {
                store::insert_letter(unit, row, contact, kind).await?;
                let event = audit::Event::new("message.queued", Author::System("notices"), format!("message:{}", row.id));
                audit::record(unit, event.fact("kind", kind.word()).fact("class", kind.class().word())).await?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn open(ground: &Ground, kind: Kind, channel: Channel, sealed: Vec<u8>) -> Result<Values, NoticeError> {
    let bound = context(kind, channel);
    let plain: Zeroizing<Vec<u8>> = ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &bound)).await?;
    let values: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(|_| NoticeError::Sealed)?;
    Ok(values.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect())
}

/// Where a message goes.
struct Address<'a> {
    contact: &'a Contact,
    telephone: Option<Telephone>,
}

async fn deliver(
    ground: &Ground,
    signer: &dyn Signer,
    row: &MessageRow,
    to: Address<'_>,
    route: Channel,
    rendered: Rendered,
) -> Result<(), NoticeError> {
    let (mail, contact) = (&ground.config.mail, to.contact);
    match route {
        Channel::Text => {
            let to = to.telephone.ok_or(NoticeError::Address)?;
            if !ground.config.texts.go_to(&to) {
                return Err(TextError::Country.into());
            }
            let text = Text { id: row.id, told_at: row.created_at, to, body: rendered.text };
            texts::way(ground)?.send(&text).await
        }
        Channel::Mail => {
            let head = Head { id: row.id, created_at: row.created_at, contact, from: &mail.from };
            let message = mime::compose(ground, signer, &head, &rendered).await?;
            deliver::mail(mail, row.id, row.created_at, &message).await
        }
        Channel::Letter => {
            let letter = Letter::new(contact, rendered, row.created_at, &ground.config.server.public_url);
            deliver::letter(mail, row.id, row.created_at, &letter).await
        }
    }
}

async fn end(ground: &Ground, message: MessageId, kind: Kind, channel: Channel, state: &'static str) -> Result<(), DatabaseError> {
    let action = if state == "sent" { "message.sent" } else { "message.undeliverable" };
    ground
        .database
        .write(async |unit| {
            let ended = if state == "sent" { store::end(unit, message, state).await? } else { store::fail(unit, message).await? };
            if ended {
                let event = audit::Event::new(action, Author::System("notices"), format!("message:{message}"));
                audit::record(unit, event.fact("kind", kind.word()).fact("channel", channel.word())).await?;
            }
            Ok(())
        })
        .await
}

/// Gives up what has waited too long, and forgets letters that nobody waits for any more. Whether there was anything.
///
/// # Errors
/// When the database fails.
pub async fn sweep(ground: &Ground) -> anyhow::Result<bool> {
    let given_up = ground
        .database
        .write::<_, DatabaseError, _>(async |unit| {
            let before = unit.now().plus(-KEPT);
            let letters = store::give_up_letters(unit, unit.now().plus(-LETTERS_KEPT)).await?;
            store::forget_text_counts(unit).await?;
            let count = store::give_up_older(unit, before).await? + letters;
            if count > 0 {
                let event = audit::Event::new("message.given_up", Author::System("notices"), "messages");
                audit::record(unit, event.fact("count", count)).await?;
            }
            Ok(count)
        })
        .await?;
    if given_up > 0 {
        tracing::error!(given_up, "messages could not be sent and were given up");
    }
    let kept = Duration::days(ground.config.mail.letters_kept_days);
    let forgotten =
        ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_letters(unit, unit.now().plus(-kept)).await).await?;
    Ok(given_up + forgotten > 0)
}
