//! The rows of the print queue.

use super::MessageRow;
use crate::{
    execute, fetch,
    notices::{
        letters::{Batch, LetterState, Queued},
        model::{Class, Contact, Kind},
    },
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, LetterBatchId, MessageId},
        moment::Moment,
    },
};

pub(in crate::notices) async fn insert_letter(unit: &mut Unit, row: &MessageRow, to: &Contact, kind: Kind) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO letter (id, recipient_id, kind, channel, class, name, postal_address, language, sealed, state, told_at, changed_at,
                                 ordered_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, $12)"
        )
        .bind(row.id)
        .bind(row.recipient_id)
        .bind(kind.word())
        .bind(&row.channel)
        .bind(kind.class().word())
        .bind(&to.name)
        .bind(&to.postal_address)
        .bind(to.language.tag())
        .bind(&row.sealed)
        .bind(row.created_at)
        .bind(now)
        .bind(row.ordered_by)
    )
    .map(drop)
}

/// How many letters of a class wait for the printer, counted up to a limit.
pub(in crate::notices) async fn queued(connection: &mut impl Connection, class: Class, most: i64) -> Result<usize, DatabaseError> {
    let found: Vec<MessageId> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT id FROM letter WHERE state = 'queued' AND class = $1 ORDER BY id LIMIT $2")
            .bind(class.word())
            .bind(most)
            .fetch_all(c))?;
    Ok(found.len())
}

/// Takes letters of one class into a batch that this account did not order, the oldest first. How many.
pub(in crate::notices) async fn claim_batch(
    unit: &mut Unit,
    id: LetterBatchId,
    class: Class,
    printer: AccountId,
    most: i64,
) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE letter SET state = 'printed', batch_id = $1, changed_at = $2
             WHERE id IN (SELECT id FROM letter WHERE state = 'queued' AND class = $3 AND (ordered_by IS NULL OR ordered_by <> $5)
                          ORDER BY id LIMIT $4)
               AND state = 'queued' AND class = $3"
        )
        .bind(id)
        .bind(now)
        .bind(class.word())
        .bind(most)
        .bind(printer)
    )
}

pub(in crate::notices) async fn insert_batch(unit: &mut Unit, id: LetterBatchId, class: Class, letters: i64) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO letter_batch (id, class, letters, made_at) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(class.word())
            .bind(letters)
            .bind(now)
    )
    .map(drop)
}

#[derive(sqlx::FromRow)]
struct BatchRow {
    id: LetterBatchId,
    class: String,
    letters: i64,
    made_at: Moment,
    posted_at: Option<Moment>,
}

impl BatchRow {
    fn batch(self) -> Result<Batch, DatabaseError> {
        let class = Class::of(&self.class).ok_or(DatabaseError::Corrupt { what: "class of a letter", value: self.class })?;
        Ok(Batch { id: self.id, class, letters: self.letters, made_at: self.made_at, posted_at: self.posted_at })
    }
}

pub(in crate::notices) async fn batch(connection: &mut impl Connection, id: LetterBatchId) -> Result<Option<Batch>, DatabaseError> {
    let row: Option<BatchRow> =
        fetch!(connection, |c| sqlx::query_as("SELECT id, class, letters, made_at, posted_at FROM letter_batch WHERE id = $1")
            .bind(id)
            .fetch_optional(c))?;
    row.map(BatchRow::batch).transpose()
}

/// Batches that were made before one, the newest first.
pub(in crate::notices) async fn batches(
    connection: &mut impl Connection,
    before: LetterBatchId,
    most: i64,
) -> Result<Vec<Batch>, DatabaseError> {
    let rows: Vec<BatchRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, class, letters, made_at, posted_at FROM letter_batch WHERE id < $1 ORDER BY id DESC LIMIT $2"
    )
    .bind(before)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(BatchRow::batch).collect()
}

/// A letter with what it takes to print it.
#[derive(sqlx::FromRow)]
pub(in crate::notices) struct LetterRow {
    pub id: MessageId,
    pub kind: String,
    pub channel: String,
    pub name: String,
    pub postal_address: Option<String>,
    pub language: String,
    pub sealed: Option<Vec<u8>>,
    pub ordered_by: Option<AccountId>,
    pub state: String,
    pub told_at: Moment,
    pub changed_at: Moment,
}

impl LetterRow {
    pub fn queued(&self) -> Result<Queued, DatabaseError> {
        let Some(state) = LetterState::of(&self.state) else {
            return Err(DatabaseError::Corrupt { what: "state of a letter", value: self.state.clone() });
        };
        Ok(Queued { id: self.id, name: self.name.clone(), state, told_at: self.told_at, changed_at: self.changed_at })
    }
}

/// The letters of a batch; a batch is bounded.
pub(in crate::notices) async fn letters_of(
    connection: &mut impl Connection,
    batch: LetterBatchId,
) -> Result<Vec<LetterRow>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kind, channel, name, postal_address, language, sealed, ordered_by, state, told_at, changed_at FROM letter
         WHERE batch_id = $1 ORDER BY id"
    )
    .bind(batch)
    .fetch_all(c))
}

/// A letter of a batch carries what works no more: it is not posted, and what it says is deleted. Whether it was to be posted.
pub(in crate::notices) async fn leave_out(unit: &mut Unit, letter: MessageId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE letter SET state = 'left_out', sealed = NULL, changed_at = $1 WHERE id = $2 AND state = 'printed'")
            .bind(now)
            .bind(letter)
    )?;
    Ok(changed == 1)
}

/// Forgets letters that nobody waits for since a moment, with the names and addresses on them, a batch of them. Gives how many.
pub(in crate::notices) async fn forget_letters(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM letter WHERE id IN
             (SELECT id FROM letter WHERE state IN ('given_up', 'left_out', 'posted', 'returned') AND changed_at < $1 LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

/// Whether the batch was not posted yet.
pub(in crate::notices) async fn note_posted(unit: &mut Unit, batch: LetterBatchId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed =
        execute!(unit, sqlx::query("UPDATE letter_batch SET posted_at = $1 WHERE id = $2 AND posted_at IS NULL").bind(now).bind(batch))?;
    Ok(changed == 1)
}

/// Its letters are on their way: what they say is deleted here.
pub(in crate::notices) async fn post_letters(unit: &mut Unit, batch: LetterBatchId) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE letter SET state = 'posted', sealed = NULL, changed_at = $1 WHERE batch_id = $2 AND state = 'printed'")
            .bind(now)
            .bind(batch)
    )
}

/// A letter came back. Whether it was on its way.
pub(in crate::notices) async fn note_returned(unit: &mut Unit, batch: LetterBatchId, letter: MessageId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE letter SET state = 'returned', changed_at = $1 WHERE id = $2 AND batch_id = $3 AND state = 'posted'")
            .bind(now)
            .bind(letter)
            .bind(batch)
    )?;
    Ok(changed == 1)
}

/// Gives up letters that nobody posted, and deletes what they say. How many.
pub(in crate::notices) async fn give_up_letters(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE letter SET state = 'given_up', sealed = NULL, changed_at = $1 WHERE state IN ('queued', 'printed') AND told_at < $2"
        )
        .bind(now)
        .bind(before)
    )
}
