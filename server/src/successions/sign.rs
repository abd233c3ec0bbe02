//! A signatory signs a takeover or declines it, once: over the mailed link, or on the printed form that an operator records. The signature that
//! fulfils the rule does it, in its own unit; but what its operator, being alone, records of it waits three days, so that nobody takes over by
//! themselves.

use super::{
    SuccessionError, Wish,
    complete::fail,
    jobs,
    model::{DONE_WITHIN, PAPER_WAIT, Succession, SuccessionKind, SuccessionState},
    perform::{self, Ready},
    read::{self, About},
    scan::{self, Recorded},
    store, told,
};
use crate::{
    audit, companies,
    employees::EmployeeError,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, SignatoryId, SuccessionId},
        moment::Moment,
        queue,
    },
};

/// By what a signatory's yes is known.
#[derive(Clone)]
pub enum SignedBy {
    /// The printed form that an operator saw.
    Form(Form),
    /// The mailed link's token.
    Link(String),
}

/// A printed form that was signed.
#[derive(Clone)]
pub struct Form {
    /// Of which change.
    pub succession: SuccessionId,
    /// Who signed it.
    pub signatory: SignatoryId,
    /// The day on it.
    pub signed_on: Day,
    /// The operator who saw it.
    pub seen_by: AccountId,
    /// Their name.
    pub seen_by_name: String,
    /// Its scan: a PDF of at most [`crate::platform::limits::SCAN_BYTES`].
    pub scan: Vec<u8>,
}

/// What a signature led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Done,
    /// It has its signatures, one of them on the word of whoever asked for it: it is done then, unless a signatory refuses it.
    Ready {
        /// When.
        at: Moment,
    },
    /// Others are still to sign.
    Waiting {
        /// How many.
        pending: i64,
    },
}

/// Whether this signature can still be given; else why not.
pub(super) fn check_open(about: &About, now: Moment) -> Result<(), SuccessionError> {
    if about.signature.signed_at.is_some() && about.signature.declined_at.is_none() {
        return Err(SuccessionError::AlreadySigned);
    }
    if about.signature.declined_at.is_some() {
        return Err(SuccessionError::AlreadyDeclined);
    }
    if !about.succession.is_open(now) || about.succession.kind != SuccessionKind::Takeover {
        return Err(SuccessionError::Ended { state: about.succession.state });
    }
    Ok(())
}

/// Whether the link may still say no; else why not. What an operator recorded on paper its signatory may deny, and what waits to be done every
/// signatory may refuse.
pub(super) fn check_declinable(about: &About, now: Moment) -> Result<(), SuccessionError> {
    let may_take_back = about.signature.form.is_some() || about.succession.ready_at.is_some();
    if about.succession.is_open(now) && about.signature.is_given() && may_take_back {
        return Ok(());
    }
    check_open(about, now)
}

async fn find(connection: &mut impl Connection, by: &SignedBy) -> Result<About, SuccessionError> {
    match by {
        SignedBy::Form(form) => read::of_signatory(connection, form.succession, form.signatory).await,
        SignedBy::Link(link) => read::by_link(connection, link).await,
    }
}

/// What is to be signed now. Of what an operator asked for or opened another one records the form, while there is another.
async fn find_open(connection: &mut impl Connection, by: &SignedBy, now: Moment) -> Result<About, SuccessionError> {
    let about = find(connection, by).await?;
    check_open(&about, now)?;
    if let SignedBy::Form(form) = by {
        if form.signed_on < Day::of(about.succession.asked_at) || form.signed_on > Day::of(now) {
            return Err(SuccessionError::Invalid(vec![FieldFault::new("signed_on", "field_form_day")]));
        }
        if about.succession.is_own_of(form.seen_by) && read::has_another_operator(connection, form.seen_by).await? {
            return Err(SuccessionError::OwnForm);
        }
    }
    Ok(about)
}

/// Signs.
///
/// # Errors
/// [`SuccessionError::NotFound`], those of [`check_open`], [`SuccessionError::Invalid`] for the day on a form, [`SuccessionError::OwnForm`], and those
/// of the change itself. When the successor's address means somebody else by now, it is over.
pub async fn sign(ground: &Ground, by: &SignedBy) -> Result<Outcome, SuccessionError> {
    let about = find_open(&mut ground.database.read().await?, by, ground.clock().now()).await?;
    let author = match by {
        SignedBy::Form(form) => Author::Account(form.seen_by),
        SignedBy::Link(_) => Author::Signatory(about.signatory.id),
    };
    match sign_now(ground, by, &about, author).await {
        Err(SuccessionError::Employee(EmployeeError::SuccessorDiffers)) => {
            fail(ground, &about.succession, author).await?;
            Err(EmployeeError::SuccessorDiffers.into())
        }
        other => other,
    }
}

async fn sign_now(ground: &Ground, by: &SignedBy, about: &About, author: Author) -> Result<Outcome, SuccessionError> {
    let recorded = match by {
        SignedBy::Form(form) => Some(scan::prepare(ground, about, form).await?),
        SignedBy::Link(_) => None,
    };
    let checked = Wish::of(&about.succession)?.check(about.succession.kind)?;
    let ready = perform::prepare(ground, &about.company, &about.succession, checked, author).await?;
    let signing = Signing { by, ready, recorded, author };
    ground.database.write(async |unit| store_signature(unit, &signing, about).await).await
}

