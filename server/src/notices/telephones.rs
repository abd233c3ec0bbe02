//! Somebody's telephone: told of every change by mail, and to the number of before by text message where those leave.

use super::{
    error::NoticeError,
    model::{Kind, Notice, Sealed},
    read::NEW_CONTACT,
    store,
    tell::{seal, tell},
    texts::has_texts,
};
use crate::{
    audit,
    config::{Config, TextLimits},
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, RecipientId},
        moment::Moment,
        telephone::Telephone,
    },
};

/// Reads a number that was typed; nothing typed is none. Only numbers that can be called are of use, and with a gateway for text messages those
/// of the countries that these may go to.
///
/// # Errors
/// The fault of the field `telephone`.
pub fn typed_telephone(config: &Config, typed: &str) -> Result<Option<Telephone>, FieldFault> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let found = Telephone::parse(typed).filter(|found| found.is_called() || (config.texts.gateway.is_some() && config.texts.go_to(found)));
    found.map(Some).ok_or_else(|| FieldFault::new("telephone", "field_telephone"))
}

/// Somebody's telephone.
///
/// # Errors
/// When the database fails.
pub async fn telephone(connection: &mut impl Connection, recipient: RecipientId) -> Result<Option<Telephone>, DatabaseError> {
    Ok(store::telephone(connection, recipient).await?.map(|(telephone, _)| telephone))
}

/// Whether somebody's telephone is too new to send a secret there, or not there at all.
///
/// # Errors
/// When the database fails.
pub async fn is_new_telephone(
    connection: &mut impl Connection,
    recipient: RecipientId,
    activated_at: Option<Moment>,
    now: Moment,
) -> Result<bool, DatabaseError> {
    let since = store::telephone(connection, recipient).await?.map(|(_, since)| since);
    Ok(since.is_none_or(|since| activated_at.is_some_and(|at| since > at) && since > now.plus(-NEW_CONTACT)))
}

/// Counts a temporary password that goes to somebody's telephone by text message, in that unit. False when the company or the number got as many as
/// there may be today: then none may be told, and the unit is to be given up.
///
/// # Errors
/// When the database fails.
pub async fn count_text(unit: &mut Unit, recipient: RecipientId, company: CompanyId, limits: TextLimits) -> Result<bool, DatabaseError> {
    let Some((telephone, _)) = store::telephone(unit, recipient).await? else { return Ok(true) };
    let counted = store::count_text(unit, &format!("company:{company}"), limits.company).await?;
    Ok(counted && store::count_text(unit, telephone.number(), limits.number).await?)
}

/// The telephone of somebody whom we begin to know, in that unit.
///
/// # Errors
/// When the database fails.
pub async fn keep_telephone(unit: &mut Unit, recipient: RecipientId, telephone: &Telephone) -> Result<(), DatabaseError> {
    if store::keep_telephone(unit, recipient, telephone).await? {
        let event = audit::Event::new("telephone.kept", Author::System("notices"), format!("recipient:{recipient}"));
        audit::record(unit, event.personal("telephone", telephone.number())).await?;
    }
    Ok(())
}

/// Forgets a telephone that is somebody's only since a moment: whoever said so was not the person. Nobody is told by it.
///
/// # Errors
/// When the database fails.
pub async fn forget_telephone_since(unit: &mut Unit, recipient: RecipientId, since: Moment, author: Author) -> Result<(), DatabaseError> {
    let is_young = store::telephone(unit, recipient).await?.is_some_and(|(_, from)| from >= since);
    if is_young && store::forget_telephone(unit, recipient).await? {
        audit::record(unit, audit::Event::new("telephone.forgotten", author, format!("recipient:{recipient}"))).await?;
    }
    Ok(())
}

/// A change with what is told of it.
pub struct ChangedTelephone {
    new: Option<Telephone>,
    mail: Sealed,
    text: Option<Sealed>,
    limits: TextLimits,
}

/// Writes what is told when a telephone is another, or gone.
///
/// # Errors
/// When the keystore fails.
pub async fn prepare_telephone(ground: &Ground, new: Option<Telephone>) -> Result<ChangedTelephone, NoticeError> {
    let shown = new.as_ref().map_or_else(|| "-".to_owned(), Telephone::masked);
    let link = format!("{}/account", ground.config.server.public_url);
    let with = |notice: Notice| notice.with("telephone", &shown).with("link", &link);
    let text = match has_texts(&ground.config) {
        true => Some(seal(ground, &with(Notice::text(Kind::TelephoneChanged))).await?),
        false => None,
    };
    let mail = seal(ground, &with(Notice::mail(Kind::TelephoneChanged))).await?;
    Ok(ChangedTelephone { new, mail, text, limits: ground.config.texts.limits })
}

/// Changes it: the mail address is told, the number of before, and the new one, unless these got as many text messages as they may today. False
/// when it is the same.
///
/// # Errors
/// When the database fails.
pub async fn change_telephone(
    unit: &mut Unit,
    recipient: RecipientId,
    changed: &ChangedTelephone,
    author: Author,
) -> Result<bool, DatabaseError> {
    let old = store::telephone(unit, recipient).await?.map(|(telephone, _)| telephone);
    if old == changed.new {
        return Ok(false);
    }
    match &changed.new {
        Some(new) => store::keep_telephone(unit, recipient, new).await?,
        None => store::forget_telephone(unit, recipient).await?,
    };
    if let (Some(old), Some(text)) = (&old, &changed.text)
        && store::count_text(unit, old.number(), changed.limits.number).await?
    {
        let former: RecipientId = unit.id();
        store::copy_contact(unit, recipient, former).await?;
        store::keep_telephone(unit, former, old).await?;
        tell(unit, former, text).await?;
    }
    if let (Some(new), Some(text)) = (&changed.new, &changed.text)
        && store::count_text(unit, new.number(), changed.limits.number).await?
    {
        tell(unit, recipient, text).await?;
    }
    tell(unit, recipient, &changed.mail).await?;
    let number = changed.new.as_ref().map_or("", Telephone::number);
    let event = audit::Event::new("telephone.changed", author, format!("recipient:{recipient}")).personal("telephone", number);
    audit::record(unit, event).await?;
    Ok(true)
}
