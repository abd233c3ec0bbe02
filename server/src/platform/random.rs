//! Randomness, as an argument.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// OpenSSL's generator, seeded by the kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws from the system")]
    #[expect(clippy::expect_used, reason = "without randomness nothing here may go on")]
    fn fill(&self, buffer: &mut [u8]) {
        openssl::rand::rand_bytes(buffer).expect("the system's random generator answers");
    }
}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut buffer = [0; N];
    random.fill(&mut buffer);
    buffer
}

/// A fresh 128-bit token in 22 URL-safe characters.
pub fn token(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>(random))
}

/// A number below `bound`, each equally likely (rejection sampling over 64 bits).
pub fn below(random: &dyn Random, bound: u64) -> u64 {
    let limit = u64::MAX - u64::MAX % bound.max(1);
    loop {
        let drawn = u64::from_be_bytes(bytes(random));
        if drawn < limit {
            return drawn % bound.max(1);
        }
    }
}
