//! An operator asks for a takeover or a change of board, or a superadministrator for the latter. Signatories and administrators are told at once, the
//! absent ones too: whoever is not absent can speak up before anything changes. A takeover ends what else waits in the company.

use time::Duration;

use super::{
    SuccessionError, Wish,
    asking::{self, Asking},
    content::Content,
    lapse,
    model::{LIFE, Succession, SuccessionKind, SuccessionState},
    perform, store, told,
};
use crate::{
    audit,
    companies::{self, CompanyKind, CompanyState},
    platform::{
        actor::{Actor, Role},
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, Id as _, SuccessionId},
    },
};

/// So many changes of board a company may ask for, ...
const BOARDS: i64 = 3;
/// ... within so long.
const BOARDS_WITHIN: Duration = Duration::DAY;

/// What can be asked for, with its links and mails.
pub struct Prepared(Asking);

/// Looks whether it can be done, and writes the mails. Right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::ProveAgain`], [`SuccessionError::NotFound`] for another company, [`SuccessionError::NotActive`],
/// [`SuccessionError::NoAssociation`] for a board, [`SuccessionError::Invalid`], and those of the change itself.
pub async fn prepare(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    kind: SuccessionKind,
    wish: &Wish,
) -> Result<Prepared, SuccessionError> {
    let now = ground.clock().now();
    let takes_over = actor.is(Role::Registration);
    let changes_board = kind == SuccessionKind::Board && actor.company == Some(company) && actor.is(Role::Superadministrator);
    if !takes_over && !changes_board {
        return Err(SuccessionError::NotFound);
    }
    if !actor.has_proven(now) {
        return Err(SuccessionError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, company).await?.ok_or(SuccessionError::NotFound)?;
    if company.state != CompanyState::Active {
        return Err(SuccessionError::NotActive);
    }
    if kind == SuccessionKind::Board && company.kind != CompanyKind::Association {
        return Err(SuccessionError::NoAssociation);
    }
    let checked = wish.check(kind)?;
    let administrators = companies::read::administrators(&mut reader, company.id).await?;
    if checked.ends.iter().any(|one| !administrators.contains(one)) {
        return Err(SuccessionError::Invalid(vec![FieldFault::new("ends", "field_no_administrator")]));
    }
    let content = Content::now(&mut reader, &company, wish.clone(), &checked, now).await?;
    drop(reader);
    let needed = if kind == SuccessionKind::Takeover { company.needed } else { 0 };
    let succession = Succession {
        id: SuccessionId::fresh(now, ground.random()),
        company: company.id,
        kind,
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        requested_by: None,
        opened_by: None,
        content: content.bytes()?,
        state: SuccessionState::Asked,
        needed,
        pending: needed,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        ready_at: None,
        minutes_hash: None,
        decided_by_name: None,
        decided_at: None,
    };
    // What could not be done now is not asked for.
    drop(perform::prepare(ground, &company, &succession, checked, actor.author()).await?);
    Ok(Prepared(asking::prepare(ground, company, succession, content).await?))
}

/// Stores it and tells everybody.
///
/// # Errors
/// [`SuccessionError::AlreadyAsked`], [`SuccessionError::BoardsTooOften`] of a company itself, [`SuccessionError::Overtaken`].
pub async fn start(unit: &mut Unit, actor: &Actor, prepared: &Prepared) -> Result<SuccessionId, SuccessionError> {
    let succession = &prepared.0.succession;
    companies::hold_open(unit, succession.company).await?;
    lapse::lapse(unit).await?;
    // Whoever changes posts or agreement waits for the company's row, or was seen.
    if !prepared.0.content.has_the_rule(unit, succession.company).await? {
        return Err(SuccessionError::Overtaken);
    }
    match succession.kind {
        SuccessionKind::Board => {
            let since = unit.now().plus(-BOARDS_WITHIN);
            if actor.company.is_some() && store::boards_since(unit, succession.company, since).await? >= BOARDS {
                return Err(SuccessionError::BoardsTooOften);
            }
        }
        SuccessionKind::Takeover => end_others(unit, actor, succession).await?,
    }
    if !store::insert(unit, succession, None).await? {
        return Err(SuccessionError::AlreadyAsked);
    }
    let event = audit::Event::new("succession.asked", actor.author(), format_args!("succession:{}", succession.id))
        .company(succession.company)
        .fact("kind", succession.kind.word())
        .fact("needed", succession.needed)
        .fact("fingerprint", hex::encode(succession.fingerprint()));
    audit::record(unit, event).await?;
    asking::tell(unit, &prepared.0).await?;
    Ok(succession.id)
}

/// An operator's takeover goes before a change of board that waits, and before what strangers requested: these are refused.
///
/// # Errors
/// [`SuccessionError::AlreadyAsked`] when another takeover waits for signatures.
pub(super) async fn end_others(unit: &mut Unit, actor: &Actor, takeover: &Succession) -> Result<(), SuccessionError> {
    let by = (actor.account, actor.name.as_str());
    let mut ended = Vec::new();
    match store::asked(unit, takeover.company).await? {
        Some(found) if found.kind == SuccessionKind::Takeover => return Err(SuccessionError::AlreadyAsked),
        Some(board) => {
            if store::decide(unit, board.id, SuccessionState::Refused, Some(by)).await? {
                let concerned = perform::concerned(unit, takeover.company).await?;
                told::later(unit, board.id, concerned, told::What::Ended).await?;
            }
            ended.push(board.id);
        }
        None => {}
    }
    ended.extend(store::refuse_requests(unit, takeover.company, takeover.id, by).await?);
    for id in ended {
        let event = audit::Event::new("succession.refused", actor.author(), format_args!("succession:{id}")).company(takeover.company);
        audit::record(unit, event.fact("for", takeover.id)).await?;
    }
    Ok(())
}
