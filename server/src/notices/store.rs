//! The rows of contacts, messages and letters.

mod letters;

pub(super) use self::letters::{
    LetterRow, batch, batches, claim_batch, forget_letters, give_up_letters, insert_batch, insert_letter, leave_out, letters_of,
    note_posted, note_returned, post_letters, queued,
};
use super::model::{Contact, Sealed};
use crate::{
    build, execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Reader, Unit, portions},
        id::{AccountId, MessageId, RecipientId},
        moment::Moment,
        telephone::Telephone,
        words::Language,
    },
};

pub(super) async fn keep_contacts(unit: &mut Unit, contacts: &[&Contact]) -> Result<(), DatabaseError> {
    let now = unit.now();
    for portion in portions(contacts) {
        build!(unit, "INSERT INTO contact (recipient_id, name, email, postal_address, language, changed_at) ", |query, c| {
            query.push_values(portion, |mut row, contact| {
                row.push_bind(contact.recipient).push_bind(&contact.name).push_bind(&contact.email).push_bind(&contact.postal_address);
                row.push_bind(contact.language.tag()).push_bind(now);
            });
            query.push(
                " ON CONFLICT (recipient_id) DO UPDATE SET name = excluded.name, email = excluded.email,
                     postal_address = excluded.postal_address, language = excluded.language, changed_at = excluded.changed_at",
            );
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

pub(super) async fn change_contact(unit: &mut Unit, recipient: RecipientId, name: &str, email: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE contact SET name = $1, email = $2, changed_at = $3 WHERE recipient_id = $4")
            .bind(name)
            .bind(email)
            .bind(now)
            .bind(recipient)
    )
    .map(drop)
}

/// The mail address alone: what is told there never goes on paper.
pub(super) async fn copy_contact(unit: &mut Unit, from: RecipientId, to: RecipientId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO contact (recipient_id, name, email, postal_address, language, changed_at)
             SELECT $1, name, email, NULL, language, $2 FROM contact WHERE recipient_id = $3"
        )
        .bind(to)
        .bind(now)
        .bind(from)
    )
    .map(drop)
}

pub(super) async fn keep_telephone(unit: &mut Unit, recipient: RecipientId, telephone: &Telephone) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let kept = execute!(
        unit,
        sqlx::query(
            "INSERT INTO telephone (recipient_id, number, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (recipient_id) DO UPDATE SET number = excluded.number, changed_at = excluded.changed_at
             WHERE telephone.number <> excluded.number"
        )
        .bind(recipient)
        .bind(telephone.number())
        .bind(now)
    )?;
    Ok(kept == 1)
}

pub(super) async fn forget_telephone(unit: &mut Unit, recipient: RecipientId) -> Result<bool, DatabaseError> {
    Ok(execute!(unit, sqlx::query("DELETE FROM telephone WHERE recipient_id = $1").bind(recipient))? == 1)
}

/// Somebody's telephone, and since when it is that one.
pub(super) async fn telephone(
    connection: &mut impl Connection,
    recipient: RecipientId,
) -> Result<Option<(Telephone, Moment)>, DatabaseError> {
    let row: Option<(String, Moment)> =
        fetch!(connection, |c| sqlx::query_as("SELECT number, changed_at FROM telephone WHERE recipient_id = $1")
            .bind(recipient)
            .fetch_optional(c))?;
    let Some((number, changed_at)) = row else { return Ok(None) };
    let telephone = Telephone::parse(&number).ok_or(DatabaseError::Corrupt { what: "telephone", value: String::new() })?;
    Ok(Some((telephone, changed_at)))
}

/// Counts one more text message today under a name: a number, or a company. False when there were so many before.
pub(super) async fn count_text(unit: &mut Unit, name: &str, most: i64) -> Result<bool, DatabaseError> {
    if most < 1 {
        return Ok(false);
    }
    let today = day(unit.now());
    let counted = execute!(
        unit,
        sqlx::query(
            "INSERT INTO text_count (day, name, texts) VALUES ($1, $2, 1)
             ON CONFLICT (day, name) DO UPDATE SET texts = text_count.texts + 1 WHERE text_count.texts < $3"
        )
        .bind(today)
        .bind(name)
        .bind(most)
    )?;
    Ok(counted == 1)
}

/// Forgets the counts of days that are over. Gives how many.
pub(super) async fn forget_text_counts(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let today = day(unit.now());
    execute!(unit, sqlx::query("DELETE FROM text_count WHERE day >= 0 AND day < $1").bind(today))
}

/// Days since 1970, UTC.
fn day(moment: Moment) -> i64 {
    moment.millis().div_euclid(24 * 60 * 60 * 1000)
}

pub(super) async fn note_former(unit: &mut Unit, recipient: RecipientId, former: RecipientId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO former_contact (former_id, recipient_id, changed_at) VALUES ($1, $2, $3)")
            .bind(former)
            .bind(recipient)
            .bind(now)
    )
    .map(drop)
}

/// Under which ids somebody's addresses of before are kept that were changed since then, the newest first.
pub(super) async fn formers(reader: &mut Reader, recipient: RecipientId, since: Moment) -> Result<Vec<RecipientId>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar(
        "SELECT former_id FROM former_contact WHERE recipient_id = $1 AND changed_at >= $2 ORDER BY changed_at DESC LIMIT 10"
    )
    .bind(recipient)
    .bind(since)
    .fetch_all(c))
}

