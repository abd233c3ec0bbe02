//! The identities under which a company itself is certified: its seal, its mailboxes and systems.

use crate::{
    execute, fetch,
    platform::{
        database::{DatabaseError, Unit},
        id::{CompanyId, UnitId},
    },
};

/// An identity, if there is none yet.
#[derive(Clone, Debug)]
pub(in crate::companies) struct NewUnit {
    pub(in crate::companies) id: UnitId,
    pub(in crate::companies) company: CompanyId,
    pub(in crate::companies) purpose: &'static str,
    /// Empty for a seal.
    pub(in crate::companies) email: String,
}

/// The identity of this company, purpose and mailbox: the one that is there, else the new one.
pub(in crate::companies) async fn unit_of(unit: &mut Unit, new: &NewUnit) -> Result<UnitId, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO company_unit (id, company_id, purpose, email, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.company)
        .bind(new.purpose)
        .bind(&new.email)
        .bind(now)
    )?;
    fetch!(unit, |c| sqlx::query_scalar("SELECT id FROM company_unit WHERE company_id = $1 AND purpose = $2 AND email = $3")
        .bind(new.company)
        .bind(new.purpose)
        .bind(&new.email)
        .fetch_one(c))
}
