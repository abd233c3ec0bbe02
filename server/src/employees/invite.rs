//! An administrator invites an employee: the link goes by mail, the temporary password another way.

use certs::name::{EmailAddress, GivenName, Surname};

use super::{
    details::Said,
    error::EmployeeError,
    model::{Details, EmailInCertificate, Employee, EmployeeState, Person, Vouching},
    store,
};
use crate::{
    accounts::{self, AccountKind, NewAccount},
    audit,
    companies::{self, Company, register::name_fault},
    config::TextLimits,
    notices::{self, Carried, Contact, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::Unit,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, EmployeeId, Id as _},
        moment::Moment,
        random::token,
        secret::{Secret, token_hash},
        telephone::Telephone,
        words::Language,
    },
    proofing::{self, Examined, Outcome},
    webhooks::{self, Event, EventKind},
};

/// What whoever vouches knows of the person.
#[derive(Clone)]
pub enum Known {
    /// Documents that were seen, and suffice.
    Documents(Examined),
    /// The birth date alone; signatories do not know it.
    Birth(Option<Day>),
}

/// Who is invited, and how.
#[derive(Clone)]
pub struct Invitation {
    /// Names and address.
    pub person: Person,
    /// Whether the address stands in the certificate.
    pub email_in_certificate: EmailInCertificate,
    /// How the person is vouched for.
    pub vouched: Vouching,
    /// What is known of them: who is shown the temporary password has seen a document.
    pub known: Known,
    /// The language of mails and letters.
    pub language: Language,
    /// Where the person is called and gets text messages.
    pub telephone: Option<Telephone>,
}

/// What the person becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// The company's administrator.
    Administrator,
    /// An employee.
    Employee,
}

impl Post {
    /// The mail that brings the link.
    const fn kind(self) -> Kind {
        match self {
            Self::Administrator => Kind::AdministratorAppointed,
            Self::Employee => Kind::EmployeeInvited,
        }
    }
}

/// A link with its mail and temporary password, not yet stored.
pub(super) struct Ticket {
    pub(super) link_hash: Vec<u8>,
    pub(super) code_verifier: Vec<u8>,
    pub(super) expires_at: Moment,
    pub(super) mail: Sealed,
    /// What brings the temporary password: a letter, or a text message.
    pub(super) letter: Option<Sealed>,
    /// How many text messages there may be, where it is one.
    texts: Option<TextLimits>,
    shown: Option<Secret<String>>,
}

impl Ticket {
    /// A link whose temporary password goes by letter.
    pub(super) fn by_letter(link_hash: Vec<u8>, code_verifier: Vec<u8>, expires_at: Moment, mail: Sealed, letter: Sealed) -> Self {
        Self { link_hash, code_verifier, expires_at, mail, letter: Some(letter), texts: None, shown: None }
    }
}

/// An invitation with its ids, link and messages, ready for the unit.
pub struct Prepared {
    pub(super) employee: Employee,
    pub(super) contact: Contact,
    pub(super) telephone: Option<Telephone>,
    pub(super) proofing: proofing::Prepared,
    pub(super) ticket: Ticket,
    /// What a file said of the person beside that.
    pub(super) said: Option<Said>,
}

impl Prepared {
    /// The employee to be.
    pub fn employee(&self) -> &Employee {
        &self.employee
    }

    /// The temporary password, when the one who invites may hand it over. Show it once, after the commit.
    pub fn temporary_password(&self) -> Option<&Secret<String>> {
        self.ticket.shown.as_ref()
    }

    /// Who ordered the letter beside whose word it is: they never print it.
    #[must_use]
    pub(super) fn letter_ordered_by(mut self, account: Option<AccountId>) -> Self {
        if let Some(account) = account {
            self.ticket.letter = self.ticket.letter.map(|letter| letter.ordered_by(account));
        }
        self
    }
}

/// Reads a person's names and address; all faults at once.
///
/// # Errors
/// The faults, each with its field (`prefix` stands before it).
pub fn person(prefix: &str, given_name: &str, surname: &str, email: &str) -> Result<Person, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let field = |name: &str| format!("{prefix}{name}");
    let given_name = GivenName::parse(given_name).map_err(|error| faults.push(name_fault(&field("given_name"), &error)));
    let surname = Surname::parse(surname).map_err(|error| faults.push(name_fault(&field("surname"), &error)));
    let email = EmailAddress::parse(email.trim()).map_err(|error| faults.push(name_fault(&field("email"), &error)));
    match (given_name, surname, email) {
        (Ok(given_name), Ok(surname), Ok(email)) => {
            Person::of(given_name, surname, email).map_err(|error| vec![full_name_fault(&field("surname"), &error)])
        }
        _ => Err(faults),
    }
}

