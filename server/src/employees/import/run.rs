//! A portion of an import: its people are invited in one unit, which also says where the next begins.

use super::{
    model::{Import, ImportState, KEPT, PORTION, Row, RowState},
    there::There,
};
use crate::{
    accounts::{self, AccountState},
    audit,
    companies::{self, Company, CompanyError, CompanyState},
    employees::{
        Details, EmailInCertificate, EmployeeError, Vouching,
        details::Said,
        invite::{self, Invitation, Known, Prepared},
        invite_many::{self, Named},
        read, store,
    },
    platform::{
        database::{Connection, Unit},
        ground::Ground,
        id::{CompanyId, ImportId},
        queue,
    },
};

/// Invites a portion.
pub const RUN: queue::Kind = queue::Kind("employees.import");

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Payload {
    /// Whose.
    pub company: CompanyId,
    /// Of which file.
    pub import: ImportId,
    /// From which line on.
    pub from: i64,
}

/// Invites the portion that begins at a line; done already, or cancelled, is no error.
///
/// # Errors
/// When keystore or database fail: the portion is tried again.
pub async fn portion(ground: &Ground, payload: Payload) -> Result<(), EmployeeError> {
    let mut reader = ground.database.read().await?;
    let found = store::import(&mut reader, payload.company, payload.import).await?;
    let Some(import) = found.filter(|import| import.state == ImportState::Running && import.next_line == payload.from) else {
        return Ok(());
    };
    let rows = store::import_people(&mut reader, import.id, RowState::Good, import.next_line, PORTION).await?;
    let company = companies::read::company(&mut reader, import.company).await?.ok_or(EmployeeError::NotFound)?;
    let halted = halted(&mut reader, &import).await?;
    drop(reader);
    if let Some(state) = halted {
        return ground.database.write(async |unit| end(unit, &import, state).await).await;
    }
    let prepared = prepare(ground, &company, &import, &rows).await?;
    ground.database.write(async |unit| invite(unit, &import, &rows, &prepared).await).await
}

/// How an import ends that may not go on: its company is closed, or whoever started it administers the company no more.
async fn halted(connection: &mut impl Connection, import: &Import) -> Result<Option<ImportState>, EmployeeError> {
    let company = companies::read::company(connection, import.company).await?;
    if company.is_none_or(|company| company.state != CompanyState::Active) {
        return Ok(Some(ImportState::Failed));
    }
    let account = accounts::read::account(connection, import.asked_by).await?;
    let standing = read::standing(connection, import.asked_by).await?;
    let administers = standing.is_some_and(|one| one.company == import.company && one.active && one.administrator);
    let goes_on = administers && account.is_some_and(|account| account.state == AccountState::Active);
    Ok((!goes_on).then_some(ImportState::Stopped))
}

async fn prepare(ground: &Ground, company: &Company, import: &Import, rows: &[Row]) -> Result<Vec<Prepared>, EmployeeError> {
    let people = rows.iter().map(named).collect::<Result<Vec<_>, EmployeeError>>()?;
    invite_many::prepare(ground, company, people, import.author()).await
}

fn named(row: &Row) -> Result<Named, EmployeeError> {
    let person = invite::person("", &row.given_name, &row.surname, &row.email).map_err(EmployeeError::Invalid)?;
    let email_in_certificate = EmailInCertificate::when(row.email_in_certificate);
    let (vouched, known) = (Vouching::ByLetter, Known::Birth(None));
    let said = (row.details != Details::default() || row.rid.is_some()).then(|| Said::checked(row.details.clone(), row.rid.clone()));
    Ok(Named {
        id: row.employee,
        invitation: Invitation { person, email_in_certificate, vouched, known, language: row.language, telephone: row.telephone.clone() },
        birth_date: row.sealed_birth_date.clone(),
        said,
    })
}

async fn invite(unit: &mut Unit, import: &Import, rows: &[Row], prepared: &[Prepared]) -> Result<(), EmployeeError> {
    match companies::hold_open(unit, import.company).await {
        Ok(()) => {}
        Err(CompanyError::NotFound) => return end(unit, import, ImportState::Failed).await,
        Err(error) => return Err(error.into()),
    }
    if let Some(state) = halted(unit, import).await? {
        return end(unit, import, state).await;
    }
    let last = rows.last().map_or(0, |row| row.line);
    let there = There::find(unit, import, rows).await?;
    let (fresh, invited): (Vec<&Prepared>, Vec<i64>) =
        prepared.iter().zip(rows).filter(|(_, row)| !there.holds(row.line)).map(|(one, row)| (one, row.line)).unzip();
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    let counts = (count(invited.len()), count(there.count()));
    if !store::advance_import(unit, import, last.max(import.next_line) + 1, counts).await? {
        return Ok(());
    }
    there.mark(unit, import, RowState::Refused).await?;
    store::mark_rows(unit, import.id, &invited, RowState::Invited, None).await?;
    invite_many::invite(unit, &fresh, import.author()).await?;
    if i64::try_from(rows.len()).is_ok_and(|rows| rows < PORTION) {
        return end(unit, import, ImportState::Done).await;
    }
    let next = Payload { company: import.company, import: import.id, from: last + 1 };
    queue::enqueue(unit, RUN, &next, unit.now()).await?;
    Ok(())
}

async fn end(unit: &mut Unit, import: &Import, state: ImportState) -> Result<(), EmployeeError> {
    let forget_at = unit.now().plus(KEPT);
    if store::end_import(unit, import.id, ImportState::Running, state, forget_at).await? {
        store::end_turn(unit, import.company, import.id).await?;
        let event = audit::Event::new("employee_import.ended", import.author(), format_args!("import:{}", import.id))
            .company(import.company)
            .fact("state", state.word());
        audit::record(unit, event).await?;
    }
    Ok(())
}
