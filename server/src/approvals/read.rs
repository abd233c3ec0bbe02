//! Questions about requests to phones.

use keycard::{
    QrSecret, Scan,
    opener::Opener,
    payload::{NAME_CHARACTERS, Parts},
    plain,
    wire::{Bounded, HISTORY_PAGE, History, HistoryEntry, PlainText, Request, Waiting, WaitingRequest},
};

use super::{
    ApprovalError,
    model::{Began, Standing, State},
    prepare::{LIFETIME_SECONDS, unix_ms},
    store::{self, Row},
};
use crate::{
    certificates,
    phones::{self, Phone},
    platform::{
        database::{Connection, DatabaseError},
        id::{AccountId, ApprovalId, Id as _, PhoneId, SessionId},
        moment::Moment,
    },
};

/// How a request stands, for the page that began it.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, root: ApprovalId, now: Moment) -> Result<Option<Standing>, DatabaseError> {
    let Some(row) = store::newest(connection, root).await? else { return Ok(None) };
    standing_of(row, now).map(Some)
}

/// How a request stands, for the session that asked it: nobody else learns the number.
///
/// # Errors
/// When the database fails.
pub async fn standing_of_session(
    connection: &mut impl Connection,
    root: ApprovalId,
    session: SessionId,
    now: Moment,
) -> Result<Option<Standing>, DatabaseError> {
    let Some(row) = store::newest(connection, root).await?.filter(|row| row.session_id == Some(session)) else { return Ok(None) };
    standing_of(row, now).map(Some)
}

fn standing_of(row: Row, now: Moment) -> Result<Standing, DatabaseError> {
    let state = row.state()?.at(now, row.expires_at);
    let scan = Scan { approval: outer(row.id), secret: QrSecret::new(row.qr()?) }.text();
    Ok(Standing { id: row.id, state, number: row.number, scan, expires_at: row.expires_at, ended_at: row.ended_at })
}

/// Which phone answered a request.
///
/// # Errors
/// When the database fails.
pub async fn answered_by(connection: &mut impl Connection, root: ApprovalId) -> Result<Option<PhoneId>, DatabaseError> {
    Ok(store::newest(connection, root).await?.and_then(|row| row.phone_id))
}

/// Who began a request, and about what.
///
/// # Errors
/// When the database fails.
pub async fn initiator(connection: &mut impl Connection, id: ApprovalId) -> Result<Option<Began>, DatabaseError> {
    let row = store::approval(connection, id).await?;
    Ok(row.map(|row| Began { session: row.session_id, network: row.network }))
}

/// How long a person's requests wait, in seconds.
///
/// # Errors
/// When the database fails.
pub async fn limit(connection: &mut impl Connection, account: AccountId) -> Result<i64, DatabaseError> {
    Ok(store::limit(connection, account).await?.unwrap_or(LIFETIME_SECONDS))
}

/// What waits for a person, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn waiting(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Waiting, ApprovalError> {
    let ids = waiting_ids(connection, account, now).await?;
    Ok(Waiting { requests: Bounded::new(ids.into_iter().map(|id| WaitingRequest { id: outer(id) }).collect())? })
}

pub(super) async fn waiting_ids(
    connection: &mut impl Connection,
    account: AccountId,
    now: Moment,
) -> Result<Vec<ApprovalId>, DatabaseError> {
    let rows = store::waiting(connection, account).await?;
    Ok(rows.into_iter().filter(|row| row.expires_at > now).map(|row| row.id).collect())
}

/// One request that waits, signed by the service; to sign, with this phone's own opener of the one key that shall sign; for
/// a new password, of every key that it names.
///
/// # Errors
/// [`ApprovalError::NotFound`] for somebody else's, [`ApprovalError::Gone`] for what waits no more.
pub async fn request(connection: &mut impl Connection, phone: &Phone, id: ApprovalId, now: Moment) -> Result<Request, ApprovalError> {
    let row = store::approval(connection, id).await?.filter(|row| row.account_id == phone.account).ok_or(ApprovalError::NotFound)?;
    if row.state()?.at(now, row.expires_at) != State::Waiting {
        return Err(ApprovalError::Gone);
    }
    let asked = row.payload()?;
    let openers = match asked.parts().release_key {
        // Before its waiting time is over a phone opens nothing.
        Some(_) if phone.signs(now) => openers(connection, phone, asked.parts()).await?,
        _ => Vec::new(),
    };
    let mut openers = openers.into_iter();
    Ok(Request { payload: row.signed()?, opener: openers.next(), further: Bounded::new(openers.collect())? })
}

