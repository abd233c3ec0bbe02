//! Why a PDF is not signed, or cannot be read as far as its signatures.

/// What is wrong with a PDF, or with what was asked of it. Sections are of ISO 32000-2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The CMS message is longer than the place that was reserved for it; reserve again with more.
    #[error("the signature needs {needed_bytes} bytes, {reserved_bytes} were reserved")]
    ContentsOverflow {
        /// The size of the message.
        needed_bytes: usize,
        /// The size of the place.
        reserved_bytes: usize,
    },
    /// The cross-reference chain does not lead to the objects (section 7.5.4): it would have to be rebuilt.
    #[error("the cross-reference table is broken near byte {offset}; the document must be repaired first")]
    CrossReferenceBroken {
        /// Where it broke.
        offset: usize,
    },
    /// The document is encrypted (section 7.6).
    #[error("the document is encrypted")]
    Encrypted,
    /// The name of the signature field is taken, empty or has a full stop (section 12.7.4.2).
    #[error("the name of the signature field is taken or not allowed")]
    FieldName,
    /// An earlier signature forbids all changes (section 12.8.2.2, P = 1).
    #[error("an earlier signature forbids any change to the document")]
    Locked,
    /// An object is not of the kind that its place requires.
    #[error("object {number} is malformed")]
    Malformed {
        /// Its object number.
        number: u32,
    },
    /// The page tree has no page (section 7.7.3).
    #[error("the document has no pages")]
    NoPages,
    /// No header within the first 1,024 bytes (section 7.5.2).
    #[error("this is not a PDF document")]
    NotPdf,
    /// The paused signature is damaged, or belongs to another document.
    #[error("the prepared signature does not belong to this document or is damaged")]
    Paused,
    /// More objects, revisions or nesting than is read.
    #[error("the document is more complex than is read here")]
    TooComplex,
    /// More bytes than allowed.
    #[error("the document has more than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The end of the file is missing (section 7.5.5).
    #[error("the document is cut off: its end is missing")]
    Truncated,
    /// A filter of a cross-reference or object stream that is not read (section 7.4).
    #[error("the document uses a compression that is not supported")]
    UnsupportedFilter,
    /// A form in XFA, which shows other content than the pages (section 12.7.8).
    #[error("the document is an XFA form, which cannot be signed")]
    Xfa,
}
