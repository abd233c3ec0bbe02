//! The print queue: letters rest sealed until an operator prints them.
//!
//! Promises: a batch holds letters of one class, so a person's card and temporary password never lie in one pile; a letter is in one batch; a batch that
//! is printed twice is the same paper, at the address that the letter was told to, but for letters whose card or password died meanwhile: those are
//! left out; what letters say is deleted once they are posted, and names and addresses some days later. Lists show names and how far each letter is,
//! never what it says. To print is to see keys and passwords: it needs a fresh proof, and stands in the audit; whoever ordered a letter never prints it.

use zeroize::Zeroizing;

use super::{
    error::LetterError,
    jobs,
    letter::Letter,
    model::{CARRIED, Carried, Channel, Class, Contact, Kind, Living},
    render,
    store::{self, LetterRow},
};
use crate::{
    audit,
    platform::{
        actor::Actor,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{Id as _, LetterBatchId, MessageId, RecipientId},
        limits,
        moment::Moment,
        paper::{self, Paper},
        words::Language,
    },
};

/// The most letters of one batch.
pub const MOST_LETTERS: i64 = 50;
/// Waiting letters are counted up to so many.
const COUNTED: i64 = 1000;

/// How far a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// Nobody posted it for two months.
    GivenUp,
    /// The card or password that it carries worked no more when it was to be printed.
    LeftOut,
    /// On its way.
    Posted,
    /// In a batch, to be posted.
    Printed,
    /// Waits for the printer.
    Queued,
    /// It came back.
    Returned,
}

impl LetterState {
    const ALL: [Self; 6] = [Self::GivenUp, Self::LeftOut, Self::Posted, Self::Printed, Self::Queued, Self::Returned];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GivenUp => "given_up",
            Self::LeftOut => "left_out",
            Self::Posted => "posted",
            Self::Printed => "printed",
            Self::Queued => "queued",
            Self::Returned => "returned",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How many letters of a class wait.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Waiting {
    /// The class.
    pub class: Class,
    /// How many, up to a thousand.
    pub letters: usize,
}

/// Letters that are printed in one go.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Batch {
    /// Its id.
    pub id: LetterBatchId,
    /// What its letters carry.
    pub class: Class,
    /// How many.
    pub letters: i64,
    /// When it was made.
    pub made_at: Moment,
    /// When it was posted.
    pub posted_at: Option<Moment>,
}

/// A letter, without what it says.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Queued {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub name: String,
    /// How far it is.
    pub state: LetterState,
    /// When it was told.
    pub told_at: Moment,
    /// When its state changed last.
    pub changed_at: Moment,
}

/// What waits, by class.
///
/// # Errors
/// When the database fails.
pub async fn waiting(connection: &mut impl Connection) -> Result<Vec<Waiting>, DatabaseError> {
    let mut found = Vec::new();
    for class in Class::ALL {
        found.push(Waiting { class, letters: store::queued(connection, class, COUNTED).await? });
    }
    Ok(found)
}

/// Batches that were made before one (any, when none is named), the newest first, and the last of them where more follow.
///
/// # Errors
/// When the database fails.
pub async fn batches(
    connection: &mut impl Connection,
    before: Option<LetterBatchId>,
) -> Result<(Vec<Batch>, Option<LetterBatchId>), DatabaseError> {
    let before = before.unwrap_or_else(|| LetterBatchId::from_uuid(uuid::Uuid::max()));
    let mut found = store::batches(connection, before, limits::PAGE_ROWS + 1).await?;
    let most = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|last| last.id);
    Ok((found, next))
}

/// A batch with its letters.
///
/// # Errors
/// [`LetterError::NotFound`].
pub async fn batch(connection: &mut impl Connection, id: LetterBatchId) -> Result<(Batch, Vec<Queued>), LetterError> {
    let found = store::batch(connection, id).await?.ok_or(LetterError::NotFound)?;
    let letters = store::letters_of(connection, id).await?;
    Ok((found, letters.iter().map(LetterRow::queued).collect::<Result<_, _>>()?))
}

/// Makes a batch of the oldest waiting letters of one class that the actor did not order, at most fifty.
///
/// # Errors
/// [`LetterError::ProveAgain`]; [`LetterError::NothingWaits`]; [`LetterError::OrderedByYou`] when all that wait were.
pub async fn make_batch(unit: &mut Unit, class: Class, actor: &Actor) -> Result<LetterBatchId, LetterError> {
    require_proof(actor, unit.now())?;
    let id: LetterBatchId = unit.id();
    let letters = store::claim_batch(unit, id, class, actor.account, MOST_LETTERS).await?;
    let letters = i64::try_from(letters).unwrap_or(i64::MAX);
    if letters == 0 {
        let others = store::queued(unit, class, 1).await?;
        return Err(if others == 0 { LetterError::NothingWaits } else { LetterError::OrderedByYou });
    }
    store::insert_batch(unit, id, class, letters).await?;
    let event = audit::Event::new("letters.batched", actor.author(), subject(id));
    audit::record(unit, event.fact("class", class.word()).fact("letters", letters)).await?;
    Ok(id)
}

