//! Questions about changes from outside.

use uuid::Uuid;

use super::{
    SuccessionError,
    model::{Signature, Succession},
    store,
};
use crate::{
    accounts::{self, AccountState},
    companies::{self, Company, Signatory},
    platform::{
        actor::{Actor, Role},
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError},
        id::{AccountId, CompanyId, Id as _, SignatoryId, SuccessionId},
        limits,
        secret::token_hash,
    },
};

/// One that the actor may see: any for operators, else of the own company.
///
/// # Errors
/// When the database fails.
pub async fn visible(connection: &mut impl Connection, actor: &Actor, id: SuccessionId) -> Result<Option<Succession>, DatabaseError> {
    let found = store::by_id(connection, id).await?;
    Ok(found.filter(|found| actor.company.is_none() || actor.company == Some(found.company)))
}

/// Those that the actor may see, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, actor: &Actor, after: Option<&Cursor>) -> Result<Listing<Succession>, DatabaseError> {
    let before = after.map_or_else(|| SuccessionId::from_uuid(Uuid::max()), |cursor| SuccessionId::from_uuid(cursor.id));
    let rows = match actor.company {
        Some(company) => store::of_company(connection, company, before, limits::PAGE_ROWS + 1).await?,
        None => store::all(connection, before, limits::PAGE_ROWS + 1).await?,
    };
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row: &Succession| row.id))
}

/// Whether one of the company waits: for an operator to open it, for signatures, for approval. Meanwhile nobody whose post may end changes who else
/// has one, or who may sign.
///
/// # Errors
/// When the database fails.
pub async fn is_open(connection: &mut impl Connection, company: CompanyId) -> Result<bool, DatabaseError> {
    store::is_open(connection, company).await
}

/// The active operators who register: they open, record and approve.
///
/// # Errors
/// When the database fails.
pub async fn operators(connection: &mut impl Connection) -> Result<Vec<AccountId>, DatabaseError> {
    let all = accounts::read::operators(connection).await?;
    let able = all.into_iter().filter(|one| one.state == AccountState::Active && one.roles.contains(&Role::Registration));
    Ok(able.map(|one| one.id).collect())
}

/// Whether there is another such operator.
///
/// # Errors
/// When the database fails.
pub async fn has_another_operator(connection: &mut impl Connection, than: AccountId) -> Result<bool, DatabaseError> {
    Ok(operators(connection).await?.into_iter().any(|one| one != than))
}

/// What the link takes back that went to the address with which a takeover was requested.
///
/// # Errors
/// [`SuccessionError::NotFound`].
pub async fn by_own_link(connection: &mut impl Connection, link: &str) -> Result<(Succession, Company), SuccessionError> {
    let found = store::by_own_link(connection, &token_hash(link)).await?.ok_or(SuccessionError::NotFound)?;
    let company = companies::read::company(connection, found.company).await?.ok_or(SuccessionError::NotFound)?;
    Ok((found, company))
}

/// Who may sign it still or has signed, with what each said. Whoever may sign for the company no more is left out.
///
/// # Errors
/// When the database fails.
pub async fn signatures(connection: &mut impl Connection, succession: &Succession) -> Result<Vec<(Signatory, Signature)>, DatabaseError> {
    let mut found = Vec::new();
    for signature in store::signatures(connection, succession.id).await? {
        let signatory = companies::read::signatory(connection, succession.company, signature.signatory).await?;
        found.extend(signatory.map(|signatory| (signatory, signature)));
    }
    Ok(found)
}

/// What a mailed link is about.
pub struct About {
    /// The change.
    pub succession: Succession,
    /// Of which company.
    pub company: Company,
    /// Who got the link.
    pub signatory: Signatory,
    /// What they said.
    pub signature: Signature,
}

/// What a mailed link is about.
///
/// # Errors
/// [`SuccessionError::NotFound`], also for somebody who may sign for the company no more.
pub async fn by_link(connection: &mut impl Connection, link: &str) -> Result<About, SuccessionError> {
    let signature = store::by_link(connection, &token_hash(link)).await?.ok_or(SuccessionError::NotFound)?;
    about(connection, signature).await
}

/// What one signatory's signature of a change is about.
///
/// # Errors
/// [`SuccessionError::NotFound`].
pub async fn of_signatory(connection: &mut impl Connection, id: SuccessionId, signatory: SignatoryId) -> Result<About, SuccessionError> {
    let all = store::signatures(connection, id).await?;
    about(connection, all.into_iter().find(|one| one.signatory == signatory).ok_or(SuccessionError::NotFound)?).await
}

/// What one signatory's signature is about.
///
/// # Errors
/// [`SuccessionError::NotFound`].
pub(super) async fn about(connection: &mut impl Connection, signature: Signature) -> Result<About, SuccessionError> {
    let succession = store::by_id(connection, signature.succession).await?.ok_or(SuccessionError::NotFound)?;
    let company = companies::read::company(connection, succession.company).await?.ok_or(SuccessionError::NotFound)?;
    let signatory = companies::read::signatory(connection, company.id, signature.signatory).await?.ok_or(SuccessionError::NotFound)?;
    Ok(About { succession, company, signatory, signature })
}
