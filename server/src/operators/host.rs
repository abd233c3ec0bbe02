//! The host's own way to another operator: one link, fifteen minutes, once, printed on the terminal. Root on the host is outside the model; it is
//! audited, and told to everybody who has the role security. And after a restore: whoever was an operator in the backup may have been ended since,
//! so all rest until the host confirms them.

use time::Duration;

use super::{
    OperatorError, decide, effect,
    model::{Change, ChangeKind, ChangeState, Invitation, LIFE, MOST},
    read::{self, Operator, has_security},
};
use crate::{
    accounts::{self, Account, AccountKind, AccountState},
    audit, keycards,
    notices::{self, Sealed},
    platform::{
        actor::{Author, Role},
        ground::Ground,
        id::{AccountId, Id as _, OperatorChangeId},
        random::token,
        secret::{Secret, token_hash},
    },
};

/// How long the link lives, as the first operator's.
const LINK_LIFE: Duration = Duration::minutes(15);
const AUTHOR: Author = Author::System("host");
/// Who asked, as mails say it.
const COMMAND: &str = "segl operators invite";
/// Who confirmed, likewise.
const CONFIRM: &str = "segl operators confirm";

/// Makes the account, and gives the link that activates it.
///
/// # Errors
/// [`OperatorError::NoOperator`] while nobody has activated: `segl init` is for that; [`OperatorError::TooMany`]; when the keystore fails.
pub async fn invite(ground: &Ground, wanted: Invitation) -> Result<Secret<String>, OperatorError> {
    let link = Secret::new(token(ground.random()));
    let link_hash = token_hash(link.reveal());
    let now = ground.clock().now();
    let account = AccountId::fresh(now, ground.random());
    let change = Change {
        id: OperatorChangeId::fresh(now, ground.random()),
        kind: ChangeKind::Invite,
        account,
        name: wanted.name,
        email: wanted.email.to_string(),
        language: wanted.language,
        roles: wanted.roles,
        asked_by: account,
        asked_by_name: COMMAND.to_owned(),
        state: ChangeState::Done,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        effective_at: None,
        decided_by_name: None,
        ended_at: Some(now),
    };
    let earlier = effect::earlier(ground, &change.email).await?;
    let told = decide::ended(ground, &change, ChangeState::Done, COMMAND).await?;
    ground
        .database
        .write(async |unit| -> Result<(), OperatorError> {
            let operators = accounts::hold_operators(unit).await?;
            // After a restore all rest, and their cards come by letters that somebody must print: this is a way in.
            let is_one = |one: &Account| has_security(one) || (rests(one) && one.roles.contains(&Role::Security));
            if !operators.iter().any(is_one) {
                return Err(OperatorError::NoOperator);
            }
            if operators.len() >= MOST {
                return Err(OperatorError::TooMany { most: MOST });
            }
            for one in &earlier {
                effect::end(unit, *one, AUTHOR).await?;
            }
            effect::enter(unit, &change, AUTHOR).await?;
            accounts::invite(unit, account, &link_hash, None, unit.now().plus(LINK_LIFE)).await?;
            decide::tell(unit, &operators, &told).await
        })
        .await?;
    Ok(Secret::new(format!("{}/activate/{}", ground.config.server.public_url, link.reveal())))
}

/// Whether an operator rests since a restore.
pub fn rests(account: &Account) -> bool {
    account.kind == AccountKind::Operator && account.state == AccountState::Suspended
}

/// Has those who rest and are named, by user id, address or id, be operators again, with the roles that they had; a new card goes to each by letter.
/// Gives them.
///
/// # Errors
/// [`OperatorError::NotFound`] when one of the names is nobody's who rests: then nothing is changed; when the keystore fails.
pub async fn confirm(ground: &Ground, named: &[String]) -> Result<Vec<Operator>, OperatorError> {
    let known = read::operators(&mut ground.database.read().await?).await?;
    let mut chosen: Vec<(Operator, Sealed)> = Vec::with_capacity(named.len());
    for name in named {
        let found = known.iter().find(|one| rests(&one.account) && is_named(one, name)).ok_or(OperatorError::NotFound)?;
        if chosen.iter().all(|(one, _)| one.account.id != found.account.id) {
            chosen.push((found.clone(), decide::ended(ground, &confirmed(ground, found), ChangeState::Done, CONFIRM).await?));
        }
    }
    ground
        .database
        .write(async |unit| -> Result<(), OperatorError> {
            accounts::hold_operators(unit).await?;
            for (one, told) in &chosen {
                accounts::resume(unit, one.account.id, AUTHOR).await?;
                keycards::jobs::renew_by_letter(unit, one.account.id).await?;
                let event = audit::Event::new("operator.confirmed", AUTHOR, format_args!("account:{}", one.account.id));
                audit::record(unit, event).await?;
                notices::tell(unit, one.account.id.into(), told).await?;
                let others: Vec<Account> =
                    accounts::hold_operators(unit).await?.into_iter().filter(|other| other.id != one.account.id).collect();
                decide::tell(unit, &others, told).await?;
            }
            Ok(())
        })
        .await?;
    let active = |(one, _): (Operator, Sealed)| Operator { account: Account { state: AccountState::Active, ..one.account }, ..one };
    Ok(chosen.into_iter().map(active).collect())
}

fn is_named(one: &Operator, name: &str) -> bool {
    let is = |known: &str| known.eq_ignore_ascii_case(name.trim());
    one.account.user_id.as_deref().is_some_and(is) || is(&one.email) || is(&one.account.id.to_string())
}

/// What the others are told: that the person has these roles.
fn confirmed(ground: &Ground, one: &Operator) -> Change {
    let now = ground.clock().now();
    Change {
        id: OperatorChangeId::fresh(now, ground.random()),
        kind: ChangeKind::Roles,
        account: one.account.id,
        name: one.account.name.clone(),
        email: one.email.clone(),
        language: ground.config.policy.language,
        roles: one.account.roles.clone(),
        asked_by: one.account.id,
        asked_by_name: CONFIRM.to_owned(),
        state: ChangeState::Done,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        effective_at: None,
        decided_by_name: None,
        ended_at: Some(now),
    }
}
