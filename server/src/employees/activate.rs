//! A person activates: with the mailed link and the temporary password that came another way, they choose user id and password, and get
//! a key card and certificates. Operators use the same page with the link alone, and get no certificates.
//!
//! The order: read and try the temporary password (counted), compute everything slow, then one unit that claims the activation and
//! stores it all, then sign what the unit intended. Of two at once, one claims; the other finds the link used.

use super::{
    carrier::{self, Choice, Enrolment, HandedOver, Made},
    error::EmployeeError,
    factors,
    identify::{self, Identity, identify, lacks_birth_date},
    model::Employee,
    pickup, read, reissue, renew, store,
};
use crate::{
    accounts::{self, AccountError, Activation, Password, Protected, UserId},
    audit,
    certificates::{self, Holder, KeyCarrier, PasswordProtection, Profile, Reopened, code::NewCode},
    companies::{self, Company},
    config::Config,
    keycards::{self, NewCard},
    notices::{self, Carried, ChangedTelephone, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::{Connection, Unit},
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, CertificateId, EmployeeId, KeycardId},
        moment::Moment,
        secret::Secret,
        telephone::Telephone,
    },
    proofing, tokens,
    webhooks::{self, Event, EventKind},
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
    /// The birth date, where nobody told one yet: the first administrator's.
    pub birth_date: String,
    /// Where the person is called; nothing leaves what is on record. At the first activation alone: later it is changed after a fresh proof.
    pub telephone: String,
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
    /// Whether nobody told the birth date yet.
    pub lacks_birth_date: bool,
    /// From when certificates follow a replaced password, while that is to come.
    pub waits_until: Option<Moment>,
    /// Whether the company lets the person choose four digits, which open no signing key.
    pub four_digits: bool,
    /// The birth date on record, which four digits must not be a part of; read where the choice is judged.
    birth: Option<Day>,
}

impl Invited {
    /// Whether a telephone may be said: by whoever has none of our passwords yet.
    pub fn takes_telephone(&self) -> bool {
        self.employee.as_ref().is_some_and(|(employee, _)| employee.activated_at.is_none())
    }
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
    /// What fetches the card's sheet, for fifteen minutes; of a card that goes by post it fetches none.
    pub ticket: String,
    /// Whether the card goes by post, as its owner was proofed.
    pub by_post: bool,
    /// What revokes the certificates without a login; none for an operator.
    pub revocation_code: Option<Secret<String>>,
    /// The certificates, signed or about to be.
    pub certificates: Vec<CertificateId>,
    /// Key files, if the person chose them: this is the only time that they are there.
    pub handed_over: Option<HandedOver>,
    /// Until when the certificates wait, after a forgotten password was replaced.
    pub waits_until: Option<Moment>,
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
    identity: Identity,
    user_id: UserId,
    protected: Protected,
    card: NewCard,
    made: Made,
    code: Option<NewCode>,
    told: Vec<Sealed>,
    telephone: Option<(Telephone, ChangedTelephone)>,
    again: Option<Again>,
}

/// Somebody who had a password before: what it opened ends with this activation, and what follows is made after it.
struct Again {
    reopened: Reopened,
    enrolment: Enrolment,
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
        return Ok(Invited {
            activation,
            name: account.name,
            employee: None,
            carriers: Vec::new(),
            lacks_birth_date: false,
            waits_until: None,
            four_digits: false,
            birth: None,
        });
    };
    let company = companies::read::company(connection, employee.company).await?.ok_or(EmployeeError::NotFound)?;
    let carriers = carrier::allowed(connection, company.id).await?;
    let lacks_birth_date = lacks_birth_date(proofing::read::standing(connection, employee.id).await?.as_ref());
    let waits_until = reissue::waits_until(connection, employee.id, now).await?;
    // Whoever administers others signs and opens what is theirs; whoever had a password has keys and an archive that another takes over.
    let administers = companies::read::administrators(connection, company.id).await?.contains(&employee.id);
    let first = employee.activated_at.is_none();
    let four_digits = first && !administers && factors::allowed(connection, company.id).await?.four_digits;
    let (name, employee) = (account.name, Some((employee, company)));
    Ok(Invited { activation, name, employee, carriers, lacks_birth_date, waits_until, four_digits, birth: None })
}

