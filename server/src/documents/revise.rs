//! One more signature on a PDF, whoever signs: the revision with room for it, what the key signs, and the finished revision after its own
//! check. The pause between is the caller's: what will be signed is stored before any signature exists.

use certs::{
    cms::{self, SignedAttributes},
    pades::{self, Digested, SignatureRequest, Signed},
};
use sha2::{Digest as _, Sha256};

use super::{error::DocumentError, model::Plan};
use crate::{platform::ground::Ground, timestamps};

/// The document as it is, and who signs it how.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The document's bytes.
    pub bytes: Vec<u8>,
    /// The signer's certificate, DER.
    pub der: Vec<u8>,
    /// Those above it, DER.
    pub chain: Vec<Vec<u8>>,
    /// The signer's name.
    pub name: String,
    /// Why and where.
    pub plan: Plan,
}

/// The revision with room for the signature, and what the key will sign.
pub struct Prepared {
    /// The revision.
    pub digested: Digested,
    attributes: SignedAttributes,
}

impl Prepared {
    /// What was stored before the key signed it.
    ///
    /// # Errors
    /// [`DocumentError::Message`].
    pub fn again(digested: Digested, der: &[u8]) -> Result<Self, DocumentError> {
        let attributes = SignedAttributes::new(cms::identifiers::DATA, digested.sha256(), der, None)?;
        Ok(Self { digested, attributes })
    }

    /// What the key signs: a SHA-256 digest.
    pub fn digest(&self) -> [u8; 32] {
        self.attributes.digest()
    }
}

/// Makes room for the signature.
///
/// # Errors
/// [`DocumentError::Pdf`], [`DocumentError::Message`].
pub async fn prepare(ground: &Ground, wish: &Wish) -> Result<Prepared, DocumentError> {
    let request = SignatureRequest {
        field_name: None,
        description: Some(wish.name.clone()),
        name: Some(wish.name.clone()),
        reason: wish.plan.reason.clone(),
        location: wish.plan.place.clone(),
        signing_time: ground.clock().now().to_datetime(),
        contents_bytes: cms::estimated_bytes(&wish.der, &wish.chain, timestamps::room(ground)),
    };
    let (bytes, der) = (wish.bytes.clone(), wish.der.clone());
    tokio::task::spawn_blocking(move || Prepared::again(pades::reserve(&bytes, &request)?.digest(), &der))
        .await
        .map_err(|_| DocumentError::Outrun)?
}

/// The signed revision, and who stamped its time.
pub struct Made {
    /// The revision.
    pub signed: Signed,
    /// `own`, or the address of the authority.
    pub stamped_by: String,
}

/// Stamps the time of a signature, embeds it, and reads the result as a stranger would.
///
/// # Errors
/// [`DocumentError::Timestamp`], [`DocumentError::Gate`]; nothing leaves then.
pub async fn finish(ground: &Ground, wish: &Wish, prepared: &Prepared, value: &[u8]) -> Result<Made, DocumentError> {
    let stamped = timestamps::stamp_in_order(ground, Sha256::digest(value).into()).await?;
    let message = cms::assemble(&prepared.attributes, value, &wish.der, &wish.chain, Some(&stamped.token), None)?;
    let signed = prepared.digested.clone().embed(&message)?;
    let (original, gated) = (wish.bytes.clone(), signed.clone());
    let gate = move || {
        let whole = gated.append_to(&original)?;
        pades::gate::check(&original, &whole, gated.field_name())?;
        Ok::<_, DocumentError>(())
    };
    tokio::task::spawn_blocking(gate).await.map_err(|_| DocumentError::Outrun)??;
    Ok(Made { signed, stamped_by: stamped.by })
}
