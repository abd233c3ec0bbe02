//! With what a company's people log in beside the key card: phones, until its administrator says otherwise, and no code tokens.
//!
//! The card is always one of the factors: it is what blocks a lost token or phone.

use super::{error::EmployeeError, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        id::CompanyId,
    },
};

/// What is allowed beside the key card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// Phones, their answers and their codes.
    pub phone: bool,
    /// Code tokens.
    pub token: bool,
    /// Passwords of four digits, which open no signing key.
    #[serde(default)]
    pub four_digits: bool,
}

impl Default for Factors {
    fn default() -> Self {
        Self { phone: true, token: false, four_digits: false }
    }
}

impl Factors {
    /// As words with commas between; the card is not named, since it is always there.
    fn words(self) -> String {
        let all = [(self.phone, "phone"), (self.token, "token"), (self.four_digits, "four_digits")];
        all.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(",")
    }
}

/// What a company allows.
///
/// # Errors
/// When the database fails.
pub async fn allowed(connection: &mut impl Connection, company: CompanyId) -> Result<Factors, DatabaseError> {
    let Some(words) = store::factors(connection, company).await? else { return Ok(Factors::default()) };
    let has = |wanted: &str| words.split(',').any(|word| word == wanted);
    Ok(Factors { phone: has("phone"), token: has("token"), four_digits: has("four_digits") })
}

/// Sets what a company allows from now on: log-ins on their way included.
///
/// # Errors
/// When the database fails.
pub async fn allow(unit: &mut Unit, company: CompanyId, factors: Factors, author: Author) -> Result<(), EmployeeError> {
    let words = factors.words();
    store::keep_factors(unit, company, &words).await?;
    let event = audit::Event::new("company.factors_set", author, format_args!("company:{company}")).company(company);
    Ok(audit::record(unit, event.fact("factors", words)).await?)
}