/// Activates.
///
/// # Errors
/// [`EmployeeError::Invalid`], [`EmployeeError::LinkGone`], [`EmployeeError::NotFound`], `NotRight` for a wrong temporary password;
/// [`EmployeeError::Overtaken`] when the desk recorded meanwhile that the card goes another way: activate again.
pub async fn activate(ground: &Ground, request: &Request) -> Result<Activated, EmployeeError> {
    let mut reader = ground.database.read().await?;
    let mut invited = invited(&mut reader, &request.link, ground.clock().now()).await?;
    drop(reader);
    if let Some((employee, _)) = invited.employee.as_ref().filter(|_| invited.four_digits) {
        invited.birth = proofing::read::known_birth(ground, employee.id).await?;
    }
    let chosen = choose(request, &invited, &ground.config, Day::of(ground.clock().now())).map_err(EmployeeError::Invalid)?;
    let typed = request.temporary_password.as_ref().map_or("", |code| code.reveal().as_str());
    accounts::try_code(ground, &invited.activation, typed).await.map_err(gone)?;
    let ready = prepare(ground, invited, chosen).await?;
    ground.database.write(async |unit| store_all(unit, &ready).await).await?;
    finish(ground, ready).await
}

/// What is wrong with the choices, for a page that shows it all at once; the temporary password is not tried.
pub fn faults(ground: &Ground, request: &Request, invited: &Invited) -> Vec<FieldFault> {
    choose(request, invited, &ground.config, Day::of(ground.clock().now())).err().unwrap_or_default()
}

/// What a person chose, read.
struct Chosen {
    user_id: UserId,
    password: Password,
    enrolment: Enrolment,
    birth: Option<Day>,
    telephone: Option<Telephone>,
    /// Whether the password has four digits, and so opens no key.
    four_digits: bool,
}

/// Reads the choices; all faults at once. The temporary password is only looked at when they are right: a fault costs no try.
fn choose(request: &Request, invited: &Invited, config: &Config, today: Day) -> Result<Chosen, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let needs_code = invited.activation.code_verifier.is_some();
    if needs_code && request.temporary_password.as_ref().is_none_or(|code| code.reveal().trim().is_empty()) {
        faults.push(FieldFault::new("temporary_password", "field_empty"));
    }
    let enrolment = match &invited.employee {
        Some((employee, _)) => carrier::read(&request.choice, &invited.carriers, profiles(employee)),
        None => Ok(Enrolment::CENTRAL),
    };
    let asked = invited.lacks_birth_date || !request.birth_date.trim().is_empty();
    let birth = match asked && invited.employee.is_some() {
        true => proofing::birth_of_age(&request.birth_date, today).map_err(|fault| faults.push(fault)).ok(),
        false => None,
    };
    let telephone = telephone(request, invited, config).map_err(|fault| faults.push(fault)).unwrap_or_default();
    let user_id = UserId::parse(&request.user_id);
    let four_digits = invited.four_digits && Password::is_four_digits(request.password.reveal());
    let password = user_id.as_ref().ok().map(|user_id| match four_digits {
        true => Password::parse_four_digits(request.password.reveal(), birth.or(invited.birth)),
        false => Password::parse(request.password.reveal(), user_id),
    });
    match (user_id, password, enrolment) {
        (Ok(user_id), Some(Ok(password)), Ok(enrolment)) if faults.is_empty() => {
            Ok(Chosen { user_id, password, enrolment, birth, telephone, four_digits })
        }
        (user_id, password, enrolment) => {
            faults.extend(user_id.err().into_iter().flatten());
            faults.extend(password.and_then(Result::err).into_iter().flatten());
            faults.extend(enrolment.err().into_iter().flatten());
            Err(faults)
        }
    }
}

