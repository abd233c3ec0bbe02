//! The sizes that nothing may exceed. Each is told in the refusal that it causes.

/// A JSON or form body, bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// An OCSP or time-stamp request, bytes.
pub const PROTOCOL_REQUEST_BYTES: usize = 8 * 1024;
/// A document, bytes, unless configured otherwise (`policy.document_bytes`).
pub const DOCUMENT_BYTES: usize = 50 * 1024 * 1024;
/// A page of a list, rows.
pub const PAGE_ROWS: i64 = 50;
/// A document's title, characters.
pub const TITLE_CHARACTERS: usize = 200;
/// A postal line or a name in a form, characters.
pub const LINE_CHARACTERS: usize = 200;
/// A scanned form, bytes.
pub const SCAN_BYTES: usize = 5 * 1024 * 1024;
/// Signatories of one company.
pub const SIGNATORIES: usize = 10;
