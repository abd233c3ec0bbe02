//! An administrator, or whoever stands at the operator's desk, orders a key card for an employee, who cannot when the only one is lost: nobody logs in to order a card without a card.
//!
//! The card goes by letter, and the employee is told of it by mail; neither goes to a name or an address of the last three days. Whoever orders sees
//! the number at its top and none of its keys. Whoever opens the company's post has a colleague's second factor, as with every letter of ours: the
//! password is what protects then.

use super::{Employee, EmployeeError, EmployeeState, store};
use crate::{
    audit, keycards,
    notices::{self, Carried, Kind, Notice, Sealed},
    platform::{actor::Actor, database::Unit, ground::Ground, id::KeycardId},
    webhooks::{self, Event, EventKind},
};

/// A card that is drawn, with the letter that carries it and the mail that tells of it.
pub struct Prepared {
    employee: Employee,
    lost: bool,
    card: keycards::NewCard,
    letter: Sealed,
    mail: Sealed,
}

/// Draws the card. Outside any unit.
///
/// # Errors
/// [`EmployeeError::NotActive`] for somebody who has not activated, or has left; [`EmployeeError::NewContact`] when name or address were changed within
/// three days (`security.md` section 5).
pub async fn prepare(ground: &Ground, employee: Employee, lost: bool, actor: &Actor) -> Result<Prepared, EmployeeError> {
    if employee.state != EmployeeState::Active {
        return Err(EmployeeError::NotActive);
    }
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    if notices::is_new_contact(&mut reader, employee.id.into(), employee.activated_at, now).await? {
        return Err(EmployeeError::NewContact);
    }
    let edition = keycards::read::preferences(&mut reader, employee.account).await?.edition;
    drop(reader);
    let card = keycards::issue(ground, employee.account).await?;
    let letter =
        Notice::letter(Kind::KeycardSent).with("number", &card.number).secret("keys", card.pairs()).with("edition", edition.word());
    let letter = letter.carrying(&Carried::Card(card.id)).ordered_by(actor.author());
    let link = format!("{}/account", ground.config.server.public_url);
    let mail = if lost { Kind::KeycardReplacedFor } else { Kind::KeycardOrderedFor };
    let mail = Notice::mail(mail).with("number", &card.number).with("by", &actor.name).with("link", link);
    let mut sealed = notices::seal_all(ground, &[letter, mail]).await?.into_iter();
    let (Some(letter), Some(mail)) = (sealed.next(), sealed.next()) else { return Err(EmployeeError::NotFound) };
    Ok(Prepared { employee, lost, card, letter, mail })
}

/// Writes the card and has letter and mail sent. When the others are lost they are blocked in the same unit.
///
/// # Errors
/// [`EmployeeError::NotActive`] when the employee has left meanwhile; as [`keycards::order_for`].
pub async fn order(unit: &mut Unit, prepared: &Prepared, actor: &Actor) -> Result<KeycardId, EmployeeError> {
    let Employee { id, company, account, .. } = prepared.employee;
    keycards::hold(unit, account).await?;
    let now = store::employee(unit, company, id).await?.ok_or(EmployeeError::NotFound)?;
    if now.state != EmployeeState::Active {
        return Err(EmployeeError::NotActive);
    }
    let card = keycards::order_for(unit, &prepared.card, prepared.lost, actor.author()).await?;
    notices::tell(unit, id.into(), &prepared.letter).await?;
    notices::tell(unit, id.into(), &prepared.mail).await?;
    webhooks::tell(unit, company, Event::new(EventKind::KeycardOrdered).with("employee", id).with("keycard", card)).await?;
    let event = audit::Event::new("employee.card_ordered", actor.author(), format_args!("employee:{id}")).company(company);
    audit::record(unit, event.fact("card", card).fact("lost", prepared.lost)).await?;
    Ok(card)
}
