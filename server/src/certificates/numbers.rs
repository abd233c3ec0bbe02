//! The numbers of the family `oces2`: RID, UID and FID, drawn once for each bearer and kept over every renewal, since integrations know people by
//! them.

use certs::{
    name::CommonName,
    profiles::{
        Family, Order, Organization,
        oces2::{self, ResourceNumber},
    },
};
use uuid::Uuid;

use super::{CertificateError, CompanyHolder, CompanyProfile, Holder, store};
use crate::{
    authorities::{self, Loaded},
    platform::{
        database::{Connection, DatabaseError, Unit},
        ground::Ground,
        id::{CompanyId, Id as _},
        random,
    },
};

/// With 90 million numbers for each company the first draw is nearly always free.
const DRAWS: usize = 20;

/// Whose number, and what its certificate calls them.
pub(super) struct Bearer<'a> {
    id: Uuid,
    company: CompanyId,
    organization: &'a Organization,
    common_name: CommonName,
}

impl<'a> Bearer<'a> {
    pub(super) fn of_employee(holder: &'a Holder) -> Self {
        Self {
            id: holder.employee.uuid(),
            company: holder.company,
            organization: &holder.subject.organization,
            common_name: holder.subject.common_name.clone(),
        }
    }

    /// `<label> (funktionscertifikat)` for a function, where there is room for it.
    pub(super) fn of_company(holder: &'a CompanyHolder) -> Self {
        let name = &holder.subject.common_name;
        let common_name = match holder.profile {
            CompanyProfile::Function(_) => CommonName::parse(&format!("{name} (funktionscertifikat)")).unwrap_or_else(|_| name.clone()),
            CompanyProfile::Seal => name.clone(),
        };
        Self { id: holder.unit.uuid(), company: holder.company, organization: &holder.subject.organization, common_name }
    }
}

/// The order in the family of the authority; its number is drawn now if there is none.
pub(super) async fn in_family(ground: &Ground, authority: &Loaded, order: Order, bearer: &Bearer<'_>) -> Result<Order, CertificateError> {
    match authority.issuer.family() {
        Family::Default => Ok(order),
        Family::Oces2 => {
            let number = number_of(ground, bearer).await?;
            let bearer = oces2::Bearer { organization: bearer.organization, common_name: &bearer.common_name, number: &number };
            Ok(oces2::rename(order, &bearer, &authorities::practice(ground)?))
        }
    }
}

/// Whether a text is such a number: 1 to 16 digits.
pub fn is_number(text: &str) -> bool {
    ResourceNumber::parse(text).is_ok()
}

/// Gives an employee a number that the company chose; `false` when somebody of the company has it, or the employee has another. The verb that calls
/// records it.
///
/// # Errors
/// When the database fails.
pub async fn give_number(unit: &mut Unit, employee: Uuid, company: CompanyId, number: &str) -> Result<bool, DatabaseError> {
    Ok(store::numbers::resource_number(unit, employee, company, number).await?.as_deref() == Some(number))
}

/// Who of the company has a number: an employee, or something of the company's own.
///
/// # Errors
/// When the database fails.
pub async fn bearer_of_number(connection: &mut impl Connection, company: CompanyId, number: &str) -> Result<Option<Uuid>, DatabaseError> {
    store::numbers::bearer(connection, company, number).await
}

/// Those of these numbers that somebody of the company has.
///
/// # Errors
/// When the database fails.
pub async fn numbers_taken(unit: &mut Unit, company: CompanyId, numbers: &[&str]) -> Result<Vec<String>, DatabaseError> {
    store::numbers::taken(unit, company, numbers).await
}

async fn number_of(ground: &Ground, bearer: &Bearer<'_>) -> Result<ResourceNumber, CertificateError> {
    for _ in 0..DRAWS {
        let drawn = 10_000_000 + u64::from_be_bytes(random::bytes(ground.random())) % 90_000_000;
        let drawn = drawn.to_string();
        let found =
            ground.database.write(async |unit| store::numbers::resource_number(unit, bearer.id, bearer.company, &drawn).await).await?;
        if let Some(number) = found {
            return Ok(ResourceNumber::parse(&number)?);
        }
    }
    Err(CertificateError::NumbersTaken)
}
