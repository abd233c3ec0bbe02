//! What the slices below ask for and only this one can do, since it knows where a person is told things.

use super::{LoginError, end::note_ended, read, refusals, store};
use crate::{
    accounts::{self, AccountState},
    approvals::{self, jobs::Signing},
    companies, employees, keycards,
    notices::{self, Carried, Kind, Notice},
    operators, phones,
    platform::{
        actor::{Author, Role},
        database::{DatabaseError, Reader},
        ground::Ground,
        id::{AccountId, CompanyId, RecipientId},
        moment::Moment,
    },
    tokens::{self, jobs::Happened},
    webhooks,
};

/// Runs [`accounts::jobs::TELL_CLOSED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_closed(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let accounts::jobs::TellClosed { account, until } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let sealed = notices::seal(ground, &Notice::mail(Kind::LoginClosed).with("until", until)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`accounts::jobs::TELL_API_KEY`]: whoever administers the company by now is told.
///
/// # Errors
/// When it should be tried again.
pub async fn tell_of_api_key(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let accounts::jobs::TellApiKey { company, name, by, scopes, until, happened } = serde_json::from_str(payload)?;
    let link = format!("{}/companies/{company}/api-keys", ground.config.server.public_url);
    let notice = match happened {
        accounts::Happened::Created => Notice::mail(Kind::ApiKeyCreated).with("scopes", scopes).with("until", until),
        accounts::Happened::Ended => Notice::mail(Kind::ApiKeyEnded),
    };
    tell_administrators(ground, company, &notice.with("key", name).with("by", by).with("link", link)).await
}

/// Runs [`webhooks::jobs::TELL_DISABLED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_of_webhook(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let webhooks::jobs::TellDisabled { company, webhook, url } = serde_json::from_str(payload)?;
    let link = format!("{}/companies/{company}/webhooks/{webhook}", ground.config.server.public_url);
    tell_administrators(ground, company, &Notice::mail(Kind::WebhookDisabled).with("url", url).with("link", link)).await
}

async fn tell_administrators(ground: &Ground, company: CompanyId, notice: &Notice) -> anyhow::Result<()> {
    let sealed = notices::seal(ground, notice).await?;
    ground
        .database
        .write(async |unit| {
            let administrators = companies::read::administrators(unit, company).await?;
            let told: Vec<_> = administrators.into_iter().map(|one| (one.into(), &sealed)).collect();
            notices::tell_all(unit, &told).await
        })
        .await?;
    Ok(())
}

/// Runs [`accounts::jobs::TELL_ASKED_FIRST`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_asked_first(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let accounts::jobs::TellAskedFirst { account } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let link = format!("{}/account", ground.config.server.public_url);
    let sealed = notices::seal(ground, &Notice::mail(Kind::LoginAskedFirst).with("link", link)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`keycards::jobs::RENEW`].
///
/// # Errors
/// When it should be tried again.
pub async fn renew_card(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let keycards::jobs::Renew { account, by_letter } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let mut reader = ground.database.read().await?;
    // Since a restore: whoever is confirmed gets one then.
    if accounts::read::account(&mut reader, account).await?.is_some_and(|found| operators::host::rests(&found)) {
        return Ok(());
    }
    let edition = keycards::read::preferences(&mut reader, account).await?.edition;
    let posted = by_letter || may_post(&mut reader, account, recipient, ground.clock().now()).await?;
    drop(reader);
    let card = keycards::issue(ground, account).await?;
    let number = &card.number;
    let letter = |kind: Kind| {
        let letter = Notice::letter(kind).with("number", number).secret("keys", card.pairs()).with("edition", edition.word());
        letter.carrying(&Carried::Card(card.id))
    };
    let link = format!("{}/account", ground.config.server.public_url);
    let notices = match (by_letter, posted) {
        (true, _) => vec![letter(Kind::KeycardSheet)],
        (false, true) => vec![letter(Kind::KeycardNext), Notice::mail(Kind::KeycardComing).with("number", number).with("link", link)],
        (false, false) => vec![Notice::mail(Kind::KeycardIssued).with("number", number)],
    };
    let sealed = notices::seal_all(ground, &notices).await?;
    ground
        .database
        .write(async |unit| {
            if keycards::jobs::store_renewal(unit, &card).await?.is_some() {
                for one in &sealed {
                    notices::tell(unit, recipient, one).await?;
                }
            }
            Ok::<_, LoginError>(())
        })
        .await?;
    Ok(())
}

/// Whether a card may go by letter: there is an address, and neither it nor the name is of the last three days.
async fn may_post(reader: &mut Reader, account: AccountId, recipient: RecipientId, now: Moment) -> Result<bool, DatabaseError> {
    let Some(standing) = employees::standing(reader, account).await? else { return Ok(false) };
    let employee = employees::read::employee(reader, standing.company, standing.employee).await?;
    let activated_at = employee.and_then(|employee| employee.activated_at);
    let has_address = notices::contact(reader, recipient).await?.is_some_and(|contact| contact.postal_address.is_some());
    Ok(has_address && !notices::is_new_contact(reader, recipient, activated_at, now).await?)
}

/// Runs [`keycards::jobs::TELL_REPLACED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_card_replaced(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let keycards::jobs::TellReplaced { account, former, number } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let link = format!("{}/account", ground.config.server.public_url);
    let notice = Notice::mail(Kind::KeycardReplaced).with("former", former).with("number", number).with("link", link);
    let sealed = notices::seal(ground, &notice).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`approvals::jobs::NOT_ME`]: the sessions of whoever began the request end, the person and the help desk are told.
