//! A signatory signs a takeover or declines it, once: over the mailed link, or on the printed form that an operator records. The signature that
//! fulfils the rule does it, in its own unit.

use super::{
    SuccessionError, Wish,
    model::{SuccessionKind, SuccessionState},
    perform::{self, Ready},
    read::{self, About},
    store,
};
use crate::{
    audit, companies,
    notices::{self, Kind, Notice},
    platform::{
        actor::Author,
        database::{Connection, Unit},
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, SignatoryId, SuccessionId},
        moment::Moment,
        secret::token_hash,
    },
};

/// By what a signatory's yes is known.
#[derive(Clone, Debug)]
pub enum SignedBy {
    /// The printed form that an operator saw.
    Form(Form),
    /// The mailed link's token.
    Link(String),
}

/// A printed form that was signed.
#[derive(Clone, Debug)]
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
}

/// What a signature led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Done,
    /// Others are still to sign.
    Waiting {
        /// How many.
        pending: i64,
    },
}

/// Whether a word may be given now.
///
/// # Errors
/// [`SuccessionError::AlreadySigned`], [`SuccessionError::AlreadyDeclined`], [`SuccessionError::Ended`].
pub fn check_open(about: &About, now: Moment) -> Result<(), SuccessionError> {
    if about.signature.signed_at.is_some() {
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

async fn find(connection: &mut impl Connection, by: &SignedBy, now: Moment) -> Result<About, SuccessionError> {
    let signature = match by {
        SignedBy::Form(form) => {
            let all = store::signatures(connection, form.succession).await?;
            all.into_iter().find(|one| one.signatory == form.signatory)
        }
        SignedBy::Link(link) => store::by_link(connection, &token_hash(link)).await?,
    };
    let about = read::about(connection, signature.ok_or(SuccessionError::NotFound)?).await?;
    check_open(&about, now)?;
    if let SignedBy::Form(form) = by
        && (form.signed_on < Day::of(about.succession.asked_at) || form.signed_on > Day::of(now))
    {
        return Err(SuccessionError::Invalid(vec![FieldFault::new("signed_on", "field_form_day")]));
    }
    Ok(about)
}

/// Signs.
///
/// # Errors
/// [`SuccessionError::NotFound`], those of [`check_open`], [`SuccessionError::Invalid`] for the day on a form, and those of the change itself.
pub async fn sign(ground: &Ground, by: &SignedBy) -> Result<Outcome, SuccessionError> {
    let about = find(&mut ground.database.read().await?, by, ground.clock().now()).await?;
    let author = match by {
        SignedBy::Form(form) => Author::Account(form.seen_by),
        SignedBy::Link(_) => Author::Signatory(about.signatory.id),
    };
    let checked = Wish::of(&about.succession)?.check(about.succession.kind)?;
    let ready = perform::prepare(ground, &about.company, &about.succession, checked, author).await?;
    ground.database.write(async |unit| store_signature(unit, by, &about, &ready, author).await).await
}

async fn store_signature(unit: &mut Unit, by: &SignedBy, about: &About, ready: &Ready, author: Author) -> Result<Outcome, SuccessionError> {
    // Whoever changes the company's posts or agreement waits, or was seen: who may sign no more is not found.
    companies::hold_open(unit, about.company.id).await?;
    let moment = unit.now();
    let now = find(unit, by, moment).await?;
    let place = (now.succession.id, now.signatory.id);
    if !store::claim_signing(unit, place).await? {
        return Err(SuccessionError::AlreadySigned);
    }
    if let SignedBy::Form(form) = by {
        store::note_form(unit, place, &form.signed_on.to_string(), (form.seen_by, &form.seen_by_name)).await?;
    }
    // Of two who sign at once the second one finds what the first one left.
    let pending = store::note_signature(unit, place.0).await?.ok_or(SuccessionError::Ended { state: now.succession.state })?;
    let mut event = audit::Event::new("succession.signed", author, format_args!("succession:{}", place.0))
        .company(about.company.id)
        .fact("pending", pending)
        .fact("fingerprint", hex::encode(about.succession.fingerprint()))
        .personal("signatory", &now.signatory.name);
    if let SignedBy::Form(form) = by {
        event = event.fact("form_of", place.1).fact("signed_on", form.signed_on);
    }
    audit::record(unit, event).await?;
    if pending > 0 {
        return Ok(Outcome::Waiting { pending });
    }
    if !store::decide(unit, place.0, SuccessionState::Done, None).await? {
        return Err(SuccessionError::Ended { state: now.succession.state });
    }
    perform::perform(unit, ready, author).await?;
    Ok(Outcome::Done)
}

/// Declines over the mailed link. When the rule is out of reach it is over, and everybody concerned is told.
///
/// # Errors
/// As [`sign`].
pub async fn decline(ground: &Ground, link: &str) -> Result<(), SuccessionError> {
    let by = SignedBy::Link(link.to_owned());
    let about = find(&mut ground.database.read().await?, &by, ground.clock().now()).await?;
    let notice = Notice::mail(Kind::SuccessionEnded).with("company", &about.company.legal_name);
    let told = notices::seal(ground, &notice).await?;
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, about.company.id).await?;
            let place = (about.succession.id, about.signatory.id);
            if !store::hold(unit, place.0).await? {
                return Err(SuccessionError::Ended { state: about.succession.state });
            }
            if !store::claim_declining(unit, place).await? {
                return Err(SuccessionError::AlreadyDeclined);
            }
            let event =
                audit::Event::new("succession.signature_declined", Author::Signatory(place.1), format_args!("succession:{}", place.0))
                    .company(about.company.id)
                    .personal("signatory", &about.signatory.name);
            audit::record(unit, event).await?;
            let succession = store::by_id(unit, place.0).await?.ok_or(SuccessionError::NotFound)?;
            let able = read::signatures(unit, &succession).await?.iter().filter(|(_, signature)| signature.is_open()).count();
            if i64::try_from(able).is_ok_and(|able| able >= succession.pending) {
                return Ok(());
            }
            store::decide(unit, place.0, SuccessionState::Declined, None).await?;
            for recipient in perform::concerned(unit, &about.company).await? {
                notices::tell(unit, recipient, &told).await?;
            }
            Ok(())
        })
        .await
}
