//! An administrator chooses where the company is told things: another address, another secret, an end, and on again.

use super::{
    EventKind, Webhook, WebhookError, WebhookState, Why,
    model::{BOTH_SIGN, MOST_WEBHOOKS, URL_CHARACTERS, subject, words},
    secrets, store,
};
use crate::{
    audit,
    config::Mode,
    platform::{
        actor::{Actor, Author},
        database::{DatabaseError, Unit},
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, Id as _, WebhookId},
        outgoing::{OutgoingError, Target},
        secret::Secret,
        text,
    },
};

/// Reads an address that may be told things, as far as its text says. `http://` is for this very machine in the demonstration.
pub(super) fn target(ground: &Ground, url: &str) -> Result<Target, OutgoingError> {
    let inside = ground.config.webhooks.inside;
    match ground.config.server.mode {
        Mode::Demonstration => Target::parse_or_loopback(url, inside),
        Mode::Real => Target::parse(url, inside),
    }
}

/// An address to be told things, with its secret, drawn outside the unit.
pub struct NewWebhook {
    /// Its secret, to be shown once.
    pub secret: Secret<String>,
    id: WebhookId,
    url: String,
    kinds: Vec<EventKind>,
    sealed: Vec<u8>,
}

impl NewWebhook {
    /// Reads the address and draws the secret.
    ///
    /// # Errors
    /// Every field's fault; when the keystore fails.
    pub async fn draw(ground: &Ground, url: &str, wanted: &[EventKind]) -> Result<Self, WebhookError> {
        let mut faults = Vec::new();
        let url = text::line(url, URL_CHARACTERS).map_err(|fault| faults.push(FieldFault::text("url", fault)));
        if let Ok(url) = &url
            && (url.contains('#') || target(ground, url).is_err())
        {
            faults.push(FieldFault::new("url", "field_webhook_url"));
        }
        let kinds: Vec<EventKind> = EventKind::ALL.iter().copied().filter(|kind| wanted.contains(kind)).collect();
        if kinds.is_empty() {
            faults.push(FieldFault::new("kinds", "field_choose"));
        }
        let (Ok(url), true) = (url, faults.is_empty()) else { return Err(WebhookError::Invalid(faults)) };
        let id = WebhookId::fresh(ground.clock().now(), ground.random());
        let drawn = secrets::draw(ground, id).await?;
        Ok(Self { secret: drawn.shown, id, url, kinds, sealed: drawn.sealed })
    }
}

/// Keeps an address.
///
/// # Errors
/// [`WebhookError::ProveAgain`], [`WebhookError::TooMany`].
pub async fn create(unit: &mut Unit, actor: &Actor, company: CompanyId, new: &NewWebhook) -> Result<Webhook, WebhookError> {
    let now = unit.now();
    require_proof(actor, unit)?;
    if store::webhooks(unit, company).await?.len() >= MOST_WEBHOOKS {
        return Err(WebhookError::TooMany { most: MOST_WEBHOOKS });
    }
    let webhook = Webhook {
        id: new.id,
        company,
        url: new.url.clone(),
        kinds: new.kinds.clone(),
        state: WebhookState::Active,
        why: None,
        failing_since: None,
        dropped: 0,
        former_until: None,
        created_at: now,
    };
    store::insert(unit, &webhook, &new.sealed).await?;
    // The whole address may carry a secret of the company's own.
    let event = audit::Event::new("webhook.created", actor.author(), subject(webhook.id))
        .company(company)
        .fact("kinds", words(&webhook.kinds))
        .personal("url", &webhook.url);
    audit::record(unit, event).await?;
    Ok(webhook)
}

/// Ends an address; what waits there is told no more.
///
/// # Errors
/// [`WebhookError::NotFound`].
pub async fn remove(unit: &mut Unit, actor: &Actor, company: CompanyId, id: WebhookId) -> Result<(), WebhookError> {
    if !store::remove(unit, company, id).await? {
        return Err(WebhookError::NotFound);
    }
    Ok(audit::record(unit, audit::Event::new("webhook.removed", actor.author(), subject(id)).company(company)).await?)
}

/// Disables every address of a company since others administer it now: whoever went chose them, and knows their secrets. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn disable_all(unit: &mut Unit, company: CompanyId, author: Author) -> Result<u64, DatabaseError> {
    let disabled = store::disable_of(unit, company, Why::Succeeded).await?;
    if disabled > 0 {
        let event = audit::Event::new("webhook.disabled", author, format_args!("company:{company}")).company(company);
        audit::record(unit, event.fact("why", Why::Succeeded.word()).fact("disabled", disabled)).await?;
    }
    Ok(disabled)
}

/// Tells things at a disabled address again, from now on. After a restore or a takeover under another secret, which is given: the present one may
/// be somebody else's too. Opens the unit, since the secret is sealed outside it.
///
/// # Errors
/// [`WebhookError::ProveAgain`], [`WebhookError::NotFound`], [`WebhookError::Serves`].
pub async fn resume(ground: &Ground, actor: &Actor, company: CompanyId, id: WebhookId) -> Result<Option<Secret<String>>, WebhookError> {
    let drawn = secrets::draw(ground, id).await?;
    let is_replaced = ground
        .database
        .write(async |unit| {
            require_proof(actor, unit)?;
            let found = store::webhook(unit, company, id).await?.ok_or(WebhookError::NotFound)?;
            if !store::resume(unit, company, id).await? {
                return Err(WebhookError::Serves);
            }
            let is_replaced = matches!(found.why, Some(Why::Restored | Why::Succeeded))
                && store::replace_secret(unit, company, id, &drawn.sealed).await?;
            let event = audit::Event::new("webhook.resumed", actor.author(), subject(id)).company(company);
            audit::record(unit, event.fact("secret_replaced", is_replaced)).await?;
            Ok(is_replaced)
        })
        .await?;
    Ok(Some(drawn.shown).filter(|_| is_replaced))
}

/// Another secret, shown once; for a day the present one signs beside it. Opens the unit, since the secret is sealed outside it.
///
/// # Errors
/// [`WebhookError::ProveAgain`], [`WebhookError::NotFound`].
pub async fn rotate(ground: &Ground, actor: &Actor, company: CompanyId, id: WebhookId) -> Result<Secret<String>, WebhookError> {
    let drawn = secrets::draw(ground, id).await?;
    ground
        .database
        .write(async |unit| {
            require_proof(actor, unit)?;
            let until = unit.now().plus(BOTH_SIGN);
            if !store::rotate(unit, company, id, &drawn.sealed, until).await? {
                return Err(WebhookError::NotFound);
            }
            let event = audit::Event::new("webhook.secret_rotated", actor.author(), subject(id)).company(company);
            Ok::<_, WebhookError>(audit::record(unit, event.fact("former_until", until)).await?)
        })
        .await?;
    Ok(drawn.shown)
}

fn require_proof(actor: &Actor, unit: &Unit) -> Result<(), WebhookError> {
    if actor.has_proven(unit.now()) { Ok(()) } else { Err(WebhookError::ProveAgain) }
}