/// The fault of both names together.
fn full_name_fault(field: &str, error: &certs::name::NameError) -> FieldFault {
    let fault = name_fault(field, error);
    if fault.rule == "field_long" { FieldFault { rule: "field_full_name_long", ..fault } } else { fault }
}

/// Draws ids, link and temporary password, and writes mail and letter.
///
/// # Errors
/// [`EmployeeError::Invalid`] when the temporary password shall be shown and no document was seen; when the keystore or the notices fail.
pub async fn prepare(
    ground: &Ground,
    company: &Company,
    invitation: &Invitation,
    post: Post,
    author: Author,
) -> Result<Prepared, EmployeeError> {
    if invitation.vouched == Vouching::ByText {
        require_texts(ground)?;
        require_country(ground, "telephone", invitation.telephone.as_ref(), "field_empty")?;
    }
    let id = EmployeeId::fresh(ground.clock().now(), ground.random());
    let (employee, contact) = employee(ground, company, id, invitation, author);
    let proofing = match invitation.known.clone() {
        Known::Documents(examined) => proofing::prepare(ground, employee.id, examined, author).await?,
        Known::Birth(_) if invitation.vouched == Vouching::InPerson => return Err(unseen()),
        Known::Birth(birth) => proofing::vouched(ground, employee.id, birth, author).await?,
    };
    let ticket = ticket(ground, company, post.kind(), invitation.vouched, author).await?;
    Ok(Prepared { employee, contact, telephone: invitation.telephone.clone(), proofing, ticket, said: None })
}

/// The employee to be, and whom mail and letter go to.
pub(super) fn employee(ground: &Ground, company: &Company, id: EmployeeId, invitation: &Invitation, author: Author) -> (Employee, Contact) {
    let now = ground.clock().now();
    let employee = Employee {
        id,
        company: company.id,
        account: AccountId::fresh(now, ground.random()),
        person: invitation.person.clone(),
        email_in_certificate: invitation.email_in_certificate,
        vouched: invitation.vouched,
        vouched_by: author.to_string(),
        state: EmployeeState::Invited,
        suspension: None,
        used_at: None,
        details: Details::default(),
        invited_at: now,
        activated_at: None,
        left_at: None,
        renewals: 0,
        renew_by: None,
    };
    let contact = Contact {
        recipient: employee.id.into(),
        name: employee.name().to_owned(),
        email: Some(employee.person.email.to_string()),
        postal_address: Some(company.postal_address()),
        language: invitation.language,
    };
    (employee, contact)
}

/// Text messages leave here, or nobody is offered any.
fn require_texts(ground: &Ground) -> Result<(), EmployeeError> {
    if notices::has_texts(&ground.config) {
        return Ok(());
    }
    Err(EmployeeError::Invalid(vec![FieldFault::new("vouched", "field_no_texts")]))
}

/// The number is there, and text messages may go to its country.
fn require_country(ground: &Ground, field: &'static str, telephone: Option<&Telephone>, lacks: &'static str) -> Result<(), EmployeeError> {
    let rule = match telephone {
        None => lacks,
        Some(telephone) if !ground.config.texts.go_to(telephone) => "field_telephone_country",
        Some(_) => return Ok(()),
    };
    Err(EmployeeError::Invalid(vec![FieldFault::new(field, rule)]))
}

/// A temporary password is shown only where a document was seen and recorded (`security.md` section 5).
fn unseen() -> EmployeeError {
    EmployeeError::Invalid(vec![FieldFault::new("documents", "field_document_seen")])
}

async fn ticket(ground: &Ground, company: &Company, kind: Kind, vouched: Vouching, author: Author) -> Result<Ticket, EmployeeError> {
    let link = token(ground.random());
    let code = Secret::new(accounts::temporary_password(ground.random()));
    let link_hash = token_hash(&link);
    let code_verifier = accounts::code_verifier(ground, &link_hash, code.reveal()).await?;
    let mail = mail(ground, company, kind, &link);
    let letter = match vouched {
        Vouching::ByLetter => Some(notices::seal(ground, &letter(company, &code, &link_hash, author)).await?),
        Vouching::ByText => Some(notices::seal(ground, &Notice::text(Kind::TemporaryPasswordTexted).secret("code", code.reveal())).await?),
        Vouching::InPerson => None,
    };
    Ok(Ticket {
        link_hash,
        code_verifier,
        expires_at: expires_at(ground),
        mail: notices::seal(ground, &mail).await?,
        letter,
        texts: (vouched == Vouching::ByText).then_some(ground.config.texts.limits),
        shown: match vouched {
            Vouching::ByLetter | Vouching::ByText => None,
            Vouching::InPerson => Some(code),
        },
    })
}

