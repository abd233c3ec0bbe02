//! Questions about log-ins, sessions and API keys.

use super::{ApiToken, LoginError, Session, answer::waiting, store};
use crate::{
    accounts::{self, Account, ApiKey},
    companies, employees,
    keycards::{self, Keycard, Question},
    phones,
    platform::{
        actor::Actor,
        database::{Connection, DatabaseError},
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId, RecipientId},
        moment::Moment,
    },
};

/// The question of a log-in or proof that still waits for its key.
///
/// # Errors
/// [`LoginError::Gone`].
pub async fn question(ground: &Ground, login_token: &str) -> Result<Question, LoginError> {
    let login = waiting(ground, login_token).await?;
    let mut reader = ground.database.read().await?;
    let challenge = login.challenge.ok_or(LoginError::Gone)?;
    keycards::read::question(&mut reader, challenge, ground.clock().now()).await?.ok_or(LoginError::Gone)
}

/// A person's live sessions, newest first.
///
/// # Errors
/// When the database fails.
pub async fn sessions_of(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Vec<Session>, DatabaseError> {
    store::sessions_of(connection, account, now).await
}

/// A person's live API keys, newest first.
///
/// # Errors
/// When the database fails.
pub async fn tokens_of(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<Vec<ApiToken>, DatabaseError> {
    store::tokens_of(connection, account, now).await
}

/// Refuses a factor more while certificates wait, after a forgotten password was replaced ([`employees::reissue`]).
///
/// # Errors
/// [`LoginError::StillWaits`].
pub(super) async fn require_own_time(connection: &mut impl Connection, actor: &Actor, now: Moment) -> Result<(), LoginError> {
    let until = match actor.employee {
        Some(employee) => employees::reissue::waits_until(connection, employee, now).await?,
        None => None,
    };
    until.map_or(Ok(()), |until| Err(LoginError::StillWaits { until }))
}

/// For whom a new phone of this person would act, as it is told.
///
/// # Errors
/// [`LoginError::NotFound`] without an account; [`LoginError::StillWaits`].
pub async fn whom(ground: &Ground, actor: &Actor) -> Result<phones::Whom, LoginError> {
    let mut reader = ground.database.read().await?;
    require_own_time(&mut reader, actor, ground.clock().now()).await?;
    let account = accounts::read::account(&mut reader, actor.account).await?.ok_or(LoginError::NotFound)?;
    let company = match actor.company {
        Some(company) => companies::read::company(&mut reader, company).await?.map(|company| company.legal_name),
        None => None,
    };
    let service = || ground.config.server.public_url.split_once("://").map_or_else(String::new, |(_, host)| host.to_owned());
    Ok(phones::Whom { company: company.unwrap_or_else(service), user_id: account.user_id.unwrap_or_default() })
}

/// Who calls the help desk: what it may see of a person.
pub struct Caller {
    /// The account.
    pub account: Account,
    /// The company, with its legal name.
    pub company: Option<(CompanyId, String)>,
    /// The employment.
    pub employee: Option<EmployeeId>,
    /// The key cards.
    pub cards: Vec<Keycard>,
    /// How many phones may answer.
    pub phones: usize,
}

/// The person of an account, for the help desk.
///
/// # Errors
/// When the database fails.
pub async fn caller(connection: &mut impl Connection, account: AccountId) -> Result<Option<Caller>, DatabaseError> {
    let Some(account) = accounts::read::account(connection, account).await? else { return Ok(None) };
    let standing = employees::standing(connection, account.id).await?;
    let company = match &standing {
        Some(standing) => companies::read::company(connection, standing.company).await?.map(|found| (found.id, found.legal_name)),
        None => None,
    };
    let cards = keycards::read::of_account(connection, account.id).await?;
    let phones = phones::read::usable(connection, account.id).await?.len();
    Ok(Some(Caller { company, employee: standing.map(|standing| standing.employee), cards, phones, account }))
}

/// An API key of a company, with who made it.
pub struct CompanyKey {
    /// The key.
    pub key: ApiKey,
    /// The maker's name.
    pub maker: String,
    /// Whether the maker still administers the company. The key serves in any case.
    pub maker_administers: bool,
}

/// The live API keys of a company, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn company_keys(connection: &mut impl Connection, company: CompanyId, now: Moment) -> Result<Vec<CompanyKey>, DatabaseError> {
    let mut found = Vec::new();
    for key in accounts::api_keys(connection, company, now).await? {
        let maker = accounts::read::account(connection, key.made_by).await?.map(|account| account.name).unwrap_or_default();
        let standing = employees::standing(connection, key.made_by).await?;
        let maker_administers = standing.is_some_and(|standing| standing.active && standing.administrator && standing.company == company);
        found.push(CompanyKey { key, maker, maker_administers });
    }
    Ok(found)
}

/// Whom to tell: the employee of the account, or the operator whose account it is.
pub(super) async fn recipient(connection: &mut impl Connection, account: AccountId) -> Result<RecipientId, DatabaseError> {
    let employee = employees::standing(connection, account).await?;
    Ok(employee.map_or_else(|| account.into(), |standing| standing.employee.into()))
}
