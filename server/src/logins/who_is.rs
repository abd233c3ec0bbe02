//! Finds who a token stands for, and whether they still stand: asked on every request, so that leaving ends sessions by itself.

use futures_util::future::LocalBoxFuture;
use time::Duration;

use super::{
    model::{API_PREFIX, touch_every},
    store::{self, SessionRow},
};
use crate::{
    accounts::{self, AccountKind, AccountState},
    companies::{self, CompanyState},
    employees,
    http::{
        guard::{Credential, KeyShown, WhoIs},
        network::network,
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Carrier, KeyGrant, ProvenBy, Role},
        database::{Connection, DatabaseError},
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId},
        moment::Moment,
        rate::{Counted, Counts},
        secret,
    },
};

/// So many wrong keys of a network a minute are answered as wrong; those that follow are told to wait. A right one is let in meanwhile: a
/// stranger never locks the owner out, and 160 bits are guessed by nobody.
const WRONG: (u32, std::time::Duration) = (30, std::time::Duration::from_secs(60));
/// So many requests a minute one key may make at one node.
const REQUESTS: (u32, std::time::Duration) = (600, std::time::Duration::from_secs(60));
/// That a key comes from a foreign network is recorded once in so long.
const FOREIGN: (u32, std::time::Duration) = (1, std::time::Duration::from_secs(60 * 60));

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

    fn by_key<'a>(&'a self, ground: &'a Ground, shown: &'a KeyShown) -> LocalBoxFuture<'a, Result<Option<Actor>, Problem>> {
        Box::pin(by_company_key(ground, shown))
    }
}

/// What is counted of keys, in this process.
#[derive(Default)]
struct KeyCounts {
    wrong: Counts,
    requests: Counts,
    foreign: Counts,
}

/// The actor that a company's API key is. It has no role and no session: its scopes alone say what it may, and it never counts as a proof.
async fn by_company_key(ground: &Ground, shown: &KeyShown) -> Result<Option<Actor>, Problem> {
    let (counts, from) = (ground.kept.of::<KeyCounts>(), network(shown.address));
    let found = match accounts::live_api_key(ground, &shown.key).await? {
        Some(key) if is_active(ground, key.company).await? => Some(key),
        Some(_) | None => None,
    };
    let Some(key) = found else {
        let counted = counts.wrong.count(&from, WRONG);
        if counted == Counted::Reached {
            ground.database.write(async |unit| accounts::note_guessing(unit, &from).await).await?;
        }
        return if counted == Counted::Below { Ok(None) } else { Err(Problem::saying(Kind::TooManyTries, "api_keys.wrong_often")) };
    };
    if counts.requests.count(&key.id.to_string(), REQUESTS) != Counted::Below {
        return Err(Problem::saying(Kind::TooManyTries, "api_keys.too_often").with("most", REQUESTS.0));
    }
    if !key.may_come_from(shown.address) {
        if counts.foreign.count(&key.id.to_string(), FOREIGN) == Counted::Below {
            ground.database.write(async |unit| accounts::note_foreign(unit, &key, &from).await).await?;
        }
        return Err(Problem::saying(Kind::Forbidden, "api_keys.network"));
    }
    accounts::note_use(ground, &key).await?;
    Ok(Some(Actor {
        account: key.id.into(),
        session: None,
        name: key.name,
        roles: Vec::new(),
        company: Some(key.company),
        employee: None,
        carrier: Carrier::Program,
        proven_at: key.made_at,
        proven_by: ProvenBy::CodeToken,
        key: Some(KeyGrant { id: key.id, made_by: key.made_by, scopes: key.scopes }),
    }))
}

async fn is_active(ground: &Ground, company: CompanyId) -> Result<bool, DatabaseError> {
    let found = companies::read::company(&mut ground.database.read().await?, company).await?;
    Ok(found.is_some_and(|company| company.state == CompanyState::Active))
}

async fn by_session(ground: &Ground, credential: &Credential) -> Result<Option<Actor>, DatabaseError> {
    let now = ground.clock().now();
    let idle = Duration::minutes(ground.config.policy.session_idle_minutes);
    let mut reader = ground.database.read().await?;
    let hash = secret::token_hash(&credential.token);
    let Some(session) = store::live_session(&mut reader, &hash, credential.carrier, now, now.plus(-idle)).await? else { return Ok(None) };
    let person = standing(&mut reader, session.account_id).await?.filter(|person| person.knows(session.created_at));
    let Some(person) = person else { return Ok(None) };
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
    let person = standing(&mut reader, account).await?.filter(|person| person.knows(created_at));
    Ok(person.map(|person| person.actor(account, None, Carrier::Program, (created_at, ProvenBy::CodeToken))))
}

/// What an account may do just now.
pub(super) struct Person {
    pub name: String,
    pub user_id: Option<String>,
    pub roles: Vec<Role>,
    pub company: Option<CompanyId>,
    pub employee: Option<EmployeeId>,
    /// When an employee activated last: what is older was somebody's who had another password.
    since: Option<Moment>,
}

impl Person {
    /// Whether a session or key of that moment is one of the present activation.
    fn knows(&self, created_at: Moment) -> bool {
        self.since.is_none_or(|since| created_at >= since)
    }

    fn actor(
        self,
        account: AccountId,
        session: Option<crate::platform::id::SessionId>,
        carrier: Carrier,
        proven: (Moment, ProvenBy),
    ) -> Actor {
        let Self { name, user_id: _, roles, company, employee, since: _ } = self;
        let (proven_at, proven_by) = proven;
        Actor { account, session, name, roles, company, employee, carrier, proven_at, proven_by, key: None }
    }
}

/// What an account may do just now; nothing for one that is blocked, not activated, or whose employee or company is not active.
pub(super) async fn standing(connection: &mut impl Connection, account: AccountId) -> Result<Option<Person>, DatabaseError> {
    let Some(found) = accounts::read::account(connection, account).await? else { return Ok(None) };
    if found.state != AccountState::Active {
        return Ok(None);
    }
    match found.kind {
        AccountKind::Operator => {
            Ok(Some(Person { name: found.name, user_id: found.user_id, roles: found.roles, company: None, employee: None, since: None }))
        }
        AccountKind::Employee => {
            let standing = employees::standing(connection, account).await?.filter(|standing| standing.active);
            Ok(standing.map(|standing| Person {
                name: standing.name,
                user_id: found.user_id,
                roles: roles(standing.administrator, standing.superadministrator),
                company: Some(standing.company),
                employee: Some(standing.employee),
                since: standing.since,
            }))
        }
    }
}

/// The roles of somebody who works in a company: whoever administers it is an employee too.
fn roles(administrator: bool, superadministrator: bool) -> Vec<Role> {
    let held = [(administrator, Role::Administrator), (superadministrator, Role::Superadministrator), (true, Role::Employee)];
    held.into_iter().filter(|(held, _)| *held).map(|(_, role)| role).collect()
}
