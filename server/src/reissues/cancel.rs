//! The person or any administrator stops it while anything waits.

use super::{
    ReissueError,
    model::{Reissue, ReissueState},
    read, store,
};
use crate::{
    audit, companies, employees,
    employees::reissue as resting,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        ground::Ground,
        id::ReissueId,
    },
};

/// Stops it, logged in.
///
/// # Errors
/// [`ReissueError::NotFound`]; [`ReissueError::Ended`] when nothing waits any more.
pub async fn cancel(ground: &Ground, actor: &Actor, id: ReissueId) -> Result<(), ReissueError> {
    let found = read::visible(&mut ground.database.read().await?, actor, id).await?.ok_or(ReissueError::NotFound)?;
    let told = told(ground, &found).await?;
    let author = actor.author();
    ground.database.write(async |unit| end(unit, author, &found, &told).await).await
}

/// The person stops it by the mailed link, which needs no log-in.
///
/// # Errors
/// [`ReissueError::LinkGone`] when nothing hangs on it any more.
pub async fn cancel_by_link(ground: &Ground, link: &str) -> Result<(), ReissueError> {
    let found = read::stoppable(&mut ground.database.read().await?, link, ground.clock().now()).await?;
    let found = found.ok_or(ReissueError::LinkGone)?;
    let told = told(ground, &found).await?;
    ground.database.write(async |unit| end(unit, Author::Anyone, &found, &told).await).await
}

/// What is told when it ends before it is done.
pub(super) async fn told(ground: &Ground, reissue: &Reissue) -> Result<Sealed, ReissueError> {
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, reissue.company).await?.ok_or(ReissueError::NotFound)?;
    let name = read::name_of(&mut reader, reissue).await?;
    drop(reader);
    let notice = Notice::mail(Kind::ReissueEnded).with("company", &company.legal_name).with("employee", name);
    Ok(notices::seal(ground, &notice).await?)
}

/// Ends what was seen, as it stands now: approved, given or activated meanwhile, it is read again once the employee is held, so that what it has
/// begun by then is taken back with it.
async fn end(unit: &mut Unit, author: Author, seen: &Reissue, told: &Sealed) -> Result<(), ReissueError> {
    resting::hold(unit, seen.employee).await?;
    let reissue = store::by_id(unit, seen.id).await?.ok_or(ReissueError::NotFound)?;
    if !reissue.is_open(unit.now()) || !store::end(unit, &reissue, ReissueState::Cancelled).await? {
        return Err(ReissueError::Ended { state: reissue.state });
    }
    let employee = employees::read::employee(unit, reissue.company, reissue.employee).await?.ok_or(ReissueError::NotFound)?;
    if reissue.state == ReissueState::Given {
        resting::take_back(unit, &employee, reissue.given_at.unwrap_or(reissue.asked_at), author).await?;
    }
    let event = audit::Event::new("reissue.cancelled", author, format_args!("reissue:{}", reissue.id))
        .company(reissue.company)
        .fact("account", employee.account)
        .fact("employee", reissue.employee);
    audit::record(unit, event).await?;
    notices::tell(unit, reissue.employee.into(), told).await?;
    if let Some(asker) = employees::read::of_account(unit, reissue.asked_by).await? {
        notices::tell(unit, asker.id.into(), told).await?;
    }
    Ok(())
}
