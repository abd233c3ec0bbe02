//! Companies, associations and those who may bind them: nouns without rows.

use certs::name::{EmailAddress, GivenName, LocalIdentifier, OrganizationIdentifier, OrganizationName, Surname};

use sha2::{Digest as _, Sha256};

use crate::platform::{
    id::{CompanyId, Id as _, SignatoryId},
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
    /// As many signatories signed as its rule needs, an administrator is appointed.
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

/// What an administrator may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdministratorPost {
    /// Invites and dismisses employees.
    Administrator,
    /// Makes administrators and changes the agreement too.
    Superadministrator,
}

impl AdministratorPost {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Superadministrator => "superadministrator",
        }
    }

    /// The post of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Administrator, Self::Superadministrator].into_iter().find(|post| post.word() == word)
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
    /// The signing rule: so many of its signatories must sign; one when each binds it alone.
    pub needed: i64,
    /// How many must still sign before the agreement stands.
    pub pending: i64,
    /// When the operator took the order back.
    pub withdrawn_at: Option<Moment>,
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
    /// What they are to the company, such as chair of the board.
    pub role: Option<String>,
    /// How long the link lives.
    pub link_expires_at: Moment,
    /// When the agreement was accepted.
    pub accepted_at: Option<Moment>,
    /// When the agreement was declined.
    pub declined_at: Option<Moment>,
    /// SHA-256 of the text that was accepted.
    pub agreement_hash: Option<Vec<u8>>,
    /// The form, when it was signed on paper.
    pub form: Option<SeenForm>,
}

impl Signatory {
    /// Whether the agreement stood before this signatory came, by a change of it: then nobody asked them to sign.
    pub fn came_later(&self, company: &Company) -> bool {
        let (seconds, nanos) = self.id.uuid().get_timestamp().map_or((0, 0), |made| made.to_unix());
        let made = i64::try_from(seconds).unwrap_or(0).saturating_mul(1_000).saturating_add(i64::from(nanos / 1_000_000));
        company.activated_at.is_some_and(|at| made > at.millis())
    }
}

/// A form that was signed on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenForm {
    /// The day on the form, `YYYY-MM-DD`.
    pub signed_on: String,
    /// Who saw it, by name at that time.
    pub seen_by: String,
    /// Whether a scan of it is kept.
    pub has_scan: bool,
}

/// How far the signing of an agreement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// So many declined that the rule cannot be fulfilled any more.
    Declined,
    /// The rule could be fulfilled, but too few links still work.
    Expired,
    /// Enough signatories can sign.
    Pending,
    /// As many signed as the rule needs.
    Signed,
    /// The operator took it back.
    Withdrawn,
}

impl OrderState {
    /// Judges a company's order by its signatories.
    pub fn of(company: &Company, signatories: &[Signatory], now: Moment) -> Self {
        if company.withdrawn_at.is_some() {
            return Self::Withdrawn;
        }
        if company.pending <= 0 {
            return Self::Signed;
        }
        let able = signatories.iter().filter(|signatory| signatory.accepted_at.is_none() && signatory.declined_at.is_none());
        let (living, dead): (Vec<_>, Vec<_>) = able.partition(|signatory| signatory.link_expires_at > now);
        let reach = |count: usize| i64::try_from(count).is_ok_and(|count| count >= company.pending);
        match (reach(living.len()), reach(living.len() + dead.len())) {
            (true, _) => Self::Pending,
            (false, true) => Self::Expired,
            (false, false) => Self::Declined,
        }
    }
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

    fn ordered(needed: i64, signed: i64) -> Company {
        Company {
            id: CompanyId::from_uuid(uuid::Uuid::nil()),
            kind: CompanyKind::Association,
            number: "F-00000007".to_owned(),
            cvr: None,
            legal_name: "Sejlforeningen Nordhavn".to_owned(),
            certificate_name: "Sejlforeningen Nordhavn".to_owned(),
            street: "Molen 2".to_owned(),
            postal_code: "2150".to_owned(),
            city: "Nordhavn".to_owned(),
            state: CompanyState::Registered,
            needed,
            pending: needed - signed,
            withdrawn_at: None,
            administrators: 0,
            nominee: None,
            registered_at: Moment::from_millis(0),
            activated_at: None,
        }
    }

    fn signatory(until: i64, accepted: bool, declined: bool) -> Signatory {
        let at = Moment::from_millis(1);
        Signatory {
            id: SignatoryId::from_uuid(uuid::Uuid::nil()),
            company: CompanyId::from_uuid(uuid::Uuid::nil()),
            name: "Åse".to_owned(),
            email: "aase@bageri.example".to_owned(),
            role: None,
            link_expires_at: Moment::from_millis(until),
            accepted_at: accepted.then_some(at),
            declined_at: declined.then_some(at),
            agreement_hash: None,
            form: None,
        }
    }

    #[test]
    fn who_came_after_the_agreement_stood_was_not_asked_to_sign_it() {
        let at = |millis: u64| {
            let id = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
            Signatory { id: SignatoryId::from_uuid(id), ..signatory(20, false, false) }
        };
        let stands = Company { activated_at: Some(Moment::from_millis(1_000)), ..ordered(1, 1) };
        assert!(!at(999).came_later(&stands) && at(1_001).came_later(&stands) && !at(1_001).came_later(&ordered(1, 0)));
    }

    #[test]
    fn an_order_waits_as_long_as_its_rule_can_be_fulfilled() {
        let now = Moment::from_millis(10);
        let (open, late) = (signatory(20, false, false), signatory(5, false, false));
        let (signed, declined) = (signatory(20, true, false), signatory(20, false, true));
        let judge = |needed, done, all: &[&Signatory]| {
            OrderState::of(&ordered(needed, done), &all.iter().map(|one| (*one).clone()).collect::<Vec<_>>(), now)
        };
        assert_eq!(judge(2, 1, &[&signed, &open, &declined]), OrderState::Pending);
        assert_eq!(judge(2, 1, &[&signed, &late, &declined]), OrderState::Expired);
        assert_eq!(judge(3, 1, &[&signed, &open, &declined]), OrderState::Declined);
        assert_eq!(judge(1, 1, &[&signed, &open]), OrderState::Signed);
        assert_eq!(OrderState::of(&Company { withdrawn_at: Some(now), ..ordered(1, 0) }, &[open], now), OrderState::Withdrawn);
    }
}
