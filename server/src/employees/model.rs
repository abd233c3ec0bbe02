//! People in companies: nouns without rows.

use certs::name::{CommonName, EmailAddress, GivenName, PersonIdentifier, Surname};

use crate::platform::{
    id::{AccountId, CompanyId, EmployeeId, Id as _},
    moment::Moment,
};

/// How far an employee is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmployeeState {
    /// Has a link and a temporary password on the way.
    Invited,
    /// Has user id, password, key card and certificates.
    Active,
    /// Acts for the company no more.
    Left,
    /// May do nothing until somebody lifts it, and keeps everything.
    Suspended,
}

impl EmployeeState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Left => "left",
            Self::Suspended => "suspended",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Left, Self::Suspended].into_iter().find(|state| state.word() == word)
    }
}

/// How the one who invites vouches for the person; it decides how the temporary password travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vouching {
    /// Seen in person, with identity document: the temporary password is shown once and handed over.
    InPerson,
    /// By the company's address: the temporary password goes there by letter.
    ByLetter,
    /// By the person's telephone: the temporary password goes there as a text message.
    ByText,
}

impl Vouching {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::ByLetter => "by_letter",
            Self::ByText => "by_text",
        }
    }

    /// The way of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::InPerson, Self::ByLetter, Self::ByText].into_iter().find(|way| way.word() == word)
    }
}

/// Whether the e-mail address stands in the certificate; with it come certificates for mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailInCertificate {
    /// Signing, mail and encryption certificates, with the address.
    Included,
    /// A signing certificate alone, without it.
    LeftOut,
}

impl EmailInCertificate {
    /// The choice of a ticked or unticked box.
    pub const fn when(included: bool) -> Self {
        if included { Self::Included } else { Self::LeftOut }
    }

    /// Whether it is included.
    pub const fn is_included(self) -> bool {
        matches!(self, Self::Included)
    }
}

/// A person by the names that go into certificates. Only [`Person::of`] makes one, so what certificates refuse is refused here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Given names.
    pub given_name: GivenName,
    /// Surname.
    pub surname: Surname,
    /// Both, as certificates show them.
    pub common_name: CommonName,
    /// Where mail goes.
    pub email: EmailAddress,
}

impl Person {
    /// The person of these names.
    ///
    /// # Errors
    /// When both names together are too long for certificates (64 characters, RFC 5280 appendix A.1).
    pub fn of(given_name: GivenName, surname: Surname, email: EmailAddress) -> Result<Self, certs::name::NameError> {
        let common_name = CommonName::parse(&format!("{given_name} {surname}"))?;
        Ok(Self { given_name, surname, common_name, email })
    }
}

/// An employee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employee {
    /// The id; also the person's identifier in certificates.
    pub id: EmployeeId,
    /// Where.
    pub company: CompanyId,
    /// The user id and password.
    pub account: AccountId,
    /// Names and address.
    pub person: Person,
    /// Whether the address stands in the certificate.
    pub email_in_certificate: EmailInCertificate,
    /// How the person was vouched for.
    pub vouched: Vouching,
    /// Who vouched, as the audit names them.
    pub vouched_by: String,
    /// How far.
    pub state: EmployeeState,
    /// When invited.
    pub invited_at: Moment,
    /// When activated.
    pub activated_at: Option<Moment>,
    /// When left.
    pub left_at: Option<Moment>,
    /// How often certificates were asked for anew.
    pub renewals: i64,
    /// Until when certificates must be renewed, since they name the person as they were before a change.
    pub renew_by: Option<Moment>,
    /// While suspended: since when, how long, why.
    pub suspension: Option<Suspension>,
    /// When the person last logged in or signed, to the hour.
    pub used_at: Option<Moment>,
    /// What the company says of the person for itself.
    pub details: Details,
}

/// What a company says of an employee for itself. Empty texts say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Details {
    /// The organisational unit.
    pub unit: String,
    /// The job title.
    pub title: String,
    /// Groups, in the order in which they were given.
    pub groups: Vec<String>,
}

/// A suspension that stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Suspension {
    /// Since when.
    pub since: Moment,
    /// When it ends by itself; null: only when somebody lifts it.
    pub until: Option<Moment>,
    /// Why, in the administrator's words.
    pub reason: String,
}

impl Employee {
    /// The full name.
    pub fn name(&self) -> &str {
        self.person.common_name.as_str()
    }

    /// `UI:DK-E:G:<uuid>`: the same over all certificates of this employee.
    pub fn identifier(&self) -> PersonIdentifier {
        PersonIdentifier::employee(self.id.uuid())
    }
}

/// Where an account stands: asked on every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The employee.
    pub employee: EmployeeId,
    /// Acts for this company.
    pub company: CompanyId,
    /// The full name.
    pub name: String,
    /// Whether the employee administers the company.
    pub administrator: bool,
    /// Whether they make administrators and change the agreement.
    pub superadministrator: bool,
    /// Whether the employee is active in an active company. Whoever is not may do nothing.
    pub active: bool,
    /// When the employee activated last: sessions and API keys of before are nobody's.
    pub since: Option<Moment>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn person(given: usize, surname: usize) -> Result<Person, certs::name::NameError> {
        let name = |length: usize| "a".repeat(length);
        let email = EmailAddress::parse("a@example.dk").unwrap();
        Person::of(GivenName::parse(&name(given)).unwrap(), Surname::parse(&name(surname)).unwrap(), email)
    }

    #[test]
    fn both_names_together_fit_into_64_characters() {
        assert!(person(31, 32).is_ok());
        assert!(person(32, 32).is_err());
    }
}
