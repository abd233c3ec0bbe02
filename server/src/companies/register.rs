//! An operator registers a company or association: company, signatories, their contacts, audit and mails in one unit.

use certs::name::{Checksum, Cvr, EmailAddress, NameError, OrganizationName};
use time::Duration;

use super::{
    error::CompanyError,
    lookup,
    model::{Company, CompanyKind, CompanyState, Signatory, association_number},
    store,
};
use crate::{
    audit,
    config::CvrChecksum,
    notices::{self, Contact, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, Id as _, SignatoryId},
        limits,
        random::{self, token},
        secret::token_hash,
        text,
        words::Language,
    },
};

/// How long a signatory's link lives.
const LINK_LIFE: Duration = Duration::days(14);
/// Longest name in certificates, characters (RFC 5280 appendix A.1, ub-organization-name).
const CERTIFICATE_NAME: usize = 64;
/// How often another number is drawn for an association when the first is taken.
const DRAWS: usize = 8;

/// What an operator types or a program sends.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Company or association.
    pub kind: Option<CompanyKind>,
    /// The full legal name.
    pub legal_name: String,
    /// The name in certificates; needed when the legal name has more than 64 characters.
    #[serde(default)]
    pub certificate_name: Option<String>,
    /// Eight digits; a company must have it.
    #[serde(default)]
    pub cvr: Option<String>,
    /// Street and number.
    pub street: String,
    /// Postal code: four digits (three on the Faroe Islands).
    pub postal_code: String,
    /// City.
    pub city: String,
    /// Those who may bind the company, 1 to 10.
    pub signatories: Vec<Applicant>,
    /// The signing rule: so many of them must sign; 1 when each binds it alone. All of them when left out.
    #[serde(default)]
    pub needed: Option<i64>,
    /// The language of the mails to the signatories.
    #[serde(default)]
    pub language: Option<Language>,
    /// True when the register of companies is not asked: it is away, or knows less than the operator saw. It stands in the audit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_register: bool,
}

/// A signatory as typed.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// Full name.
    pub name: String,
    /// Where the link goes.
    pub email: String,
    /// What they are to the company, such as chair of the board.
    #[serde(default)]
    pub role: Option<String>,
}

/// An application that follows the rules; only [`Registration::of`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    kind: CompanyKind,
    legal_name: String,
    certificate_name: OrganizationName,
    cvr: Option<Cvr>,
    street: String,
    postal_code: String,
    city: String,
    signatories: Vec<Named>,
    needed: i64,
    language: Option<Language>,
}

/// A signatory whose fields follow the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) email: EmailAddress,
    pub(super) role: Option<String>,
}

/// A registration with its links and mails, ready for the unit.
pub struct Prepared {
    company: Company,
    numbers: Vec<String>,
    signatories: Vec<Invited>,
    language: Language,
    look: Look,
}

/// What the register of companies was asked before a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It says the same.
    Agrees,
    /// The operator chose to do without it.
    LeftOut,
    /// There is none, or the association has no CVR number.
    Nothing,
}

impl Look {
    const fn word(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::LeftOut => "left_out",
            Self::Nothing => "nothing",
        }
    }
}

impl Prepared {
    /// Remembers for the audit what the register was asked.
    #[must_use]
    pub fn looked_up(self, look: Look) -> Self {
        Self { look, ..self }
    }
}

struct Invited {
    signatory: Signatory,
    link_hash: Vec<u8>,
    mail: Sealed,
}

impl Registration {
    /// Reads an application; all faults at once, each with its field.
    ///
    /// # Errors
    /// The faults.
    pub fn of(application: &Application, checksum: CvrChecksum) -> Result<Self, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut line = |field: &'static str, given: &str| {
            text::line(given, limits::LINE_CHARACTERS).map_err(|fault| faults.push(FieldFault::text(field, fault))).ok()
        };
        let legal_name = line("legal_name", &application.legal_name);
        let street = line("street", &application.street);
        let city = line("city", &application.city);
        if application.kind.is_none() {
            faults.push(FieldFault::new("kind", "field_choice"));
        }
        let certificate_name = legal_name.as_deref().and_then(|legal| certificate_name(application, legal, &mut faults));
        let cvr = cvr(application, checksum, &mut faults);
        let postal_code = postal_code(&application.postal_code, &mut faults);
        let signatories = signatories(&application.signatories, &mut faults);
        let needed = needed(application.needed, application.signatories.len(), &mut faults);
        match (application.kind, legal_name, certificate_name, street, postal_code, city) {
            (Some(kind), Some(legal_name), Some(certificate_name), Some(street), Some(postal_code), Some(city)) if faults.is_empty() => {
                Ok(Self {
                    kind,
                    legal_name,
                    certificate_name,
                    cvr,
                    street,
                    postal_code,
                    city,
                    signatories,
                    needed,
                    language: application.language,
                })
            }
            _ => Err(faults),
        }
    }
}

