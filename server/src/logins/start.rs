//! Begins a log-in: the password first, then a question about the key card and, where there is one, to the phone.

use time::Duration;

use super::{
    LoginError,
    approval::{self, Beginning},
    first_answer::{ask as ask_first, first_answer},
    model::Login,
    store, token as code_tokens,
    who_is::standing,
};
use crate::{
    accounts::{self, AccountError, Proven, Who, Why},
    approvals::{self, ApprovalError, Asked, Prepared},
    archives::{self, Lock},
    audit,
    keycards::{self, KeycardError, Question},
    phones,
    platform::{
        actor::Author,
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{AccountId, CompanyId, DeviceId, Id as _, LoginId, SessionId},
        moment::Moment,
        random,
        secret::{self, Secret},
    },
};

/// So long a log-in waits for a code token, as for a key of the card.
const TOKEN_WAITS: Duration = Duration::minutes(5);

/// A log-in that waits for its second factor: at least one is asked.
#[derive(Debug)]
pub struct Started {
    /// Names the log-in, for the answer; 128 random bits.
    pub token: String,
    /// What the card is asked; none without a usable card.
    pub question: Option<Question>,
    /// What the phone is asked; none without a usable phone, or while it is not asked.
    pub phone: Option<Asked>,
    /// Whether a code token may answer.
    pub code_token: bool,
    /// Until when any of it can be answered.
    pub expires_at: Moment,
}

impl Started {
    /// The first way that is open, of phone, card and code token.
    pub fn way<T>(&self, [phone, card, token]: [T; 3]) -> T {
        if self.phone.is_some() {
            phone
        } else if self.question.is_some() || !self.code_token {
            card
        } else {
            token
        }
    }
}

/// Where a log-in begins.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// The network.
    pub network: &'a str,
    /// The token of the log-in that the same browser began before, if its cookie names one.
    pub earlier: Option<&'a str>,
    /// The token that it kept since an earlier log-in, if it did: a known device.
    pub device: Option<&'a str>,
    /// What card or phone answered, where that comes before the password.
    pub answer: Option<&'a Secret<String>>,
}

/// Checks user id and password; asks for a key when both are right and the person may still act.
///
/// # Errors
/// As [`accounts::check_password`]; [`LoginError::AnswerFirst`]; [`LoginError::NotRight`] for somebody who left, or who has neither card nor phone.
pub async fn start(ground: &Ground, user_id: &str, password: &Secret<String>, from: Origin<'_>) -> Result<Started, LoginError> {
    let Origin { network, earlier, device, answer } = from;
    let met = first_answer(ground, accounts::meet(ground, user_id, device).await?, answer, network).await?;
    let device = met.device();
    let proven = match accounts::check_password(ground, Who::LogIn(&met), password, network).await {
        // Others have typed the twentieth meanwhile.
        Err(AccountError::AnswerFirst(why)) => return Err(ask_first(ground, &met, why.reason).await?),
        other => other?,
    };
    let mut reader = ground.database.read().await?;
    let person = standing(&mut reader, proven.account).await?;
    let Some(person) = person else { return refuse(ground, proven.account, "no_standing").await };
    let code_token = code_tokens::serves(&mut reader, proven.account, &person, ground.clock().now()).await?;
    drop(reader);
    tend_archive(ground, &proven, person.company).await;
    phones::tend(ground, &proven).await;
    let id = LoginId::fresh(ground.clock().now(), ground.random());
    let beginning = Beginning { id, account: proven.account, person: &person, session: None, device, network };
    let phone = approval::prepare(ground, &beginning).await?;
    let token = random::token(ground.random());
    let asking = Asking { id, account: proven.account, session: None, token: &token, network, phone, code_token, earlier, device };
    let asked = ground.database.write(async |unit| ask(unit, &asking).await).await;
    approvals::wake(ground, proven.account);
    match asked {
        // Said in words of its own, it would tell that the password is right.
        Err(LoginError::Keycard(KeycardError::NoCard)) => refuse(ground, proven.account, "no_factor").await,
        other => other,
    }
}

/// While the password is at hand: the person's decryption keys follow to the company's present key. Nobody's log-in fails for that.
async fn tend_archive(ground: &Ground, proven: &Proven, company: Option<CompanyId>) {
    let Some(company) = company else { return };
    let lock = Lock::of_person(proven.account, &proven.salt, &proven.prk, proven.strength);
    if let Err(error) = archives::tend(ground, proven.account, company, &lock).await {
        tracing::error!(account = %proven.account, %error, "the archive could not be tended");
    }
}

