//! The rows of changes from outside, of signatures and of minutes.

use super::model::{Signature, Succession, SuccessionKind, SuccessionState};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, SignatoryId, SuccessionId},
        moment::Moment,
    },
};

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: SuccessionId,
    company_id: CompanyId,
    kind: String,
    asked_by: AccountId,
    asked_by_name: String,
    requested_by: Option<SignatoryId>,
    opened_by: Option<AccountId>,
    opened_by_name: Option<String>,
    content: Vec<u8>,
    state: String,
    needed: i64,
    pending: i64,
    asked_at: Moment,
    lapses_at: Moment,
    ready_at: Option<Moment>,
    decided_by_name: Option<String>,
    decided_at: Option<Moment>,
    minutes_hash: Option<Vec<u8>>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT succession.id, company_id, kind, asked_by, asked_by_name, requested_by, opened_by, opened_by_name, succession.content, state, \
             needed, pending, asked_at, lapses_at, ready_at, decided_by_name, decided_at, digest AS minutes_hash \
             FROM succession LEFT JOIN succession_minutes ON succession_minutes.succession_id = succession.id ",
            $rest
        )
    };
}

/// False when another one of the company waits. `link_hash` is of the link that takes it back, when it is requested.
pub(super) async fn insert(unit: &mut Unit, new: &Succession, link_hash: Option<&[u8]>) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO succession (id, company_id, kind, asked_by, asked_by_name, requested_by, link_hash, content, state, needed, pending,
                                     asked_at, lapses_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.company)
        .bind(new.kind.word())
        .bind(new.asked_by)
        .bind(&new.asked_by_name)
        .bind(new.requested_by)
        .bind(link_hash)
        .bind(&new.content)
        .bind(new.state.word())
        .bind(new.needed)
        .bind(new.pending)
        .bind(new.asked_at)
        .bind(new.lapses_at)
    )?;
    Ok(stored == 1)
}

pub(super) async fn insert_signature(
    unit: &mut Unit,
    succession: SuccessionId,
    signatory: SignatoryId,
    link_hash: &[u8],
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO succession_signature (succession_id, signatory_id, link_hash, sent, sent_at) VALUES ($1, $2, $3, 0, $4)")
            .bind(succession)
            .bind(signatory)
            .bind(link_hash)
            .bind(now)
    )
    .map(drop)
}

/// Another link in place of one that dies.
pub(super) async fn set_link(unit: &mut Unit, (succession, signatory): Place, link_hash: &[u8]) -> Result<(), DatabaseError> {
    let set = "UPDATE succession_signature SET link_hash = $1 WHERE succession_id = $2 AND signatory_id = $3";
    execute!(unit, sqlx::query(set).bind(link_hash).bind(succession).bind(signatory)).map(drop)
}

/// The same at an operator's word; false when it was sent again `most` times since a moment.
pub(super) async fn renew_link(
    unit: &mut Unit,
    (succession, signatory): Place,
    link_hash: &[u8],
    (most, since): (i64, Moment),
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession_signature SET link_hash = $1, sent = CASE WHEN sent_at > $2 THEN sent + 1 ELSE 1 END,
                                             sent_at = CASE WHEN sent_at > $2 THEN sent_at ELSE $3 END
             WHERE succession_id = $4 AND signatory_id = $5 AND (sent_at <= $2 OR sent < $6)"
        )
        .bind(link_hash)
        .bind(since)
        .bind(now)
        .bind(succession)
        .bind(signatory)
        .bind(most)
    )?;
    Ok(changed == 1)
}

pub(super) async fn by_id(connection: &mut impl Connection, id: SuccessionId) -> Result<Option<Succession>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE succession.id = $1")).bind(id).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// The one of a company that waits for signatures or approval.
pub(super) async fn asked(connection: &mut impl Connection, company: CompanyId) -> Result<Option<Succession>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND state = 'asked'")).bind(company).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// Whether one of a company waits, for whatever.
pub(super) async fn is_open(connection: &mut impl Connection, company: CompanyId) -> Result<bool, DatabaseError> {
    let found: Option<SuccessionId> = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT id FROM succession WHERE company_id = $1 AND state IN ('asked', 'requested') LIMIT 1"
    )
    .bind(company)
    .fetch_optional(c))?;
    Ok(found.is_some())
}

