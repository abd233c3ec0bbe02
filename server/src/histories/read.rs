//! Reads a person's history from the audit, newest first. It looks at so many entries and no more: a page may be short, and goes on where it stopped.

use super::model::{By, FACTS, Kind, Line};
use crate::{
    accounts::{self, AccountKind},
    audit::{self, Entry},
    documents,
    platform::{
        actor::Actor,
        csv,
        database::{DatabaseError, Reader},
        ground::Ground,
        id::{AccountId, AuditEntryId},
        limits,
        words::{Language, Words},
    },
};

/// So many entries are read at once.
const PORTION: i64 = 100;
/// A page looks at so many entries at most.
const LOOKED_AT: usize = 2_000;
/// So many lines stand in a file at most.
const FILE_LINES: usize = 10_000;

/// What is looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Lines of one kind; none: all.
    pub kind: Option<Kind>,
    /// Only lines older than this entry.
    pub after: Option<AuditEntryId>,
}

/// A page of the person's lines, newest first, and where it goes on.
///
/// # Errors
/// When the database fails.
pub async fn page(
    ground: &Ground,
    actor: &Actor,
    wanted: Wanted,
    language: Language,
) -> Result<(Vec<Line>, Option<AuditEntryId>), DatabaseError> {
    let most = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    lines(ground, actor, wanted, language, (most, LOOKED_AT)).await
}

/// The person's lines as a file for a spreadsheet, the newest ten thousand at most.
///
/// # Errors
/// When the database fails.
pub async fn file(ground: &Ground, actor: &Actor, wanted: Wanted, language: Language) -> Result<Vec<u8>, DatabaseError> {
    let (found, _) = lines(ground, actor, wanted, language, (FILE_LINES, 5 * FILE_LINES)).await?;
    let words = Words(language);
    let head = ["time", "what", "who", "network", "place", "document", "details"];
    let mut rows = vec![head.iter().map(|column| words.say(&format!("histories.column_{column}"))).collect()];
    rows.extend(found.iter().map(|line| {
        vec![
            line.at.rfc3339(),
            words.say(&format!("histories.act_{}", line.word())),
            line.who(words),
            line.network.clone().unwrap_or_default(),
            line.place.clone().unwrap_or_default(),
            line.title.clone().unwrap_or_default(),
            line.facts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "),
        ]
    }));
    Ok(csv::file(&rows))
}

async fn lines(
    ground: &Ground,
    actor: &Actor,
    wanted: Wanted,
    language: Language,
    (most, looked_at): (usize, usize),
) -> Result<(Vec<Line>, Option<AuditEntryId>), DatabaseError> {
    let mut reader = ground.database.read().await?;
    let (mut found, mut last, mut after, mut seen) = (Vec::new(), None, wanted.after, 0);
    loop {
        let (entries, next) = audit::read::about(&mut reader, (actor.account, actor.employee), after, PORTION).await?;
        seen += entries.len();
        for entry in entries {
            let Some(kind) = Kind::of_action(&entry.action).filter(|kind| wanted.kind.is_none_or(|one| one == *kind)) else { continue };
            if found.len() == most {
                return Ok((found, last));
            }
            last = Some(entry.id);
            found.push(line(&mut reader, ground, actor, (entry, kind), language).await?);
        }
        let Some(next) = next else { return Ok((found, None)) };
        if seen >= looked_at {
            return Ok((found, Some(next)));
        }
        after = Some(next);
    }
}

async fn line(
    reader: &mut Reader,
    ground: &Ground,
    actor: &Actor,
    (entry, kind): (Entry, Kind),
    language: Language,
) -> Result<Line, DatabaseError> {
    let (by, key) = match entry.author.strip_prefix("api_key:") {
        Some(rest) => (By::ApiKey, key_name(reader, rest).await?),
        None => (by(reader, actor, &entry.author).await?, None),
    };
    let title = match entry.subject.strip_prefix("document:").and_then(|id| id.parse().ok()) {
        Some(document) => documents::one(reader, actor, document).await.ok().map(|document| document.title),
        None => None,
    };
    let network = entry.personal.get("network").cloned().flatten();
    let place = network.as_ref().and_then(|network| ground.config.phones.places.as_ref()?.of(network, language));
    let facts = entry.facts.into_iter().filter(|(name, _)| FACTS.contains(&name.as_str())).collect();
    Ok(Line { id: entry.id, at: entry.at, action: entry.action, kind, by, key, network, place, title, facts })
}

/// What the company calls an API key; an author says `<key> made_by:<account>`.
async fn key_name(reader: &mut Reader, author: &str) -> Result<Option<String>, DatabaseError> {
    match author.split(' ').next().and_then(|id| id.parse().ok()) {
        Some(id) => accounts::read::api_key_name(reader, id).await,
        None => Ok(None),
    }
}

/// Who did it, as a role.
async fn by(reader: &mut Reader, actor: &Actor, author: &str) -> Result<By, DatabaseError> {
    let Some(id) = author.strip_prefix("account:") else {
        return Ok(if author.starts_with("system:") { By::Service } else { By::Somebody });
    };
    let Some(account) = id.parse::<AccountId>().ok() else { return Ok(By::Somebody) };
    if account == actor.account {
        return Ok(By::Oneself);
    }
    let found = accounts::read::account(reader, account).await?;
    Ok(match found.map(|found| found.kind) {
        Some(AccountKind::Employee) => By::Administrator,
        Some(AccountKind::Operator) => By::Operator,
        None => By::Somebody,
    })
}
