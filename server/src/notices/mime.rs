//! Composes the mail: multipart/signed with a detached CMS signature over the text part (RFC 8551 section 3.5.3).
//!
//! Names and subjects are made one line, lettre encodes them (RFC 2047) and quotes the body: no value can become a header.

use certs::cms::{self, SignedAttributes, identifiers};
use futures_util::future::LocalBoxFuture;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest as _, Sha256};

use super::{
    error::NoticeError,
    model::Contact,
    render::{Rendered, one_line},
};
use crate::platform::{ground::Ground, id::MessageId, moment::Moment};

/// The notice certificate that signs our mail.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificates above it, DER.
    pub chain: Vec<Vec<u8>>,
}

/// Holds the key of the notice certificate. Implemented by what issues it.
pub trait Signer: Send + Sync {
    /// The certificate to sign with now; none before the authorities are founded, and mail goes unsigned.
    fn credentials<'a>(&'a self, ground: &'a Ground) -> LocalBoxFuture<'a, anyhow::Result<Option<Credentials>>>;

    /// Signs a SHA-256 digest with the key of these credentials' certificate; DER for ECDSA.
    fn sign<'a>(
        &'a self,
        ground: &'a Ground,
        credentials: &'a Credentials,
        digest: [u8; 32],
    ) -> LocalBoxFuture<'a, anyhow::Result<Vec<u8>>>;
}

/// What goes into the head of a mail.
pub(super) struct Head<'a> {
    pub id: MessageId,
    pub created_at: Moment,
    pub contact: &'a Contact,
    pub from: &'a str,
}

/// The mail, ready to be delivered. The same message always gets the same Message-ID, so that a mail sent twice is seen once.
pub(super) async fn compose(ground: &Ground, signer: &dyn Signer, head: &Head<'_>, rendered: &Rendered) -> Result<Message, NoticeError> {
    let domain = head.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let mailbox = |name: Option<String>, address: &str| -> Result<Mailbox, NoticeError> {
        Ok(Mailbox::new(name, address.parse::<Address>().map_err(|_| NoticeError::Address)?))
    };
    let to = head.contact.email.as_deref().ok_or(NoticeError::Address)?;
    let builder = Message::builder()
        .from(mailbox(Some("Segl".to_owned()), head.from)?)
        .to(mailbox(Some(one_line(&head.contact.name)), to)?)
        .subject(&rendered.subject)
        .date(head.created_at.to_datetime().into())
        .message_id(Some(format!("<{}@{domain}>", head.id)))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", head.contact.language.tag()));
    let part = SinglePart::builder()
        .content_type(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(rendered.text.to_string());
    let Some(credentials) = signer.credentials(ground).await.map_err(NoticeError::Signer)? else {
        return Ok(builder.singlepart(part)?);
    };
    let signature = sign(ground, signer, &credentials, &part).await?;
    let signed = MultiPart::signed("application/pkcs7-signature".to_owned(), "sha-256".to_owned())
        .boundary(format!("segl-{}", head.id))
        .singlepart(part)
        .singlepart(signature);
    Ok(builder.multipart(signed)?)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The signature over the part as it will stand between the boundaries: the line break before a boundary is not part of it
/// (RFC 2046 section 5.1.1).
async fn sign(ground: &Ground, signer: &dyn Signer, credentials: &Credentials, part: &SinglePart) -> Result<SinglePart, NoticeError> {
    let formatted = part.formatted();
    let content = formatted.strip_suffix(b"\r\n").unwrap_or(&formatted);
    let digest = Sha256::digest(content).into();
    let now = ground.clock().now().to_datetime();
    let attributes = SignedAttributes::new(identifiers::DATA, digest, &credentials.certificate, Some(now))?;
    let value = signer.sign(ground, credentials, attributes.digest()).await.map_err(NoticeError::Signer)?;
    let message = cms::assemble(&attributes, &value, &credentials.certificate, &credentials.chain, None, None)?;
    let content_type = ContentType::parse("application/pkcs7-signature; name=\"smime.p7s\"").map_err(|_| NoticeError::Sealed)?;
    Ok(SinglePart::builder()
        .content_type(content_type)
        .header(ContentDisposition::attachment("smime.p7s"))
        .header(ContentTransferEncoding::Base64)
        .body(message))
}