/// What a mailed link takes back.
pub(super) async fn by_own_link(connection: &mut impl Connection, link_hash: &[u8]) -> Result<Option<Succession>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE succession.link_hash = $1")).bind(link_hash).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// How many changes of board were asked for since a moment.
pub(super) async fn boards_since(connection: &mut impl Connection, company: CompanyId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT COUNT(*) FROM succession WHERE company_id = $1 AND kind = 'board' AND asked_at > $2")
        .bind(company)
        .bind(since)
        .fetch_one(c))
}

/// Whether a takeover was requested again after one that came to nothing since a moment.
pub(super) async fn was_requested_again(
    connection: &mut impl Connection,
    company: CompanyId,
    since: Moment,
) -> Result<bool, DatabaseError> {
    let again: i64 = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM succession AS ended JOIN succession AS again ON again.company_id = ended.company_id
         WHERE ended.company_id = $1 AND ended.requested_by IS NOT NULL AND ended.state IN ('lapsed', 'refused', 'withdrawn')
           AND ended.decided_at > $2 AND again.requested_by IS NOT NULL AND again.id <> ended.id
           AND again.asked_at >= ended.decided_at"
    )
    .bind(company)
    .bind(since)
    .fetch_one(c))?;
    Ok(again > 0)
}

pub(super) async fn of_company(
    connection: &mut impl Connection,
    company: CompanyId,
    before: SuccessionId,
    most: i64,
) -> Result<Vec<Succession>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!(
        "WHERE company_id = $1 AND succession.id < $2 ORDER BY succession.id DESC LIMIT $3"
    ))
    .bind(company)
    .bind(before)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// Those of every company.
pub(super) async fn all(connection: &mut impl Connection, before: SuccessionId, most: i64) -> Result<Vec<Succession>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE succession.id < $1 ORDER BY succession.id DESC LIMIT $2"))
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

#[derive(Debug, sqlx::FromRow)]
struct SignatureRow {
    succession_id: SuccessionId,
    signatory_id: SignatoryId,
    signed_at: Option<Moment>,
    declined_at: Option<Moment>,
    signed_on: Option<String>,
    seen_by: Option<AccountId>,
    seen_by_name: Option<String>,
}

impl From<SignatureRow> for Signature {
    fn from(row: SignatureRow) -> Self {
        Self {
            succession: row.succession_id,
            signatory: row.signatory_id,
            signed_at: row.signed_at,
            declined_at: row.declined_at,
            form: row.signed_on.zip(row.seen_by_name),
            seen_by: row.seen_by,
        }
    }
}

pub(super) async fn signatures(connection: &mut impl Connection, id: SuccessionId) -> Result<Vec<Signature>, DatabaseError> {
    let rows: Vec<SignatureRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT succession_id, signatory_id, signed_at, declined_at, signed_on, seen_by, seen_by_name FROM succession_signature
         WHERE succession_id = $1 ORDER BY signatory_id"
    )
    .bind(id)
    .fetch_all(c))?;
    Ok(rows.into_iter().map(Signature::from).collect())
}

pub(super) async fn by_link(connection: &mut impl Connection, link_hash: &[u8]) -> Result<Option<Signature>, DatabaseError> {
    let row: Option<SignatureRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT succession_id, signatory_id, signed_at, declined_at, signed_on, seen_by, seen_by_name FROM succession_signature WHERE link_hash = $1"
    )
    .bind(link_hash)
    .fetch_optional(c)
    })?;
    Ok(row.map(Signature::from))
}

/// Where a signature is: of which change, by whom.
pub(super) type Place = (SuccessionId, SignatoryId);

