//! Questions about resets, and about who may have one.

use super::{
    ResetError, Stands,
    model::{KEYS, MAKING, Reset, ResetStanding, ResetState},
    store,
};
use crate::{
    accounts::{self, AccountKind, AccountState},
    approvals::{self, State},
    certificates, employees, phones,
    platform::{
        database::{Connection, DatabaseError},
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId, RecipientId},
        moment::Moment,
        secret,
    },
};

/// Somebody who may act, and so may have a new password.
pub(super) struct Person {
    pub user_id: String,
    pub recipient: RecipientId,
    /// The employee with the company; none for an operator.
    pub employee: Option<(EmployeeId, CompanyId)>,
    pub activated_at: Option<Moment>,
}

/// The person of an account; none for one that is blocked, not activated, or whose employee or company is not active.
pub(super) async fn person(connection: &mut impl Connection, account: AccountId) -> Result<Option<Person>, DatabaseError> {
    let found = accounts::read::account(connection, account).await?.filter(|found| found.state == AccountState::Active);
    let Some((user_id, kind)) = found.and_then(|found| found.user_id.map(|user_id| (user_id, found.kind))) else { return Ok(None) };
    if kind == AccountKind::Operator {
        return Ok(Some(Person { user_id, recipient: account.into(), employee: None, activated_at: None }));
    }
    let standing = employees::standing(connection, account).await?.filter(|standing| standing.active);
    let Some(standing) = standing else { return Ok(None) };
    let employee = employees::read::of_account(connection, account).await?;
    Ok(Some(Person {
        user_id,
        recipient: standing.employee.into(),
        employee: Some((standing.employee, standing.company)),
        activated_at: employee.and_then(|employee| employee.activated_at),
    }))
}

/// The keys that come under a new password by one yes of a phone: none without a phone that may give it, nothing to open for somebody whose
/// keys rest elsewhere.
pub(super) async fn way(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Option<Vec<Vec<u8>>>, DatabaseError> {
    let phones = phones::read::usable(connection, account).await?;
    let signing: Vec<_> = phones.iter().filter(|phone| phone.signs(now)).map(|phone| phone.id).collect();
    if signing.is_empty() {
        return Ok(None);
    }
    let mut keys = certificates::opened_by(connection, account, &signing, now).await?;
    keys.truncate(KEYS);
    // Keys are here, and no phone opens any: then a yes would lose them all.
    let lost = keys.is_empty() && certificates::has_keys(connection, account, now).await?;
    Ok(if lost { None } else { Some(keys) })
}

/// A reset by the token of its link, while no browser has claimed it.
///
/// # Errors
/// [`ResetError::Gone`].
pub(super) async fn open_link(connection: &mut impl Connection, link: &str, now: Moment) -> Result<Reset, ResetError> {
    let found = store::by_link(connection, &secret::token_hash(link)).await?;
    found.filter(|reset| reset.state == ResetState::Open && reset.expires_at > now).ok_or(ResetError::Gone)
}

/// A reset of this browser, with how it stands.
pub(super) async fn of_browser(connection: &mut impl Connection, token: &str, now: Moment) -> Result<(Reset, Stands), ResetError> {
    let reset = store::by_browser(connection, &secret::token_hash(token)).await?.ok_or(ResetError::Gone)?;
    let root = reset.approval.ok_or(ResetError::Gone)?;
    let asked = approvals::read::standing(connection, root, now).await?.ok_or(ResetError::Gone)?;
    let in_time = asked.ended_at.is_none_or(|since| now < since.plus(MAKING));
    let standing = match (reset.state, asked.state) {
        (ResetState::Done, _) => ResetStanding::Done,
        (ResetState::Ended | ResetState::Open, _) => return Err(ResetError::Gone),
        (ResetState::Asked, State::Approved) if in_time => ResetStanding::Making,
        (ResetState::Asked, State::Waiting) => ResetStanding::Waiting,
        (ResetState::Asked, State::Closed) => ResetStanding::Closed,
        (ResetState::Asked, State::NotMe) => ResetStanding::NotMe,
        (ResetState::Asked, State::Rejected) => ResetStanding::Rejected,
        (ResetState::Asked, State::Approved | State::Extended | State::Lapsed | State::Replaced | State::Withdrawn) => {
            ResetStanding::Lapsed
        }
    };
    let waits = standing == ResetStanding::Waiting;
    let (number, scan) = if waits { (asked.number, asked.scan) } else { (String::new(), String::new()) };
    Ok((reset, Stands { standing, number, scan, expires_at: asked.expires_at }))
}

/// How the reset of this browser stands: nobody else learns the number.
///
/// # Errors
/// [`ResetError::Gone`] for another browser's, and for one that a newer took the place of.
pub async fn stands(ground: &Ground, token: &str) -> Result<Stands, ResetError> {
    let mut reader = ground.database.read().await?;
    Ok(of_browser(&mut reader, token, ground.clock().now()).await?.1)
}
