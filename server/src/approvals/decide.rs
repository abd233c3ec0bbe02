//! Takes a phone's answer, in the order of `security.md` section 3: signature, number, expiry, then one guarded claim. What does not wait any
//! more is told so before its number is looked at, since a late answer says nothing about the number; the claim judges the expiry again.
//!
//! The phone's clock counts for nothing: the service's own time decides. The same answer sent again, after the network was lost in the middle,
//! gets the same reply; another phone, or another answer, is told that somebody was first.

use keycard::{
    Decision, NUMBER_TRIES, Number, QrSecret, ReleaseKeyId, Shown, Signature, Signed, SignedError, Unanswered, Verdict,
    evidence::Evidence,
    pairing::PairingRecord,
    release::Release,
    wire::{Decide, Decided},
};

use super::{
    ApprovalError,
    ask::{note_ended, subject},
    hub,
    model::State,
    not_me,
    release::{self, Received, Releases},
    store::{self, Answer, Row},
};
use crate::{
    audit,
    phones::{self, Phone},
    platform::{
        actor::Author,
        consent,
        database::{DatabaseError, Unit},
        ground::Ground,
        id::ApprovalId,
        moment::Moment,
    },
};

/// Answers a request.
///
/// # Errors
/// [`ApprovalError::NotFound`] for somebody else's request; [`ApprovalError::Signature`], [`ApprovalError::OtherRequest`],
/// [`ApprovalError::OtherPhone`] and [`ApprovalError::Fault`] for an answer that is not this phone's to this request;
/// [`ApprovalError::NotYet`] for a yes before the phone's waiting time is over.
pub async fn decide(ground: &Ground, phone: &Phone, id: ApprovalId, answer: &Decide) -> Result<Decided, ApprovalError> {
    let mut reader = ground.database.read().await?;
    let row = store::approval(&mut reader, id).await?.filter(|row| row.account_id == phone.account).ok_or(ApprovalError::NotFound)?;
    drop(reader);
    let decision = answer.decision.open(&phone.keys.sign).map_err(|error| match error {
        SignedError::Fault(fault) => ApprovalError::Fault(fault),
        SignedError::Signature => ApprovalError::Signature,
    })?;
    let now = ground.clock().now();
    if let Some(stored) = stored(&row, phone, &answer.decision, now)? {
        return Ok(stored);
    }
    require_waited(&row, phone, &decision, now)?;
    let outcome = match judge(&row, phone, &decision, answer)? {
        Judged::Right => take(ground, &row, phone, &decision, answer).await,
        Judged::WrongNumber => count_wrong(ground, &row, phone, &answer.decision).await,
    };
    hub::wake(ground, phone.account);
    outcome
}

enum Judged {
    Right,
    WrongNumber,
}

fn judge(row: &Row, phone: &Phone, decision: &Decision, answer: &Decide) -> Result<Judged, ApprovalError> {
    let number = Number::parse(&row.number)?;
    let (shown, payload) = (QrSecret::new(row.qr()?), row.signed()?.hash());
    // A secret comes with a yes to what asks for one, and with nothing else; of each key that is named.
    let is_yes = matches!(decision.verdict, Verdict::Approve { .. });
    let asked = row.payload()?;
    let is_wanted = is_yes && asked.parts().release_key.is_some();
    let further = if is_wanted { asked.parts().further.len() } else { 0 };
    if answer.release.is_some() != is_wanted || answer.further.items().len() != further {
        return Err(ApprovalError::OtherRequest);
    }
    let released = answer.release.as_ref().map(|first| Release::hash_of(first, answer.further.items()));
    match decision.answers(&payload, phone.wire_id(), released.as_ref(), &Shown { number: &number, qr: &shown }) {
        Ok(()) => Ok(Judged::Right),
        Err(Unanswered::WrongNumber) => Ok(Judged::WrongNumber),
        Err(Unanswered::OtherPayload | Unanswered::OtherRelease) => Err(ApprovalError::OtherRequest),
        Err(Unanswered::OtherPhone) => Err(ApprovalError::OtherPhone),
    }
}

/// A new phone may log in at once, and no more before its waiting time is over. It may always say no.
fn require_waited(row: &Row, phone: &Phone, decision: &Decision, now: Moment) -> Result<(), ApprovalError> {
    let at_once = row.consent == consent::Purpose::LogIn.word();
    let says_yes = matches!(decision.verdict, Verdict::Approve { .. });
    if says_yes && !at_once && now < phone.signs_from {
        return Err(ApprovalError::NotYet { from: phone.signs_from });
    }
    Ok(())
}

/// What was told, or would have been, about a request that does not wait any more.
fn stored(row: &Row, phone: &Phone, sent: &Signed<Decision>, now: Moment) -> Result<Option<Decided>, ApprovalError> {
    Ok(match row.state()?.at(now, row.expires_at) {
        State::Waiting => None,
        State::Approved | State::NotMe | State::Rejected => {
            let same = row.phone_id == Some(phone.id) && row.decision.as_deref() == Some(sent.bytes());
            Some(if same { Decided::Taken } else { Decided::Elsewhere })
        }
        State::Closed => Some(Decided::WrongNumber { tries_left: 0 }),
        State::Lapsed => Some(Decided::Lapsed),
        State::Extended | State::Replaced | State::Withdrawn => Some(Decided::Replaced),
    })
}