/// Claims a signatory's one word as a yes; false when it was given.
pub(super) async fn claim_signing(unit: &mut Unit, (succession, signatory): Place) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession_signature SET signed_at = $1
             WHERE succession_id = $2 AND signatory_id = $3 AND signed_at IS NULL AND declined_at IS NULL"
        )
        .bind(now)
        .bind(succession)
        .bind(signatory)
    )?;
    Ok(changed == 1)
}

/// Notes on a signature that it was given on paper.
pub(super) async fn note_form(
    unit: &mut Unit,
    (succession, signatory): Place,
    signed_on: &str,
    (seen_by, name): (AccountId, &str),
) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "UPDATE succession_signature SET signed_on = $1, seen_by = $2, seen_by_name = $3 WHERE succession_id = $4 AND signatory_id = $5"
        )
        .bind(signed_on)
        .bind(seen_by)
        .bind(name)
        .bind(succession)
        .bind(signatory)
    )
    .map(drop)
}

/// The same as a no; also in place of a yes on paper, or of any yes to what is done after a wait.
pub(super) async fn claim_declining(unit: &mut Unit, (succession, signatory): Place) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession_signature SET declined_at = $1
             WHERE succession_id = $2 AND signatory_id = $3 AND declined_at IS NULL
               AND (signed_at IS NULL OR signed_on IS NOT NULL
                    OR EXISTS (SELECT 1 FROM succession WHERE succession.id = succession_id AND ready_at IS NOT NULL))"
        )
        .bind(now)
        .bind(succession)
        .bind(signatory)
    )?;
    Ok(changed == 1)
}

/// One signature fewer to wait for; none when it waits no more. Locks the row, so that two who sign at once are counted one after the other.
pub(super) async fn note_signature(unit: &mut Unit, id: SuccessionId) -> Result<Option<i64>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE succession SET pending = CASE WHEN pending > 0 THEN pending - 1 ELSE 0 END
         WHERE id = $1 AND state = 'asked' AND lapses_at > $2 RETURNING pending"
    )
    .bind(id)
    .bind(now)
    .fetch_optional(c))
}

/// It has its signatures, and is done at a moment; false when that was so before.
pub(super) async fn make_ready(unit: &mut Unit, id: SuccessionId, ready_at: Moment, lapses_at: Moment) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession SET ready_at = $1, lapses_at = CASE WHEN lapses_at < $2 THEN $2 ELSE lapses_at END
             WHERE id = $3 AND state = 'asked' AND ready_at IS NULL"
        )
        .bind(ready_at)
        .bind(lapses_at)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// True when this very call found its wait over.
pub(super) async fn complete(unit: &mut Unit, id: SuccessionId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession SET state = 'done', decided_at = $1
             WHERE id = $2 AND state = 'asked' AND pending = 0 AND ready_at <= $1 AND lapses_at > $1"
        )
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// Takes one that waits for this unit; false when it waits no more. Others wait.
pub(super) async fn hold(unit: &mut Unit, id: SuccessionId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let hold = "UPDATE succession SET state = state WHERE id = $1 AND state = 'asked' AND lapses_at > $2";
    Ok(execute!(unit, sqlx::query(hold).bind(id).bind(now))? == 1)
}

/// True when this very call moved it on while it waited. `by` is who did, if anybody with an account.
pub(super) async fn decide(
    unit: &mut Unit,
    id: SuccessionId,
    to: SuccessionState,
    by: Option<(AccountId, &str)>,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession SET state = $1, decided_by = $2, decided_by_name = $3, decided_at = $4
             WHERE id = $5 AND state IN ('asked', 'requested') AND lapses_at > $4"
        )
        .bind(to.word())
        .bind(by.map(|(account, _)| account))
        .bind(by.map(|(_, name)| name))
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// Lets one that was requested wait for signatures; false when it is requested no more.
pub(super) async fn open_requested(unit: &mut Unit, opened: &Succession) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE succession SET state = 'asked', needed = $1, pending = $1, lapses_at = $2, content = $5, opened_by = $6, opened_by_name = $7
             WHERE id = $3 AND state = 'requested' AND lapses_at > $4"
        )
        .bind(opened.needed)
        .bind(opened.lapses_at)
        .bind(opened.id)
        .bind(now)
        .bind(&opened.content)
        .bind(opened.opened_by.as_ref().map(|(by, _)| *by))
        .bind(opened.opened_by.as_ref().map(|(_, name)| name.as_str()))
    )?;
    Ok(changed == 1)
}

