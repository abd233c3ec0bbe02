//! Companies, associations and those who may bind them: nouns without rows.

use certs::name::{EmailAddress, GivenName, LocalIdentifier, OrganizationIdentifier, OrganizationName, Surname};

use sha2::{Digest as _, Sha256};

use crate::platform::{
    id::{CompanyId, SignatoryId},
    moment::Moment,
    words::Language,
};

/// Letters and digit count of an association's number.
pub const ASSOCIATION_PREFIX: &str = "F-";

/// What kind of organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyKind {
    /// With a CVR number, always.
    Company,
    /// With a number of ours, and perhaps a CVR number.
    Association,
}

impl CompanyKind {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Association => "association",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Company, Self::Association].into_iter().find(|kind| kind.word() == word)
    }
}

/// How far a company is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyState {
    /// Waits for its signatories.
    Registered,
    /// All signatories accepted, an administrator is appointed.
    Active,
    /// Here no more: nobody acts for it, its certificates are revoked.
    Closed,
}

impl CompanyState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Registered, Self::Active, Self::Closed].into_iter().find(|state| state.word() == word)
    }
}

/// The person whom a signatory appoints as the first administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nominee {
    /// Given names.
    pub given_name: GivenName,
    /// Surname.
    pub surname: Surname,
    /// Where the invitation goes.
    pub email: EmailAddress,
}

impl Nominee {
    /// Both names.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}

/// A company or association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its kind.
    pub kind: CompanyKind,
    /// What it is known by: the CVR number, or an association's own number.
    pub number: String,
    /// The CVR number, eight digits.
    pub cvr: Option<String>,
    /// The full legal name, of any length up to a line's.
    pub legal_name: String,
    /// The name in certificates, at most 64 characters.
    pub certificate_name: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// City.
    pub city: String,
    /// How far it is.
    pub state: CompanyState,
    /// How many signatories have not accepted yet.
    pub pending: i64,
    /// How many administrators it has.
    pub administrators: i64,
    /// Whom a signatory appointed, while others have not accepted yet.
    pub nominee: Option<Nominee>,
    /// Since when we know it.
    pub registered_at: Moment,
    /// Since when it is active.
    pub activated_at: Option<Moment>,
}

impl Company {
    /// The postal address: name, street, postal code and city, one line each.
    pub fn postal_address(&self) -> String {
        format!("{}\n{}\n{} {}", self.legal_name, self.street, self.postal_code, self.city)
    }

    /// How certificates name it; none when a row breaks the rules of names.
    pub fn organization(&self) -> Option<certs::profiles::Organization> {
        let identifier = match &self.cvr {
            Some(cvr) => OrganizationIdentifier::Registered(certs::name::Cvr::parse(cvr, certs::name::Checksum::NotChecked).ok()?),
            None => OrganizationIdentifier::Association(LocalIdentifier::parse(&self.number).ok()?),
        };
        Some(certs::profiles::Organization { name: OrganizationName::parse(&self.certificate_name).ok()?, identifier })
    }
}

/// A person entitled to bind a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// The id.
    pub id: SignatoryId,
    /// For which company.
    pub company: CompanyId,
    /// The full name.
    pub name: String,
    /// Where the link goes.
    pub email: String,
    /// How long the link lives.
    pub link_expires_at: Moment,
    /// When the agreement was accepted.
    pub accepted_at: Option<Moment>,
    /// SHA-256 of the text that was accepted.
    pub agreement_hash: Option<Vec<u8>>,
}

/// The agreement as one company's signatories read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementText {
    /// Which wording.
    pub version: &'static str,
    /// In which language.
    pub language: Language,
    /// The very text.
    pub content: String,
}

impl AgreementText {
    /// SHA-256 of the text's bytes: what an acceptance names.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.content.as_bytes()).into()
    }
}

/// The number of an association, from eight random digits.
pub fn association_number(drawn: u64) -> String {
    format!("{ASSOCIATION_PREFIX}{:08}", drawn % 100_000_000)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_associations_number_fits_into_certificates() {
        for drawn in [0, 7, 99_999_999, 100_000_000] {
            assert_eq!(association_number(drawn).len(), 10);
            LocalIdentifier::parse(&association_number(drawn)).unwrap();
        }
    }
}