/// The number that the person types at the first activation.
fn telephone(request: &Request, invited: &Invited, config: &Config) -> Result<Option<Telephone>, FieldFault> {
    let typed = notices::typed_telephone(config, &request.telephone)?;
    let takes = invited.takes_telephone();
    if typed.is_some() && !takes { Err(FieldFault::new("telephone", "field_telephone_later")) } else { Ok(typed) }
}

fn gone(error: AccountError) -> EmployeeError {
    if matches!(error, AccountError::Gone) { EmployeeError::LinkGone } else { error.into() }
}

/// What takes its time: password, card, keys and certificates to be.
async fn prepare(ground: &Ground, invited: Invited, chosen: Chosen) -> Result<Ready, EmployeeError> {
    let Chosen { user_id, password, enrolment, birth, telephone, four_digits } = chosen;
    // Four digits open no signing key: none is laid under them.
    let opens_nothing = four_digits && enrolment.is_under_password();
    let account = invited.activation.account;
    let identity = match &invited.employee {
        None => Identity::default(),
        Some((employee, _)) => identify(ground, employee.id, birth).await?,
    };
    let protected = accounts::protect(ground, account, &password).await?;
    let card = keycards::issue(ground, account).await?;
    let protection = PasswordProtection { account, salt: protected.salt.clone(), prk: &protected.prk, strength: protected.strength };
    let mut again = None;
    let (made, code, told) = match &invited.employee {
        None => (Made::NOTHING, None, Vec::new()),
        Some((employee, company)) if employee.activated_at.is_some() => {
            let reopened = certificates::reopen(ground, &protection, Vec::new(), Some((employee.id, company.id))).await?;
            again = Some(Again { reopened, enrolment });
            (Made::NOTHING, None, notices::seal_all(ground, &messages(company, &identity, &card)).await?)
        }
        Some((_, company)) if opens_nothing => {
            (Made::NOTHING, None, notices::seal_all(ground, &messages(company, &identity, &card)).await?)
        }
        Some((employee, company)) => {
            let made = carrier::intend(ground, (employee, company, &identity), profiles(employee), enrolment, &protection).await?;
            let told = notices::seal_all(ground, &messages(company, &identity, &card)).await?;
            (made, Some(certificates::code::draw(ground).await?), told)
        }
    };
    let telephone = match telephone {
        Some(number) => Some((number.clone(), notices::prepare_telephone(ground, Some(number)).await?)),
        None => None,
    };
    Ok(Ready { invited, identity, user_id, protected, card, made, code, told, telephone, again })
}

/// That the signature is active; and the card itself by letter, when it is not to be handed over.
fn messages(company: &Company, identity: &Identity, card: &NewCard) -> Vec<Notice> {
    let mut all = vec![Notice::mail(Kind::Activated).with("company", &company.legal_name)];
    if identity.by_post {
        let letter = Notice::letter(Kind::KeycardSent).with("number", &card.number).secret("keys", card.pairs());
        all.push(letter.carrying(&Carried::Card(card.id)));
    }
    all
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
pub(super) fn holder(employee: &Employee, company: &Company, identity: &Identity) -> Result<Holder, EmployeeError> {
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
            age: identity.age(),
        },
        email: employee.email_in_certificate.is_included().then(|| person.email.clone()),
        proofing: identity.proofing,
        youth_until: identity.youth_until,
    })
}

