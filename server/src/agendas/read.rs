//! Asks each slice what waits for an administrator: one statement each, and the names of those whom it shows.

use futures_util::future::LocalBoxFuture;

use super::model::{Kind, Line};
use crate::{
    employees::{
        agenda::{Agenda, Waiting},
        import::{self, Import},
    },
    platform::{
        actor::Actor,
        database::{DatabaseError, Reader},
        id::CompanyId,
        moment::Moment,
    },
    recoveries::{self, Recovery, RecoveryState},
    reissues::{self, Reissue, ReissueState},
};

/// So many of each are looked at: a company in which more wait has other worries than the rest of the list.
const MOST: i64 = 50;

/// Everything that waits. Whatever else shall wait for an administrator (mandates, orders) becomes a field here, read in [`found`]; a [`Kind`] or
/// two; and its lines in [`lines`] and [`kinds`].
struct Found {
    reissues: Vec<Reissue>,
    recoveries: Vec<Recovery>,
    imports: Vec<Import>,
}

async fn found(reader: &mut Reader, actor: &Actor, company: CompanyId, now: Moment) -> Result<Found, DatabaseError> {
    Ok(Found {
        reissues: reissues::read::waiting_for(reader, actor, company, now, MOST).await?,
        recoveries: recoveries::read::waiting_for(reader, actor, company, now, MOST).await?,
        imports: import::result::waiting(reader, company, now, MOST).await?,
    })
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
    reissues.chain(recoveries).chain(found.imports.iter().map(|_| Kind::StartImport)).collect()
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