/// Prints a batch as one PDF: the same as often as it is asked for, until it is posted. Letters whose card or password works no more are left out, and
/// so are those that were given up.
///
/// # Errors
/// [`LetterError::ProveAgain`]; [`LetterError::NotFound`]; [`LetterError::Posted`]; [`LetterError::OrderedByYou`] when the actor ordered one of its
/// letters; [`LetterError::NothingLeft`].
pub async fn print(ground: &Ground, living: &dyn Living, actor: &Actor, id: LetterBatchId) -> Result<Zeroizing<Vec<u8>>, LetterError> {
    require_proof(actor, ground.clock().now())?;
    let mut reader = ground.database.read().await?;
    let found = store::batch(&mut reader, id).await?.ok_or(LetterError::NotFound)?;
    if found.posted_at.is_some() {
        return Err(LetterError::Posted);
    }
    let mut rows = store::letters_of(&mut reader, id).await?;
    drop(reader);
    rows.retain(|row| row.state == LetterState::Printed.word());
    if rows.iter().any(|row| row.ordered_by == Some(actor.account)) {
        return Err(LetterError::OrderedByYou);
    }
    let (mut papers, mut dead) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let letter = row.id;
        match paper(ground, living, row).await? {
            Some(paper) => papers.push(paper),
            None => dead.push(letter),
        }
    }
    let printed = papers.len();
    let pdf = match printed {
        0 => Err(LetterError::NothingLeft),
        _ => Ok(tokio::task::spawn_blocking(move || paper::pdf_of(&papers)).await.map_err(|_| LetterError::Printer)??),
    };
    ground
        .database
        .write(async |unit| {
            for letter in &dead {
                store::leave_out(unit, *letter).await?;
            }
            let event = audit::Event::new("letters.printed", actor.author(), subject(id)).fact("class", found.class.word());
            Ok::<_, LetterError>(audit::record(unit, event.fact("letters", printed).fact("left_out", dead.len())).await?)
        })
        .await?;
    pdf
}

/// A letter on paper; none when what it carries works no more.
async fn paper(ground: &Ground, living: &dyn Living, row: LetterRow) -> Result<Option<Paper>, LetterError> {
    let (kind, channel) = Kind::of(&row.kind).zip(Channel::of(&row.channel)).ok_or(LetterError::Printer)?;
    let language = Language::of(&row.language).ok_or(LetterError::Printer)?;
    let values = jobs::open(ground, kind, channel, row.sealed.ok_or(LetterError::Printer)?).await?;
    if let Some(carried) = values.get(CARRIED) {
        let carried = Carried::of(carried).ok_or(LetterError::Printer)?;
        if !living.is_alive(ground, &carried).await? {
            return Ok(None);
        }
    }
    let nobody = RecipientId::from_uuid(uuid::Uuid::nil());
    let contact = Contact { recipient: nobody, name: row.name, email: None, postal_address: row.postal_address, language };
    let service = &ground.config.server.public_url;
    let rendered = render::render(kind, Channel::Letter, &contact, &values, service);
    Ok(Some(Letter::new(&contact, rendered, row.told_at, service).paper()))
}

/// Notes that a batch is on its way, and deletes what its letters say.
///
/// # Errors
/// [`LetterError::ProveAgain`]; [`LetterError::NotFound`]; [`LetterError::Posted`] the second time.
pub async fn post(unit: &mut Unit, actor: &Actor, id: LetterBatchId) -> Result<(), LetterError> {
    require_proof(actor, unit.now())?;
    store::batch(unit, id).await?.ok_or(LetterError::NotFound)?;
    if !store::note_posted(unit, id).await? {
        return Err(LetterError::Posted);
    }
    let letters = store::post_letters(unit, id).await?;
    audit::record(unit, audit::Event::new("letters.posted", actor.author(), subject(id)).fact("letters", letters)).await?;
    Ok(())
}

/// Notes that a letter came back.
///
/// # Errors
/// [`LetterError::NotFound`] for a letter that is not of this batch, or not on its way.
pub async fn note_returned(unit: &mut Unit, actor: &Actor, batch: LetterBatchId, letter: MessageId) -> Result<(), LetterError> {
    if !store::note_returned(unit, batch, letter).await? {
        return Err(LetterError::NotFound);
    }
    audit::record(unit, audit::Event::new("letter.returned", actor.author(), format!("message:{letter}")).fact("batch", batch)).await?;
    Ok(())
}

fn require_proof(actor: &Actor, now: Moment) -> Result<(), LetterError> {
    if actor.has_proven(now) { Ok(()) } else { Err(LetterError::ProveAgain) }
}

fn subject(batch: LetterBatchId) -> String {
    format!("letter_batch:{batch}")
}