/// What is asked, of whom.
pub(super) struct Asking<'a> {
    pub id: LoginId,
    pub account: AccountId,
    pub session: Option<SessionId>,
    pub token: &'a str,
    pub network: &'a str,
    pub phone: Option<Prepared>,
    pub code_token: bool,
    pub earlier: Option<&'a str>,
    pub device: Option<DeviceId>,
}

/// Asks card and phone, and keeps what they are asked for.
pub(super) async fn ask(unit: &mut Unit, asking: &Asking<'_>) -> Result<Started, LoginError> {
    let Asking { id, account, session, token, network, phone, code_token, earlier, device } = asking;
    if let Some(earlier) = earlier {
        give_up(unit, *account, earlier).await?;
    }
    let purpose = if session.is_some() { Purpose::StepUp } else { Purpose::LogIn };
    let question = match keycards::ask(unit, *account, purpose, Login::binding(*id, *session)).await {
        Err(KeycardError::NoCard) if phone.is_some() || *code_token => None,
        other => Some(other?),
    };
    let (asked, not_asked) = match phone {
        None => (None, "no_phone"),
        Some(prepared) => match approvals::ask(unit, prepared).await {
            Ok(asked) => (Some(asked), ""),
            Err(ApprovalError::Full) if question.is_some() || *code_token => (None, "full"),
            Err(ApprovalError::Paused { .. }) if question.is_some() || *code_token => (None, "paused"),
            Err(other) => return Err(other.into()),
        },
    };
    // A phone's time can be extended; the card's question lapses by itself.
    let longest = phone.as_ref().filter(|_| asked.is_some()).map(Prepared::longest);
    let by_token = code_token.then(|| unit.now().plus(TOKEN_WAITS));
    let expires_at = longest.max(question.as_ref().map(|question| question.expires_at)).max(by_token).unwrap_or(unit.now());
    let (challenge, approval) = (question.as_ref().map(|question| question.challenge), asked.as_ref().map(|asked| asked.id));
    let login = Login { id: *id, account: *account, challenge, approval, session: *session, device: *device };
    store::insert_login(unit, &login, &secret::token_hash(token), network, expires_at).await?;
    let key_number = question.as_ref().map_or("", |question| question.key_number.as_str());
    let event = audit::Event::new("login.asked", Author::Anyone, format!("account:{account}"))
        .fact("purpose", purpose.word())
        .fact("key_number", key_number)
        .fact("phone", if asked.is_some() { "asked" } else { not_asked })
        .personal("network", *network);
    audit::record(unit, event).await?;
    Ok(Started { token: (*token).to_owned(), question, phone: asked, code_token: *code_token, expires_at })
}

/// A browser begins anew: its earlier log-in of the same person ends, and what that asked on the phone with it. Anybody else's stays.
async fn give_up(unit: &mut Unit, account: AccountId, earlier: &str) -> Result<(), LoginError> {
    let now = unit.now();
    let found = store::waiting_login(unit, &secret::token_hash(earlier), now).await?;
    let Some(login) = found.filter(|login| login.account == account && login.session.is_none()) else { return Ok(()) };
    if store::give_up_login(unit, login.id).await? {
        if let Some(approval) = login.approval {
            approvals::supersede(unit, approval).await?;
        }
        let event = audit::Event::new("login.begun_anew", Author::Anyone, format!("account:{account}"));
        audit::record(unit, event).await?;
    }
    Ok(())
}

/// Refuses like any other refusal, and writes the true reason down.
pub(super) async fn refuse<T>(ground: &Ground, account: AccountId, reason: &'static str) -> Result<T, LoginError> {
    note_refusal(ground, account, reason).await?;
    Err(LoginError::NotRight(Why { account, exists: true, reason }))
}

pub(super) async fn note_refusal(ground: &Ground, account: AccountId, reason: &'static str) -> Result<(), LoginError> {
    ground
        .database
        .write(async |unit| {
            let event = audit::Event::new("login.refused", Author::Anyone, format!("account:{account}")).fact("reason", reason);
            Ok::<_, LoginError>(audit::record(unit, event).await?)
        })
        .await
}