/// The given certificate name, or the legal name where that is short enough for certificates.
fn certificate_name(application: &Application, legal: &str, faults: &mut Vec<FieldFault>) -> Option<OrganizationName> {
    let given = application.certificate_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if given.is_none() && legal.chars().count() > CERTIFICATE_NAME {
        faults.push(FieldFault::new("certificate_name", "field_certificate_name_needed").with("most", CERTIFICATE_NAME));
        return None;
    }
    let field = if given.is_some() { "certificate_name" } else { "legal_name" };
    OrganizationName::parse(given.unwrap_or(legal)).map_err(|error| faults.push(name_fault(field, &error))).ok()
}

/// The CVR number: a company must have one.
fn cvr(application: &Application, checksum: CvrChecksum, faults: &mut Vec<FieldFault>) -> Option<Cvr> {
    let typed: String = application.cvr.as_deref().unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
    if typed.is_empty() {
        if application.kind == Some(CompanyKind::Company) {
            faults.push(FieldFault::new("cvr", "field_cvr_needed"));
        }
        return None;
    }
    let checksum = match checksum {
        CvrChecksum::NotChecked => Checksum::NotChecked,
        CvrChecksum::Required => Checksum::Required,
    };
    Cvr::parse(&typed, checksum).map_err(|error| faults.push(name_fault("cvr", &error))).ok()
}

pub(super) fn postal_code(given: &str, faults: &mut Vec<FieldFault>) -> Option<String> {
    let code = given.trim();
    let right = (3..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !right {
        faults.push(FieldFault::new("postal_code", if code.is_empty() { "field_empty" } else { "field_postal_code" }));
    }
    right.then(|| code.to_owned())
}

/// How many must sign: all of them unless the rule says fewer.
pub(super) fn needed(given: Option<i64>, signatories: usize, faults: &mut Vec<FieldFault>) -> i64 {
    let all = i64::try_from(signatories).unwrap_or(i64::MAX);
    let needed = given.unwrap_or(all);
    if given.is_some() && !(1..=all.max(1)).contains(&needed) {
        faults.push(FieldFault::new("needed", "field_needed").with("most", all.max(1)));
    }
    needed
}

pub(super) fn signatories(given: &[Applicant], faults: &mut Vec<FieldFault>) -> Vec<Named> {
    if given.is_empty() {
        faults.push(FieldFault::new("signatories", "field_few").with("least", 1));
    }
    if given.len() > limits::SIGNATORIES {
        faults.push(FieldFault::new("signatories", "field_many").with("most", limits::SIGNATORIES));
        return Vec::new();
    }
    let mut read: Vec<Named> = Vec::with_capacity(given.len());
    for (index, applicant) in given.iter().enumerate() {
        let name = text::line(&applicant.name, limits::LINE_CHARACTERS)
            .map_err(|fault| faults.push(FieldFault::text(format!("signatories/{index}/name"), fault)));
        let email = EmailAddress::parse(applicant.email.trim())
            .map_err(|error| faults.push(name_fault(&format!("signatories/{index}/email"), &error)));
        let role = applicant.role.as_deref().filter(|role| !role.trim().is_empty()).map(|role| text::line(role, limits::LINE_CHARACTERS));
        let role = role.transpose().map_err(|fault| faults.push(FieldFault::text(format!("signatories/{index}/role"), fault)));
        let (Ok(name), Ok(email), Ok(role)) = (name, email, role) else { continue };
        // As `amend` takes two for one: who differs in capitals alone would count twice by the signing rule.
        if read.iter().any(|other| other.email.as_str().eq_ignore_ascii_case(email.as_str())) {
            faults.push(FieldFault::new(format!("signatories/{index}/email"), "field_twice"));
        }
        read.push(Named { name, email, role });
    }
    read
}

/// The fault of a field that goes into certificates.
pub fn name_fault(field: &str, error: &NameError) -> FieldFault {
    match error {
        NameError::BidirectionalCharacter { position, .. } | NameError::ControlCharacter { position, .. } => {
            FieldFault::new(field, "field_hidden_character").with("position", position)
        }
        NameError::Checksum => FieldFault::new(field, "field_cvr_checksum"),
        NameError::Empty { .. } => FieldFault::new(field, "field_empty"),
        NameError::Forbidden { position, .. } => FieldFault::new(field, "field_forbidden_character").with("position", position),
        NameError::Form { field: part } => FieldFault::new(field, form_rule(*part)),
        NameError::TooLong { length, limit, .. } => FieldFault::new(field, "field_long").with("length", length).with("most", limit),
        // Of hosts only, which nobody orders here.
        NameError::TooMany { .. } => FieldFault::new(field, "field_form"),
    }
}

fn form_rule(part: certs::name::Field) -> &'static str {
    use certs::name::Field;
    match part {
        Field::Cvr => "field_cvr_form",
        Field::EmailAddress => "field_email",
        Field::CommonName
        | Field::Country
        | Field::GivenName
        | Field::Host
        | Field::LocalIdentifier
        | Field::OrganizationName
        | Field::ResourceNumber
        | Field::Surname
        | Field::Url => "field_form",
    }
}

