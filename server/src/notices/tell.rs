//! Tells somebody something: sealed before the unit, told inside it, sent by a job after it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{
    error::NoticeError,
    jobs,
    model::{Channel, Contact, Kind, Notice, Sealed, context},
    store,
};
use crate::platform::{
    database::{DatabaseError, Unit},
    ground::Ground,
    id::{MessageId, RecipientId},
    queue,
};

/// Keeps whom we can tell something, in the unit of the change that made or changed them.
///
/// # Errors
/// When the database fails.
pub async fn keep_contact(unit: &mut Unit, contact: &Contact) -> Result<(), DatabaseError> {
    store::keep_contact(unit, contact).await
}

/// Seals a notice under the keystore: outside the unit, since the keystore may take its time.
///
/// # Errors
/// [`NoticeError::Incomplete`] when a value is missing, [`NoticeError::OnlyByLetter`] for a temporary password by mail; when the keystore refuses.
pub async fn seal(ground: &Ground, notice: &Notice) -> Result<Sealed, NoticeError> {
    if let Some(name) = notice.lacks() {
        return Err(NoticeError::Incomplete { kind: notice.kind, name });
    }
    if notice.kind == Kind::TemporaryPassword && notice.channel == Channel::Mail {
        return Err(NoticeError::OnlyByLetter);
    }
    let values: BTreeMap<_, &str> = notice.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let plain = Zeroizing::new(serde_json::to_vec(&values).map_err(|_| NoticeError::Sealed)?);
    let bound = context(notice.kind, notice.channel);
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &bound)).await?;
    Ok(Sealed { kind: notice.kind, channel: notice.channel, sealed })
}

/// Stores the message and enqueues its sending.
///
/// # Errors
/// When the database fails.
pub async fn tell(unit: &mut Unit, recipient: RecipientId, sealed: &Sealed) -> Result<MessageId, DatabaseError> {
    let id: MessageId = unit.id();
    store::insert_message(unit, id, recipient, sealed).await?;
    queue::enqueue(unit, jobs::SEND, &jobs::Payload { message: id }, unit.now()).await?;
    Ok(id)
}
