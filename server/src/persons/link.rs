//! Links two signatures of one person: the one that began, and the one that has now logged in, each shown by password and card or phone.

use std::collections::BTreeSet;

use super::{
    PersonError,
    begin::{begun_by, require_proven},
    model::{MOST_SIGNATURES, Member},
    read::{SHOWN_AT, told},
    store,
};
use crate::{
    accounts, audit,
    employees::{self, Employee, EmployeeState},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{AccountId, PersonId},
        secret,
    },
};

/// Links the actor's signature with the one that the token's holder began with, and each with what the other is linked with already. All of them are told.
///
/// # Errors
/// [`PersonError::Gone`] for a token that is used or too old; [`PersonError::Own`], [`PersonError::AlreadyLinked`], [`PersonError::SameCompany`],
/// [`PersonError::TooMany`], which use no token up; [`PersonError::ProveAgain`], [`PersonError::NeedsSession`], [`PersonError::NoSignature`].
pub async fn link(ground: &Ground, actor: &Actor, token: &str) -> Result<(), PersonError> {
    require_proven(actor, ground.clock().now())?;
    let hash = secret::token_hash(token);
    let address = format!("{}{SHOWN_AT}", ground.config.server.public_url);
    let sealed = notices::seal(ground, &Notice::mail(Kind::SignatureLinked).with("link", address)).await?;
    ground.database.write(async |unit| claim(unit, actor, &hash, &sealed).await).await
}

async fn claim(unit: &mut Unit, actor: &Actor, token_hash: &[u8], sealed: &Sealed) -> Result<(), PersonError> {
    let now = unit.now();
    let from = begun_by(unit, token_hash, now).await?;
    if from == actor.account {
        return Err(PersonError::Own);
    }
    let sets = hold(unit, [from, actor.account]).await?;
    if !store::claim_link(unit, token_hash).await? {
        return Err(PersonError::Gone);
    }
    let [first, second] = [current(unit, from, sets.first).await?, current(unit, actor.account, sets.second).await?];
    if first.iter().any(|(member, _)| member.account == actor.account) {
        return Err(PersonError::AlreadyLinked);
    }
    let pair = [signature(unit, from).await?, signature(unit, actor.account).await?];
    let mut all: Vec<Employee> = first.iter().chain(&second).map(|(_, employee)| employee.clone()).collect();
    let alone: Vec<Employee> = pair.into_iter().filter(|one| all.iter().all(|other| other.account != one.account)).collect();
    all.extend(alone);
    require_room(&all)?;
    let person = first.first().or(second.first()).map_or_else(|| unit.id(), |(member, _)| member.person);
    if let Some((other, _)) = second.first() {
        store::join(unit, other.person, person).await?;
    }
    for account in [from, actor.account] {
        store::put(unit, account, person).await?;
    }
    note(unit, &all, person, sealed).await
}

/// What two accounts are linked with, as their rows say.
struct Sets {
    first: Vec<Member>,
    second: Vec<Member>,
}

async fn members_of(unit: &mut Unit, account: AccountId) -> Result<Vec<Member>, DatabaseError> {
    match store::member(unit, account).await? {
        Some(member) => store::members(unit, member.person).await,
        None => Ok(Vec::new()),
    }
}

/// Takes every account of both sets for this unit, in one order. Whoever changes a set holds all of it, so it is still what was read, or was changed
/// before.
async fn hold(unit: &mut Unit, [first, second]: [AccountId; 2]) -> Result<Sets, PersonError> {
    let before = Sets { first: members_of(unit, first).await?, second: members_of(unit, second).await? };
    let accounts = before.first.iter().chain(&before.second).map(|member| member.account);
    hold_all(unit, accounts.chain([first, second]).collect()).await?;
    let after = Sets { first: members_of(unit, first).await?, second: members_of(unit, second).await? };
    let same = before.first == after.first && before.second == after.second;
    if same { Ok(after) } else { Err(PersonError::ChangedMeanwhile) }
}

/// Takes accounts for this unit, each after the one before in the order of ids: nobody waits for each other.
pub(super) async fn hold_all(unit: &mut Unit, accounts: BTreeSet<AccountId>) -> Result<(), PersonError> {
    for account in accounts {
        accounts::hold_account(unit, account).await?;
    }
    Ok(())
}

/// Those of an account's set that count, each with its employee. The others are taken out: what they were linked under is over. Nobody is left when the
/// account itself is among those: it brings nobody along.
async fn current(unit: &mut Unit, account: AccountId, members: Vec<Member>) -> Result<Vec<(Member, Employee)>, PersonError> {
    let mut found = Vec::with_capacity(members.len());
    for member in members {
        match employees::read::of_account(unit, member.account).await?.filter(|employee| member.counts(employee.activated_at)) {
            Some(employee) => found.push((member, employee)),
            None => {
                store::take_out(unit, member.account, member.person).await?;
            }
        }
    }
    Ok(if found.iter().any(|(member, _)| member.account == account) { found } else { Vec::new() })
}

async fn signature(unit: &mut Unit, account: AccountId) -> Result<Employee, PersonError> {
    employees::read::of_account(unit, account).await?.ok_or(PersonError::NoSignature)
}

/// One person is one employee of a company at a time, and has so many signatures.
fn require_room(all: &[Employee]) -> Result<(), PersonError> {
    let companies: Vec<_> = all.iter().filter(|one| one.state != EmployeeState::Left).map(|one| one.company).collect();
    if companies.iter().collect::<BTreeSet<_>>().len() < companies.len() {
        return Err(PersonError::SameCompany);
    }
    if all.len() > MOST_SIGNATURES { Err(PersonError::TooMany { most: MOST_SIGNATURES }) } else { Ok(()) }
}

/// An entry about each signature that names no other, and a mail to each that has not ended. Who a person is stays a personal value, so that it can be erased.
async fn note(unit: &mut Unit, all: &[Employee], person: PersonId, sealed: &Sealed) -> Result<(), PersonError> {
    let event = |one: &Employee| audit::Event::new("account.linked", Author::Account(one.account), format!("account:{}", one.account));
    audit::record_all(unit, all.iter().map(|one| event(one).personal("person", person)).collect()).await?;
    notices::tell_all(unit, &told(all, sealed)).await?;
    Ok(())
}