/// Asks the register whether the company is as it was typed.
///
/// # Errors
/// Those of [`lookup::look_up`] and [`lookup::agree`].
pub async fn look(ground: &Ground, application: &Application, registration: &Registration) -> Result<Look, CompanyError> {
    let Some(cvr) = registration.cvr.filter(|_| lookup::is_offered(ground)) else { return Ok(Look::Nothing) };
    if application.without_register {
        return Ok(Look::LeftOut);
    }
    let entry = lookup::look_up(ground, &cvr.to_string()).await?;
    let given = [
        ("legal_name", registration.legal_name.as_str()),
        ("street", &registration.street),
        ("postal_code", &registration.postal_code),
        ("city", &registration.city),
    ];
    lookup::agree(&entry, given)?;
    Ok(Look::Agrees)
}

/// Draws ids, numbers and links, and writes the signatories' mails.
///
/// # Errors
/// When a mail cannot be sealed.
pub async fn prepare(ground: &Ground, registration: &Registration) -> Result<Prepared, CompanyError> {
    let now = ground.clock().now();
    let id = CompanyId::fresh(now, ground.random());
    let numbers = numbers(registration, ground);
    let company = Company {
        id,
        kind: registration.kind,
        number: numbers.first().cloned().unwrap_or_default(),
        cvr: registration.cvr.map(|cvr| cvr.to_string()),
        legal_name: registration.legal_name.clone(),
        certificate_name: registration.certificate_name.to_string(),
        street: registration.street.clone(),
        postal_code: registration.postal_code.clone(),
        city: registration.city.clone(),
        state: CompanyState::Registered,
        needed: registration.needed,
        pending: registration.needed,
        withdrawn_at: None,
        administrators: 0,
        nominee: None,
        registered_at: now,
        activated_at: None,
    };
    let mut signatories = Vec::with_capacity(registration.signatories.len());
    // In the order in which they were named, which their ids keep.
    let mut ids: Vec<_> = registration.signatories.iter().map(|_| SignatoryId::fresh(now, ground.random())).collect();
    ids.sort_unstable();
    for (named, id_of) in registration.signatories.iter().zip(ids) {
        let signatory = Signatory {
            id: id_of,
            company: id,
            name: named.name.clone(),
            email: named.email.to_string(),
            role: named.role.clone(),
            link_expires_at: now.plus(LINK_LIFE),
            accepted_at: None,
            declined_at: None,
            agreement_hash: None,
            form: None,
        };
        let (link_hash, mail) = invitation(ground, &company).await?;
        signatories.push(Invited { signatory, link_hash, mail });
    }
    Ok(Prepared {
        company,
        numbers,
        signatories,
        language: registration.language.unwrap_or(ground.config.policy.language),
        look: Look::Nothing,
    })
}

