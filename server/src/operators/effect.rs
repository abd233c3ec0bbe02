//! A change takes effect: the account is made and its link mailed, the roles are set, or everything that the operator held ends.

use super::{
    OperatorError,
    ask::leaves_security,
    model::{Change, ChangeKind},
    read,
    store::{self, Secrets},
};
use crate::{
    accounts::{self, Account, AccountKind, AccountState, NewAccount},
    audit, keycards,
    notices::{self, Contact, Kind, Notice, Sealed},
    phones,
    platform::{
        actor::{Author, Role},
        database::Unit,
        ground::Ground,
        id::AccountId,
        moment::Moment,
    },
    tokens,
};

/// What taking effect needs besides, sealed and read before the unit.
pub(super) struct Effect {
    /// The mail to the person.
    person: Option<Sealed>,
    /// Earlier invitations to the same address, which nobody used.
    earlier: Vec<AccountId>,
    /// Until when the link works.
    until: Moment,
}

/// Prepares it. `by` is who lets it happen, as the person reads it.
///
/// # Errors
/// When the keystore fails.
pub(super) async fn prepare(ground: &Ground, change: &Change, by: &str) -> Result<Effect, OperatorError> {
    let person = match change.kind {
        ChangeKind::End => Some(notices::seal(ground, &Notice::mail(Kind::OperatorEnded).with("by", by)).await?),
        // Its mail was sealed when it was asked.
        ChangeKind::Invite => None,
        ChangeKind::Roles => {
            let notice = Notice::mail(Kind::OperatorRolesChanged).with("roles", change.role_words()).with("by", by);
            Some(notices::seal(ground, &notice).await?)
        }
    };
    let earlier = match change.kind {
        ChangeKind::End | ChangeKind::Roles => Vec::new(),
        ChangeKind::Invite => earlier(ground, &change.email).await?,
    };
    let until = ground.clock().now().plus(time::Duration::days(ground.config.policy.activation_days));
    Ok(Effect { person, earlier, until })
}

/// Accounts that were invited at this address and never activated.
pub(super) async fn earlier(ground: &Ground, email: &str) -> Result<Vec<AccountId>, OperatorError> {
    let known = read::operators(&mut ground.database.read().await?).await?;
    let same = |one: &read::Operator| one.account.state == AccountState::Invited && one.email.eq_ignore_ascii_case(email);
    Ok(known.into_iter().filter(same).map(|one| one.account.id).collect())
}

/// Does what was asked, in the unit that claimed it.
///
/// # Errors
/// [`OperatorError::NotFound`] when the operator ended meanwhile; [`OperatorError::LastSecurity`].
pub(super) async fn take(
    unit: &mut Unit,
    (change, secrets): (&Change, &Secrets),
    operators: &[Account],
    effect: &Effect,
    author: Author,
) -> Result<(), OperatorError> {
    match change.kind {
        ChangeKind::End => {
            standing(operators, change)?;
            end(unit, change.account, author).await?;
        }
        ChangeKind::Invite => invite(unit, (change, secrets), effect, author).await?,
        ChangeKind::Roles => {
            standing(operators, change)?;
            accounts::set_roles(unit, change.account, &change.roles, author).await?;
            if !change.roles.contains(&Role::Security) {
                store::end_of_asker(unit, change.account).await?;
            }
            let event = audit::Event::new("operator.roles_changed", author, format_args!("account:{}", change.account));
            audit::record(unit, event.fact("roles", change.role_words()).fact("change", change.id)).await?;
        }
    }
    if let Some(mail) = &effect.person {
        notices::tell(unit, change.account.into(), mail).await?;
    }
    Ok(())
}

fn standing(operators: &[Account], change: &Change) -> Result<(), OperatorError> {
    if !operators.iter().any(|one| one.id == change.account) {
        return Err(OperatorError::NotFound);
    }
    leaves_security(operators, change)
}

async fn invite(unit: &mut Unit, (change, secrets): (&Change, &Secrets), effect: &Effect, author: Author) -> Result<(), OperatorError> {
    let Secrets { link_hash: Some(link_hash), code_verifier: Some(code_verifier), sealed: Some(sealed) } = secrets else {
        return Err(OperatorError::Ended { state: change.state });
    };
    for earlier in &effect.earlier {
        end(unit, *earlier, author).await?;
    }
    enter(unit, change, author).await?;
    accounts::invite(unit, change.account, link_hash, Some(code_verifier.clone()), effect.until).await?;
    let mail = Sealed::mail_at_rest(Kind::OperatorInvited, sealed.clone());
    notices::tell(unit, change.account.into(), &mail).await?;
    Ok(())
}

/// Makes the account and its contact.
pub(super) async fn enter(unit: &mut Unit, change: &Change, author: Author) -> Result<(), OperatorError> {
    let account = NewAccount { id: change.account, kind: AccountKind::Operator, name: change.name.clone(), roles: change.roles.clone() };
    accounts::create(unit, account).await?;
    let contact = Contact {
        recipient: change.account.into(),
        name: change.name.clone(),
        email: Some(change.email.clone()),
        postal_address: None,
        language: change.language,
    };
    notices::keep_contact(unit, &contact).await?;
    let event = audit::Event::new("operator.invited", author, format_args!("account:{}", change.account))
        .fact("roles", change.role_words())
        .fact("change", change.id)
        .personal("name", &change.name);
    audit::record(unit, event).await?;
    Ok(())
}

/// Ends all that an operator holds: sessions by the account's standing, cards, code tokens, phones; and what they asked.
pub(super) async fn end(unit: &mut Unit, account: AccountId, author: Author) -> Result<(), OperatorError> {
    keycards::block_all(unit, account, author).await?;
    tokens::block_all(unit, account, author).await?;
    phones::block_all(unit, account, author).await?;
    accounts::block(unit, account, author).await?;
    store::end_of_asker(unit, account).await?;
    audit::record(unit, audit::Event::new("operator.ended", author, format_args!("account:{account}"))).await?;
    Ok(())
}
