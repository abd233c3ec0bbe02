//! The first operator's invitation: one link, fifteen minutes, once. It is printed on the terminal, never logged, never mailed.

use certs::name::EmailAddress;
use time::Duration;

use super::error::EmployeeError;
use crate::{
    accounts::{self, Account, AccountKind, AccountState, NewAccount},
    audit,
    companies::register::name_fault,
    notices::{self, Contact},
    platform::{
        actor::{Author, Role},
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, Id as _},
        limits,
        random::token,
        secret::{Secret, token_hash},
        text,
    },
};

/// How long the link lives (`security.md` section 6).
const LINK_LIFE: Duration = Duration::minutes(15);
/// What the first operator may do: everything, until there are more.
const ROLES: [Role; 4] = [Role::Registration, Role::Security, Role::HelpDesk, Role::Auditor];

/// Makes the first operator's account and gives the link that activates it. While nobody has activated, it may be asked for again:
/// the earlier links are dead then.
///
/// # Errors
/// [`EmployeeError::HasOperator`] once an operator is active, [`EmployeeError::Invalid`].
pub async fn invite_first(ground: &Ground, name: &str, email: &str) -> Result<Secret<String>, EmployeeError> {
    let (name, email) = read(name, email).map_err(EmployeeError::Invalid)?;
    let link = Secret::new(token(ground.random()));
    let link_hash = token_hash(link.reveal());
    let id = AccountId::fresh(ground.clock().now(), ground.random());
    let language = ground.config.policy.language;
    let author = Author::System("init");
    ground
        .database
        .write(async |unit| {
            for earlier in accounts::read::operators(unit).await? {
                if has_activated(&earlier) {
                    return Err(EmployeeError::HasOperator);
                }
                accounts::block(unit, earlier.id, author).await?;
            }
            let account = NewAccount { id, kind: AccountKind::Operator, name: name.clone(), roles: ROLES.to_vec() };
            accounts::create(unit, account).await?;
            let contact =
                Contact { recipient: id.into(), name: name.clone(), email: Some(email.to_string()), postal_address: None, language };
            notices::keep_contact(unit, &contact).await?;
            accounts::invite(unit, id, &link_hash, None, unit.now().plus(LINK_LIFE)).await?;
            let event = audit::Event::new("operator.invited", author, format_args!("account:{id}")).personal("name", &name);
            audit::record(unit, event).await?;
            Ok(())
        })
        .await?;
    Ok(Secret::new(format!("{}/activate/{}", ground.config.server.public_url, link.reveal())))
}

/// Who was invited last and has not activated: name and address. A new link for them needs no question.
///
/// # Errors
/// [`EmployeeError::HasOperator`] once an operator is active.
pub async fn invited(ground: &Ground) -> Result<Option<(String, String)>, EmployeeError> {
    let mut reader = ground.database.read().await?;
    let known = accounts::read::operators(&mut reader).await?;
    if known.iter().any(has_activated) {
        return Err(EmployeeError::HasOperator);
    }
    let Some(waiting) = known.into_iter().rev().find(|account| account.state == AccountState::Invited) else { return Ok(None) };
    let contact = notices::contact(&mut reader, waiting.id.into()).await?;
    Ok(contact.and_then(|contact| contact.email).map(|email| (waiting.name, email)))
}

/// Also whoever rests since a restore: that is confirmed, or ended, and not begun anew.
const fn has_activated(account: &Account) -> bool {
    matches!(account.state, AccountState::Active | AccountState::Suspended)
}

fn read(name: &str, email: &str) -> Result<(String, EmailAddress), Vec<FieldFault>> {
    let name = text::line(name, limits::LINE_CHARACTERS).map_err(|fault| FieldFault::text("name", fault));
    let email = EmailAddress::parse(email.trim()).map_err(|error| name_fault("email", &error));
    match (name, email) {
        (Ok(name), Ok(email)) => Ok((name, email)),
        (name, email) => Err([name.err(), email.err()].into_iter().flatten().collect()),
    }
}
