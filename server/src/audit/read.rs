//! Questions to the audit: entries for auditors, checkpoints for anybody.

use std::collections::BTreeMap;

use super::{
    checkpoint::Published,
    model::{Body, Entry, Personal},
    store::{self, Filter, Row},
};
use crate::platform::{
    database::{DatabaseError, Reader},
    id::{AccountId, AuditEntryId, EmployeeId, Id as _},
    limits,
    moment::Moment,
};

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Exactly this action.
    pub action: Option<String>,
    /// Exactly this subject.
    pub subject: Option<String>,
    /// Only entries older than this one.
    pub after: Option<AuditEntryId>,
}

/// One page of entries, newest first, and where the next begins.
///
/// # Errors
/// When the database fails, or an entry is not canonical any more.
pub async fn entries(reader: &mut Reader, search: &Search) -> Result<(Vec<Entry>, Option<AuditEntryId>), DatabaseError> {
    let filter = Filter {
        action: search.action.clone().unwrap_or_default(),
        subject: search.subject.clone().unwrap_or_default(),
        before: search.after.unwrap_or_else(|| AuditEntryId::from_uuid(uuid::Uuid::max())),
    };
    let mut rows = store::list(reader, &filter, limits::PAGE_ROWS + 1).await?;
    let page = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Ok((with_personal(reader, rows).await?, next))
}

/// What is about a person, newest first, and where it goes on: entries about the account, and those whose subject is the account or the
/// employment. Whoever asks shows the person what is theirs, and nothing else of it.
///
/// # Errors
/// When the database fails, or an entry is not canonical any more.
pub async fn about(
    reader: &mut Reader,
    (account, employee): (AccountId, Option<EmployeeId>),
    after: Option<AuditEntryId>,
    most: i64,
) -> Result<(Vec<Entry>, Option<AuditEntryId>), DatabaseError> {
    let before = after.unwrap_or_else(|| AuditEntryId::from_uuid(uuid::Uuid::max()));
    let mut rows = store::about(reader, account, before, most).await?;
    let subjects = std::iter::once(format!("account:{account}")).chain(employee.map(|employee| format!("employee:{employee}")));
    for subject in subjects {
        let filter = Filter { action: String::new(), subject, before };
        rows.extend(store::list(reader, &filter, most).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let is_full = i64::try_from(rows.len()) == Ok(most);
    let next = rows.last().filter(|_| is_full).map(|row| row.id);
    Ok((with_personal(reader, rows).await?, next))
}

/// Entries with the personal values that are left of them.
async fn with_personal(reader: &mut Reader, rows: Vec<Row>) -> Result<Vec<Entry>, DatabaseError> {
    let ids: Vec<AuditEntryId> = rows.iter().map(|row| row.id).collect();
    let mut values: BTreeMap<AuditEntryId, Vec<Personal>> = BTreeMap::new();
    for value in store::personal_of_all(reader, &ids).await? {
        values.entry(value.entry_id).or_default().push(value.personal);
    }
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let own = values.remove(&row.id).unwrap_or_default();
        entries.push(told(row, own)?);
    }
    Ok(entries)
}

/// An entry with the personal values that are left of it.
fn told(row: Row, values: Vec<Personal>) -> Result<Entry, DatabaseError> {
    let body = Body::parse(&row.body).ok_or_else(|| DatabaseError::Corrupt { what: "audit body", value: row.id.to_string() })?;
    let mut personal: BTreeMap<String, Option<String>> = body.commitments.into_keys().map(|name| (name, None)).collect();
    personal.extend(values.into_iter().map(|value| (value.name, Some(value.value))));
    Ok(Entry {
        id: row.id,
        sequence: row.sequence,
        at: Moment::from_millis(body.at),
        action: body.action,
        author: body.author,
        subject: body.subject,
        company: body.company,
        facts: body.facts,
        personal,
    })
}

/// One page of checkpoints, newest first, and the sequence number before which the next begins.
///
/// # Errors
/// When the database fails.
pub async fn checkpoints(reader: &mut Reader, before: Option<i64>) -> Result<(Vec<Published>, Option<i64>), DatabaseError> {
    let mut rows = store::checkpoints_before(reader, before.unwrap_or(i64::MAX), limits::PAGE_ROWS + 1).await?;
    let page = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| more).map(|row| row.sequence);
    Ok((rows.into_iter().map(Published::from).collect(), next))
}

/// The newest checkpoint, if any.
///
/// # Errors
/// When the database fails.
pub async fn newest_checkpoint(reader: &mut Reader) -> Result<Option<Published>, DatabaseError> {
    Ok(store::newest_checkpoint(reader).await?.map(Published::from))
}
