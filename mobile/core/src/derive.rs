//! Uniform numbers below a bound from HMAC-SHA256 over label, context and counter, by rejection (see the crate's page).

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::secret::CardSecret;

const BLOCK_BYTES: usize = 32;

/// An endless, deterministic stream of words of `WORD_BYTES` bytes each.
pub(crate) struct Words<'a, const WORD_BYTES: usize> {
    secret: &'a CardSecret,
    label: &'static [u8],
    context: &'a [u8],
    counter: u32,
    block: zeroize::Zeroizing<[u8; BLOCK_BYTES]>,
    position: usize,
}

impl<'a, const WORD_BYTES: usize> Words<'a, WORD_BYTES> {
    pub(crate) fn new(secret: &'a CardSecret, label: &'static str, context: &'a [u8]) -> Self {
        let block = zeroize::Zeroizing::new([0; BLOCK_BYTES]);
        Self { secret, label: label.as_bytes(), context, counter: 0, block, position: BLOCK_BYTES }
    }

    /// The next value below `bound`, each as likely as any other. `bound` is positive and fits the word.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let words = 1_u128 << (8 * WORD_BYTES);
        let limit = words - words % u128::from(bound);
        loop {
            let word = self.next_word();
            if u128::from(word) < limit {
                return word % bound;
            }
        }
    }

    fn next_word(&mut self) -> u64 {
        if self.position + WORD_BYTES > BLOCK_BYTES {
            self.refill();
        }
        let word = &self.block[self.position..self.position + WORD_BYTES];
        self.position += WORD_BYTES;
        word.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    fn refill(&mut self) {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 section 2)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose()).expect("HMAC takes a key of any length");
        mac.update(self.label);
        mac.update(self.context);
        mac.update(&self.counter.to_be_bytes());
        self.block.copy_from_slice(&mac.finalize().into_bytes());
        self.counter = self.counter.wrapping_add(1);
        self.position = 0;
    }
}
