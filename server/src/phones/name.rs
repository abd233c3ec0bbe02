//! Gives a phone another name.

use keycard::{pairing::PHONE_NAME_CHARACTERS, plain};

use super::{PhoneError, model::subject, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        fault::FieldFault,
        id::{AccountId, PhoneId},
        words::Language,
    },
};

/// Renames a phone of a person.
///
/// # Errors
/// [`PhoneError::Invalid`] for a text that is not plain; [`PhoneError::NotFound`] when it is somebody else's or ended.
pub async fn rename(unit: &mut Unit, account: AccountId, phone: PhoneId, name: &str, author: Author) -> Result<(), PhoneError> {
    let name = name.trim();
    if plain::judge("name", name, PHONE_NAME_CHARACTERS).is_err() {
        return Err(PhoneError::Invalid(vec![FieldFault::new("name", "field_phone_name").with("most", PHONE_NAME_CHARACTERS)]));
    }
    if !store::rename(unit, phone, account, name).await? {
        return Err(PhoneError::NotFound);
    }
    let event = audit::Event::new("phone.renamed", author, subject(phone)).personal("name", name);
    Ok(audit::record(unit, event).await?)
}

/// Notes that a phone asked for something, and in which language its screens are.
///
/// # Errors
/// When the database fails.
pub(super) async fn seen(unit: &mut Unit, phone: PhoneId, language: Language) -> Result<(), DatabaseError> {
    store::touch(unit, phone, language).await
}
