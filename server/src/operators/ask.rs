//! An operator with the role security asks that somebody become an operator, be another one, or end. Nothing changes yet.

use certs::name::EmailAddress;

use super::{
    OperatorError,
    model::{Change, ChangeKind, ChangeState, Invitation, LIFE, MOST, roles_of},
    read::{self, has_security},
    store::{self, Secrets},
};
use crate::{
    accounts::{self, Account, AccountState},
    audit,
    companies::register::name_fault,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Role},
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, Id as _, OperatorChangeId},
        limits,
        random::token,
        secret::{Secret, token_hash},
        text,
        words::Language,
    },
};

/// What is asked of an operator who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// That the operator end.
    End,
    /// That the operator have these roles and no others.
    Roles(Vec<Role>),
}

/// Reads whom to invite; all faults at once.
///
/// # Errors
/// The faults, each with its field.
pub fn invitation<W: AsRef<str>>(name: &str, email: &str, language: Language, roles: &[W]) -> Result<Invitation, Vec<FieldFault>> {
    let name = text::line(name, limits::LINE_CHARACTERS).map_err(|fault| FieldFault::text("name", fault));
    let email = EmailAddress::parse(email.trim()).map_err(|error| name_fault("email", &error));
    let roles = roles_of(roles);
    match (name, email, roles) {
        (Ok(name), Ok(email), Ok(roles)) => Ok(Invitation { name, email, language, roles }),
        (name, email, roles) => Err([name.err(), email.err(), roles.err()].into_iter().flatten().collect()),
    }
}

/// A change with its messages, ready for the unit.
pub struct Prepared {
    change: Change,
    secrets: Secrets,
    code: Option<Secret<String>>,
    asked: Sealed,
    waits: Sealed,
}

/// What came of asking.
pub struct Asked {
    /// The change.
    pub change: Change,
    /// The temporary password of an invitation: shown to whoever asked, this once.
    pub code: Option<Secret<String>>,
}

/// Draws the link and the temporary password of an invitation, and writes the messages. The link rests sealed until the change takes effect.
///
/// # Errors
/// [`OperatorError::ProveAgain`]; [`OperatorError::AlreadyOperator`]; when the keystore fails.
pub async fn prepare_invitation(ground: &Ground, actor: &Actor, wanted: Invitation) -> Result<Prepared, OperatorError> {
    require_proof(ground, actor)?;
    let folded = wanted.email.to_string().to_lowercase();
    let known = read::operators(&mut ground.database.read().await?).await?;
    if known
        .iter()
        .any(|one| matches!(one.account.state, AccountState::Active | AccountState::Suspended) && one.email.to_lowercase() == folded)
    {
        return Err(OperatorError::AlreadyOperator);
    }
    let link = token(ground.random());
    let link_hash = token_hash(&link);
    let code = Secret::new(accounts::temporary_password(ground.random()));
    let code_verifier = accounts::code_verifier(ground, &link_hash, code.reveal()).await?;
    let address = format!("{}/activate/{link}", ground.config.server.public_url);
    let sealed = notices::seal(ground, &Notice::mail(Kind::OperatorInvited).secret("link", &address)).await?;
    let secrets = Secrets { link_hash: Some(link_hash), code_verifier: Some(code_verifier), sealed: Some(sealed.at_rest().to_vec()) };
    let mut change = change(ground, actor, ChangeKind::Invite, AccountId::fresh(ground.clock().now(), ground.random()));
    change.name = wanted.name;
    change.email = wanted.email.to_string();
    change.language = wanted.language;
    change.roles = wanted.roles;
    finished(ground, change, secrets, Some(code)).await
}

/// Writes the messages of a change of an operator who is there.
///
/// # Errors
/// [`OperatorError::ProveAgain`], [`OperatorError::NotFound`]; when the keystore fails.
pub async fn prepare(ground: &Ground, actor: &Actor, id: AccountId, wanted: Wanted) -> Result<Prepared, OperatorError> {
    require_proof(ground, actor)?;
    let found = read::operator(&mut ground.database.read().await?, id).await?.ok_or(OperatorError::NotFound)?;
    let (kind, roles) = match wanted {
        Wanted::End => (ChangeKind::End, Vec::new()),
        Wanted::Roles(roles) => (ChangeKind::Roles, roles),
    };
    let mut change = change(ground, actor, kind, id);
    change.name = found.name;
    change.roles = roles;
    finished(ground, change, Secrets { link_hash: None, code_verifier: None, sealed: None }, None).await
}

/// A session that somebody took over asks for nothing.
pub(super) fn require_proof(ground: &Ground, actor: &Actor) -> Result<(), OperatorError> {
    if actor.has_proven(ground.clock().now()) { Ok(()) } else { Err(OperatorError::ProveAgain) }
}

