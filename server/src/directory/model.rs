//! The nouns: an address as it is compared, a listing, what is found.

use certs::name::EmailAddress;

use crate::platform::moment::Moment;

/// A mail address as it is compared: capitals do not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Reads an address; none when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let address = EmailAddress::parse(text.trim()).ok()?;
        Some(Self(address.as_str().to_lowercase()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Somebody's yes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Listing {
    /// By which address one is found.
    pub address: String,
    /// Since when.
    pub listed_at: Moment,
}

/// One certificate that was found.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Found {
    /// Whose: the common name.
    pub name: String,
    /// The organisation, as the certificate says it.
    pub organisation: Option<String>,
    /// `encryption` or `mail`.
    pub purpose: &'static str,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Last valid moment.
    pub not_after: Moment,
    /// The certificate, DER in base64.
    pub certificate: String,
    /// The certificate, DER.
    #[serde(skip)]
    pub der: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_blanks_around_do_not_matter_and_nothing_but_an_address_is_one() {
        assert_eq!(Address::parse(" Bo@Bageri.example.dk ").as_ref().map(Address::as_str), Some("bo@bageri.example.dk"));
        for text in ["", "*", "bo", "@bageri.example.dk", "bo@", "bo@bageri.example.dk,ea@mejeri.example.dk"] {
            assert_eq!(Address::parse(text), None, "{text:?}");
        }
    }
}
