//! What is wrong with a message: which field, and which rule it breaks. No text of the message itself is repeated.

/// One field that breaks one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Fault {
    /// The field as the protocol's tables name it.
    pub field: &'static str,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// The rules that a field can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// It must be there and is not.
    #[error("is missing")]
    Absent,
    /// A sign is a control character, or one that turns the direction of writing or cannot be seen.
    #[error("has a sign that is not plain text (control, direction, invisible)")]
    ForeignSign,
    /// It does not belong with the rest of the message.
    #[error("does not fit the rest of the message")]
    Misfit,
    /// It is no base64url without padding.
    #[error("is no base64url without padding")]
    NotBase64,
    /// It is no point of P-256 in 65 bytes, uncompressed.
    #[error("is no uncompressed point of P-256")]
    NotPoint,
    /// It is no ECDSA signature in strict DER.
    #[error("is no ECDSA signature in DER")]
    NotSignature,
    /// It is no UTF-8.
    #[error("is no UTF-8")]
    NotUtf8,
    /// Blanks stand at the beginning, at the end or side by side, or more than three marks stand on one sign.
    #[error("has needless blanks or heaped marks")]
    Spacing,
    /// More bytes or characters than the bound.
    #[error("is longer than {bound}")]
    TooLong {
        /// The greatest length.
        bound: usize,
    },
    /// More items than the bound.
    #[error("has more than {bound} items")]
    TooMany {
        /// The greatest number.
        bound: usize,
    },
    /// Bytes follow where the message must end.
    #[error("is followed by bytes that do not belong there")]
    Trailing,
    /// The bytes end inside it.
    #[error("ends too early")]
    Truncated,
    /// The word or number is none of those that the protocol knows.
    #[error("is none of the known values")]
    Unknown,
    /// The length is another than the fixed one.
    #[error("is not {expected} bytes long")]
    WrongLength {
        /// The only length.
        expected: usize,
    },
}

impl Rule {
    /// This rule, broken by `field`.
    #[must_use]
    pub fn at(self, field: &'static str) -> Fault {
        Fault { field, rule: self }
    }
}
