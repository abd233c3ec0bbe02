//! What is wrong with one field of an input: which field, which rule, in words of both languages.

use certs::{
    ca::request::{self, RequestError},
    public_key::PublicKeyError,
};

use super::{
    text::TextFault,
    words::{Language, Words},
};

/// One fault. `rule` is a key of the `problems` words without its slice, as `field_empty`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name, as in JSON and in forms.
    pub field: String,
    /// The rule's key.
    pub rule: &'static str,
    /// What the rule's text names.
    pub values: Vec<(&'static str, String)>,
}

impl FieldFault {
    /// A fault whose text names nothing.
    pub fn new(field: impl Into<String>, rule: &'static str) -> Self {
        Self { field: field.into(), rule, values: Vec::new() }
    }

    /// Adds a value that the text names.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// A fault of a line of text.
    pub fn text(field: impl Into<String>, fault: TextFault) -> Self {
        match fault {
            TextFault::Empty => Self::new(field, "field_empty"),
            TextFault::Hidden { position } => Self::new(field, "field_hidden_character").with("position", position),
            TextFault::Long { length, most } => Self::new(field, "field_long").with("length", length).with("most", most),
        }
    }

    /// A fault of a certificate request (PKCS#10).
    pub fn request(field: &'static str, error: &RequestError) -> Self {
        match error {
            RequestError::Armor | RequestError::Encoding(_) => Self::new(field, "field_request"),
            RequestError::NoProof => Self::new(field, "field_request_proof"),
            RequestError::TooLarge { size_bytes } => {
                Self::new(field, "field_long").with("length", size_bytes).with("most", request::LIMIT_BYTES)
            }
            RequestError::Key(error) => Self::key(field, error),
        }
    }

    /// A fault of a public key.
    pub fn key(field: &'static str, error: &PublicKeyError) -> Self {
        match error {
            PublicKeyError::Algorithm { .. } | PublicKeyError::Encoding(_) | PublicKeyError::Refused(_) => {
                Self::new(field, "field_key_algorithm")
            }
            PublicKeyError::Curve | PublicKeyError::Point => Self::new(field, "field_key_curve"),
            PublicKeyError::RsaExponent => Self::new(field, "field_key_exponent"),
            PublicKeyError::RsaFactor { .. } | PublicKeyError::RsaRoca => Self::new(field, "field_key_weak"),
            PublicKeyError::RsaModulus { bits } => Self::new(field, "field_key_modulus").with("bits", bits),
        }
    }

    /// The sentence in a language.
    pub fn sentence(&self, language: Language) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Words(language).with(&format!("problems.{}", self.rule), &values)
    }
}
