//! Does it: made ready outside the unit, done inside it. The new ones come in before the old ones go out, in one unit.

use super::{
    SuccessionError,
    model::Succession,
    wish::{Checked, Wish},
};
use crate::{
    audit,
    companies::{self, Company, amend},
    employees::{
        self, EmployeeState,
        succeed::{self, Change},
    },
    notices::{self, Kind, Notice, Sealed},
    platform::{actor::Author, database::Unit, ground::Ground, id::RecipientId},
};

/// A change that can be done.
pub(super) struct Ready {
    succession: Succession,
    posts: succeed::Prepared,
    agreement: Option<Box<amend::Prepared>>,
    /// What everybody concerned is told.
    told: Sealed,
}

/// Everybody who administers the company and is not gone, and everybody who may sign for it.
pub(super) async fn concerned(unit: &mut Unit, company: &Company) -> Result<Vec<RecipientId>, SuccessionError> {
    let mut found: Vec<RecipientId> = companies::read::signatories(unit, company.id).await?.into_iter().map(|one| one.id.into()).collect();
    for id in companies::read::administrators(unit, company.id).await? {
        let employee = employees::read::employee(unit, company.id, id).await?;
        found.extend(employee.filter(|one| one.state != EmployeeState::Left).map(|one| RecipientId::from(one.id)));
    }
    Ok(found)
}

/// Looks whether it can be done, and writes its mails.
pub(super) async fn prepare(
    ground: &Ground,
    company: &Company,
    succession: &Succession,
    checked: Checked,
    author: Author,
) -> Result<Ready, SuccessionError> {
    let Checked { nominee, ends, amendment, reason } = checked;
    let names = Wish::of(succession)?.names_of_ends(&mut ground.database.read().await?, company.id).await?;
    let notice = Notice::mail(match succession.kind {
        super::SuccessionKind::Board => Kind::BoardChanged,
        super::SuccessionKind::Takeover => Kind::TakeoverDone,
    });
    let new = nominee.as_ref().map_or_else(|| "-".to_owned(), companies::Nominee::name);
    let ended = if names.is_empty() { "-".to_owned() } else { names.join(", ") };
    let notice = notice.with("company", &company.legal_name).with("successor", new).with("ends", ended).with("reason", reason);
    let told = notices::seal(ground, &notice).await?;
    let posts = succeed::prepare(ground, company, Change { nominee, ends }, author).await?;
    let agreement = match amendment {
        Some(amendment) => Some(Box::new(amend::prepare(ground, company, amendment).await?)),
        None => None,
    };
    Ok(Ready { succession: succession.clone(), posts, agreement, told })
}

/// Does it; `companies` and `employees` record each part, this the whole. The caller has claimed it.
pub(super) async fn perform(unit: &mut Unit, ready: &Ready, author: Author) -> Result<(), SuccessionError> {
    let succession = &ready.succession;
    let company = companies::read::company(unit, succession.company).await?.ok_or(SuccessionError::NotFound)?;
    // Those who go are told as well as those who come.
    let mut all = concerned(unit, &company).await?;
    if let Some(agreement) = &ready.agreement {
        amend::amend(unit, agreement, author).await?;
    }
    let successor = succeed::succeed(unit, &ready.posts, author).await?;
    all.extend(concerned(unit, &company).await?);
    all.sort_unstable();
    all.dedup();
    let mut event = audit::Event::new("succession.done", author, format_args!("succession:{}", succession.id))
        .company(company.id)
        .fact("kind", succession.kind.word())
        .fact("asked_by", succession.asked_by)
        .fact("fingerprint", hex::encode(succession.fingerprint()));
    if let Some(successor) = successor {
        event = event.fact("successor", successor);
    }
    if let Some(minutes) = &succession.minutes_hash {
        event = event.fact("minutes", hex::encode(minutes));
    }
    audit::record(unit, event).await?;
    for recipient in all {
        notices::tell(unit, recipient, &ready.told).await?;
    }
    Ok(())
}
