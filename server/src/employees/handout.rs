//! A temporary password that is shown once, for whoever cannot use the page: spelled sign by sign, and as a file of plain text.
//!
//! The file is made from a ticket that only the keystore opens, for as long as the page may stay open; nothing of it is stored here.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use certs::keystore::KeystoreError;
use time::Duration;
use zeroize::Zeroizing;

use crate::platform::{ground::Ground, id::AccountId, id::Id as _, moment::Moment, secret::Secret, words::Words};

const CONTEXT: &[u8] = b"employees/handout/v1";
/// So long the file can be fetched.
const LIFE: Duration = Duration::minutes(15);
/// A ticket is shorter than this.
const TICKET_CHARACTERS: usize = 512;
const HEAD: usize = 16 + 8;

/// Writes the ticket of a temporary password for whoever is shown it.
///
/// # Errors
/// When the keystore fails.
pub async fn ticket(ground: &Ground, shown_to: AccountId, code: &Secret<String>) -> Result<String, KeystoreError> {
    let until = ground.clock().now().plus(LIFE);
    let mut plain = Zeroizing::new(Vec::with_capacity(HEAD + 32));
    plain.extend_from_slice(shown_to.uuid().as_bytes());
    plain.extend_from_slice(&until.millis().to_be_bytes());
    plain.extend_from_slice(code.reveal().as_bytes());
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, CONTEXT)).await?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// What a ticket carries; none when it is not ours, another's or too old.
///
/// # Errors
/// When the keystore fails.
pub async fn read(ground: &Ground, asked_by: AccountId, ticket: &str) -> Result<Option<Secret<String>>, KeystoreError> {
    let sealed = if ticket.len() <= TICKET_CHARACTERS { URL_SAFE_NO_PAD.decode(ticket).ok() } else { None };
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = match ground.with_keystore(move |keystore| keystore.unwrap(&sealed, CONTEXT)).await {
        Ok(plain) => plain,
        Err(KeystoreError::DoesNotOpen | KeystoreError::UnknownVersion { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(code(&plain, asked_by, ground.clock().now()))
}

fn code(plain: &[u8], asked_by: AccountId, now: Moment) -> Option<Secret<String>> {
    let (account, rest) = plain.split_first_chunk::<16>()?;
    let (until, code) = rest.split_first_chunk::<8>()?;
    let lives = now < Moment::from_millis(i64::from_be_bytes(*until));
    let own = account == asked_by.uuid().as_bytes();
    if lives && own { Some(Secret::new(std::str::from_utf8(code).ok()?.to_owned())) } else { None }
}

/// Sign by sign, as a screen reader or a person reads it aloud: `7, K, Q, 2, dash, M, X, 4, B`.
pub fn spelled(code: &str, words: Words) -> String {
    let dash = words.say("employees.code_dash");
    let said: Vec<String> = code.chars().map(|sign| if sign == '-' { dash.clone() } else { sign.to_string() }).collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::words::Language;

    #[test]
    fn a_code_is_spelled_sign_by_sign() {
        assert_eq!(spelled("7KQ2-MX4B", Words(Language::En)), "7, K, Q, 2, dash, M, X, 4, B");
        assert_eq!(spelled("7KQ2-MX4B", Words(Language::Da)), "7, K, Q, 2, bindestreg, M, X, 4, B");
    }

    #[test]
    fn a_file_is_only_for_whom_the_code_was_shown_to_and_not_for_long() {
        let (own, other) = (AccountId::from_uuid(uuid::Uuid::from_u128(1)), AccountId::from_uuid(uuid::Uuid::from_u128(2)));
        let until = Moment::from_millis(1000);
        let plain = [own.uuid().as_bytes().as_slice(), &until.millis().to_be_bytes(), b"7KQ2-MX4B"].concat();
        let early = Moment::from_millis(999);
        assert!(code(&plain, own, early).is_some_and(|code| code.reveal() == "7KQ2-MX4B"));
        assert!(code(&plain, other, early).is_none() && code(&plain, own, until).is_none() && code(&plain[..20], own, early).is_none());
    }
}
