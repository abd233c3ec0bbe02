//! Asks each slice what waits for an administrator: one statement each, and the names of those whom it shows.

use futures_util::future::LocalBoxFuture;

use super::model::{Kind, Line};
use crate::{
    companies,
    employees::{
        self,
        agenda::{Agenda, Waiting},
        import::{self, Import},
    },
    mandates::{self, Mandate, Wish},
    platform::{
        actor::Actor,
        database::{DatabaseError, Reader},
        id::CompanyId,
        moment::Moment,
    },
    recoveries::{self, Recovery, RecoveryState},
    reissues::{self, Reissue, ReissueState},
    successions::{self, Succession},
};

/// So many of each are looked at: a company in which more wait has other worries than the rest of the list.
const MOST: i64 = 50;

/// Everything that waits. Whatever else shall wait for an administrator becomes a field here, read in [`found`]; a [`Kind`] or
/// two; and its lines in [`lines`] and [`kinds`].
struct Found {
    reissues: Vec<Reissue>,
    recoveries: Vec<Recovery>,
    mandate: Option<(Mandate, Wish)>,
    succession: Option<Succession>,
    imports: Vec<Import>,
}

async fn found(reader: &mut Reader, actor: &Actor, company: CompanyId, now: Moment) -> Result<Found, DatabaseError> {
    Ok(Found {
        reissues: reissues::read::waiting_for(reader, actor, company, now, MOST).await?,
        recoveries: recoveries::read::waiting_for(reader, actor, company, now, MOST).await?,
        mandate: mandates::read::waiting_for(reader, actor, company, now).await?,
        succession: succession(reader, actor, now).await?,
        imports: import::result::waiting(reader, company, now, MOST).await?,
    })
}

/// The one of the actor's company that waits: it is among the newest.
async fn succession(reader: &mut Reader, actor: &Actor, now: Moment) -> Result<Option<Succession>, DatabaseError> {
    if actor.company.is_none() {
        return Ok(None);
    }
    let newest = successions::read::list(reader, actor, None).await?;
    Ok(newest.items.into_iter().find(|one| one.is_open(now)))
}

const fn kind_of_mandate(wish: &Wish) -> Kind {
    match wish {
        Wish::Agreement { .. } => Kind::DecideAgreement,
        Wish::Appoint { .. }
        | Wish::Demote { .. }
        | Wish::Dismiss { .. }
        | Wish::End { .. }
        | Wish::Suspend { .. }
        | Wish::Transfer { .. } => Kind::DecidePost,
    }
}

const fn kind_of_reissue(reissue: &Reissue) -> Kind {
    match reissue.state {
        ReissueState::Asked => Kind::ApproveReissue,
        ReissueState::Approved | ReissueState::Cancelled | ReissueState::Done | ReissueState::Given | ReissueState::Lapsed => {
            Kind::SendReissue
        }
    }
}

const fn kind_of_recovery(recovery: &Recovery) -> Kind {
    match recovery.state {
        RecoveryState::Asked => Kind::ApproveRecovery,
        RecoveryState::Approved | RecoveryState::Collected | RecoveryState::Lapsed | RecoveryState::Objected | RecoveryState::Withdrawn => {
            Kind::CollectRecovery
        }
    }
}

/// What is to be done, once for each thing.
fn kinds(found: &Found) -> Vec<Kind> {
    let reissues = found.reissues.iter().map(kind_of_reissue);
    let recoveries = found.recoveries.iter().map(kind_of_recovery);
    let mandates = found.mandate.iter().map(|(_, wish)| kind_of_mandate(wish));
    let successions = found.succession.iter().map(|_| Kind::SeeSuccession);
    let imports = found.imports.iter().map(|_| Kind::StartImport);
    reissues.chain(recoveries).chain(mandates).chain(successions).chain(imports).collect()
}

