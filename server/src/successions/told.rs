//! Tells those concerned what became of one. By a job: what is to be told is known inside the unit only, and sealed outside it.

use super::{SuccessionError, SuccessionKind, Wish, jobs, read, store};
use crate::{
    companies, employees,
    notices::{self, Kind, Notice},
    platform::{
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{EmployeeId, RecipientId, SuccessionId},
        moment::Moment,
        queue,
    },
};

/// What became of it.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub enum What {
    /// It took effect.
    Done {
        /// Whose posts ended.
        ended: Vec<EmployeeId>,
        /// How many of their API keys ended.
        api_keys: u64,
        /// How many webhooks of the company were disabled.
        webhooks: u64,
    },
    /// It is over, and nothing was changed.
    Ended,
    /// The same, told to operators: it could not be done safely, or a signatory denies what was recorded.
    Failed,
    /// It is done after a while, unless a signatory refuses it.
    Waits {
        /// When.
        until: Moment,
    },
}

/// Whom to tell what.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct Told {
    succession: SuccessionId,
    recipients: Vec<RecipientId>,
    what: What,
}

/// Has it told after the unit.
pub(super) async fn later(
    unit: &mut Unit,
    succession: SuccessionId,
    recipients: Vec<RecipientId>,
    what: What,
) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, jobs::TELL, &Told { succession, recipients, what }, now).await.map(drop)
}

/// Has operators told that one failed.
pub(super) async fn failed(unit: &mut Unit, succession: SuccessionId) -> Result<(), DatabaseError> {
    let operators = read::operators(unit).await?.into_iter().map(RecipientId::from).collect();
    later(unit, succession, operators, What::Failed).await
}

/// Tells it.
///
/// # Errors
/// When database or keystore fail.
pub async fn tell(ground: &Ground, told: &Told) -> Result<(), SuccessionError> {
    let mut reader = ground.database.read().await?;
    let Some(found) = store::by_id(&mut reader, told.succession).await? else { return Ok(()) };
    let Some(company) = companies::read::company(&mut reader, found.company).await? else { return Ok(()) };
    let base = |kind| Notice::mail(kind).with("company", &company.legal_name);
    let notice = match &told.what {
        What::Done { ended, api_keys, webhooks } => {
            let wish = Wish::of(&found)?;
            let kind = match found.kind {
                SuccessionKind::Board => Kind::BoardChanged,
                SuccessionKind::Takeover => Kind::TakeoverDone,
            };
            // What a stranger typed is no word of ours.
            let reason = if found.requested_by.is_some() { "-" } else { wish.reason.trim() };
            let ended = names(&mut reader, &company, ended).await?;
            let notice = base(kind).with("successor", or_none(wish.successor_name())).with("ends", or_none(ended)).with("reason", reason);
            notice.with("api_keys", api_keys).with("webhooks", webhooks)
        }
        What::Ended => base(Kind::SuccessionEnded),
        What::Failed => base(Kind::TakeoverFailed).with("link", format!("{}/successions/{}", ground.config.server.public_url, found.id)),
        What::Waits { until } => base(Kind::TakeoverWaits).with("until", until),
    };
    drop(reader);
    let sealed = notices::seal(ground, &notice).await?;
    let all: Vec<_> = told.recipients.iter().map(|recipient| (*recipient, &sealed)).collect();
    Ok(ground.database.write(async |unit| notices::tell_all(unit, &all).await).await?)
}

async fn names(connection: &mut impl Connection, company: &companies::Company, all: &[EmployeeId]) -> Result<String, DatabaseError> {
    let mut names = Vec::with_capacity(all.len());
    for id in all {
        names.extend(employees::read::employee(connection, company.id, *id).await?.map(|found| found.name().to_owned()));
    }
    Ok(names.join(", "))
}

/// A text, or the sign that there is none.
pub(super) fn or_none(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}
