//! Asks the person's phone beside the card, says how that stands, and opens the session when it said yes.

use super::{
    LoginError, Opened,
    answer::{finish, finish_of, waiting},
    model::Login,
    store,
    token::factors_of,
    who_is::{self, Person},
};
use crate::{
    approvals::{self, Ask, Initiator, NotAsked, Prepared, Standing, Standpoint, State},
    companies, phones,
    platform::{
        actor::{Actor, Carrier},
        consent::Purpose,
        database::Connection,
        ground::Ground,
        id::{AccountId, DeviceId, LoginId, SessionId},
        secret,
    },
};

use super::{factor::Shown, prove::finish_proof};

/// Who begins, and what for.
pub(super) struct Beginning<'a> {
    pub id: LoginId,
    pub account: AccountId,
    pub person: &'a Person,
    pub session: Option<SessionId>,
    pub device: Option<DeviceId>,
    pub network: &'a str,
}

/// The request to the phone, signed; none when the person has no phone that may answer it.
pub(super) async fn prepare(ground: &Ground, beginning: &Beginning<'_>) -> Result<Option<Prepared>, LoginError> {
    let Beginning { id, account, person, session, device, network } = beginning;
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    if !factors_of(&mut reader, person).await?.phone {
        return Ok(None);
    }
    let phones = phones::read::usable(&mut reader, *account).await?;
    // A new phone logs in at once, and proves nothing weighty before its waiting time is over.
    if !phones.iter().any(|phone| session.is_none() || phone.signs(now)) {
        return Ok(None);
    }
    let company = match person.company {
        Some(company) => companies::read::company(&mut reader, company).await?.map(|found| found.legal_name),
        None => None,
    };
    let standpoint = standpoint(*session, *device);
    let recipient = person.employee.map_or_else(|| (*account).into(), Into::into);
    let words = approvals::words_of(&mut reader, &phones, recipient).await?;
    drop(reader);
    let (consent, title) =
        if session.is_some() { (Purpose::StepUp, "approvals.title_prove") } else { (Purpose::LogIn, "approvals.title_login") };
    let ask = Ask {
        purpose: keycard::payload::Purpose::Login,
        consent,
        binding: Login::binding(*id, *session),
        account: *account,
        user: person.user_id.as_ref().unwrap_or(&person.name).clone(),
        company: company.unwrap_or_else(|| words.say("shared.service")),
        title: words.say(title),
        lines: vec![person.name.clone()],
        language: words.0,
        certificate: None,
        content: None,
        plan: None,
        digests: Vec::new(),
        further: Vec::new(),
        initiator: Initiator { standpoint, network: (*network).to_owned() },
    };
    Ok(Some(approvals::prepare(ground, ask).await?))
}

/// What whoever begins has shown so far: a session, or a device in which the person has logged in before.
fn standpoint(session: Option<SessionId>, device: Option<DeviceId>) -> Standpoint {
    match (session, device) {
        (Some(session), _) => Standpoint::Session(session),
        (None, Some(_)) => Standpoint::Known,
        (None, None) => Standpoint::Stranger,
    }
}

/// How the request to the phone stands.
///
/// # Errors
/// [`LoginError::Gone`] for a log-in that is used or too old, or that asked no phone.
pub async fn standing(ground: &Ground, login_token: &str) -> Result<Standing, LoginError> {
    let login = waiting(ground, login_token).await?;
    let approval = login.approval.ok_or(LoginError::Gone)?;
    let mut reader = ground.database.read().await?;
    approvals::read::standing(&mut reader, approval, ground.clock().now()).await?.ok_or(LoginError::Gone)
}

/// Why the phones of a log-in were not asked and would not be now; none when one was, or the person has none that may answer.
///
/// # Errors
/// [`LoginError::Gone`] for a log-in that is used or too old.
pub async fn not_asked(ground: &Ground, login_token: &str, network: &str) -> Result<Option<NotAsked>, LoginError> {
    let (login, now) = (waiting(ground, login_token).await?, ground.clock().now());
    if login.approval.is_some() {
        return Ok(None);
    }
    let mut reader = ground.database.read().await?;
    if !phone_allowed(&mut reader, login.account).await? {
        return Ok(None);
    }
    let phones = phones::read::usable(&mut reader, login.account).await?;
    if !phones.iter().any(|phone| login.session.is_none() || phone.signs(now)) {
        return Ok(None);
    }
    let standpoint = standpoint(login.session, login.device);
    let initiator = Initiator { standpoint, network: network.to_owned() };
    Ok(approvals::not_asked(&mut reader, login.account, &initiator, now).await?)
}

/// Opens the session of a log-in that the phone said yes to.
///
/// # Errors
/// [`LoginError::Phone`] while it has not, or said no; [`LoginError::Gone`] for a log-in that is used or too old.
pub async fn answer_by_phone(ground: &Ground, login_token: &str, carrier: Carrier, network: &str) -> Result<Opened, LoginError> {
    let (login, person) = said_yes(ground, login_token).await?;
    finish_of(ground, (&login, person), Shown::Phone, carrier, network).await
}

/// Opens the session of a log-in by a code that the phone shows without a network.
///
/// # Errors
/// [`LoginError::NotRight`] for a wrong code (counted); [`LoginError::Gone`] for a log-in that is used or too old.
pub async fn answer_by_code(ground: &Ground, login_token: &str, code: &str, carrier: Carrier, network: &str) -> Result<Opened, LoginError> {
    let login = waiting(ground, login_token).await?;
    if !phone_allowed(&mut ground.database.read().await?, login.account).await? {
        return Err(LoginError::FactorNotAllowed);
    }
    let judged = phones::offline::judge(ground, login.account, code).await?;
    finish(ground, &login, Shown::Code(judged), carrier, network).await
}

/// Counts the session as proven when the phone said yes.
///
/// # Errors
/// As [`answer_by_phone`].
pub async fn answer_proof_by_phone(ground: &Ground, actor: &Actor, login_token: &str) -> Result<(), LoginError> {
    let (login, _) = said_yes(ground, login_token).await?;
    finish_proof(ground, actor, &login, Shown::Phone).await
}

async fn phone_allowed(connection: &mut impl Connection, account: AccountId) -> Result<bool, LoginError> {
    let Some(person) = who_is::standing(connection, account).await? else { return Ok(true) };
    Ok(factors_of(connection, &person).await?.phone)
}

/// A log-in whose phone has said yes, and whose it is, if they still stand; each row is read once. The claim judges the yes again.
async fn said_yes(ground: &Ground, login_token: &str) -> Result<(Login, Option<Person>), LoginError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let login = store::waiting_login(&mut reader, &secret::token_hash(login_token), now).await?.ok_or(LoginError::Gone)?;
    let approval = login.approval.ok_or(LoginError::Gone)?;
    let state = approvals::read::standing(&mut reader, approval, now).await?.ok_or(LoginError::Gone)?.state;
    if state != State::Approved {
        return Err(LoginError::Phone(state));
    }
    let person = who_is::standing(&mut reader, login.account).await?;
    if let Some(person) = &person
        && !factors_of(&mut reader, person).await?.phone
    {
        return Err(LoginError::FactorNotAllowed);
    }
    Ok((login, person))
}