/// Claims the activation and stores everything, or nothing.
async fn store_all(unit: &mut Unit, ready: &Ready) -> Result<(), EmployeeError> {
    let activation = &ready.invited.activation;
    let author = Author::Account(activation.account);
    // First of all: whoever stops a replaced password meanwhile waits, or is seen here by the link that is withdrawn.
    if let Some((employee, _)) = &ready.invited.employee {
        reissue::hold(unit, employee.id).await?;
    }
    accounts::claim_activation(unit, activation.id).await.map_err(gone)?;
    accounts::set_password(unit, activation.account, &ready.user_id, &ready.protected).await.map_err(gone)?;
    if let Some(again) = &ready.again {
        keycards::block_all(unit, activation.account, author).await?;
        // Whoever holds it has its codes: two of them bring it back.
        tokens::block_all(unit, activation.account, author).await?;
        certificates::store_reopened(unit, &again.reopened).await?;
    }
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
    // Whoever closes the company ends everybody in it, whom that unit sees: here it is enough to ask.
    let grant = companies::read::standing(unit, employee.company, employee.id).await?;
    if !grant.is_some_and(|grant| grant.active) || !store::activate(unit, employee.id).await? {
        return Err(EmployeeError::LinkGone);
    }
    // The desk records while it holds the employee, as this unit does now: a card that is to go by post since is not handed over.
    if proofing::read::goes_by_post(unit, employee.id).await? != ready.identity.by_post {
        return Err(EmployeeError::Overtaken);
    }
    let event = audit::Event::new("employee.activated", author, format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("vouched", employee.vouched.word())
        .fact("vouched_by", &employee.vouched_by)
        .fact("keycard", ready.card.id);
    audit::record(unit, event).await?;
    webhooks::tell(unit, employee.company, Event::new(EventKind::EmployeeActivated).with("employee", employee.id)).await?;
    for told in &ready.told {
        notices::tell(unit, employee.id.into(), told).await?;
    }
    if let Some(telephone) = &ready.telephone {
        keep_telephone(unit, employee.id, telephone, author).await?;
    }
    identify::store(unit, &ready.identity, employee, author).await
}

/// The first number is kept; of another one than on record everybody is told whom a change concerns.
async fn keep_telephone(
    unit: &mut Unit,
    employee: EmployeeId,
    (number, changed): &(Telephone, ChangedTelephone),
    author: Author,
) -> Result<(), EmployeeError> {
    match notices::telephone(unit, employee.into()).await? {
        None => notices::keep_telephone(unit, employee.into(), number).await?,
        Some(_) => {
            notices::change_telephone(unit, employee.into(), changed, author).await?;
        }
    }
    Ok(())
}

/// Makes what follows a replaced password, in a unit of its own: decryption keys are sealed to the archive that the activation began anew. What
/// fails here the person renews, being active already.
async fn follow(ground: &Ground, ready: &mut Ready) -> Option<Moment> {
    let again = ready.again.take()?;
    certificates::tell_of_lost(ground).await;
    let (employee, company) = ready.invited.employee.as_ref()?;
    let account = ready.invited.activation.account;
    let protection =
        PasswordProtection { account, salt: ready.protected.salt.clone(), prk: &ready.protected.prk, strength: ready.protected.strength };
    match renew::follow(ground, (employee, company, &ready.identity), again.enrolment, &protection).await {
        Ok(Some(followed)) => {
            ready.code = Some(followed.code);
            // What waits is finished by the recovering job.
            ready.made = if followed.until.is_none() { followed.made } else { Made::NOTHING };
            followed.until
        }
        Ok(None) => None,
        Err(error) => {
            tracing::error!(employee = %employee.id, %error, "no certificates follow a replaced password: the person renews");
            None
        }
    }
}

/// Signs what the unit intended. What fails here is finished by the recovering job: the person is active already.
async fn finish(ground: &Ground, mut ready: Ready) -> Result<Activated, EmployeeError> {
    let waits_until = follow(ground, &mut ready).await;
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
        by_post: ready.identity.by_post,
        revocation_code,
        certificates: issued,
        handed_over,
        waits_until,
    })
}
