//! UnifiedPush and Web Push: RFC 8030 with the encryption of RFC 8291 and the claim of RFC 8292.

use aes_gcm::{Aes128Gcm, Key, KeyInit as _, Nonce, aead::Aead as _};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use hkdf::Hkdf;
use keycard::PublicKey;
use p256::{SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Look, Outcome, Push, PushError, model::LOOK, vapid};
use crate::platform::{
    ground::Ground,
    outgoing::{Outgoing, Target},
    random::{self, Random},
};

/// One record holds it all (RFC 8188 section 2.1).
const RECORD_BYTES: u32 = 4096;

/// A phone behind a push server.
pub(super) struct WebPush {
    pub endpoint: Target,
    pub public_key: PublicKey,
    pub secret: [u8; 16],
    pub outgoing: std::sync::Arc<Outgoing>,
}

impl Push for WebPush {
    fn push<'a>(&'a self, ground: &'a Ground, look: Look) -> LocalBoxFuture<'a, Result<Outcome, PushError>> {
        async move {
            let now = ground.clock().now();
            let sender = draw_key(ground.random());
            let body = encrypt(LOOK.as_bytes(), &self.public_key, &self.secret, &sender, &random::bytes(ground.random()))?;
            let headers = [
                ("authorization", vapid::authorization(ground, &self.endpoint.origin()).await?),
                ("content-encoding", "aes128gcm".to_owned()),
                ("content-type", "application/octet-stream".to_owned()),
                ("ttl", look.seconds(now).to_string()),
                ("urgency", "high".to_owned()),
                // A newer wake-up takes the place of one that was not delivered (RFC 8030 section 5.4).
                ("topic", LOOK.to_owned()),
            ];
            let answer = self.outgoing.post(&self.endpoint, &headers, body).await?;
            Ok(match answer.status {
                200..=299 => Outcome::Sent,
                404 | 410 => Outcome::Gone,
                _ => Outcome::of(&answer, now),
            })
        }
        .boxed_local()
    }
}

fn draw_key(random: &dyn Random) -> SecretKey {
    loop {
        let drawn = Zeroizing::new(random::bytes::<32>(random));
        // Zero, or above the order: once in 2^32 times.
        if let Ok(key) = SecretKey::from_slice(drawn.as_slice()) {
            return key;
        }
    }
}

/// The body of a push message (RFC 8291 section 3.4, RFC 8188 section 2).
fn encrypt(text: &[u8], to: &PublicKey, secret: &[u8; 16], sender: &SecretKey, salt: &[u8; 16]) -> Result<Vec<u8>, PushError> {
    let receiver = p256::PublicKey::from_sec1_bytes(to.sec1()).map_err(|_| PushError::Unfit)?;
    let own = sender.public_key().to_encoded_point(false);
    let shared = diffie_hellman(sender.to_nonzero_scalar(), receiver.as_affine());
    let expanded = |hkdf: &Hkdf<Sha256>, info: &[u8], out: &mut [u8]| hkdf.expand(info, out).map_err(|_| PushError::Unfit);
    let info = [b"WebPush: info\0".as_slice(), to.sec1(), own.as_bytes()].concat();
    let mut input = Zeroizing::new([0; 32]);
    expanded(&Hkdf::new(Some(secret), shared.raw_secret_bytes()), &info, input.as_mut_slice())?;
    let keys = Hkdf::<Sha256>::new(Some(salt), input.as_slice());
    let (mut key, mut nonce) = (Zeroizing::new([0; 16]), [0; 12]);
    expanded(&keys, b"Content-Encoding: aes128gcm\0", key.as_mut_slice())?;
    expanded(&keys, b"Content-Encoding: nonce\0", &mut nonce)?;
    let cipher = Aes128Gcm::new(Key::<Aes128Gcm>::from_slice(key.as_slice()));
    // 2 ends the last record.
    let sealed = cipher.encrypt(Nonce::from_slice(&nonce), [text, &[2]].concat().as_slice()).map_err(|_| PushError::Unfit)?;
    let length = u8::try_from(own.len()).unwrap_or(u8::MAX);
    Ok([salt.as_slice(), &RECORD_BYTES.to_be_bytes(), &[length], own.as_bytes(), &sealed].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    /// RFC 8291 appendix A.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let to = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let sender = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let secret: [u8; 16] = bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap();
        let salt: [u8; 16] = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let to = PublicKey::from_sec1("key", &to).unwrap();
        let body = encrypt(b"When I grow up, I want to be a watermelon", &to, &secret, &sender, &salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }
}