/// A signature, ready for its unit.
struct Signing<'a> {
    by: &'a SignedBy,
    ready: Ready,
    recorded: Option<Recorded>,
    author: Author,
}

async fn store_signature(unit: &mut Unit, signing: &Signing<'_>, about: &About) -> Result<Outcome, SuccessionError> {
    let Signing { by, ready, recorded, author } = signing;
    // Whoever changes the company's posts or agreement waits, or was seen: who may sign no more is not found.
    companies::hold_open(unit, about.company.id).await?;
    let moment = unit.now();
    let now = find_open(unit, by, moment).await?;
    let place = (now.succession.id, now.signatory.id);
    if !store::claim_signing(unit, place).await? {
        return Err(SuccessionError::AlreadySigned);
    }
    if let (SignedBy::Form(form), Some(recorded)) = (by, recorded) {
        scan::keep(unit, form, recorded).await?;
    }
    // Of two who sign at once the second one finds what the first one left.
    let pending = store::note_signature(unit, place.0).await?.ok_or(SuccessionError::Ended { state: now.succession.state })?;
    let mut event = audit::Event::new("succession.signed", *author, format_args!("succession:{}", place.0))
        .company(about.company.id)
        .fact("pending", pending)
        .fact("fingerprint", hex::encode(now.succession.fingerprint()))
        .personal("signatory", &now.signatory.name);
    if let (SignedBy::Form(form), Some(recorded)) = (by, recorded) {
        event = event.fact("form_of", place.1).fact("signed_on", form.signed_on).fact("scan", hex::encode(recorded.digest));
    }
    audit::record(unit, event).await?;
    if pending > 0 {
        return Ok(Outcome::Waiting { pending });
    }
    if !has_enough_besides_own(unit, &now.succession).await? {
        return wait(unit, &now.succession, *author).await;
    }
    if !store::decide(unit, place.0, SuccessionState::Done, None).await? {
        return Err(SuccessionError::Ended { state: now.succession.state });
    }
    perform::perform(unit, ready, *author).await?;
    Ok(Outcome::Done)
}

/// Whether the rule is fulfilled without what its operator recorded alone.
async fn has_enough_besides_own(unit: &mut Unit, succession: &Succession) -> Result<bool, SuccessionError> {
    let all = read::signatures(unit, succession).await?;
    let others = all.iter().filter(|(_, one)| one.is_given() && !one.seen_by.is_some_and(|by| succession.is_own_of(by))).count();
    Ok(i64::try_from(others).is_ok_and(|others| others >= succession.needed))
}

/// It has its signatures, and waits, so that whoever did not sign can say so.
async fn wait(unit: &mut Unit, succession: &Succession, author: Author) -> Result<Outcome, SuccessionError> {
    if let Some(at) = succession.ready_at {
        return Ok(Outcome::Ready { at });
    }
    let at = unit.now().plus(PAPER_WAIT);
    if !store::make_ready(unit, succession.id, at, at.plus(DONE_WITHIN)).await? {
        return Err(SuccessionError::Ended { state: succession.state });
    }
    queue::enqueue(unit, jobs::COMPLETE, &succession.id, at).await?;
    let event = audit::Event::new("succession.waits", author, format_args!("succession:{}", succession.id));
    audit::record(unit, event.company(succession.company).fact("until", at)).await?;
    let concerned = perform::concerned(unit, succession.company).await?;
    told::later(unit, succession.id, concerned, told::What::Waits { until: at }).await?;
    Ok(Outcome::Ready { at })
}

/// Declines over the mailed link. It is over, and everybody concerned is told, when the rule is out of reach; when the signatory denies what was
/// recorded on paper, of which operators are told too; and when it had its signatures and waited to be done.
///
/// # Errors
/// [`SuccessionError::NotFound`], those of [`check_declinable`].
pub async fn decline(ground: &Ground, link: &str) -> Result<(), SuccessionError> {
    let by = SignedBy::Link(link.to_owned());
    ground
        .database
        .write(async |unit| {
            let seen = find(unit, &by).await?;
            companies::hold_open(unit, seen.company.id).await?;
            let (about, moment) = (find(unit, &by).await?, unit.now());
            check_declinable(&about, moment)?;
            let place = (about.succession.id, about.signatory.id);
            if !store::hold(unit, place.0).await? {
                return Err(SuccessionError::Ended { state: about.succession.state });
            }
            if !store::claim_declining(unit, place).await? {
                return Err(SuccessionError::AlreadyDeclined);
            }
            let denied = about.signature.form.is_some();
            let event =
                audit::Event::new("succession.signature_declined", Author::Signatory(place.1), format_args!("succession:{}", place.0))
                    .company(about.company.id)
                    .fact("form_denied", denied)
                    .personal("signatory", &about.signatory.name);
            audit::record(unit, event).await?;
            let able = read::signatures(unit, &about.succession).await?.iter().filter(|(_, signature)| signature.is_open()).count();
            let in_reach = i64::try_from(able).is_ok_and(|able| able >= about.succession.pending);
            if in_reach && !denied && about.succession.ready_at.is_none() {
                return Ok(());
            }
            store::decide(unit, place.0, SuccessionState::Declined, None).await?;
            let concerned = perform::concerned(unit, about.company.id).await?;
            told::later(unit, place.0, concerned, told::What::Ended).await?;
            if denied {
                told::failed(unit, place.0).await?;
            }
            Ok(())
        })
        .await
}
