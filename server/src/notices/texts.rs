//! Text messages to telephones: through the gateway of `[sms]`, or into the spool (`texts/`) where neither gateway nor mail relay is configured.
//!
//! Promises: one POST of JSON over HTTPS within a bounded time, with an answer that is read up to a bound; the message's id goes with it, so that a
//! gateway that knows Idempotency-Key sends none twice; neither number nor text stands in a log line or an error. Refused by the gateway for good
//! it stands beside its recipient, and can be sent again.

use std::sync::{Arc, OnceLock};

use futures_util::{FutureExt as _, future::LocalBoxFuture};
use serde_json::json;
use zeroize::Zeroizing;

use super::{deliver, error::NoticeError};
use crate::{
    config::{Config, TextGateway},
    platform::{
        ground::Ground,
        id::MessageId,
        moment::Moment,
        outgoing::{Outgoing, OutgoingError},
        telephone::Telephone,
    },
};

/// The longest text, in characters: three parts (3GPP TS 23.038 section 6.2.1, 153 signs each).
const MOST_CHARACTERS: usize = 459;

/// Why a text message did not leave. No variant says to whom, or what.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The gateway asks for patience, or has a fault of its own.
    #[error("the gateway answers {status}: later")]
    Later {
        /// Its answer.
        status: u16,
    },
    /// Text messages do not go to this country: `sms.countries`.
    #[error("text messages do not go to the country of this number: sms.countries")]
    Country,
    /// There is no gateway, and no spool takes its place.
    #[error("no gateway for text messages is configured")]
    NoGateway,
    /// Nobody answers.
    #[error(transparent)]
    Outgoing(#[from] OutgoingError),
    /// The gateway refuses this message for good.
    #[error("the gateway refuses the message: {status}")]
    Refused {
        /// Its answer.
        status: u16,
    },
    /// The gateway does not know us: `sms.token_file` is wrong.
    #[error("the gateway does not accept sms.token_file: {status}")]
    Token {
        /// Its answer.
        status: u16,
    },
    /// It is longer than three parts.
    #[error("the text is longer than {MOST_CHARACTERS} characters")]
    TooLong,
}

impl TextError {
    /// Whether sending it again as it is can never help.
    pub(super) const fn is_permanent(&self) -> bool {
        matches!(self, Self::Country | Self::Refused { .. } | Self::TooLong)
    }
}

/// One message to one telephone.
pub struct Text {
    /// Its id: the same however often it is sent.
    pub id: MessageId,
    /// When it was told.
    pub told_at: Moment,
    /// To which number.
    pub to: Telephone,
    /// What it says.
    pub body: Zeroizing<String>,
}

/// A way for text messages.
pub trait Texting {
    /// Sends one.
    fn send<'a>(&'a self, text: &'a Text) -> LocalBoxFuture<'a, Result<(), NoticeError>>;
}

/// Whether text messages can leave: pages offer them then.
pub fn has_texts(config: &Config) -> bool {
    config.texts.gateway.is_some() || config.mail.relay.is_none()
}

/// The way of this installation.
///
/// # Errors
/// [`TextError::NoGateway`]; when TLS cannot be set up.
pub(super) fn way(ground: &Ground) -> Result<Box<dyn Texting>, NoticeError> {
    match &ground.config.texts.gateway {
        Some(gateway) => Ok(Box::new(Gateway { outgoing: outgoing(ground, gateway)?, gateway: gateway.clone() })),
        None if ground.config.mail.relay.is_none() => Ok(Box::new(Spool { ground: ground.clone() })),
        None => Err(TextError::NoGateway.into()),
    }
}

#[derive(Default)]
struct Held(OnceLock<Arc<Outgoing>>);

fn outgoing(ground: &Ground, gateway: &TextGateway) -> Result<Arc<Outgoing>, TextError> {
    let held = ground.kept.of::<Held>();
    if let Some(made) = held.0.get() {
        return Ok(made.clone());
    }
    let made = Arc::new(Outgoing::new(gateway.trust_file.as_deref(), gateway.inside)?);
    Ok(held.0.get_or_init(|| made).clone())
}

/// A server that takes `{"id", "from", "to", "text"}` and answers 2xx when it has the message.
struct Gateway {
    gateway: TextGateway,
    outgoing: Arc<Outgoing>,
}

impl Texting for Gateway {
    fn send<'a>(&'a self, text: &'a Text) -> LocalBoxFuture<'a, Result<(), NoticeError>> {
        async move {
            if text.body.chars().count() > MOST_CHARACTERS {
                return Err(TextError::TooLong.into());
            }
            let message = json!({"id": text.id, "from": self.gateway.from, "to": text.to.number(), "text": text.body.as_str()});
            let headers = [
                ("authorization", format!("Bearer {}", self.gateway.token.reveal())),
                ("content-type", "application/json; charset=utf-8".to_owned()),
                ("idempotency-key", text.id.to_string()),
            ];
            let body = Zeroizing::new(message.to_string());
            let answer = self.outgoing.post(&self.gateway.url, &headers, body.as_bytes().to_vec()).await.map_err(TextError::from)?;
            Ok(outcome(answer.status)?)
        }
        .boxed_local()
    }
}

/// What an answer means.
const fn outcome(status: u16) -> Result<(), TextError> {
    match status {
        200..=299 => Ok(()),
        401 | 403 => Err(TextError::Token { status }),
        408 | 409 | 425 | 429 => Err(TextError::Later { status }),
        400..=499 => Err(TextError::Refused { status }),
        _ => Err(TextError::Later { status }),
    }
}

/// Files that their owner alone reads.
struct Spool {
    ground: Ground,
}

impl Texting for Spool {
    fn send<'a>(&'a self, text: &'a Text) -> LocalBoxFuture<'a, Result<(), NoticeError>> {
        async move { deliver::text(&self.ground.config.mail, text).await }.boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_what_can_be_done() {
        assert!(outcome(202).is_ok());
        assert!([400, 404, 422].into_iter().all(|status| outcome(status).is_err_and(|error| error.is_permanent())));
        assert!([401, 403, 408, 429, 500, 503, 302].into_iter().all(|status| outcome(status).is_err_and(|error| !error.is_permanent())));
    }

    #[test]
    fn no_refusal_says_to_whom_or_what() {
        for error in [TextError::Country, TextError::Refused { status: 422 }, TextError::Token { status: 401 }, TextError::TooLong] {
            assert!(!error.to_string().contains('+'), "{error}");
        }
    }
}