///
/// # Errors
/// When it should be tried again.
pub async fn not_me(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let approvals::jobs::NotMe { account, approval, signing } = serde_json::from_str(payload)?;
    let mut reader = ground.database.read().await?;
    let Some(initiator) = approvals::read::initiator(&mut reader, approval).await? else { return Ok(()) };
    let user = accounts::read::account(&mut reader, account).await?.and_then(|found| found.user_id).unwrap_or_default();
    let operators = accounts::read::operators(&mut reader).await?;
    drop(reader);
    let person = recipient(ground, account).await?;
    let link = format!("{}/account", ground.config.server.public_url);
    let (to_person, to_desk) = match signing {
        Signing::GoesOn => (Kind::NotMeYoung, Kind::NotMeYoungReported),
        Signing::Stopped => (Kind::NotMe, Kind::NotMeReported),
    };
    let notices = [
        Notice::mail(to_person).with("network", &initiator.network).with("link", link),
        Notice::mail(to_desk).with("user", user).with("network", &initiator.network),
    ];
    let sealed = notices::seal_all(ground, &notices).await?;
    let desk = operators.iter().filter(|one| one.state == AccountState::Active && one.roles.contains(&Role::HelpDesk));
    let told = sealed.last().map(|to_desk| desk.map(|one| (one.id.into(), to_desk)).collect::<Vec<_>>()).unwrap_or_default();
    ground
        .database
        .write(async |unit| {
            let ended = match initiator.session {
                Some(session) if store::end_session(unit, account, session).await? => vec![session],
                Some(_) => Vec::new(),
                None => store::end_sessions_of_network(unit, account, &initiator.network).await?,
            };
            for session in ended {
                note_ended(unit, account, session).await?;
            }
            accounts::forget_devices(unit, account, Author::System("logins")).await?;
            if let Some(to_person) = sealed.first() {
                notices::tell(unit, person, to_person).await?;
            }
            Ok::<_, LoginError>(notices::tell_all(unit, &told).await?)
        })
        .await?;
    Ok(())
}

/// Runs [`phones::jobs::TELL_BLOCKED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_phone_blocked(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    tell_of_phone(ground, serde_json::from_str(payload)?, Kind::PhoneBlocked).await
}

/// Runs [`phones::jobs::TELL_REMOVED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_phone_removed(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    tell_of_phone(ground, serde_json::from_str(payload)?, Kind::PhoneRemoved).await
}

async fn tell_of_phone(ground: &Ground, ended: phones::jobs::TellEnded, kind: Kind) -> anyhow::Result<()> {
    let found = phones::read::by_id(&mut ground.database.read().await?, ended.phone).await?;
    let Some(found) = found else { return Ok(()) };
    let recipient = recipient(ground, ended.account).await?;
    let link = format!("{}/account/phones", ground.config.server.public_url);
    let notice = Notice::mail(kind).with("phone", &found.name).with("link", link);
    let sealed = notices::seal(ground, &notice).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`keycards::jobs::TELL_ORDERED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_card_ordered(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let keycards::jobs::TellOrdered { account, number } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let link = format!("{}/account", ground.config.server.public_url);
    let sealed = notices::seal(ground, &Notice::mail(Kind::KeycardOrdered).with("number", number).with("link", link)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`keycards::jobs::TELL_BLOCKED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_card_blocked(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let keycards::jobs::TellBlocked { account, number } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let link = format!("{}/account", ground.config.server.public_url);
    let sealed = notices::seal(ground, &Notice::mail(Kind::KeycardBlocked).with("number", number).with("link", link)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`keycards::jobs::TELL_QUARANTINED`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_card_quarantined(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let keycards::jobs::TellQuarantined { account, number } = serde_json::from_str(payload)?;
    let recipient = recipient(ground, account).await?;
    let sealed = notices::seal(ground, &Notice::mail(Kind::KeycardQuarantined).with("number", number)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Runs [`tokens::jobs::TELL`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell_of_code_token(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let tokens::jobs::Tell { account, token, happened } = serde_json::from_str(payload)?;
    let found = tokens::read::token(&mut ground.database.read().await?, token).await?;
    let Some(found) = found else { return Ok(()) };
    let recipient = recipient(ground, account).await?;
    let link = format!("{}/account/code-token", ground.config.server.public_url);
    let notice = match happened {
        Happened::Activated => Notice::mail(Kind::CodeTokenActivated),
        Happened::Assigned => Notice::mail(Kind::CodeTokenAssigned).with("until", found.life_until.unwrap_or(ground.clock().now())),
        Happened::Blocked => Notice::mail(Kind::CodeTokenBlocked),
        Happened::Quarantined => Notice::mail(Kind::CodeTokenQuarantined),
    };
    let sealed = notices::seal(ground, &notice.with("serial", found.serial).with("link", link)).await?;
    ground.database.write(async |unit| notices::tell(unit, recipient, &sealed).await).await?;
    Ok(())
}

/// Forgets log-ins and sessions that ended a month ago, refusals of three months ago, questions and counts that no longer matter. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    let counts = accounts::jobs::forget_old_tries(ground).await?;
    let questions = keycards::jobs::forget_old_questions(ground).await?;
    let refused = refusals::forget(ground).await?;
    let month = time::Duration::days(30);
    let logins = ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_logins(unit, unit.now().plus(-month)).await);
    let sessions = ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_sessions(unit, unit.now().plus(-month)).await);
    Ok(counts + questions + refused + logins.await? + sessions.await?)
}

async fn recipient(ground: &Ground, account: AccountId) -> Result<RecipientId, DatabaseError> {
    read::recipient(&mut ground.database.read().await?, account).await
}