fn change(ground: &Ground, actor: &Actor, kind: ChangeKind, account: AccountId) -> Change {
    let now = ground.clock().now();
    Change {
        id: OperatorChangeId::fresh(now, ground.random()),
        kind,
        account,
        name: String::new(),
        email: String::new(),
        language: ground.config.policy.language,
        roles: Vec::new(),
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        state: ChangeState::Asked,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        effective_at: Some(now.plus(time::Duration::hours(ground.config.policy.operator_wait_hours))),
        decided_by_name: None,
        ended_at: None,
    }
}

async fn finished(ground: &Ground, change: Change, secrets: Secrets, code: Option<Secret<String>>) -> Result<Prepared, OperatorError> {
    let link = format!("{}/operators", ground.config.server.public_url);
    let email = address(ground, &change).await?;
    let base = |kind| {
        let notice = Notice::mail(kind).with("asker", &change.asked_by_name).with("person", &change.name).with("email", &email);
        notice.with("roles", change.role_words()).with("link", &link)
    };
    let asked = base(Kind::OperatorChangeAsked).with("change", change.kind.word()).with("until", change.lapses_at);
    let at = change.effective_at.unwrap_or(change.lapses_at);
    let asked = notices::seal(ground, &asked).await?;
    let waits = notices::seal(ground, &base(Kind::OperatorChangeWaits).with("at", at)).await?;
    Ok(Prepared { change, secrets, code, asked, waits })
}

/// Where an invited person's link goes, or an operator's mail: a name alone tells nobody whose account it becomes.
async fn address(ground: &Ground, change: &Change) -> Result<String, OperatorError> {
    if change.kind == ChangeKind::Invite {
        return Ok(change.email.clone());
    }
    let contact = notices::contact(&mut ground.database.read().await?, change.account.into()).await?;
    Ok(contact.and_then(|contact| contact.email).unwrap_or_else(|| "-".to_owned()))
}

/// Stores it and tells everybody who has the role; where it takes effect by itself, every operator.
///
/// # Errors
/// [`OperatorError::NoRole`], [`OperatorError::OwnRoles`], [`OperatorError::Unchanged`], [`OperatorError::LastSecurity`],
/// [`OperatorError::Alone`], [`OperatorError::TooMany`], [`OperatorError::AlreadyAsked`].
pub async fn ask(unit: &mut Unit, actor: &Actor, prepared: &Prepared) -> Result<Change, OperatorError> {
    let operators = accounts::hold_operators(unit).await?;
    let mut change = prepared.change.clone();
    let alone = judge(&operators, actor, &change)?;
    if !alone {
        change.effective_at = None;
    }
    if !store::insert(unit, &change, &prepared.secrets).await? {
        return Err(OperatorError::AlreadyAsked);
    }
    let event = audit::Event::new("operator_change.asked", actor.author(), format_args!("operator_change:{}", change.id))
        .fact("kind", change.kind.word())
        .fact("account", change.account)
        .fact("roles", change.role_words())
        .fact("waits", alone)
        .personal("name", &change.name);
    audit::record(unit, event).await?;
    let told = if alone { &prepared.waits } else { &prepared.asked };
    for one in operators.iter().filter(|one| has_security(one) || (alone && one.state == AccountState::Active)) {
        notices::tell(unit, one.id.into(), told).await?;
    }
    Ok(change)
}

impl Prepared {
    /// What whoever asked is shown, after the commit.
    pub fn asked(self, change: Change) -> Asked {
        Asked { change, code: self.code }
    }
}

/// Whether it may be asked; and whether nobody could consent, so that it takes effect by itself.
fn judge(operators: &[Account], actor: &Actor, change: &Change) -> Result<bool, OperatorError> {
    if !operators.iter().any(|one| one.id == actor.account && has_security(one)) {
        return Err(OperatorError::NoRole);
    }
    match change.kind {
        ChangeKind::Invite if operators.len() >= MOST => return Err(OperatorError::TooMany { most: MOST }),
        ChangeKind::Invite => {}
        ChangeKind::End | ChangeKind::Roles => {
            let subject = operators.iter().find(|one| one.id == change.account).ok_or(OperatorError::NotFound)?;
            if change.kind == ChangeKind::Roles && subject.id == actor.account {
                return Err(OperatorError::OwnRoles);
            }
            if change.kind == ChangeKind::Roles && subject.roles == change.roles {
                return Err(OperatorError::Unchanged);
            }
            leaves_security(operators, change)?;
        }
    }
    let alone = operators.iter().filter(|one| has_security(one)).count() < 2;
    if alone && !(change.kind == ChangeKind::Invite && change.roles.contains(&Role::Security)) {
        return Err(OperatorError::Alone);
    }
    Ok(alone)
}

/// Somebody else than the subject must have the role security, where the change takes it.
///
/// # Errors
/// [`OperatorError::LastSecurity`].
pub(super) fn leaves_security(operators: &[Account], change: &Change) -> Result<(), OperatorError> {
    let takes = change.kind != ChangeKind::Invite && !change.roles.contains(&Role::Security);
    let another = operators.iter().any(|one| one.id != change.account && has_security(one));
    if takes && !another { Err(OperatorError::LastSecurity) } else { Ok(()) }
}
