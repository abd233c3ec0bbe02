//! What is known of who an employee is: the record that certificates name, and the birth date that decides on the youth notice.
//!
//! Whom signatories appointed, or a file named, has no birth date on record: such a person says it at the activation, once; whom an earlier release
//! activated says it at the next renewal. Refuses whoever is not 15.

use certs::profiles::Age;

use super::{error::EmployeeError, model::Employee};
use crate::{
    platform::{
        actor::Author,
        database::Unit,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{EmployeeId, ProofingId},
        moment::Moment,
    },
    proofing::{self, Outcome, Proofing},
};

/// Who somebody is, as far as it is on record.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The record that counts.
    pub proofing: Option<ProofingId>,
    /// The eighteenth birthday, while it is still to come.
    pub youth_until: Option<Moment>,
    /// Whether the key card goes by post and is never handed over.
    pub by_post: bool,
    /// Whether nobody has said the birth date yet.
    pub lacks_birth_date: bool,
    /// A birth date that was not on record, sealed, to be added to the record.
    stated: Option<(ProofingId, Vec<u8>)>,
}

impl Identity {
    /// What the signing certificate says of the age.
    pub fn age(&self) -> Age {
        if self.youth_until.is_some() { Age::Youth } else { Age::Adult }
    }
}

/// Whether the person must still say when they were born.
pub fn lacks_birth_date(proofing: Option<&Proofing>) -> bool {
    proofing.is_none_or(|proofing| proofing.birth_date.is_none())
}

/// Finds it, with the birth date that the person says where none is on record; one that is on record must be the same.
///
/// # Errors
/// [`EmployeeError::Invalid`] for another birth date; when database or keystore fail.
pub async fn identify(ground: &Ground, employee: EmployeeId, stated: Option<Day>) -> Result<Identity, EmployeeError> {
    let standing = proofing::read::standing(&mut ground.database.read().await?, employee).await?;
    let known = match &standing {
        Some(proofing) => proofing::read::birth_date(ground, proofing).await?,
        None => None,
    };
    if let (Some(known), Some(stated)) = (known, stated)
        && known != stated
    {
        return Err(EmployeeError::Invalid(vec![FieldFault::new("birth_date", "field_birth_date_other")]));
    }
    let added = match (&standing, known, stated) {
        (Some(proofing), None, Some(stated)) => Some((proofing.id, proofing::seal_birth_date(ground, employee, stated).await?)),
        _ => None,
    };
    Ok(Identity {
        proofing: standing.as_ref().map(|proofing| proofing.id),
        youth_until: proofing::read::youth_until(known.or(stated), ground.clock().now()),
        lacks_birth_date: known.or(stated).is_none(),
        by_post: standing.is_some_and(|proofing| proofing.outcome == Outcome::ByPost),
        stated: added,
    })
}

/// Adds what was said to the record, in the unit that activates or renews.
///
/// # Errors
/// When the database fails.
pub async fn store(unit: &mut Unit, identity: &Identity, employee: &Employee, author: Author) -> Result<(), EmployeeError> {
    if let Some((proofing, sealed)) = &identity.stated {
        proofing::complete(unit, *proofing, sealed, employee.company, author).await?;
    }
    Ok(())
}
