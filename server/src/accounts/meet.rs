//! Who it is that wants to log in, before the password is looked at: somebody, or somebody made up for a user id that nobody has; at a
//! known device or an unknown one.

use super::{
    AccountError, AccountState, Why,
    check_password::DAY,
    place::{self, Place},
    store,
};
use crate::platform::{
    ground::Ground,
    id::{AccountId, DeviceId, Id as _},
    password::Hashing,
    secret,
};

/// What makes ids and salts for user ids that nobody has.
const STRANGER: &str = "accounts/stranger/v1";

/// Somebody who wants to log in. Nothing tells from outside whether the user id is anybody's.
pub struct Met {
    pub(super) candidate: Candidate,
    pub(super) device: Option<DeviceId>,
    pub(super) answered: bool,
    asked_first: bool,
}

impl Met {
    /// Whose user id it is; made up, and always the same, when nobody's.
    pub fn account(&self) -> AccountId {
        self.candidate.account
    }

    /// The known device, if it is one.
    pub fn device(&self) -> Option<DeviceId> {
        self.device
    }

    /// Whether card or phone must answer before the password is looked at.
    pub fn is_asked_first(&self) -> bool {
        self.asked_first && !self.answered
    }

    /// Card or phone has answered.
    #[must_use]
    pub fn answered(self) -> Self {
        Self { answered: true, ..self }
    }

    /// A refusal of this person.
    pub fn why(&self, reason: &'static str) -> Why {
        self.candidate.why(reason)
    }
}

/// What the database knows of the one who tries; made up for those whom it does not know.
pub(super) struct Candidate {
    pub account: AccountId,
    pub exists: bool,
    pub salt: Vec<u8>,
    pub verifier: Vec<u8>,
    pub hashing: Hashing,
    pub refusal: Option<&'static str>,
}

impl Candidate {
    pub fn why(&self, reason: &'static str) -> Why {
        Why { account: self.account, exists: self.exists, reason }
    }
}

/// Looks up a typed user id, and the token that the browser or program kept since an earlier log-in.
///
/// # Errors
/// When database or keystore fail.
pub async fn meet(ground: &Ground, user_id: &str, device_token: Option<&str>) -> Result<Met, AccountError> {
    // PostgreSQL holds no NUL in text and would fail: nobody has such a user id, and nobody has this one.
    let folded = user_id.trim().to_ascii_lowercase().replace('\0', "\u{fffd}");
    let found = store::credentials_by_user_id(&mut ground.database.read().await?, &folded).await?;
    let candidate = candidate(ground, found, folded).await?;
    // No reader waits for the keystore.
    let mut reader = ground.database.read().await?;
    let hash = secret::token_hash(device_token.unwrap_or_default());
    let device = store::known_device(&mut reader, candidate.account, &hash).await?;
    let since = ground.clock().now().plus(-DAY);
    let wrong = store::day_wrong(&mut reader, candidate.account, Place::Network.word(), since).await?;
    let asked_first = device.is_none() && wrong >= place::WRONG_IN_A_DAY;
    Ok(Met { candidate, device, answered: false, asked_first })
}

/// Somebody who is logged in already.
pub(super) async fn of_account(ground: &Ground, account: AccountId) -> Result<Candidate, AccountError> {
    let found = store::credentials(&mut ground.database.read().await?, account).await?;
    candidate(ground, found, account.to_string()).await
}

async fn candidate(ground: &Ground, found: Option<store::Credentials>, name: String) -> Result<Candidate, AccountError> {
    let stranger = stranger(ground, name).await?;
    let Some(found) = found else { return Ok(stranger) };
    let refusal = match AccountState::of(&found.state) {
        Some(AccountState::Active) => None,
        Some(AccountState::Blocked) => Some("blocked"),
        Some(AccountState::Suspended) => Some("suspended"),
        Some(AccountState::Invited) | None => Some("no_password"),
    };
    let hashing = found.hashing.as_deref().and_then(Hashing::of);
    match (found.salt, found.verifier, hashing) {
        (Some(salt), Some(verifier), Some(hashing)) => Ok(Candidate { account: found.id, exists: true, salt, verifier, hashing, refusal }),
        _ => Ok(Candidate { account: found.id, exists: true, refusal: Some("no_password"), ..stranger }),
    }
}

/// Somebody whom nobody is: always the same id and salt for a user id, so that tries are counted as for a real one.
async fn stranger(ground: &Ground, name: String) -> Result<Candidate, AccountError> {
    let mac = ground.with_keystore(move |keystore| keystore.hmac(STRANGER, name.as_bytes())).await?;
    let (id, salt) = mac.split_at(16);
    let account = AccountId::from_uuid(uuid::Builder::from_slice(id).map_or_else(|_| uuid::Uuid::nil(), uuid::Builder::into_uuid));
    let hashing = ground.passwords.hashing();
    Ok(Candidate { account, exists: false, salt: salt.to_vec(), verifier: mac.to_vec(), hashing, refusal: Some("unknown_user_id") })
}
