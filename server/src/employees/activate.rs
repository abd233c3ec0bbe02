//! A person activates: with the mailed link and the temporary password that came another way, they choose user id and password, and get
//! a key card and certificates. Operators use the same page with the link alone, and get no certificates.
//!
//! The order: read and try the temporary password (counted), compute everything slow, then one unit that claims the activation and
//! stores it all, then sign what the unit intended. Of two at once, one claims; the other finds the link used.

use super::{
    carrier::{self, Choice, Enrolment, HandedOver, Made},
    error::EmployeeError,
    model::Employee,
    pickup, read, store,
};
use crate::{
    accounts::{self, AccountError, Activation, Password, Protected, UserId},
    audit,
    certificates::{self, Holder, KeyCarrier, PasswordProtection, Profile, code::NewCode},
    companies::{self, Company},
    keycards::{self, NewCard},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::{Connection, Unit},
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, CertificateId, EmployeeId, KeycardId},
        moment::Moment,
        secret::Secret,
    },
};

/// What a person types.
pub struct Request {
    /// The mailed link's token.
    pub link: String,
    /// What came another way; not needed by operators.
    pub temporary_password: Option<Secret<String>>,
    /// The chosen user id.
    pub user_id: String,
    /// The chosen password.
    pub password: Secret<String>,
    /// Where the keys shall rest.
    pub choice: Choice,
}

/// Who a link invites.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The activation.
    pub activation: Activation,
    /// The person's name.
    pub name: String,
    /// The employee with the company; none for an operator.
    pub employee: Option<(Employee, Company)>,
    /// Where the company lets keys rest.
    pub carriers: Vec<KeyCarrier>,
}

/// What an activation gave.
pub struct Activated {
    /// The account.
    pub account: AccountId,
    /// The employee; none for an operator.
    pub employee: Option<EmployeeId>,
    /// The key card.
    pub card: KeycardId,
    /// The number at the card's top.
    pub card_number: String,
    /// What fetches the card's sheet, for fifteen minutes.
    pub ticket: String,
    /// What revokes the certificates without a login; none for an operator.
    pub revocation_code: Option<Secret<String>>,
    /// The certificates, signed or about to be.
    pub certificates: Vec<CertificateId>,
    /// Key files, if the person chose them: this is the only time that they are there.
    pub handed_over: Option<HandedOver>,
}

/// Without the ticket and the code.
impl std::fmt::Debug for Activated {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Activated").field("account", &self.account).field("card", &self.card).finish_non_exhaustive()
    }
}

/// Everything that was computed, ready for the unit.
struct Ready {
    invited: Invited,
    user_id: UserId,
    protected: Protected,
    card: NewCard,
    made: Made,
    code: Option<NewCode>,
    told: Option<Sealed>,
}

/// Who a link invites. Changes nothing: mail scanners follow links.
///
/// # Errors
/// [`EmployeeError::NotFound`], [`EmployeeError::LinkGone`].
pub async fn invited(connection: &mut impl Connection, link: &str, now: Moment) -> Result<Invited, EmployeeError> {
    let activation = accounts::activation_by_link(connection, link).await?.ok_or(EmployeeError::NotFound)?;
    if !activation.is_usable(now) {
        return Err(EmployeeError::LinkGone);
    }
    let account = accounts::read::account(connection, activation.account).await?.ok_or(EmployeeError::NotFound)?;
    let Some(employee) = read::of_account(connection, account.id).await? else {
        return Ok(Invited { activation, name: account.name, employee: None, carriers: Vec::new() });
    };
    let company = companies::read::company(connection, employee.company).await?.ok_or(EmployeeError::NotFound)?;
    let carriers = carrier::allowed(connection, company.id).await?;
    Ok(Invited { activation, name: account.name, employee: Some((employee, company)), carriers })
}

/// Activates.
///
/// # Errors
/// [`EmployeeError::Invalid`], [`EmployeeError::LinkGone`], [`EmployeeError::NotFound`], `NotRight` for a wrong temporary password.
pub async fn activate(ground: &Ground, request: &Request) -> Result<Activated, EmployeeError> {
    let mut reader = ground.database.read().await?;
    let invited = invited(&mut reader, &request.link, ground.clock().now()).await?;
    drop(reader);
    let (user_id, password, enrolment) = choose(request, &invited).map_err(EmployeeError::Invalid)?;
    let typed = request.temporary_password.as_ref().map_or("", |code| code.reveal().as_str());
    accounts::try_code(ground, &invited.activation, typed).await.map_err(gone)?;
    let ready = prepare(ground, invited, (user_id, &password), enrolment).await?;
    ground.database.write(async |unit| store_all(unit, &ready).await).await?;
    finish(ground, ready).await
}

/// What is wrong with the choices, for a page that shows it all at once; the temporary password is not tried.
pub fn faults(request: &Request, invited: &Invited) -> Vec<FieldFault> {
    choose(request, invited).err().unwrap_or_default()
}

