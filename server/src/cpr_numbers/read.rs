//! Questions about subscriptions, and whether a number is known: never which.

use super::{Subscription, store};
use crate::platform::{
    database::{Connection, DatabaseError},
    id::{CompanyId, EmployeeId},
};

/// The subscription of a company; none when it takes no CPR numbers.
///
/// # Errors
/// When the database fails.
pub async fn subscription(connection: &mut impl Connection, company: CompanyId) -> Result<Option<Subscription>, DatabaseError> {
    store::subscription(connection, company).await
}

/// Whether an employee's number is known.
///
/// # Errors
/// When the database fails.
pub async fn is_noted(connection: &mut impl Connection, employee: EmployeeId) -> Result<bool, DatabaseError> {
    Ok(store::number_mac(connection, employee).await?.is_some())
}
