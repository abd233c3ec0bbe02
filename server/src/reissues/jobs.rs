//! The background edge: notes what is done, lets lapse what nobody went on with, forgets what ended long ago. The certificates themselves are
//! signed by the recovering round of their slice.

use time::Duration;

use super::{
    ReissueError,
    cancel::told,
    model::{Reissue, ReissueState, Standing},
    read, store,
};
use crate::{
    audit,
    employees::{self, EmployeeState, reissue as resting},
    notices,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
    },
};

/// How often [`tend`] looks.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(60);

const AUTHOR: Author = Author::System("reissues");
/// So long after its end one can still be looked up.
const KEPT: Duration = Duration::days(90);

/// Notes what is done and what lapsed. Gives how many.
///
/// # Errors
/// When the database fails. What cannot be ended now is tried again next time.
pub async fn tend(ground: &Ground) -> Result<u64, ReissueError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let mut over = Vec::new();
    for reissue in store::given(&mut reader, now).await? {
        let standing = read::standing(&mut reader, &reissue, now).await?;
        over.extend(ends_as(standing).map(|to| (reissue, to)));
    }
    drop(reader);
    let mut ended = ground.database.write(lapse).await?;
    for (reissue, to) in &over {
        match end(ground, reissue, *to).await {
            Ok(did) => ended += u64::from(did),
            Err(error) => tracing::error!(reissue = %reissue.id, %error, "a forgotten password's way is not ended yet"),
        }
    }
    Ok(ended)
}

async fn lapse(unit: &mut Unit) -> Result<u64, ReissueError> {
    let lapsed = store::lapse(unit).await?;
    if lapsed > 0 {
        let event = audit::Event::new("reissue.lapsed", AUTHOR, "reissues").fact("count", lapsed);
        audit::record(unit, event).await?;
    }
    Ok(lapsed)
}

/// As what it ends, if it is over.
fn ends_as(standing: Standing) -> Option<ReissueState> {
    match standing {
        Standing::Done => Some(ReissueState::Done),
        Standing::Lapsed => Some(ReissueState::Lapsed),
        Standing::Approved | Standing::Asked | Standing::Cancelled | Standing::Sent | Standing::Waiting => None,
    }
}

/// Ends one that is over, in a unit of its own. Nobody chose a new password in time: then the old one works again, and the person is told.
async fn end(ground: &Ground, seen: &Reissue, to: ReissueState) -> Result<bool, ReissueError> {
    let told = told(ground, seen).await?;
    ground
        .database
        .write(async |unit| -> Result<bool, ReissueError> {
            resting::hold(unit, seen.employee).await?;
            let (reissue, now) = (store::by_id(unit, seen.id).await?.ok_or(ReissueError::NotFound)?, unit.now());
            if ends_as(read::standing(unit, &reissue, now).await?) != Some(to) || !store::end(unit, &reissue, to).await? {
                return Ok(false);
            }
            let employee = employees::read::employee(unit, reissue.company, reissue.employee).await?;
            let (account, company) = (employee.as_ref().map(|one| one.account), reissue.company);
            if let Some(employee) = employee.filter(|one| to == ReissueState::Lapsed && one.state == EmployeeState::Invited) {
                resting::take_back(unit, &employee, reissue.given_at.unwrap_or(reissue.asked_at), AUTHOR).await?;
                notices::tell(unit, employee.id.into(), &told).await?;
            }
            let event = audit::Event::new("reissue.ended", AUTHOR, format_args!("reissue:{}", reissue.id)).company(company);
            let event = account.iter().fold(event, |event, account| event.fact("account", account));
            audit::record(unit, event.fact("employee", reissue.employee).fact("state", to.word())).await?;
            Ok(true)
        })
        .await
}

/// Forgets what ended long ago. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget(unit, unit.now().plus(-KEPT)).await).await
}
