//! Finds who a token stands for, and whether they still stand: asked on every request, so that leaving ends sessions by itself.

use futures_util::future::LocalBoxFuture;
use time::Duration;

use super::{
    model::{API_PREFIX, touch_every},
    store::{self, SessionRow},
};
use crate::{
    accounts::{self, AccountKind, AccountState},
    employees,
    http::guard::{Credential, WhoIs},
    platform::{
        actor::{Actor, Carrier, ProvenBy, Role},
        database::{Connection, DatabaseError},
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId},
        moment::Moment,
        secret,
    },
};

/// The sessions and API keys of this installation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sessions;

impl WhoIs for Sessions {
    fn who_is<'a>(&'a self, ground: &'a Ground, credential: &'a Credential) -> LocalBoxFuture<'a, Result<Option<Actor>, DatabaseError>> {
        Box::pin(async move {
            if credential.carrier == Carrier::Program && credential.token.starts_with(API_PREFIX) {
                return by_api_token(ground, &credential.token).await;
            }
            by_session(ground, credential).await
        })
    }
}

async fn by_session(ground: &Ground, credential: &Credential) -> Result<Option<Actor>, DatabaseError> {
    let now = ground.clock().now();
    let idle = Duration::minutes(ground.config.policy.session_idle_minutes);
    let mut reader = ground.database.read().await?;
    let hash = secret::token_hash(&credential.token);
    let Some(session) = store::live_session(&mut reader, &hash, credential.carrier, now, now.plus(-idle)).await? else { return Ok(None) };
    let Some(person) = standing(&mut reader, session.account_id).await? else { return Ok(None) };
    drop(reader);
    touch(ground, &session, now, idle).await?;
    Ok(Some(person.actor(session.account_id, Some(session.id), credential.carrier, (session.proven_at, ProvenBy::of(&session.proven_by)))))
}

async fn touch(ground: &Ground, session: &SessionRow, now: Moment, idle: Duration) -> Result<(), DatabaseError> {
    if now.since(session.seen_at) < touch_every(idle) {
        return Ok(());
    }
    ground.database.write(async |unit| store::touch(unit, session.id).await).await
}

async fn by_api_token(ground: &Ground, token: &str) -> Result<Option<Actor>, DatabaseError> {
    let mut reader = ground.database.read().await?;
    let found = store::live_api_token(&mut reader, &secret::token_hash(token), ground.clock().now()).await?;
    let Some((account, created_at)) = found else { return Ok(None) };
    let person = standing(&mut reader, account).await?;
    Ok(person.map(|person| person.actor(account, None, Carrier::Program, (created_at, ProvenBy::CodeToken))))
}

/// What an account may do just now.
pub(super) struct Person {
    pub name: String,
    pub roles: Vec<Role>,
    pub company: Option<CompanyId>,
    pub employee: Option<EmployeeId>,
}

impl Person {
    fn actor(
        self,
        account: AccountId,
        session: Option<crate::platform::id::SessionId>,
        carrier: Carrier,
        proven: (Moment, ProvenBy),
    ) -> Actor {
        let Self { name, roles, company, employee } = self;
        let (proven_at, proven_by) = proven;
        Actor { account, session, name, roles, company, employee, carrier, proven_at, proven_by }
    }
}

/// What an account may do just now; nothing for one that is blocked, not activated, or whose employee or company is not active.
pub(super) async fn standing(connection: &mut impl Connection, account: AccountId) -> Result<Option<Person>, DatabaseError> {
    let Some(found) = accounts::read::account(connection, account).await? else { return Ok(None) };
    if found.state != AccountState::Active {
        return Ok(None);
    }
    match found.kind {
        AccountKind::Operator => Ok(Some(Person { name: found.name, roles: found.roles, company: None, employee: None })),
        AccountKind::Employee => {
            let standing = employees::standing(connection, account).await?.filter(|standing| standing.active);
            Ok(standing.map(|standing| Person {
                name: standing.name,
                roles: roles(standing.administrator, standing.superadministrator),
                company: Some(standing.company),
                employee: Some(standing.employee),
            }))
        }
    }
}

/// The roles of somebody who works in a company: whoever administers it is an employee too.
fn roles(administrator: bool, superadministrator: bool) -> Vec<Role> {
    let held = [(administrator, Role::Administrator), (superadministrator, Role::Superadministrator), (true, Role::Employee)];
    held.into_iter().filter(|(held, _)| *held).map(|(_, role)| role).collect()
}
