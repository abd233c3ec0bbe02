//! The host's own way to another operator: one link, fifteen minutes, once, printed on the terminal. Root on the host is outside the model; it is
//! audited, and told to everybody who has the role security.

use time::Duration;

use super::{
    OperatorError, decide, effect,
    model::{Change, ChangeKind, ChangeState, Invitation, LIFE, MOST},
    read::has_security,
};
use crate::{
    accounts::{self, AccountState},
    platform::{
        actor::Author,
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
            if !operators.iter().any(|one| one.state == AccountState::Active && has_security(one)) {
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