/// This phone's openers of the keys that a request names: of all of them, or none.
async fn openers(connection: &mut impl Connection, phone: &Phone, asked: &Parts) -> Result<Vec<Opener>, ApprovalError> {
    let mut openers = Vec::new();
    for serial in asked.certificate.iter().chain(&asked.further) {
        let Some(opener) = certificates::opener_of(connection, serial, phone.id).await? else { return Ok(Vec::new()) };
        openers.push(opener);
    }
    Ok(openers)
}

/// What was asked and how it ended, newest first.
///
/// # Errors
/// When the database fails.
pub async fn history(
    connection: &mut impl Connection,
    account: AccountId,
    after: Option<ApprovalId>,
    now: Moment,
) -> Result<History, ApprovalError> {
    let most = i64::try_from(HISTORY_PAGE).unwrap_or(i64::MAX);
    let mut rows = store::history(connection, account, after, now, most.saturating_add(1)).await?;
    let next = if rows.len() > HISTORY_PAGE {
        rows.truncate(HISTORY_PAGE);
        rows.last().map(|row| outer(row.id))
    } else {
        None
    };
    let entries = rows.iter().map(|row| entry(row, now)).collect::<Result<Vec<_>, ApprovalError>>()?;
    Ok(History { entries: Bounded::new(entries)?, next })
}

/// One request of the past, as its person reads it.
#[derive(Clone, Debug)]
pub struct Past {
    /// Which.
    pub id: ApprovalId,
    /// The word of its purpose.
    pub purpose: String,
    /// What it was about.
    pub title: String,
    /// What else the phone showed.
    pub lines: Vec<String>,
    /// Where it came from.
    pub network: String,
    /// Roughly where that is.
    pub place: Option<String>,
    /// The name of the phone that answered.
    pub phone: Option<String>,
    /// How it ended.
    pub state: State,
    /// When it ended.
    pub ended_at: Moment,
    /// Whether somebody answered, so that there is evidence.
    pub has_evidence: bool,
}

/// What a person was asked and how it ended, newest first, with which phone and from where; and after which the next page begins.
///
/// # Errors
/// When the database fails.
pub async fn past(
    connection: &mut impl Connection,
    account: AccountId,
    after: Option<ApprovalId>,
    now: Moment,
) -> Result<(Vec<Past>, Option<ApprovalId>), ApprovalError> {
    let most = i64::try_from(HISTORY_PAGE).unwrap_or(i64::MAX);
    let mut rows = store::history(connection, account, after, now, most.saturating_add(1)).await?;
    let more = rows.len() > HISTORY_PAGE;
    rows.truncate(HISTORY_PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    let phones = phones::read::of_account(connection, account).await?;
    let named = |id: PhoneId| phones.iter().find(|phone| phone.id == id).map(|phone| phone.name.clone());
    let entries = rows.into_iter().map(|row| {
        let asked = row.payload()?;
        let asked = asked.parts();
        Ok(Past {
            id: row.id,
            title: asked.title.clone(),
            lines: asked.lines.clone(),
            place: asked.place.clone(),
            phone: row.phone_id.and_then(named),
            state: row.state()?.at(now, row.expires_at),
            ended_at: row.ended_at.unwrap_or(row.expires_at),
            has_evidence: row.decision.is_some(),
            network: row.network,
            purpose: row.purpose,
        })
    });
    Ok((entries.collect::<Result<_, DatabaseError>>()?, next))
}

fn entry(row: &Row, now: Moment) -> Result<HistoryEntry, ApprovalError> {
    let asked = row.payload()?;
    let asked = asked.parts();
    Ok(HistoryEntry {
        id: outer(row.id),
        purpose: PlainText::new(&row.purpose)?,
        service: PlainText::new(&plain::tame(&asked.service, NAME_CHARACTERS))?,
        title: PlainText::new(&asked.title)?,
        outcome: PlainText::new(row.state()?.at(now, row.expires_at).word())?,
        ended_ms: unix_ms(row.ended_at.unwrap_or(row.expires_at)),
    })
}

/// The id as phones write it.
pub(super) fn outer(id: ApprovalId) -> keycard::ApprovalId {
    keycard::ApprovalId(*id.uuid().as_bytes())
}
