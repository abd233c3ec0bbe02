//! The QR beside the number: `segl-approve:1?r=APPROVAL&s=SECRET`, a UUID and 16 bytes in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::number::{QR_BYTES, QrSecret};
use crate::fault::{Fault, Rule};
use crate::id::ApprovalId;

const HEAD: &str = "segl-approve:1?r=";
const LONGEST_BYTES: usize = 128;

/// What a phone scans instead of typing the number. It names the request, so that a phone that no wake-up reached finds it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The request.
    pub approval: ApprovalId,
    /// What goes into the decision.
    pub secret: QrSecret,
}

impl Scan {
    /// Reads what was scanned.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > LONGEST_BYTES {
            return Err(Rule::TooLong { bound: LONGEST_BYTES }.at("scan"));
        }
        let fields = text.strip_prefix(HEAD).ok_or(Rule::Unknown.at("scan"))?;
        let (approval, secret) = fields.split_once("&s=").ok_or(Rule::Absent.at("secret"))?;
        let secret = URL_SAFE_NO_PAD.decode(secret).map_err(|_| Rule::NotBase64.at("secret"))?;
        let secret = secret.try_into().map_err(|_| Rule::WrongLength { expected: QR_BYTES }.at("secret"))?;
        Ok(Self { approval: approval.parse()?, secret: QrSecret::new(secret) })
    }

    /// What the QR shows.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{HEAD}{}&s={}", self.approval, URL_SAFE_NO_PAD.encode(self.secret.expose()))
    }
}
