//! `[trust]`: who runs this service, as `/trust` tells those who must decide whether to trust its certificates.

use super::Faults;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    operator: Option<String>,
    contact: Option<String>,
    practice_url: Option<String>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Who runs the service; none: the organisation in the root's name.
    pub operator: Option<String>,
    /// The e-mail address for questions, such as whether a fingerprint is right.
    pub contact: Option<String>,
    /// Where the certification practice statement stands (RFC 3647).
    pub practice_url: Option<String>,
}

impl Raw {
    pub(super) fn check(self, faults: &mut Faults) -> Trust {
        if self.operator.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > 200) {
            faults.note("trust.operator", "must have 1 to 200 characters");
        }
        if self.contact.as_ref().is_some_and(|address| certs::name::EmailAddress::parse(address).is_err()) {
            faults.note("trust.contact", "must be an e-mail address, as \"ca@example.dk\"");
        }
        let is_link = |url: &String| url.starts_with("https://") && url.len() <= 500 && url.bytes().all(|byte| byte.is_ascii_graphic());
        if self.practice_url.as_ref().is_some_and(|url| !is_link(url)) {
            faults.note("trust.practice_url", "must begin with https:// and be plain ASCII");
        }
        Trust { operator: self.operator, contact: self.contact, practice_url: self.practice_url }
    }
}
