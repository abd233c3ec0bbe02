//! The receiver's half of HPKE in base mode, from the shared secret of the agreement on (RFC 9180 sections 4.1 and 5.1).

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use hkdf::{Hkdf, HkdfExtract};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SharedSecret;
use crate::public_key::PublicKey;

/// "KEM" and the number of DHKEM(P-256, HKDF-SHA256) (section 7.1).
const KEM_SUITE: &[u8] = b"KEM\x00\x10";
/// "HPKE" and the numbers of KEM, HKDF-SHA256 and AES-256-GCM (section 7).
const SUITE: &[u8] = b"HPKE\x00\x10\x00\x01\x00\x02";
const MODE_BASE: u8 = 0;

/// Key and nonce of the first message of a context.
pub(super) struct Schedule {
    key: Zeroizing<[u8; 32]>,
    nonce: [u8; 12],
}

/// Section 4.1, Decap, from `dh` on.
pub(super) fn decapsulate(dh: &SharedSecret, sender: &PublicKey, own: &PublicKey) -> Zeroizing<[u8; 32]> {
    let context = [&sender.sec1()[..], own.sec1()].concat();
    let mut secret = Zeroizing::new([0; 32]);
    let (_, prk) = extract(KEM_SUITE, &[], b"eae_prk", &dh[..]);
    expand(&prk, KEM_SUITE, b"shared_secret", &context, &mut secret[..]);
    secret
}

/// Section 5.1, KeySchedule, in base mode.
pub(super) fn schedule(shared: &Zeroizing<[u8; 32]>, info: &[u8]) -> Schedule {
    let (psk_id_hash, _) = extract(SUITE, &[], b"psk_id_hash", &[]);
    let (info_hash, _) = extract(SUITE, &[], b"info_hash", info);
    let context = [&[MODE_BASE], &psk_id_hash[..], &info_hash[..]].concat();
    let (_, prk) = extract(SUITE, &shared[..], b"secret", &[]);
    let mut schedule = Schedule { key: Zeroizing::new([0; 32]), nonce: [0; 12] };
    expand(&prk, SUITE, b"key", &context, &mut schedule.key[..]);
    expand(&prk, SUITE, b"base_nonce", &context, &mut schedule.nonce);
    schedule
}

/// Section 5.2, Open, of the first message.
pub(super) fn open(schedule: &Schedule, aad: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Aes256Gcm::new((&*schedule.key).into());
    cipher.decrypt((&schedule.nonce).into(), Payload { msg: ciphertext, aad }).ok().map(Zeroizing::new)
}

/// LabeledExtract of section 4.
fn extract(suite: &[u8], salt: &[u8], label: &[u8], key: &[u8]) -> (Zeroizing<[u8; 32]>, Hkdf<Sha256>) {
    let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
    [b"HPKE-v1", suite, label, key].into_iter().for_each(|part| extract.input_ikm(part));
    let (output, prk) = extract.finalize();
    (Zeroizing::new(output.into()), prk)
}

/// LabeledExpand of section 4.
#[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8,160 bytes (RFC 5869 section 2.3)")]
fn expand(prk: &Hkdf<Sha256>, suite: &[u8], label: &[u8], info: &[u8], output: &mut [u8]) {
    let length = u16::try_from(output.len()).unwrap_or(u16::MAX).to_be_bytes();
    prk.expand_multi_info(&[&length, b"HPKE-v1", suite, label, info], output).expect("at most 32 bytes are asked for");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sealed::agree;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    fn key_pair(secret: &str, point: &str) -> (p256::SecretKey, PublicKey) {
        let secret = p256::SecretKey::from_slice(&bytes::<32>(secret)).unwrap();
        let public = PublicKey::from_sec1("key", &bytes::<65>(point)).unwrap();
        assert_eq!(PublicKey::of(&secret.public_key()), public);
        (secret, public)
    }

    const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";

    /// RFC 9180 appendix A.3.1: its KEM is ours, its cipher is not.
    #[test]
    fn the_shared_secret_is_that_of_rfc_9180() {
        let (own, own_public) = key_pair(
            "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
            "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
        );
        let (_, sender) = key_pair(
            "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
            "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
        );
        let shared = decapsulate(&agree(&own, &sender), &sender, &own_public);
        assert_eq!(hex::encode(&shared[..]), "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8");
    }

    /// The authors' published vector for exactly this suite (test-vectors.json of draft-irtf-cfrg-hpke: mode 0, KEM 16, KDF 1, AEAD 2).
    #[test]
    fn key_nonce_and_message_are_those_of_the_published_vector() {
        let (own, own_public) = key_pair(
            "317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2",
            "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f853148544876de76c0f2ef99cdc3a05ccf5ded7860c7c021238f9e2073d2356c",
        );
        let (_, sender) = key_pair(
            "90345e3a1d116c1dd39ae76d95ab858c142223a63e44f8f85318cfa91a84858e",
            "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e0b21bd31a86c6048af3cb2d98e0d3bf01da5cc4c39ff5370d331a4f1f7d5a4e0",
        );
        let shared = decapsulate(&agree(&own, &sender), &sender, &own_public);
        assert_eq!(hex::encode(&shared[..]), "48893fecd82f7c3456af6a42d8f56325d21e08c10fa81299986aaff54cde7b49");
        let schedule = schedule(&shared, &hex::decode(INFO).unwrap());
        assert_eq!(hex::encode(&schedule.key[..]), "ee16802a936d5f544771131900ee6973d0551de9e852ece2ef34bf0d5f9e1d1d");
        assert_eq!(hex::encode(schedule.nonce), "9bc50980832a7b4b58c40161");
        let ciphertext = hex::decode("58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d291742465e902cd216f8908da49f8f96f").unwrap();
        assert_eq!(&open(&schedule, b"Count-0", &ciphertext).unwrap()[..], b"Beauty is truth, truth beauty");
        assert!(open(&schedule, b"Count-1", &ciphertext).is_none());
    }
}