/// Reads the choices; all faults at once. The temporary password is only looked at when they are right: a fault costs no try.
fn choose(request: &Request, invited: &Invited) -> Result<(UserId, Password, Enrolment), Vec<FieldFault>> {
    let mut faults = Vec::new();
    let needs_code = invited.activation.code_verifier.is_some();
    if needs_code && request.temporary_password.as_ref().is_none_or(|code| code.reveal().trim().is_empty()) {
        faults.push(FieldFault::new("temporary_password", "field_empty"));
    }
    let enrolment = match &invited.employee {
        Some((employee, _)) => carrier::read(&request.choice, &invited.carriers, profiles(employee)),
        None => Ok(Enrolment::CENTRAL),
    };
    let user_id = UserId::parse(&request.user_id);
    let password = user_id.as_ref().ok().map(|user_id| Password::parse(request.password.reveal(), user_id));
    match (user_id, password, enrolment) {
        (Ok(user_id), Some(Ok(password)), Ok(enrolment)) if faults.is_empty() => Ok((user_id, password, enrolment)),
        (user_id, password, enrolment) => {
            faults.extend(user_id.err().into_iter().flatten());
            faults.extend(password.and_then(Result::err).into_iter().flatten());
            faults.extend(enrolment.err().into_iter().flatten());
            Err(faults)
        }
    }
}

fn gone(error: AccountError) -> EmployeeError {
    if matches!(error, AccountError::Gone) { EmployeeError::LinkGone } else { error.into() }
}

/// What takes its time: password, card, keys and certificates to be.
async fn prepare(
    ground: &Ground,
    invited: Invited,
    (user_id, password): (UserId, &Password),
    enrolment: Enrolment,
) -> Result<Ready, EmployeeError> {
    let account = invited.activation.account;
    let protected = accounts::protect(ground, account, password).await?;
    let card = keycards::issue(ground, account).await?;
    let (made, code, told) = match &invited.employee {
        None => (Made::NOTHING, None, None),
        Some((employee, company)) => {
            let told = Notice::mail(Kind::Activated).with("company", &company.legal_name);
            let protection = PasswordProtection { account, salt: protected.salt.clone(), prk: &protected.prk };
            let made = carrier::intend(ground, (employee, company), profiles(employee), enrolment, &protection).await?;
            (made, Some(certificates::code::draw(ground).await?), Some(notices::seal(ground, &told).await?))
        }
    };
    Ok(Ready { invited, user_id, protected, card, made, code, told })
}

/// Which certificates an employee has.
pub(super) fn profiles(employee: &Employee) -> &'static [Profile] {
    match employee.email_in_certificate.is_included() {
        true => &[Profile::Signing, Profile::Mail, Profile::Encryption],
        false => &[Profile::Signing],
    }
}

/// How certificates name an employee.
///
/// # Errors
/// [`EmployeeError::NotFound`] when the company has no name for certificates.
pub(super) fn holder(employee: &Employee, company: &Company) -> Result<Holder, EmployeeError> {
    let person = &employee.person;
    Ok(Holder {
        account: employee.account,
        employee: employee.id,
        company: company.id,
        subject: certs::profiles::Employee {
            organization: company.organization().ok_or(EmployeeError::NotFound)?,
            identifier: employee.identifier(),
            given_name: person.given_name.clone(),
            surname: person.surname.clone(),
            common_name: person.common_name.clone(),
        },
        email: employee.email_in_certificate.is_included().then(|| person.email.clone()),
    })
}

/// Claims the activation and stores everything, or nothing.
async fn store_all(unit: &mut Unit, ready: &Ready) -> Result<(), EmployeeError> {
    let activation = &ready.invited.activation;
    let author = Author::Account(activation.account);
    accounts::claim_activation(unit, activation.id).await.map_err(gone)?;
    accounts::set_password(unit, activation.account, &ready.user_id, &ready.protected).await.map_err(gone)?;
    keycards::store(unit, &ready.card, author).await?;
    for intention in &ready.made.intentions {
        certificates::store_intention(unit, intention, author).await.map_err(|error| carrier::refused(error, intention.kind))?;
    }
    if let Some(code) = &ready.code {
        let ids: Vec<CertificateId> = ready.made.intentions.iter().map(|intention| intention.id).collect();
        certificates::code::give(unit, code, &ids, author).await?;
    }
    let Some((employee, _)) = &ready.invited.employee else {
        let event = audit::Event::new("operator.activated", author, format_args!("account:{}", activation.account));
        return Ok(audit::record(unit, event).await?);
    };
    if !store::activate(unit, employee.id).await? {
        return Err(EmployeeError::LinkGone);
    }
    let event = audit::Event::new("employee.activated", author, format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("vouched", employee.vouched.word())
        .fact("vouched_by", &employee.vouched_by)
        .fact("keycard", ready.card.id);
    audit::record(unit, event).await?;
    if let Some(told) = &ready.told {
        notices::tell(unit, employee.id.into(), told).await?;
    }
    Ok(())
}

/// Signs what the unit intended. What fails here is finished by the recovering job: the person is active already.
async fn finish(ground: &Ground, ready: Ready) -> Result<Activated, EmployeeError> {
    let issued = ready.made.intentions.iter().map(|intention| intention.id).collect();
    let handed_over = carrier::finish(ground, ready.made, &ready.invited.name).await?;
    let account = ready.invited.activation.account;
    let revocation_code = ready.code.map(|code| code.code);
    let shown = revocation_code.as_ref().map(|code| code.reveal().as_str());
    let ticket = pickup::ticket(ground, account, ready.card.id, shown).await.map_err(keycards::KeycardError::from)?;
    Ok(Activated {
        account,
        employee: ready.invited.employee.map(|(employee, _)| employee.id),
        card: ready.card.id,
        card_number: ready.card.number,
        ticket,
        revocation_code,
        certificates: issued,
        handed_over,
    })
}
