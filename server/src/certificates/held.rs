//! A certificate that waits: intended, its key made, and signed only once its time has come, or somebody who may let it go does. Whoever must
//! not have it is heard in time.
//!
//! The recovering round signs what was let go, also after a crash. The certificate begins when its key was made: at most two days before it is signed.

use certs::revocation::Reason;

use super::{CertificateError, finish, finish::abandon, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{CertificateId, EmployeeId},
        moment::Moment,
    },
};

/// Has intentions of this unit wait.
///
/// # Errors
/// When the database fails.
pub async fn hold(unit: &mut Unit, ids: &[CertificateId], until: Moment, author: Author) -> Result<(), DatabaseError> {
    for id in ids {
        store::held::hold(unit, *id, until).await?;
        audit::record(unit, audit::Event::new("certificate.held", author, format!("certificate:{id}")).fact("until", until)).await?;
    }
    Ok(())
}

/// Until when an employee's certificates wait; none when nothing is on its way.
///
/// # Errors
/// When the database fails.
pub async fn held_until(connection: &mut impl Connection, employee: EmployeeId) -> Result<Option<Moment>, DatabaseError> {
    Ok(store::held::of_employee(connection, employee).await?.into_iter().map(|(_, until)| until).max())
}

/// Lets an employee's certificates go: they wait no longer. After the commit, [`finish_held`] signs them.
///
/// # Errors
/// When the database fails.
pub async fn let_go(unit: &mut Unit, employee: EmployeeId, author: Author) -> Result<usize, DatabaseError> {
    let (held, now) = (store::held::of_employee(unit, employee).await?, unit.now());
    for (id, _) in &held {
        store::held::hold(unit, *id, now).await?;
        audit::record(unit, audit::Event::new("certificate.let_go", author, format!("certificate:{id}"))).await?;
    }
    Ok(held.len())
}

/// Gives up what an employee waits for.
///
/// # Errors
/// When the database fails.
pub async fn give_up_held(unit: &mut Unit, employee: EmployeeId, author: Author) -> Result<usize, DatabaseError> {
    let mut given_up = 0;
    for (id, _) in store::held::of_employee(unit, employee).await? {
        let Some(held) = store::by_id(unit, id).await? else { continue };
        given_up += usize::from(abandon(unit, &held, author, Reason::CessationOfOperation).await?);
    }
    Ok(given_up)
}

/// Gives up everything that waits, of anybody.
pub(super) async fn give_up_all_held(unit: &mut Unit, author: Author) -> Result<(), DatabaseError> {
    for id in store::held::all(unit).await? {
        if let Some(held) = store::by_id(unit, id).await? {
            abandon(unit, &held, author, Reason::CessationOfOperation).await?;
        }
    }
    Ok(())
}

/// Signs what waits no longer. What fails is tried again by the recovering round.
///
/// # Errors
/// When the database fails.
pub async fn finish_held(ground: &Ground, employee: EmployeeId) -> Result<(), CertificateError> {
    let (held, now) = (store::held::of_employee(&mut ground.database.read().await?, employee).await?, ground.clock().now());
    for (id, _) in held.into_iter().filter(|(_, until)| *until <= now) {
        if let Err(error) = finish(ground, id).await {
            tracing::error!(certificate = %id, %error, "a certificate that waited is not finished yet");
        }
    }
    Ok(())
}