#[derive(sqlx::FromRow)]
struct ContactRow {
    recipient_id: RecipientId,
    name: String,
    email: Option<String>,
    postal_address: Option<String>,
    language: String,
}

pub(super) async fn contact(reader: &mut Reader, recipient: RecipientId) -> Result<Option<Contact>, DatabaseError> {
    let row: Option<ContactRow> = fetch!(reader, |c| sqlx::query_as(
        "SELECT recipient_id, name, email, postal_address, language FROM contact WHERE recipient_id = $1"
    )
    .bind(recipient)
    .fetch_optional(c))?;
    row.map(|row| {
        let language = Language::of(&row.language).ok_or(DatabaseError::Corrupt { what: "contact language", value: row.language })?;
        Ok(Contact { recipient: row.recipient_id, name: row.name, email: row.email, postal_address: row.postal_address, language })
    })
    .transpose()
}

pub(super) async fn insert_messages(unit: &mut Unit, messages: &[(MessageId, RecipientId, &Sealed)]) -> Result<(), DatabaseError> {
    let now = unit.now();
    for portion in portions(messages) {
        build!(unit, "INSERT INTO message (id, recipient_id, kind, channel, sealed, ordered_by, state, created_at) ", |query, c| {
            query.push_values(portion, |mut row, (id, recipient, sealed)| {
                row.push_bind(*id).push_bind(*recipient).push_bind(sealed.kind.word()).push_bind(sealed.channel.word());
                row.push_bind(&sealed.sealed).push_bind(sealed.ordered_by).push("'waiting'").push_bind(now);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

pub(super) async fn contact_since(connection: &mut impl Connection, recipient: RecipientId) -> Result<Option<Moment>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT changed_at FROM contact WHERE recipient_id = $1").bind(recipient).fetch_optional(c))
}

/// A message that was not sent yet.
#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    pub id: MessageId,
    pub recipient_id: RecipientId,
    pub kind: String,
    pub channel: String,
    pub sealed: Vec<u8>,
    pub ordered_by: Option<AccountId>,
    pub created_at: Moment,
}

pub(super) async fn waiting(reader: &mut Reader, id: MessageId) -> Result<Option<MessageRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, recipient_id, kind, channel, sealed, ordered_by, created_at FROM message
         WHERE id = $1 AND state = 'waiting' AND sealed IS NOT NULL"
    )
    .bind(id)
    .fetch_optional(c))
}

/// Ends a waiting message (`sent`, `undeliverable`) and deletes its sealed content. Whether it still waited.
pub(super) async fn end(unit: &mut Unit, id: MessageId, state: &'static str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE message SET state = $1, sealed = NULL, ended_at = $2 WHERE id = $3 AND state = 'waiting'")
            .bind(state)
            .bind(now)
            .bind(id)
    )?;
    Ok(changed == 1)
}

/// Ends a waiting message that there is no way for. What it says is kept for a while, for whoever has it sent again. Whether it still waited.
pub(super) async fn fail(unit: &mut Unit, id: MessageId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE message SET state = 'undeliverable', ended_at = $1 WHERE id = $2 AND state = 'waiting'").bind(now).bind(id)
    )?;
    Ok(changed == 1)
}

/// What could not be delivered to somebody and can be sent again, newest first: id, kind, when it was told.
pub(super) async fn undelivered(
    connection: &mut impl Connection,
    recipient: RecipientId,
    most: i64,
) -> Result<Vec<(MessageId, String, Moment)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kind, created_at FROM message
         WHERE recipient_id = $1 AND state = 'undeliverable' AND sealed IS NOT NULL ORDER BY id DESC LIMIT $2"
    )
    .bind(recipient)
    .bind(most)
    .fetch_all(c))
}

/// Has a message wait again. Whether it could.
pub(super) async fn wait_again(unit: &mut Unit, recipient: RecipientId, id: MessageId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE message SET state = 'waiting', ended_at = NULL
             WHERE id = $1 AND recipient_id = $2 AND state = 'undeliverable' AND sealed IS NOT NULL"
        )
        .bind(id)
        .bind(recipient)
    )?;
    Ok(changed == 1)
}

/// Gives up what waits since before a moment, and deletes its sealed content. How many.
pub(super) async fn give_up_older(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE message SET state = 'given_up', sealed = NULL, ended_at = $1
             WHERE state IN ('waiting', 'undeliverable') AND sealed IS NOT NULL AND created_at < $2"
        )
        .bind(now)
        .bind(before)
    )
}

/// Of these recipients, those to whom something could not be delivered and can be sent again.
pub(super) async fn undelivered_among(
    connection: &mut impl Connection,
    recipients: &[RecipientId],
) -> Result<Vec<RecipientId>, DatabaseError> {
    let start = "SELECT DISTINCT recipient_id FROM message WHERE state = 'undeliverable' AND sealed IS NOT NULL AND recipient_id IN ";
    build!(connection, start, |query, c| {
        query.push("(");
        let mut list = query.separated(", ");
        for recipient in recipients {
            list.push_bind(*recipient);
        }
        query.push(")");
        query.build_query_scalar().fetch_all(c).await
    })
}
