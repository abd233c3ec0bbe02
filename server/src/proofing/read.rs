//! Questions about records of proofing.

use super::{
    error::ProofingError,
    model::{ADULT, Channel, Document, Outcome, Proofing},
    store,
};
use crate::platform::{
    actor::Author,
    database::{Connection, DatabaseError},
    day::Day,
    ground::Ground,
    id::{AccountId, EmployeeId},
    moment::Moment,
};

/// What a sealed birth date is bound to: the person, so that each later record can carry it on.
pub(super) fn context(employee: EmployeeId) -> Vec<u8> {
    format!("proofing/birth-date/v1|{employee}").into_bytes()
}

/// Every record of somebody, the newest first, a hundred at most, each with its documents.
///
/// # Errors
/// When the database fails.
pub async fn history(connection: &mut impl Connection, employee: EmployeeId) -> Result<Vec<(Proofing, Vec<Document>)>, DatabaseError> {
    let mut found = Vec::new();
    for proofing in store::of_employee(connection, employee).await? {
        let documents = store::documents(connection, proofing.id).await?;
        found.push((proofing, documents));
    }
    Ok(found)
}

/// The record that counts: the one that proves most, and of those the newest; with a birth date if any record has one.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, employee: EmployeeId) -> Result<Option<Proofing>, DatabaseError> {
    store::strongest(connection, employee).await
}

/// Whether the person's key card goes by post and is never handed over.
///
/// # Errors
/// When the database fails.
pub async fn goes_by_post(connection: &mut impl Connection, employee: EmployeeId) -> Result<bool, DatabaseError> {
    Ok(standing(connection, employee).await?.is_some_and(|one| one.outcome == Outcome::ByPost))
}

/// Whether this account saw the person's documents at the desk: then it hands over no code to them, and orders none.
///
/// # Errors
/// When the database fails.
pub async fn was_proofed_by(connection: &mut impl Connection, employee: EmployeeId, account: AccountId) -> Result<bool, DatabaseError> {
    store::was_seen_by(connection, employee, &Author::Account(account).to_string(), Channel::Desk).await
}

/// Whether this account vouched for the person otherwise: then it sent or was shown a code, and sees no documents at the desk.
///
/// # Errors
/// When the database fails.
pub async fn was_vouched_for_by(connection: &mut impl Connection, employee: EmployeeId, account: AccountId) -> Result<bool, DatabaseError> {
    store::was_seen_by(connection, employee, &Author::Account(account).to_string(), Channel::Company).await
}

/// The birth date that is on record of somebody.
///
/// # Errors
/// As [`birth_date`].
pub async fn known_birth(ground: &Ground, employee: EmployeeId) -> Result<Option<Day>, ProofingError> {
    let standing = standing(&mut ground.database.read().await?, employee).await?;
    match standing {
        Some(standing) => birth_date(ground, &standing).await,
        None => Ok(None),
    }
}

/// The birth date of a record.
///
/// # Errors
/// [`ProofingError::BirthDate`]; when the keystore fails.
pub async fn birth_date(ground: &Ground, proofing: &Proofing) -> Result<Option<Day>, ProofingError> {
    let Some(sealed) = proofing.birth_date.clone() else { return Ok(None) };
    let bound = context(proofing.employee);
    let plain = ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &bound)).await?;
    let text = std::str::from_utf8(&plain).map_err(|_| ProofingError::BirthDate)?;
    Day::parse(text).map(Some).ok_or(ProofingError::BirthDate)
}

/// The eighteenth birthday of whoever has not had it yet.
pub fn youth_until(birth: Option<Day>, now: Moment) -> Option<Moment> {
    let birth = birth.filter(|birth| birth.years_until(Day::of(now)) < ADULT)?;
    Some(birth.years_later(ADULT).begins())
}