/// The mail with the link.
pub(super) fn mail(ground: &Ground, company: &Company, kind: Kind, link: &str) -> Notice {
    let address = format!("{}/activate/{link}", ground.config.server.public_url);
    Notice::mail(kind).with("company", &company.legal_name).secret("link", &address)
}

/// The letter with the temporary password.
pub(super) fn letter(company: &Company, code: &Secret<String>, link_hash: &[u8], author: Author) -> Notice {
    let letter = Notice::letter(Kind::TemporaryPassword).with("company", &company.legal_name).secret("code", code.reveal());
    letter.carrying(&Carried::TemporaryPassword(link_hash.to_vec())).ordered_by(author)
}

/// When a link that is made now dies.
pub(super) fn expires_at(ground: &Ground) -> Moment {
    ground.clock().now().plus(time::Duration::days(ground.config.policy.activation_days))
}

/// What the audit says of an invitation.
pub(super) fn invited(employee: &Employee, author: Author) -> audit::Event {
    audit::Event::new("employee.invited", author, format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("vouched", employee.vouched.word())
        .fact("account", employee.account)
        .personal("name", employee.name())
        .personal("email", &employee.person.email)
}

/// Stores account, employee, contact and activation, and sends the messages.
///
/// # Errors
/// `NotFound` of the company when it was closed meanwhile; [`EmployeeError::TooManyTexts`].
pub async fn invite(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<EmployeeId, EmployeeError> {
    let employee = &prepared.employee;
    companies::hold_open(unit, employee.company).await?;
    let account = NewAccount { id: employee.account, kind: AccountKind::Employee, name: employee.name().to_owned(), roles: Vec::new() };
    accounts::create(unit, account).await?;
    store::insert(unit, employee).await?;
    notices::keep_contact(unit, &prepared.contact).await?;
    if let Some(telephone) = &prepared.telephone {
        notices::keep_telephone(unit, employee.id.into(), telephone).await?;
    }
    audit::record(unit, invited(employee, author)).await?;
    webhooks::tell(unit, employee.company, Event::new(EventKind::EmployeeInvited).with("employee", employee.id)).await?;
    proofing::record(unit, &prepared.proofing, employee.company, author).await?;
    send(unit, employee, &prepared.ticket).await?;
    Ok(employee.id)
}

async fn send(unit: &mut Unit, employee: &Employee, ticket: &Ticket) -> Result<(), EmployeeError> {
    if let Some(limits) = ticket.texts
        && !notices::count_text(unit, employee.id.into(), employee.company, limits).await?
    {
        return Err(EmployeeError::TooManyTexts);
    }
    accounts::invite(unit, employee.account, &ticket.link_hash, Some(ticket.code_verifier.clone()), ticket.expires_at).await?;
    notices::tell(unit, employee.id.into(), &ticket.mail).await?;
    if let Some(letter) = &ticket.letter {
        notices::tell(unit, employee.id.into(), letter).await?;
    }
    Ok(())
}

/// A new link and a new temporary password for somebody who has not activated yet.
pub struct Renewal {
    pub(super) employee: Employee,
    pub(super) vouched: Vouching,
    /// What it adds to the records; nothing when what the desk recorded is enough.
    proofing: Option<proofing::Prepared>,
    ticket: Ticket,
}

impl Renewal {
    /// How the person was vouched for this time.
    pub fn vouched(&self) -> Vouching {
        self.vouched
    }

    /// The temporary password, when the one who renews may hand it over. Show it once, after the commit.
    pub fn temporary_password(&self) -> Option<&Secret<String>> {
        self.ticket.shown.as_ref()
    }
}

/// How the person is vouched for this time, and the documents that were seen.
pub struct Again {
    /// It decides how the temporary password travels.
    pub vouched: Vouching,
    /// What was seen this time.
    pub seen: Option<Examined>,
    /// Who vouches.
    pub author: Author,
}

/// Draws the new link and temporary password. Whoever had a password before gets another by what was asked for and agreed to ([`super::reissue`]),
/// from the one who asked; an invitation renewed by whomever would go around all of that.
///
/// # Errors
/// [`EmployeeError::AlreadyActivated`]; [`EmployeeError::OnceActivated`]; [`EmployeeError::Invalid`] when the temporary password shall be shown and nobody has seen a document with a
/// photo; when the keystore or the notices fail.
pub async fn prepare_renewal(
    ground: &Ground,
    company: &Company,
    employee: Employee,
    post: Post,
    again: Again,
) -> Result<Renewal, EmployeeError> {
    if employee.state != EmployeeState::Invited {
        return Err(EmployeeError::AlreadyActivated);
    }
    if employee.activated_at.is_some() {
        return Err(EmployeeError::OnceActivated);
    }
    prepare_link(ground, company, employee, post.kind(), again).await
}

/// The link and temporary password, whatever the employee's state.
pub(super) async fn prepare_link(
    ground: &Ground,
    company: &Company,
    employee: Employee,
    kind: Kind,
    again: Again,
) -> Result<Renewal, EmployeeError> {
    let Again { vouched, seen, author } = again;
    if vouched == Vouching::ByText {
        require_texts(ground)?;
        let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
        let telephone = notices::telephone(&mut reader, employee.id.into()).await?;
        require_country(ground, "vouched", telephone.as_ref(), "field_no_telephone")?;
        if notices::is_new_telephone(&mut reader, employee.id.into(), employee.activated_at, now).await? {
            return Err(EmployeeError::NewContact);
        }
    }
    let earlier = proofing::read::standing(&mut ground.database.read().await?, employee.id).await?;
    let proofing = match (seen, vouched, earlier) {
        (Some(examined), _, _) => Some(proofing::prepare(ground, employee.id, examined, author).await?),
        (None, Vouching::InPerson, Some(earlier)) if earlier.outcome == Outcome::HandedOver => None,
        (None, Vouching::InPerson, _) => return Err(unseen()),
        (None, Vouching::ByLetter | Vouching::ByText, Some(earlier)) => Some(proofing::vouched_again(ground, &earlier, author)),
        (None, Vouching::ByLetter | Vouching::ByText, None) => Some(proofing::vouched(ground, employee.id, None, author).await?),
    };
    let ticket = ticket(ground, company, kind, vouched, author).await?;
    Ok(Renewal { employee, vouched, proofing, ticket })
}

/// Sends the new link and temporary password; the old ones are dead.
///
/// # Errors
/// [`EmployeeError::AlreadyActivated`], [`EmployeeError::TooManyTexts`].
pub async fn renew(unit: &mut Unit, renewal: &Renewal, author: Author) -> Result<(), EmployeeError> {
    let employee = &renewal.employee;
    if !store::vouch_again(unit, employee.id, renewal.vouched, &author.to_string()).await? {
        return Err(EmployeeError::AlreadyActivated);
    }
    store_link(unit, renewal, author).await
}

/// Stores and sends what was prepared, in the unit that has vouched again.
pub(super) async fn store_link(unit: &mut Unit, renewal: &Renewal, author: Author) -> Result<(), EmployeeError> {
    let employee = &renewal.employee;
    let event = audit::Event::new("employee.invitation_renewed", author, format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("vouched", renewal.vouched.word());
    audit::record(unit, event).await?;
    if let Some(proofing) = &renewal.proofing {
        proofing::record(unit, proofing, employee.company, author).await?;
    }
    send(unit, employee, &renewal.ticket).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn faults(given_name: &str, surname: &str, email: &str) -> Vec<(String, &'static str)> {
        let faults = person("", given_name, surname, email).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.rule)).collect()
    }

    #[test]
    fn a_name_of_65_characters_is_refused_by_its_field() {
        assert_eq!(faults(&"a".repeat(65), "Ø", "a@b.dk"), [("given_name".to_owned(), "field_long")]);
    }

    #[test]
    fn names_that_fit_alone_but_not_together_are_refused() {
        assert_eq!(faults(&"a".repeat(40), &"b".repeat(40), "a@b.dk"), [("surname".to_owned(), "field_full_name_long")]);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let fields: Vec<_> = faults("", "\u{202E}x", "nowhere").into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["given_name", "surname", "email"]);
    }

    #[test]
    fn danish_letters_stay() {
        let person = person("", " Åse ", "Ægidius Øst", "aase@bageri.example").unwrap();
        assert_eq!(person.common_name.as_str(), "Åse Ægidius Øst");
    }
}
