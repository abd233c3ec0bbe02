//! Does it: made ready outside the unit, done inside it. The new ones come in before the old ones go out, in one unit.

use super::{
    SuccessionError,
    content::Content,
    model::{Succession, SuccessionKind},
    told,
    wish::Checked,
};
use crate::{
    audit,
    companies::{self, Company, amend},
    employees::{
        self, EmployeeState,
        succeed::{self, Change, Succeeded, Successor},
    },
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{CompanyId, RecipientId},
    },
};

/// A change that can be done.
pub(super) struct Ready {
    succession: Succession,
    posts: succeed::Prepared,
    agreement: Option<Box<amend::Prepared>>,
}

/// Everybody who administers the company and is not gone, and everybody who may sign for it.
pub(super) async fn concerned(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<RecipientId>, DatabaseError> {
    let signatories = companies::read::signatories(connection, company).await?;
    let mut found: Vec<RecipientId> = signatories.into_iter().map(|one| one.id.into()).collect();
    for id in companies::read::administrators(connection, company).await? {
        let employee = employees::read::employee(connection, company, id).await?;
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
    let Checked { nominee, ends, amendment } = checked;
    let works_here = Content::of(succession)?.works_here;
    // Signatories vouch for the successor of a takeover; the operator by whose hand it came never prints the letter. Nobody who was given a post
    // after it was asked for keeps it.
    let (ordered_by, since) = match succession.kind {
        SuccessionKind::Board => (None, None),
        SuccessionKind::Takeover => (Some(succession.operator()), Some(succession.asked_at)),
    };
    let successor = nominee.map(|nominee| Successor { nominee, works_here, ordered_by });
    let posts = succeed::prepare(ground, company, Change { successor, ends, since }, author).await?;
    let agreement = match amendment {
        Some(amendment) => Some(Box::new(amend::prepare(ground, company, amendment).await?)),
        None => None,
    };
    Ok(Ready { succession: succession.clone(), posts, agreement })
}

/// Does it; `companies` and `employees` record each part, this the whole. The caller has claimed it.
pub(super) async fn perform(unit: &mut Unit, ready: &Ready, author: Author) -> Result<(), SuccessionError> {
    let succession = &ready.succession;
    let company = succession.company;
    // Those who go are told as well as those who come.
    let mut all = concerned(unit, company).await?;
    if let Some(agreement) = &ready.agreement {
        amend::amend(unit, agreement, author).await?;
    }
    let Succeeded { successor, ended, api_keys, webhooks } = succeed::succeed(unit, &ready.posts, author).await?;
    all.extend(concerned(unit, company).await?);
    all.sort_unstable();
    all.dedup();
    let mut event = audit::Event::new("succession.done", author, format_args!("succession:{}", succession.id))
        .company(company)
        .fact("kind", succession.kind.word())
        .fact("asked_by", succession.asked_by)
        .fact("ended", ended.len())
        .fact("api_keys", api_keys)
        .fact("webhooks", webhooks)
        .fact("fingerprint", hex::encode(succession.fingerprint()));
    if let Some(successor) = successor {
        event = event.fact("successor", successor);
    }
    if let Some(minutes) = &succession.minutes_hash {
        event = event.fact("minutes", hex::encode(minutes));
    }
    audit::record(unit, event).await?;
    Ok(told::later(unit, succession.id, all, told::What::Done { ended, api_keys, webhooks }).await?)
}