/// What waits for this administrator of the company, the most urgent first: at most fifty of each sort.
///
/// # Errors
/// When the database fails.
pub async fn lines(reader: &mut Reader, actor: &Actor, company: CompanyId, now: Moment) -> Result<Vec<Line>, DatabaseError> {
    let found = found(reader, actor, company, now).await?;
    let mut lines = Vec::new();
    for reissue in &found.reissues {
        lines.push(Line {
            id: reissue.id.to_string(),
            kind: kind_of_reissue(reissue),
            about: reissues::read::name_of(reader, reissue).await?,
            asked_by: Some(reissue.asked_by_name.clone()),
            since: reissue.asked_at,
            until: Some(reissue.lapses_at),
            page: format!("/reissues/{}", reissue.id),
        });
    }
    for recovery in &found.recoveries {
        lines.push(Line {
            id: recovery.id.to_string(),
            kind: kind_of_recovery(recovery),
            about: recoveries::read::name_of(reader, recovery).await?,
            asked_by: Some(recovery.asked_by_name.clone()),
            since: recovery.asked_at,
            until: Some(recovery.lapses_at),
            page: format!("/recoveries/{}", recovery.id),
        });
    }
    lines.extend(of_company(reader, &found, company).await?);
    lines.extend(found.imports.iter().map(|import| Line {
        id: import.id.to_string(),
        kind: Kind::StartImport,
        about: import.file_name.clone(),
        asked_by: None,
        since: import.created_at,
        until: None,
        page: format!("/companies/{company}/imports/{}", import.id),
    }));
    lines.sort_by_key(|line| (line.kind, line.since));
    Ok(lines)
}

/// What is about the company itself, or who acts for it.
async fn of_company(reader: &mut Reader, found: &Found, id: CompanyId) -> Result<Vec<Line>, DatabaseError> {
    let mut lines = Vec::new();
    if found.mandate.is_none() && found.succession.is_none() {
        return Ok(lines);
    }
    let company = companies::read::company(reader, id).await?.map(|company| company.legal_name).unwrap_or_default();
    if let Some((mandate, wish)) = &found.mandate {
        let about = match wish.employee() {
            Some(employee) => {
                employees::read::employee(reader, id, employee).await?.map(|found| found.name().to_owned()).unwrap_or_default()
            }
            None => company.clone(),
        };
        lines.push(Line {
            id: mandate.id.to_string(),
            kind: kind_of_mandate(wish),
            about,
            asked_by: Some(mandate.asked_by_name.clone()),
            since: mandate.asked_at,
            until: Some(mandate.performs_at.unwrap_or(mandate.lapses_at)),
            page: format!("/mandates/{}", mandate.id),
        });
    }
    if let Some(succession) = &found.succession {
        lines.push(Line {
            id: succession.id.to_string(),
            kind: Kind::SeeSuccession,
            about: company,
            asked_by: Some(succession.asked_by_name.clone()),
            since: succession.asked_at,
            until: Some(succession.lapses_at),
            page: format!("/successions/{}", succession.id),
        });
    }
    Ok(lines)
}

/// How much waits, for the company's own page.
#[derive(Debug)]
pub struct Agendas;

impl Agenda for Agendas {
    fn waiting<'a>(
        &'a self,
        reader: &'a mut Reader,
        actor: &'a Actor,
        company: CompanyId,
        now: Moment,
    ) -> LocalBoxFuture<'a, Result<Vec<Waiting>, DatabaseError>> {
        Box::pin(async move {
            let kinds = kinds(&found(reader, actor, company, now).await?);
            let count = |kind: Kind| kinds.iter().filter(|one| **one == kind).count();
            let most = usize::try_from(MOST).unwrap_or(usize::MAX);
            let waiting = |kind: Kind| Waiting { words: kind.words(), count: count(kind), more: count(kind) >= most };
            Ok(Kind::ALL.into_iter().map(waiting).filter(|waiting| waiting.count > 0).collect())
        })
    }
}