/// Claims the request for an answer that is right. What was released with it to this process is opened before, so that an answer whose secret
/// does not open claims nothing; and used after, since the claim comes first of all that can be seen. What was released to another process is
/// opened there, after the claim: if it does not open, nothing is signed and the person is asked again.
async fn take(ground: &Ground, row: &Row, phone: &Phone, decision: &Decision, answer: &Decide) -> Result<Decided, ApprovalError> {
    let payload = row.payload()?;
    let releases = answer.release.clone().map(|first| Releases { first, further: answer.further.items().to_vec() });
    let received = match (&releases, payload.parts().release_key) {
        (Some(releases), Some(to)) => Some(release::receive(ground, &payload, to, releases).await?),
        _ => None,
    };
    let left = match (&received, &releases) {
        (Some(Received::Nowhere), _) => return lapse(ground, row).await,
        (Some(Received::Elsewhere(key)), Some(releases)) => Some((*key, releases)),
        _ => None,
    };
    match claim(ground, row, phone, (decision, &answer.decision), left).await? {
        Claimed::Now => {
            if let Some(Received::Here(secrets)) = received {
                release::hand_over(ground, row.root_id, row.account_id, payload, secrets);
            }
            Ok(Decided::Taken)
        }
        Claimed::Before(decided) => Ok(decided),
    }
}

/// The process that could open what the phone released is gone: nothing of the answer can be used.
async fn lapse(ground: &Ground, row: &Row) -> Result<Decided, ApprovalError> {
    ground
        .database
        .write(async |unit| {
            if store::end_unopened(unit, row.id).await? {
                note_ended(unit, row.id, State::Lapsed).await?;
            }
            Ok(Decided::Lapsed)
        })
        .await
}

enum Claimed {
    /// Somebody or the clock was faster.
    Before(Decided),
    /// By this very call.
    Now,
}

async fn claim(
    ground: &Ground,
    row: &Row,
    phone: &Phone,
    (decision, sent): (&Decision, &Signed<Decision>),
    left: Option<(ReleaseKeyId, &Releases)>,
) -> Result<Claimed, ApprovalError> {
    let record = signed_record(phone)?;
    let attestation = if phone.attested { phones::read::attestation(&mut ground.database.read().await?, phone).await? } else { None };
    let evidence = Evidence::new(row.signed()?, sent.clone(), phone.keys.sign, record, attestation);
    let evidence = evidence.to_json().map_err(|_| DatabaseError::Corrupt { what: "evidence", value: row.id.to_string() })?;
    let (state, event) = match decision.verdict {
        Verdict::Approve { .. } => (State::Approved, "approval.approved"),
        Verdict::NotMe => (State::NotMe, "approval.not_me"),
        Verdict::Reject => (State::Rejected, "approval.rejected"),
    };
    ground
        .database
        .write(async |unit| {
            // Of a block and an answer at once, one sees the other.
            if !phones::serves(unit, phone).await? {
                return Err(ApprovalError::NotFound);
            }
            let answer = Answer { state, phone: phone.id, decision: sent.bytes(), evidence: &evidence };
            if !store::answer(unit, row.id, &answer).await? {
                return Ok(Claimed::Before(too_late(unit, row.id, phone, sent).await?));
            }
            if let Some((key, releases)) = left {
                release::leave(unit, row.id, key, releases).await?;
            }
            let event = audit::Event::new(event, Author::Account(phone.account), subject(row.id));
            audit::record(unit, event.fact("phone", phone.id).fact("purpose", &row.purpose)).await?;
            if state == State::NotMe {
                not_me::take(unit, phone, row.id).await?;
            }
            Ok(Claimed::Now)
        })
        .await
}

/// The phone's pairing record, as the service signed it.
fn signed_record(phone: &Phone) -> Result<Signed<PairingRecord>, ApprovalError> {
    let signature = Signature::from_der("signature", &phone.record_signature)?;
    Ok(Signed::from_parts(phone.record.clone(), signature)?)
}

async fn count_wrong(ground: &Ground, row: &Row, phone: &Phone, sent: &Signed<Decision>) -> Result<Decided, ApprovalError> {
    ground
        .database
        .write(async |unit| {
            let Some(wrong) = store::count_wrong(unit, row.id).await? else { return too_late(unit, row.id, phone, sent).await };
            let event = audit::Event::new("approval.number_refused", Author::Account(phone.account), subject(row.id));
            audit::record(unit, event.fact("phone", phone.id).fact("wrong", wrong)).await?;
            let tries_left = u8::try_from(i64::from(NUMBER_TRIES) - wrong).unwrap_or(0);
            if tries_left == 0 {
                store::close(unit, row.id).await?;
                note_ended(unit, row.id, State::Closed).await?;
            }
            Ok(Decided::WrongNumber { tries_left })
        })
        .await
}

/// Somebody or the clock was faster than this answer: what the row says now.
async fn too_late(unit: &mut Unit, id: ApprovalId, phone: &Phone, sent: &Signed<Decision>) -> Result<Decided, ApprovalError> {
    let now = unit.now();
    let row = store::approval(unit, id).await?.ok_or(ApprovalError::NotFound)?;
    Ok(stored(&row, phone, sent, now)?.unwrap_or(Decided::Elsewhere))
}
