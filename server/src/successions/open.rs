//! An operator opens a takeover that a signatory has requested: from now on those who may sign are asked, about those who administer now. Not when
//! others may sign than when it was requested; then the operator asks for one of their own, or refuses.

use super::{
    SuccessionError, SuccessionKind, Wish,
    asking::{self, Asking},
    content::Content,
    model::{LIFE, Succession, SuccessionState},
    perform, read,
    start::end_others,
    store,
};
use crate::{
    audit, companies,
    platform::{actor::Actor, database::Connection, ground::Ground, id::SuccessionId},
};

/// Whether those who may sign, by the rule, are the same as when it was requested, and whoever requested it is among them.
async fn is_as_requested(connection: &mut impl Connection, requested: &Succession) -> Result<bool, SuccessionError> {
    let content = Content::of(requested)?;
    let by_one_of_them = requested.requested_by.is_some_and(|by| content.signatories.contains(&by));
    Ok(by_one_of_them && content.has_the_rule(connection, requested.company).await?)
}

/// Opens it, right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::ProveAgain`], [`SuccessionError::NotFound`], [`SuccessionError::Ended`], [`SuccessionError::AlreadyAsked`],
/// [`SuccessionError::SignatoriesChanged`], [`SuccessionError::Overtaken`], and those of the change itself.
pub async fn open(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<(), SuccessionError> {
    let prepared = prepare(ground, actor, id).await?;
    ground
        .database
        .write(async |unit| {
            let Asking { succession, content, .. } = &prepared;
            companies::hold_open(unit, succession.company).await?;
            // Whoever changes posts or agreement waits for the company's row, or was seen.
            if !content.has_the_rule(unit, succession.company).await? {
                return Err(SuccessionError::SignatoriesChanged);
            }
            let mut administrators = companies::read::administrators(unit, succession.company).await?;
            administrators.sort_unstable();
            if administrators != content.wish.ends {
                return Err(SuccessionError::Overtaken);
            }
            end_others(unit, actor, succession).await?;
            if !store::open_requested(unit, succession).await? {
                let state = store::by_id(unit, id).await?.map_or(SuccessionState::Lapsed, |found| found.state);
                return Err(SuccessionError::Ended { state });
            }
            let event = audit::Event::new("succession.opened", actor.author(), format_args!("succession:{id}"))
                .company(succession.company)
                .fact("needed", succession.needed)
                .fact("fingerprint", hex::encode(succession.fingerprint()));
            audit::record(unit, event).await?;
            asking::tell(unit, &prepared).await
        })
        .await
}

async fn prepare(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<Asking, SuccessionError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let found = read::visible(&mut reader, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    if !actor.has_proven(now) {
        return Err(SuccessionError::ProveAgain);
    }
    if !found.is_requested(now) {
        let state = if found.state == SuccessionState::Requested { SuccessionState::Lapsed } else { found.state };
        return Err(SuccessionError::Ended { state });
    }
    let company = companies::read::company(&mut reader, found.company).await?.ok_or(SuccessionError::NotFound)?;
    if !is_as_requested(&mut reader, &found).await? {
        return Err(SuccessionError::SignatoriesChanged);
    }
    let mut ends = companies::read::administrators(&mut reader, company.id).await?;
    ends.sort_unstable();
    let wish = Wish { ends, ..Wish::of(&found)? };
    let checked = wish.check(SuccessionKind::Takeover)?;
    let content = Content::now(&mut reader, &company, wish, &checked, now).await?;
    drop(reader);
    let opened = Succession {
        state: SuccessionState::Asked,
        needed: company.needed,
        pending: company.needed,
        lapses_at: now.plus(LIFE),
        content: content.bytes()?,
        opened_by: Some((actor.account, actor.name.clone())),
        ..found
    };
    // What could not be done now is not asked for.
    drop(perform::prepare(ground, &company, &opened, checked, actor.author()).await?);
    asking::prepare(ground, company, opened, content).await
}
