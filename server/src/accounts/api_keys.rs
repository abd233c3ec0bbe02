//! The API keys of a company: made after a fresh proof, shown once, kept as a keyed hash, ended at any time. All administrators are told.
//!
//! A key is the company's and not its maker's: it goes on when its maker is no administrator any more, since a company's own user management
//! would otherwise stop with one person's post; only a takeover ends the keys of those who go ([`end_api_keys_of`]). That is safe because every administrator was told of it by mail, sees it with its maker's name,
//! and can end it; and because it ends by itself after two years at most. It stops with the company, and with a restore.

use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{
    AccountError, ApiKey, Happened,
    jobs::{self, TellApiKey},
    model::{KEY_NETWORKS, MOST_API_KEYS, MOST_KEY_DAYS},
    store,
};
use crate::{
    audit,
    http::guard::KEY_PREFIX,
    platform::{
        actor::{Actor, Author, Scope},
        database::{Connection, DatabaseError, Unit},
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, ApiKeyId, CompanyId},
        limits::LINE_CHARACTERS,
        moment::Moment,
        networks::Network,
        random,
        secret::Secret,
        text,
    },
};

/// What the keystore's hash of a key is for.
const PURPOSE: &str = "accounts/api-key/v1";
/// Random bytes of a key.
const DRAWN: usize = 20;
/// The use of a key is written down once in so long.
const TOUCH_EVERY: Duration = Duration::hours(1);

/// What somebody wants of a key.
pub struct Wanted<'a> {
    /// What it is for, to people.
    pub name: &'a str,
    /// What it may do.
    pub scopes: &'a [Scope],
    /// How long it lives.
    pub days: i64,
    /// From which networks it is taken; from all when there are none.
    pub networks: &'a [&'a str],
}

/// A key to be made. The key itself is drawn outside the unit.
pub struct NewApiKey {
    /// The key, to be shown once.
    pub key: Secret<String>,
    hash: [u8; 32],
    prefix: String,
    name: String,
    scopes: Vec<Scope>,
    lives: Duration,
    networks: Vec<Network>,
}

impl NewApiKey {
    /// Draws a key.
    ///
    /// # Errors
    /// Every field's fault; when the keystore fails.
    pub async fn draw(ground: &Ground, wanted: &Wanted<'_>) -> Result<Self, AccountError> {
        let mut faults = Vec::new();
        let name = text::line(wanted.name, LINE_CHARACTERS).map_err(|fault| faults.push(FieldFault::text("name", fault)));
        let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| wanted.scopes.contains(scope)).collect();
        if scopes.is_empty() {
            faults.push(FieldFault::new("scopes", "field_choose"));
        }
        if !(1..=MOST_KEY_DAYS).contains(&wanted.days) {
            faults.push(FieldFault::new("days", "field_range").with("least", 1).with("most", MOST_KEY_DAYS));
        }
        let mut networks = Vec::new();
        for typed in wanted.networks {
            match typed.trim().parse::<Network>() {
                Ok(network) => networks.push(network),
                Err(_) => faults.push(FieldFault::new("networks", "field_network").with("network", text::readable(typed, 50))),
            }
        }
        if networks.len() > KEY_NETWORKS {
            faults.push(FieldFault::new("networks", "field_networks_many").with("most", KEY_NETWORKS));
        }
        let (Ok(name), true) = (name, faults.is_empty()) else { return Err(AccountError::Invalid(faults)) };
        let key = written(&random::bytes::<DRAWN>(ground.random()));
        let prefix = key.chars().take(KEY_PREFIX.len() + 8).collect();
        let key = Secret::new(key);
        let hash = hash(ground, &key).await?;
        Ok(Self { key, hash, prefix, name, scopes, lives: Duration::days(wanted.days), networks })
    }
}

/// `segl_org_`, what was drawn, and a checksum by which scanners know a key from what only looks so: all in lower hexadecimal.
fn written(drawn: &[u8; DRAWN]) -> String {
    let body = format!("{KEY_PREFIX}{}", hex::encode(drawn));
    let sum = Sha256::digest(body.as_bytes());
    format!("{body}{}", hex::encode(&sum[..4]))
}

/// What recognises a key: only this keystore can compute it. A wrong key costs the same as a right one.
async fn hash(ground: &Ground, key: &Secret<String>) -> Result<[u8; 32], AccountError> {
    let key = key.clone();
    Ok(ground.with_keystore(move |keystore| keystore.hmac(PURPOSE, key.reveal().as_bytes())).await?)
}

