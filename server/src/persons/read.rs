//! Questions about a person's signatures: a person's own, and nobody else's.

use super::{
    PersonError,
    begin::{begun_by, require_signature},
    model::{Signature, SignatureState},
    store,
};
use crate::{
    accounts::{self, AccountState},
    certificates,
    companies::{self, CompanyState},
    employees::{self, Employee, EmployeeState},
    notices::Sealed,
    platform::{
        actor::Actor,
        database::Reader,
        ground::Ground,
        id::{AccountId, RecipientId},
        moment::Moment,
        secret,
    },
};

/// Where a person sees them.
pub(super) const SHOWN_AT: &str = "/account/signatures";

/// The actor's signature first, then what it is linked with, the earliest first.
///
/// # Errors
/// [`PersonError::NeedsSession`], [`PersonError::NoSignature`].
pub async fn signatures(ground: &Ground, actor: &Actor) -> Result<Vec<Signature>, PersonError> {
    require_signature(actor)?;
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let employee = employees::read::of_account(&mut reader, actor.account).await?.ok_or(PersonError::NoSignature)?;
    let own = store::member(&mut reader, actor.account).await?.filter(|own| own.counts(employee.activated_at));
    let mut found = vec![shown(&mut reader, employee, own.map(|own| own.linked_at), now, true).await?];
    let Some(own) = own else { return Ok(found) };
    let mut members = store::members(&mut reader, own.person).await?;
    members.sort_by_key(|member| (member.linked_at, member.account));
    for member in members.into_iter().filter(|member| member.account != actor.account) {
        let employee = employees::read::of_account(&mut reader, member.account).await?;
        if let Some(employee) = employee.filter(|employee| member.counts(employee.activated_at)) {
            found.push(shown(&mut reader, employee, Some(member.linked_at), now, false).await?);
        }
    }
    Ok(found)
}

async fn shown(
    reader: &mut Reader,
    employee: Employee,
    linked_at: Option<Moment>,
    now: Moment,
    this: bool,
) -> Result<Signature, PersonError> {
    let company = companies::read::company(reader, employee.company).await?.ok_or(PersonError::NotFound)?;
    let account = accounts::read::account(reader, employee.account).await?.ok_or(PersonError::NotFound)?;
    let certificate = certificates::read::signing_certificate_of(reader, employee.id, now).await?;
    let state = state_of(employee.state, company.state, account.state);
    Ok(Signature {
        employee: employee.id,
        name: employee.name().to_owned(),
        company: company.legal_name,
        number: company.number,
        user_id: account.user_id.filter(|_| state != SignatureState::Ended),
        state,
        valid_until: certificate.map(|certificate| certificate.not_after),
        linked_at,
        this,
    })
}

/// As employee, company and account stand together: the worst of the three.
const fn state_of(employee: EmployeeState, company: CompanyState, account: AccountState) -> SignatureState {
    match (employee, company, account) {
        (EmployeeState::Left, _, _) | (_, CompanyState::Closed, _) | (_, _, AccountState::Blocked) => SignatureState::Ended,
        (EmployeeState::Suspended, _, _) | (_, _, AccountState::Suspended) => SignatureState::Suspended,
        (EmployeeState::Invited, _, _) | (_, CompanyState::Registered, _) | (_, _, AccountState::Invited) => SignatureState::Waiting,
        (EmployeeState::Active, CompanyState::Active, AccountState::Active) => SignatureState::Active,
    }
}

/// The signature with which a link was begun, as the one that logs in next is shown it.
#[derive(Debug)]
pub struct Beginner {
    /// Its account.
    pub account: AccountId,
    /// The name that its company knows.
    pub name: String,
    /// The company.
    pub company: String,
}

/// Who began the link of a token.
///
/// # Errors
/// [`PersonError::Gone`] for one that is used or too old.
pub async fn beginner(ground: &Ground, token: &str) -> Result<Beginner, PersonError> {
    let mut reader = ground.database.read().await?;
    let account = begun_by(&mut reader, &secret::token_hash(token), ground.clock().now()).await?;
    let employee = employees::read::of_account(&mut reader, account).await?.ok_or(PersonError::Gone)?;
    let company = companies::read::company(&mut reader, employee.company).await?.ok_or(PersonError::Gone)?;
    Ok(Beginner { account, name: employee.name().to_owned(), company: company.legal_name })
}

/// Whom of them to tell: all that have not ended.
pub(super) fn told<'a>(all: &[Employee], sealed: &'a Sealed) -> Vec<(RecipientId, &'a Sealed)> {
    all.iter().filter(|one| one.state != EmployeeState::Left).map(|one| (one.id.into(), sealed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_employee_company_and_account_decides() {
        let of = state_of;
        assert_eq!(of(EmployeeState::Active, CompanyState::Active, AccountState::Active), SignatureState::Active);
        assert_eq!(of(EmployeeState::Active, CompanyState::Closed, AccountState::Active), SignatureState::Ended);
        assert_eq!(of(EmployeeState::Left, CompanyState::Active, AccountState::Suspended), SignatureState::Ended);
        assert_eq!(of(EmployeeState::Suspended, CompanyState::Active, AccountState::Active), SignatureState::Suspended);
        assert_eq!(of(EmployeeState::Invited, CompanyState::Active, AccountState::Active), SignatureState::Waiting);
    }
}