/// The numbers to try: a company's is its CVR number, an association's is drawn.
fn numbers(registration: &Registration, ground: &Ground) -> Vec<String> {
    match (registration.kind, registration.cvr) {
        (CompanyKind::Company, Some(cvr)) => vec![cvr.to_string()],
        (CompanyKind::Company, None) | (CompanyKind::Association, _) => {
            (0..DRAWS).map(|_| association_number(random::below(ground.random(), 100_000_000))).collect()
        }
    }
}

/// A fresh link and the mail that carries it.
async fn invitation(ground: &Ground, company: &Company) -> Result<(Vec<u8>, Sealed), CompanyError> {
    let link = token(ground.random());
    let address = format!("{}/agreement/{link}", ground.config.server.public_url);
    let notice = Notice::mail(Kind::SignatoryInvited).with("company", &company.legal_name).secret("link", &address);
    Ok((token_hash(&link), notices::seal(ground, &notice).await?))
}

/// Stores company, signatories and contacts, and sends the mails.
///
/// # Errors
/// [`CompanyError::DuplicateCvr`].
pub async fn register(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<CompanyId, CompanyError> {
    let company = insert(unit, prepared).await?;
    let event = audit::Event::new("company.registered", author, format_args!("company:{}", company.id))
        .company(company.id)
        .fact("kind", company.kind.word())
        .fact("number", &company.number)
        .fact("name", &company.legal_name)
        .fact("signatories", prepared.signatories.len())
        .fact("needed", company.needed)
        .fact("register", prepared.look.word());
    audit::record(unit, event).await?;
    for invited in &prepared.signatories {
        store::insert_signatory(unit, &invited.signatory, Some(&invited.link_hash)).await?;
        notices::keep_contact(unit, &contact(&invited.signatory, prepared.language)).await?;
        notices::tell(unit, invited.signatory.id.into(), &invited.mail).await?;
    }
    let own = Contact {
        recipient: company.id.into(),
        name: company.legal_name.clone(),
        email: None,
        postal_address: Some(company.postal_address()),
        language: prepared.language,
    };
    notices::keep_contact(unit, &own).await?;
    Ok(company.id)
}

/// Inserts the company under the first of its numbers that is free.
async fn insert(unit: &mut Unit, prepared: &Prepared) -> Result<Company, CompanyError> {
    let search_name = text::sort_key(&prepared.company.legal_name);
    for number in &prepared.numbers {
        let company = Company { number: number.clone(), ..prepared.company.clone() };
        if store::insert_company(unit, &company, &search_name).await? {
            return Ok(company);
        }
        if let Some(cvr) = &company.cvr
            && store::cvr_is_taken(unit, cvr).await?
        {
            return Err(CompanyError::DuplicateCvr);
        }
    }
    Err(CompanyError::NumbersTaken)
}

pub(super) fn contact(signatory: &Signatory, language: Language) -> Contact {
    Contact {
        recipient: signatory.id.into(),
        name: signatory.name.clone(),
        email: Some(signatory.email.clone()),
        postal_address: None,
        language,
    }
}

/// A new link for a signatory, with its mail.
pub struct NewLink {
    link_hash: Vec<u8>,
    mail: Sealed,
}

/// Draws a new link for a signatory of the company.
///
/// # Errors
/// When the mail cannot be sealed.
pub async fn prepare_link(ground: &Ground, company: &Company) -> Result<NewLink, CompanyError> {
    let (link_hash, mail) = invitation(ground, company).await?;
    Ok(NewLink { link_hash, mail })
}

/// Sends a signatory who has not accepted yet the new link, also one who declined; the old one is dead. An order that was taken back goes on.
///
/// # Errors
/// [`CompanyError::NotFound`] when the company has no such signatory, [`CompanyError::AlreadyAccepted`], [`CompanyError::AgreementStands`].
pub async fn send_link(
    unit: &mut Unit,
    company: CompanyId,
    signatory: SignatoryId,
    link: &NewLink,
    author: Author,
) -> Result<(), CompanyError> {
    let expires_at = unit.now().plus(LINK_LIFE);
    if !store::renew_link(unit, (company, signatory), &link.link_hash, expires_at).await? {
        let found = store::signatories(unit, company).await?.into_iter().find(|known| known.id == signatory);
        return Err(match found.and_then(|known| known.accepted_at) {
            Some(at) => CompanyError::AlreadyAccepted { at },
            None => CompanyError::NotFound,
        });
    }
    if !store::reopen_order(unit, company).await? {
        return Err(CompanyError::AgreementStands);
    }
    let event = audit::Event::new("signatory.link_renewed", author, format_args!("signatory:{signatory}")).company(company);
    audit::record(unit, event).await?;
    notices::tell(unit, signatory.into(), &link.mail).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bakery() -> Application {
        Application {
            kind: Some(CompanyKind::Company),
            legal_name: "Havnens Bageri ApS".to_owned(),
            cvr: Some("30808460".to_owned()),
            street: "Kajen 1".to_owned(),
            postal_code: "4220".to_owned(),
            city: "Korsør".to_owned(),
            signatories: vec![Applicant { name: "Åse Ægidius".to_owned(), email: "aase@bageri.example".to_owned(), role: None }],
            ..Application::default()
        }
    }

    fn faults(application: &Application) -> Vec<(String, &'static str)> {
        let faults = Registration::of(application, CvrChecksum::Required).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.rule)).collect()
    }

    #[test]
    fn a_short_legal_name_is_the_certificate_name() {
        let registration = Registration::of(&bakery(), CvrChecksum::Required).unwrap();
        assert_eq!(registration.certificate_name.as_str(), "Havnens Bageri ApS");
    }

    #[test]
    fn a_legal_name_over_64_characters_is_kept_and_asks_for_a_certificate_name() {
        let long = Application { legal_name: "Å".repeat(65), ..bakery() };
        assert_eq!(faults(&long), [("certificate_name".to_owned(), "field_certificate_name_needed")]);
        let named = Application { certificate_name: Some("Å-huset".to_owned()), ..long };
        let registration = Registration::of(&named, CvrChecksum::Required).unwrap();
        assert_eq!(registration.legal_name.chars().count(), 65);
        assert_eq!(registration.certificate_name.as_str(), "Å-huset");
    }

    #[test]
    fn a_certificate_name_of_65_characters_is_refused_by_its_field() {
        let application = Application { certificate_name: Some("x".repeat(65)), ..bakery() };
        assert_eq!(faults(&application), [("certificate_name".to_owned(), "field_long")]);
    }

    #[test]
    fn a_company_must_have_a_cvr_number_and_an_association_need_not() {
        let without = Application { cvr: None, ..bakery() };
        assert_eq!(faults(&without), [("cvr".to_owned(), "field_cvr_needed")]);
        let association = Application { kind: Some(CompanyKind::Association), ..without };
        assert_eq!(Registration::of(&association, CvrChecksum::Required).unwrap().cvr, None);
    }

    #[test]
    fn modulus_11_counts_only_when_the_policy_says_so() {
        let test_number = Application { cvr: Some("12345678".to_owned()), ..bakery() };
        assert_eq!(faults(&test_number), [("cvr".to_owned(), "field_cvr_checksum")]);
        Registration::of(&test_number, CvrChecksum::NotChecked).unwrap();
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let application = Application { postal_code: "K".to_owned(), city: " ".to_owned(), signatories: Vec::new(), ..bakery() };
        let fields: Vec<_> = faults(&application).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["city", "postal_code", "signatories"]);
    }

    #[test]
    fn a_signatorys_fault_names_its_place() {
        let mut application = bakery();
        application.signatories.push(Applicant { name: "Bo".to_owned(), email: "bo".to_owned(), role: None });
        application.signatories.push(Applicant { name: "Åse".to_owned(), email: "aase@bageri.example".to_owned(), role: None });
        application.signatories[2].email = "AAse@bageri.example".to_owned();
        let expected = [("signatories/1/email".to_owned(), "field_email"), ("signatories/2/email".to_owned(), "field_twice")];
        assert_eq!(faults(&application), expected);
    }

    #[test]
    fn the_rule_needs_at_least_one_and_at_most_all_of_them() {
        assert_eq!(Registration::of(&bakery(), CvrChecksum::Required).unwrap().needed, 1);
        for needed in [0, 2] {
            let application = Application { needed: Some(needed), ..bakery() };
            assert_eq!(faults(&application), [("needed".to_owned(), "field_needed")]);
        }
    }

    #[test]
    fn eleven_signatories_are_too_many() {
        let applicant = |n: usize| Applicant { name: "Bo".to_owned(), email: format!("bo{n}@bageri.example"), role: None };
        let application = Application { signatories: (0..11).map(applicant).collect(), ..bakery() };
        assert_eq!(faults(&application), [("signatories".to_owned(), "field_many")]);
    }
}
