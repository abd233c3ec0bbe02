//! Takes tokens from a file into the stock: all of it, or nothing. Their seeds are sealed at once and readable by nobody after that.

use super::{
    TokenError, import_csv, import_pskc,
    model::{MOST_OF_A_FILE, NewToken, context},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CodeTokenId, CompanyId, Id as _},
        secret::Secret,
    },
};

/// At most so many faults of a file are told.
const FAULTS: usize = 20;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines with a head.
    Csv,
    /// RFC 6030.
    Pskc,
}

impl Format {
    /// The word in forms and in the audit.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Pskc => "pskc",
        }
    }

    /// The format of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Csv, Self::Pskc].into_iter().find(|format| format.word() == word)
    }
}

/// Tokens of a file, their seeds sealed.
pub struct Prepared {
    format: Format,
    tokens: Vec<(CodeTokenId, NewToken, Vec<u8>)>,
}

/// Reads a file and seals what is in it. Outside any unit. `key` is what opens an encrypted PSKC file, in hexadecimal digits; empty for none.
///
/// # Errors
/// [`TokenError::Invalid`] with what is wrong, token by token.
pub async fn prepare(ground: &Ground, format: &str, file: &[u8], key: &Secret<String>) -> Result<Prepared, TokenError> {
    let invalid = |faults: Vec<FieldFault>| TokenError::Invalid(faults.into_iter().take(FAULTS).collect());
    let format = Format::of(format).ok_or_else(|| invalid(vec![FieldFault::new("format", "field_choice")]))?;
    let read = match format {
        Format::Csv => import_csv::read(file),
        Format::Pskc => import_pskc::read(file, key),
    };
    let tokens = read.and_then(sound).map_err(invalid)?;
    let (now, random) = (ground.clock().now(), ground.random());
    let tokens: Vec<_> = tokens.into_iter().map(|token| (CodeTokenId::fresh(now, random), token)).collect();
    let sealed = ground.with_keystore(move |keystore| {
        let seal = |(id, token): (CodeTokenId, NewToken)| keystore.wrap(&token.seed, &context(id)).map(|sealed| (id, token, sealed));
        tokens.into_iter().map(seal).collect::<Result<Vec<_>, _>>()
    });
    Ok(Prepared { format, tokens: sealed.await? })
}

/// Neither none nor too many, and each serial number once.
fn sound(tokens: Vec<NewToken>) -> Result<Vec<NewToken>, Vec<FieldFault>> {
    if tokens.is_empty() {
        return Err(vec![FieldFault::new("file", "field_tokens_none")]);
    }
    if tokens.len() > MOST_OF_A_FILE {
        return Err(vec![FieldFault::new("file", "field_tokens_many").with("most", MOST_OF_A_FILE)]);
    }
    let mut serials: Vec<&str> = tokens.iter().map(|token| token.serial.as_str()).collect();
    serials.sort_unstable();
    let mut twice: Vec<&str> = serials.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    twice.dedup();
    if twice.is_empty() {
        return Ok(tokens);
    }
    Err(twice.into_iter().map(|serial| FieldFault::new("file", "field_token_twice").with("serial", serial)).collect())
}

/// Writes them, for one company or for whichever gives them out. Gives how many.
///
/// # Errors
/// [`TokenError::Invalid`] when a serial number is known already: then none is written.
pub async fn import(unit: &mut Unit, prepared: &Prepared, company: Option<CompanyId>, author: Author) -> Result<usize, TokenError> {
    let mut known = Vec::new();
    for (id, token, sealed) in &prepared.tokens {
        if !store::insert(unit, *id, token, sealed, company).await? {
            known.push(FieldFault::new("file", "field_token_known").with("serial", &token.serial));
        }
        if known.len() == FAULTS {
            break;
        }
    }
    if !known.is_empty() {
        return Err(TokenError::Invalid(known));
    }
    let first = prepared.tokens.first().map_or("", |(_, token, _)| token.serial.as_str());
    let event = audit::Event::new("code_tokens.imported", author, "code_tokens")
        .fact("format", prepared.format.word())
        .fact("tokens", prepared.tokens.len())
        .fact("first", first);
    let event = match company {
        Some(company) => event.fact("company", company),
        None => event,
    };
    audit::record(unit, event).await?;
    Ok(prepared.tokens.len())
}