/// Keeps a drawn key.
///
/// # Errors
/// [`AccountError::ProveAgain`]; [`AccountError::TooManyApiKeys`].
pub async fn create_api_key(unit: &mut Unit, actor: &Actor, company: CompanyId, new: &NewApiKey) -> Result<ApiKey, AccountError> {
    let now = unit.now();
    if !actor.has_proven_by_card(now) {
        return Err(AccountError::ProveAgain);
    }
    if store::api_keys(unit, company, now).await?.len() >= MOST_API_KEYS {
        return Err(AccountError::TooManyApiKeys { most: MOST_API_KEYS });
    }
    let key = ApiKey {
        id: unit.id(),
        company,
        name: new.name.clone(),
        prefix: new.prefix.clone(),
        scopes: new.scopes.clone(),
        networks: new.networks.clone(),
        made_by: actor.account,
        made_at: now,
        expires_at: now.plus(new.lives),
        seen_at: None,
    };
    store::insert_api_key(unit, &key, &new.hash).await?;
    let event = audit::Event::new("api_key.created", actor.author(), subject(key.id))
        .company(company)
        .fact("scopes", words(&key.scopes))
        .fact("networks", key.networks.len())
        .fact("expires_at", key.expires_at)
        .fact("prefix", &key.prefix)
        .personal("name", &key.name);
    audit::record(unit, event).await?;
    tell(unit, &key, actor, Happened::Created).await?;
    Ok(key)
}

/// Ends a key of the company, at once.
///
/// # Errors
/// [`AccountError::NotFound`].
pub async fn end_api_key(unit: &mut Unit, actor: &Actor, company: CompanyId, id: ApiKeyId) -> Result<(), AccountError> {
    let now = unit.now();
    let found = store::api_keys(unit, company, now).await?.into_iter().find(|key| key.id == id).ok_or(AccountError::NotFound)?;
    if !store::end_api_key(unit, company, id).await? {
        return Err(AccountError::NotFound);
    }
    audit::record(unit, audit::Event::new("api_key.ended", actor.author(), subject(id)).company(company)).await?;
    tell(unit, &found, actor, Happened::Ended).await
}

/// Ends the company's keys that these accounts made, since others administer it now. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn end_api_keys_of(unit: &mut Unit, company: CompanyId, makers: &[AccountId], author: Author) -> Result<u64, DatabaseError> {
    let now = unit.now();
    let mut ended = 0;
    for key in store::api_keys(unit, company, now).await?.into_iter().filter(|key| makers.contains(&key.made_by)) {
        if store::end_api_key(unit, company, key.id).await? {
            audit::record(unit, audit::Event::new("api_key.ended", author, subject(key.id)).company(company).fact("why", "succeeded"))
                .await?;
            ended += 1;
        }
    }
    Ok(ended)
}

async fn tell(unit: &mut Unit, key: &ApiKey, actor: &Actor, happened: Happened) -> Result<(), AccountError> {
    let told = TellApiKey {
        company: key.company,
        name: key.name.clone(),
        by: actor.name.clone(),
        scopes: words(&key.scopes),
        until: key.expires_at,
        happened,
    };
    Ok(jobs::tell_api_key(unit, &told).await?)
}

/// The company's keys that are neither ended nor too old, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn api_keys(connection: &mut impl Connection, company: CompanyId, now: Moment) -> Result<Vec<ApiKey>, DatabaseError> {
    store::api_keys(connection, company, now).await
}

/// The live key that was shown, from whatever network.
///
/// # Errors
/// When the database or the keystore fails.
pub async fn live_api_key(ground: &Ground, shown: &Secret<String>) -> Result<Option<ApiKey>, AccountError> {
    let hash = hash(ground, shown).await?;
    Ok(store::live_api_key(&mut ground.database.read().await?, &hash, ground.clock().now()).await?)
}

/// Notes that a key is in use, by the hour.
///
/// # Errors
/// When the database fails.
pub async fn note_use(ground: &Ground, key: &ApiKey) -> Result<(), DatabaseError> {
    let now = ground.clock().now();
    if key.seen_at.is_some_and(|seen| now.since(seen) < TOUCH_EVERY) {
        return Ok(());
    }
    ground.database.write(async |unit| store::touch_api_key(unit, key.id).await).await
}

/// Records once in a while that a key came from elsewhere than it may: whoever has it may have stolen it.
///
/// # Errors
/// When the database fails.
pub async fn note_foreign(unit: &mut Unit, key: &ApiKey, network: &str) -> Result<(), DatabaseError> {
    let event = audit::Event::new("api_key.refused", Author::Anyone, subject(key.id)).company(key.company).fact("why", "network");
    audit::record(unit, event.personal("network", network)).await
}

/// Records that somebody in a network shows wrong keys, one after the other.
///
/// # Errors
/// When the database fails.
pub async fn note_guessing(unit: &mut Unit, network: &str) -> Result<(), DatabaseError> {
    let event = audit::Event::new("api_key.guessed", Author::Anyone, "api_key:unknown");
    audit::record(unit, event.personal("network", network)).await
}

/// Scopes as a row holds them: words with commas between.
pub(super) fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(",")
}

fn subject(key: ApiKeyId) -> String {
    format!("api_key:{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form_and_its_checksum() {
        let key = written(&[7; DRAWN]);
        assert!(key.len() == 57 && key.starts_with("segl_org_0707"), "{key}");
        let (body, sum) = key.split_at(49);
        assert_eq!(hex::encode(&Sha256::digest(body.as_bytes())[..4]), sum);
        assert!(key["segl_org_".len()..].bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    }
}
