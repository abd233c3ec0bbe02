//! Certificates that are intended and wait: none is signed before its time.

use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{CertificateId, EmployeeId},
        moment::Moment,
    },
};

pub(in crate::certificates) async fn hold(unit: &mut Unit, id: CertificateId, until: Moment) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO certificate_hold (certificate_id, held_until) VALUES ($1, $2)
             ON CONFLICT (certificate_id) DO UPDATE SET held_until = excluded.held_until"
        )
        .bind(id)
        .bind(until)
    )
    .map(drop)
}

/// What is held of an employee, and until when; what was let go and is not signed yet too.
pub(in crate::certificates) async fn of_employee(
    connection: &mut impl Connection,
    employee: EmployeeId,
) -> Result<Vec<(CertificateId, Moment)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT certificate.id, certificate_hold.held_until FROM certificate
         JOIN certificate_hold ON certificate_hold.certificate_id = certificate.id
         WHERE certificate.employee_id = $1 AND certificate.state = 'intended' ORDER BY certificate.id"
    )
    .bind(employee)
    .fetch_all(c))
}

/// Everything that is held, of anybody.
pub(in crate::certificates) async fn all(connection: &mut impl Connection) -> Result<Vec<CertificateId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT certificate.id FROM certificate_hold JOIN certificate ON certificate.id = certificate_hold.certificate_id
         WHERE certificate.state = 'intended' ORDER BY certificate.id"
    )
    .fetch_all(c))
}

pub(in crate::certificates) async fn end_holds(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM certificate_hold"))
}