/// Refuses the requests of a company but one, since that is opened or another takeover is asked for. Gives which.
pub(super) async fn refuse_requests(
    unit: &mut Unit,
    company: CompanyId,
    but: SuccessionId,
    (by, name): (AccountId, &str),
) -> Result<Vec<SuccessionId>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE succession SET state = 'refused', decided_by = $1, decided_by_name = $2, decided_at = $3
         WHERE company_id = $4 AND state = 'requested' AND id <> $5 RETURNING id"
    )
    .bind(by)
    .bind(name)
    .bind(now)
    .bind(company)
    .bind(but)
    .fetch_all(c))
}

/// Keeps sealed minutes, once; false when there are some.
pub(super) async fn keep_minutes(unit: &mut Unit, id: SuccessionId, digest: &[u8], sealed: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO succession_minutes (succession_id, digest, content, kept_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        )
        .bind(id)
        .bind(digest)
        .bind(sealed)
        .bind(now)
    )?;
    Ok(stored == 1)
}

/// Sealed minutes.
pub(super) async fn minutes(connection: &mut impl Connection, id: SuccessionId) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT content FROM succession_minutes WHERE succession_id = $1").bind(id).fetch_optional(c))
}

/// Keeps the sealed scan of a form, once; false when there is one.
pub(super) async fn keep_scan(
    unit: &mut Unit,
    (succession, signatory): Place,
    digest: &[u8],
    sealed: &[u8],
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO succession_form (succession_id, signatory_id, digest, content, kept_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING"
        )
        .bind(succession)
        .bind(signatory)
        .bind(digest)
        .bind(sealed)
        .bind(now)
    )?;
    Ok(stored == 1)
}

/// The sealed scan of a form.
pub(super) async fn scan(connection: &mut impl Connection, (succession, signatory): Place) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| {
        sqlx::query_scalar("SELECT content FROM succession_form WHERE succession_id = $1 AND signatory_id = $2")
            .bind(succession)
            .bind(signatory)
            .fetch_optional(c)
    })
}

/// Ends what is too old. Gives which, of which companies.
pub(super) async fn lapse(unit: &mut Unit) -> Result<Vec<(SuccessionId, CompanyId)>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE succession SET state = 'lapsed', decided_at = $1 WHERE state IN ('asked', 'requested') AND lapses_at <= $1
         RETURNING id, company_id"
    )
    .bind(now)
    .fetch_all(c))
}

/// Ends everything that waits. Gives how many.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    let end = "UPDATE succession SET state = 'lapsed', decided_at = $1 WHERE state IN ('asked', 'requested')";
    execute!(unit, sqlx::query(end).bind(now))
}

fn noun(row: Row) -> Result<Succession, DatabaseError> {
    let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
    Ok(Succession {
        kind: SuccessionKind::of(&row.kind).ok_or_else(|| corrupt("kind of a succession", &row.kind))?,
        state: SuccessionState::of(&row.state).ok_or_else(|| corrupt("state of a succession", &row.state))?,
        id: row.id,
        company: row.company_id,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        requested_by: row.requested_by,
        opened_by: row.opened_by.zip(row.opened_by_name),
        content: row.content,
        needed: row.needed,
        pending: row.pending,
        asked_at: row.asked_at,
        lapses_at: row.lapses_at,
        ready_at: row.ready_at,
        minutes_hash: row.minutes_hash,
        decided_by_name: row.decided_by_name,
        decided_at: row.decided_at,
    })
}
