//! Tells somebody something: sealed before the unit, told inside it, sent by a job after it.

use std::collections::BTreeMap;

use certs::keystore::Keystore;
use zeroize::Zeroizing;

use super::{
    error::NoticeError,
    jobs,
    model::{Channel, Class, Contact, Notice, Sealed, context},
    store,
};
use crate::platform::{
    database::{DatabaseError, Reader, Unit},
    ground::Ground,
    id::{MessageId, RecipientId},
    queue,
};

/// Whom we can tell something.
///
/// # Errors
/// When the database fails.
pub async fn contact(reader: &mut Reader, recipient: RecipientId) -> Result<Option<Contact>, DatabaseError> {
    store::contact(reader, recipient).await
}

/// Keeps whom we can tell something, in the unit of the change that made or changed them.
///
/// # Errors
/// When the database fails.
pub async fn keep_contact(unit: &mut Unit, contact: &Contact) -> Result<(), DatabaseError> {
    keep_contacts(unit, &[contact]).await
}

/// The same for several, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn keep_contacts(unit: &mut Unit, contacts: &[&Contact]) -> Result<(), DatabaseError> {
    store::keep_contacts(unit, contacts).await
}

/// Another name and address for somebody whom we know, in the unit of that change.
///
/// # Errors
/// When the database fails.
pub async fn change_contact(unit: &mut Unit, recipient: RecipientId, name: &str, email: &str) -> Result<(), DatabaseError> {
    store::change_contact(unit, recipient, name, email).await
}

/// Keeps the present mail address under an id of its own, so that it can still be told of the change that does away with it.
///
/// # Errors
/// When the database fails.
pub async fn keep_former(unit: &mut Unit, recipient: RecipientId) -> Result<RecipientId, DatabaseError> {
    let former: RecipientId = unit.id();
    store::copy_contact(unit, recipient, former).await?;
    store::note_former(unit, recipient, former).await?;
    Ok(former)
}

/// Seals a notice under the keystore: outside the unit, since the keystore may take its time.
///
/// # Errors
/// [`NoticeError::Incomplete`] when a value is missing, [`NoticeError::OnlyByLetter`] for a temporary password or a card by mail; when the keystore refuses.
pub async fn seal(ground: &Ground, notice: &Notice) -> Result<Sealed, NoticeError> {
    let (plain, bound) = written(notice)?;
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &bound)).await?;
    Ok(at_rest(notice, sealed))
}

/// Seals several notices in one call of the keystore, in their order.
///
/// # Errors
/// As [`seal`].
pub async fn seal_all(ground: &Ground, notices: &[Notice]) -> Result<Vec<Sealed>, NoticeError> {
    let written = notices.iter().map(written).collect::<Result<Vec<_>, NoticeError>>()?;
    let wrap =
        move |keystore: &dyn Keystore| written.iter().map(|(plain, bound)| keystore.wrap(plain, bound)).collect::<Result<Vec<_>, _>>();
    let sealed = ground.with_keystore(wrap).await?;
    Ok(notices.iter().zip(sealed).map(|(notice, sealed)| at_rest(notice, sealed)).collect())
}

fn at_rest(notice: &Notice, sealed: Vec<u8>) -> Sealed {
    Sealed { kind: notice.kind, channel: notice.channel, sealed, ordered_by: notice.ordered_by }
}

/// What is sealed, and to which kind and channel it is bound.
fn written(notice: &Notice) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), NoticeError> {
    if let Some(name) = notice.lacks() {
        return Err(NoticeError::Incomplete { kind: notice.kind, name });
    }
    if notice.kind.class() != Class::Other && notice.channel == Channel::Mail {
        return Err(NoticeError::OnlyByLetter);
    }
    let values: BTreeMap<_, &str> = notice.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let plain = Zeroizing::new(serde_json::to_vec(&values).map_err(|_| NoticeError::Sealed)?);
    Ok((plain, context(notice.kind, notice.channel)))
}

/// Stores the message and enqueues its sending.
///
/// # Errors
/// When the database fails.
pub async fn tell(unit: &mut Unit, recipient: RecipientId, sealed: &Sealed) -> Result<MessageId, DatabaseError> {
    let id: MessageId = unit.id();
    store::insert_messages(unit, &[(id, recipient, sealed)]).await?;
    queue::enqueue(unit, jobs::SEND, &jobs::Payload { message: id }, unit.now()).await?;
    Ok(id)
}

/// Tells several people, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn tell_all(unit: &mut Unit, told: &[(RecipientId, &Sealed)]) -> Result<(), DatabaseError> {
    let messages: Vec<_> = told.iter().map(|(recipient, sealed)| (unit.id(), *recipient, *sealed)).collect();
    store::insert_messages(unit, &messages).await?;
    let payloads: Vec<_> = messages.iter().map(|(message, ..)| jobs::Payload { message: *message }).collect();
    queue::enqueue_all(unit, jobs::SEND, &payloads, unit.now()).await
}
