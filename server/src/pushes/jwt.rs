//! Signed claims (RFC 7515 compact form): ES256 and RS256.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    ecdsa::EcdsaSig,
    error::ErrorStack,
    hash::MessageDigest,
    pkey::{Id, PKey, Private},
    sign::Signer,
};
use serde_json::Value;

/// What is signed: head and claims.
pub(super) fn unsigned(head: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The whole, with an ES256 signature that was made as DER (RFC 7518 section 3.4 wants r and s, 32 bytes each).
pub(super) fn with_der(unsigned: &str, der: &[u8]) -> Result<String, ErrorStack> {
    let signature = EcdsaSig::from_der(der)?;
    let raw = [signature.r().to_vec_padded(32)?, signature.s().to_vec_padded(32)?].concat();
    Ok(format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(raw)))
}

/// Signs with a key of ours: ES256 for P-256, RS256 for RSA.
pub(super) fn sign(key: &PKey<Private>, head: &Value, claims: &Value) -> Result<String, ErrorStack> {
    let unsigned = unsigned(head, claims);
    let signature = Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(unsigned.as_bytes())?;
    if key.id() == Id::EC {
        return with_der(&unsigned, &signature);
    }
    Ok(format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
