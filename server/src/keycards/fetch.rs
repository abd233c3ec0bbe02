//! Fetches a card's sheet: rendered for this one answer, never stored.

use zeroize::Zeroizing;

use super::{
    KeycardError,
    issue::{open, subject},
    model::{FETCH_WITHIN, PROVEN_BEFORE},
    render, store,
};
use crate::{
    audit,
    platform::{
        actor::{Actor, ProvenBy},
        ground::Ground,
        id::KeycardId,
        words::Words,
    },
};

/// Which form of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// PDF with letters of 18 points, three pages.
    LargePrint,
    /// PDF, one page of A4.
    Print,
    /// Plain text, for screen readers and Braille.
    Text,
}

impl Edition {
    /// Every edition.
    pub const ALL: [Self; 3] = [Self::Print, Self::LargePrint, Self::Text];

    /// The edition of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edition| edition.word() == word)
    }

    /// The edition of a file name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "card.pdf" => Some(Self::Print),
            "card-large.pdf" => Some(Self::LargePrint),
            "card.txt" => Some(Self::Text),
            _ => None,
        }
    }

    /// The word in rows and in the audit.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LargePrint => "large_print",
            Self::Print => "print",
            Self::Text => "text",
        }
    }
}

/// A rendered sheet. It is the card itself: it must not be stored.
pub struct Sheet {
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Their content type.
    pub content_type: &'static str,
}

/// Renders a person's own card: within fifteen minutes of its issue for the session that it was issued to, or right after proving oneself by card or phone.
///
/// # Errors
/// [`KeycardError::NotFound`] for somebody else's or a card that is not active; [`KeycardError::ProveAgain`].
pub async fn fetch(ground: &Ground, actor: &Actor, id: KeycardId, edition: Edition, words: Words) -> Result<Sheet, KeycardError> {
    let mut reader = ground.database.read().await?;
    let card = store::card(&mut reader, id).await?.filter(|card| card.account == actor.account && card.is_active());
    let card = card.ok_or(KeycardError::NotFound)?;
    let now = ground.clock().now();
    // A new card is for the session that ordered it, or that had just proven its person when it was issued; any other shows more first.
    let own = card.ordered_by.is_some() && card.ordered_by == actor.session;
    let own = own || (actor.proven_by == ProvenBy::Card && actor.proven_at >= card.issued_at.plus(-PROVEN_BEFORE));
    if !actor.has_proven_by_card(now) && (!own || now.since(card.issued_at) > FETCH_WITHIN) {
        return Err(KeycardError::ProveAgain);
    }
    let sealed = store::sealed(&mut reader, id).await?.ok_or(KeycardError::NotFound)?;
    drop(reader);
    let opened = open(ground, id, sealed).await?;
    let sheet = match edition {
        Edition::LargePrint => Sheet { bytes: render::large_print(&opened, words)?, content_type: "application/pdf" },
        Edition::Print => Sheet { bytes: render::pdf(&opened, words)?, content_type: "application/pdf" },
        Edition::Text => Sheet { bytes: render::text(&opened, words), content_type: "text/plain; charset=utf-8" },
    };
    let author = actor.author();
    ground
        .database
        .write(async |unit| {
            store::note_fetched(unit, id).await?;
            let event = audit::Event::new("keycard.fetched", author, subject(id)).fact("edition", edition.word());
            Ok::<_, KeycardError>(audit::record(unit, event).await?)
        })
        .await?;
    Ok(sheet)
}
