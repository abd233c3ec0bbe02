//! Asks, in the unit of whoever needs the answer: the list of what waits, and who may add to it.

use keycard::{QrSecret, Scan};

use super::{ApprovalError, model::State, prepare::Prepared, push, read, refusal, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        id::{AccountId, ApprovalId},
        moment::Moment,
    },
};

/// What the page that began it shows; nobody else learns it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Names the request, however often its time is extended.
    pub id: ApprovalId,
    /// The two digits that the person types on the phone.
    pub number: String,
    /// What a phone may scan instead.
    pub scan: String,
    /// Until when it waits.
    pub expires_at: Moment,
}

/// Writes a request down. Those who ask the same person at once do so one after the other, so each sees what the others have
/// asked. An earlier one of the same session for the same purpose is replaced; nothing else ever is.
///
/// # Errors
/// [`ApprovalError::Paused`] for a network or session that nobody answers, and for strangers after too many of them;
/// [`ApprovalError::Full`] when as many wait as may.
pub async fn ask(unit: &mut Unit, prepared: &Prepared) -> Result<Asked, ApprovalError> {
    let (account, initiator) = (prepared.ask.account, &prepared.ask.initiator);
    let now = unit.now();
    store::ring(unit, account).await?;
    if let Some(paused) = refusal::paused(unit, account, initiator, now).await? {
        return Err(paused.into());
    }
    note_lapsed(unit, account).await?;
    if let Some(session) = initiator.standpoint.session() {
        for replaced in store::replace(unit, account, session, prepared.ask.purpose.word()).await? {
            note_ended(unit, replaced, State::Replaced).await?;
        }
    }
    let waiting = store::waiting(unit, account).await?;
    let slot = refusal::free(&waiting, initiator.standpoint).next().ok_or(ApprovalError::Full)?;
    if !store::insert(unit, prepared, slot).await? {
        return Err(ApprovalError::Full);
    }
    push::enqueue(unit, prepared).await?;
    // A session is its person's own; whoever logs in is not known yet.
    let author = initiator.standpoint.session().map_or(Author::Anyone, |_| Author::Account(account));
    let event = audit::Event::new("approval.asked", author, subject(prepared.id))
        .fact("account", account)
        .fact("purpose", prepared.ask.purpose.word())
        .personal("network", &initiator.network);
    audit::record(unit, event).await?;
    Ok(Asked { id: prepared.id, number: prepared.number.clone(), scan: scan_text(prepared), expires_at: prepared.expires_at })
}

fn scan_text(prepared: &Prepared) -> String {
    Scan { approval: read::outer(prepared.id), secret: QrSecret::new(prepared.qr) }.text()
}

/// What waited too long leaves its slot, and the audit is told.
pub(super) async fn note_lapsed(unit: &mut Unit, account: AccountId) -> Result<(), ApprovalError> {
    for lapsed in store::lapse(unit, account).await? {
        note_ended(unit, lapsed, State::Lapsed).await?;
    }
    Ok(())
}

/// Ends a request that is answered another way. Gives whether one waited.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(unit: &mut Unit, root: ApprovalId) -> Result<bool, ApprovalError> {
    end(unit, root, State::Withdrawn).await
}

/// Ends a request whose page was left to begin anew. It stays among those that nobody answered, so whoever begins over and over is paused.
///
/// # Errors
/// When the database fails.
pub async fn supersede(unit: &mut Unit, root: ApprovalId) -> Result<bool, ApprovalError> {
    end(unit, root, State::Replaced).await
}

async fn end(unit: &mut Unit, root: ApprovalId, how: State) -> Result<bool, ApprovalError> {
    let ended = store::end(unit, root, how).await?;
    if let Some(id) = ended {
        note_ended(unit, id, how).await?;
    }
    Ok(ended.is_some())
}

pub(super) async fn note_ended(unit: &mut Unit, id: ApprovalId, how: State) -> Result<(), ApprovalError> {
    let event = audit::Event::new("approval.ended", Author::System("approvals"), subject(id)).fact("how", how.word());
    Ok(audit::record(unit, event).await?)
}

/// How the audit names a request.
pub(super) fn subject(id: ApprovalId) -> String {
    format!("approval:{id}")
}
