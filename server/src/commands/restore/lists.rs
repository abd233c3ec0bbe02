//! Hands in the newest published revocation lists: what they revoke is revoked here too, and none is ever followed by a lower number.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::{
    audit,
    certificates::restore as certificates,
    platform::{
        actor::Author,
        ground::Ground,
        restored::{self, AwaitedList, Restored},
    },
    status::restore::{self as status, PublishedList},
};

/// The largest list that is read, in bytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Reads every file before any is taken over.
///
/// # Errors
/// Naming the file and why it is refused.
pub async fn read(ground: &Ground, files: &[PathBuf]) -> anyhow::Result<Vec<PublishedList>> {
    let mut lists = Vec::new();
    for file in files {
        let named = || format!("--crl {}", file.display());
        let octets = bounded(file).with_context(named)?;
        let der = openssl::x509::X509Crl::from_pem(&octets).and_then(|list| list.to_der()).unwrap_or(octets);
        lists.push(status::read_list(ground, der).await.with_context(named)?);
    }
    Ok(lists)
}

fn bounded(file: &Path) -> anyhow::Result<Vec<u8>> {
    let size_bytes = std::fs::metadata(file)?.len();
    anyhow::ensure!(size_bytes <= MOST_BYTES, "it has {size_bytes} bytes; at most {MOST_BYTES} are read");
    Ok(std::fs::read(file)?)
}

/// Takes the lists over, each in a unit of its own, and adds what they taught to `words`; then notes which are still awaited.
///
/// # Errors
/// When the database fails.
pub async fn take(ground: &Ground, lists: &[PublishedList], words: &mut Vec<String>) -> anyhow::Result<Vec<AwaitedList>> {
    let mut awaited = match restored::standing(&ground.database).await? {
        Some(Restored::AwaitsLists { lists }) => lists,
        Some(Restored::Unfinished { .. }) | None => Vec::new(),
    };
    for list in lists {
        awaited.retain(|one| !list.serves_as(one));
        let state = (!awaited.is_empty()).then(|| Restored::AwaitsLists { lists: awaited.clone() });
        let learned = ground
            .database
            .write(async |unit| -> anyhow::Result<_> {
                let learned = certificates::take_list(unit, list).await?;
                restored::note(unit, state.as_ref()).await?;
                Ok(learned)
            })
            .await?;
        let shard = list.shard.map_or_else(|| "complete".to_owned(), |shard| format!("shard {shard}"));
        words.push(format!(
            "list of {}, {shard}, number {}: {} certificate(s) revoked after it, {} lost",
            list.authority.name,
            list.number(),
            learned.revoked.len(),
            learned.lost.len()
        ));
        words.extend(learned.revoked.iter().map(|serial| format!("  revoked   {serial}")));
        words.extend(learned.lost.iter().map(|serial| format!("  lost      {serial}   revoked, and not in the backup: issued after it")));
    }
    Ok(awaited)
}

/// Goes on without the lists that are still awaited: said in the audit, for good.
///
/// # Errors
/// When the database fails.
pub async fn forgo(ground: &Ground, awaited: &[AwaitedList]) -> anyhow::Result<()> {
    ground
        .database
        .write(async |unit| -> anyhow::Result<()> {
            for list in awaited {
                let event =
                    audit::Event::new("epoch.crl_forgone", Author::System("restore"), format!("crl:{}/{}", list.authority, list.shard));
                audit::record(unit, event.fact("number", list.number)).await?;
            }
            Ok(restored::note(unit, None).await?)
        })
        .await
}

/// What is still awaited, in lines.
pub fn tell(awaited: &[AwaitedList]) -> Vec<String> {
    if awaited.is_empty() {
        return vec!["ready: segl serve".to_owned()];
    }
    let refuses = "segl serve refuses until the newest published revocation lists are handed in: segl restore --crl FILE ...".to_owned();
    let lines = awaited.iter().map(|list| format!("  {}   number {} or higher", list.url, list.number));
    std::iter::once(refuses).chain(lines).collect()
}
