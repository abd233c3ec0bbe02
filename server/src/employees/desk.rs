//! The desk: an operator sees a person's documents and records it. Whoever does neither sends nor hands over that person's codes.

use super::{
    error::EmployeeError,
    model::{Employee, EmployeeState},
    store,
};
use crate::{
    platform::{
        actor::Actor,
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError, Unit},
        fault::FieldFault,
        ground::Ground,
        limits, text,
    },
    proofing::{self, Examined, Outcome},
};

/// So many letters of a surname are asked for.
const LEAST_LETTERS: usize = 2;

/// Documents that were seen at the desk, ready for the unit.
pub struct Prepared {
    employee: Employee,
    proofing: proofing::Prepared,
}

impl Prepared {
    /// How the key card reaches the person.
    pub fn outcome(&self) -> Outcome {
        self.proofing.outcome()
    }

    /// The record's id.
    pub fn id(&self) -> crate::platform::id::ProofingId {
        self.proofing.id()
    }
}

/// Whoever is invited or active and has a surname that begins so, whatever the company.
///
/// # Errors
/// [`EmployeeError::Invalid`] for less than two letters.
pub async fn find(connection: &mut impl Connection, surname: &str, after: &Cursor) -> Result<Listing<Employee>, EmployeeError> {
    if surname.trim().chars().count() < LEAST_LETTERS {
        return Err(EmployeeError::Invalid(vec![FieldFault::new("name", "field_prefix").with("least", LEAST_LETTERS)]));
    }
    let from = text::sort_key(surname);
    let rows = store::present(connection, (&from, &text::after_prefix(&from)), after, limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows, |employee| employee.id))
}

/// Seals and keys what was seen. Outside any unit.
///
/// # Errors
/// [`EmployeeError::AlreadyLeft`]; when the keystore fails.
pub async fn prepare(ground: &Ground, employee: Employee, examined: Examined, actor: &Actor) -> Result<Prepared, EmployeeError> {
    if employee.state == EmployeeState::Left {
        return Err(EmployeeError::AlreadyLeft);
    }
    let proofing = proofing::prepare(ground, employee.id, examined, actor.author()).await?;
    Ok(Prepared { employee, proofing })
}

/// Records it. Whether one of the documents was shown for another person before.
///
/// # Errors
/// [`EmployeeError::SentByYou`] for whoever sent the person a code; [`EmployeeError::AlreadyLeft`] when the person left meanwhile.
pub async fn record(unit: &mut Unit, prepared: &Prepared, actor: &Actor) -> Result<bool, EmployeeError> {
    let Employee { id, company, .. } = prepared.employee;
    if !store::hold(unit, id).await? {
        return Err(EmployeeError::AlreadyLeft);
    }
    if proofing::read::was_vouched_for_by(unit, id, actor.account).await? {
        return Err(EmployeeError::SentByYou);
    }
    Ok(proofing::record(unit, &prepared.proofing, company, actor.author()).await?)
}

/// Writes down that what was shown did not suffice.
///
/// # Errors
/// When the database fails.
pub async fn refuse(unit: &mut Unit, employee: &Employee, faults: &[FieldFault], actor: &Actor) -> Result<(), EmployeeError> {
    Ok(proofing::refuse(unit, employee.id, employee.company, faults, actor.author()).await?)
}

/// Refuses whoever saw the person's documents at the desk: that person's codes are somebody else's to send. Waits for a record at the same time.
///
/// # Errors
/// [`EmployeeError::ProofedByYou`].
pub async fn require_another(unit: &mut Unit, employee: &Employee, actor: &Actor) -> Result<(), EmployeeError> {
    store::hold(unit, employee.id).await?;
    if proofing::read::was_proofed_by(unit, employee.id, actor.account).await? {
        return Err(EmployeeError::ProofedByYou);
    }
    Ok(())
}

/// What was recorded of somebody, with the names of those who saw it.
pub struct Seen {
    /// The record.
    pub proofing: proofing::Proofing,
    /// Its documents.
    pub documents: Vec<proofing::Document>,
    /// Who saw it; none for signatories and the service itself.
    pub by: Option<String>,
}

/// The history of somebody's proofing, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn history(connection: &mut impl Connection, employee: &Employee) -> Result<Vec<Seen>, DatabaseError> {
    let mut found = Vec::new();
    for (proofing, documents) in proofing::read::history(connection, employee.id).await? {
        let account = proofing.seen_by.strip_prefix("account:").and_then(|id| id.parse().ok());
        let by = match account {
            Some(account) => crate::accounts::read::account(connection, account).await?.map(|account| account.name),
            None => None,
        };
        found.push(Seen { proofing, documents, by });
    }
    Ok(found)
}
