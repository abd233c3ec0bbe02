//! Randomness, as an argument.

use std::cell::RefCell;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);

    /// Fills the whole buffer with what everybody may see once it is used, and nobody foresee: ids, serial numbers, salts. It may have been drawn
    /// some time before.
    fn fill_open(&self, buffer: &mut [u8]) {
        self.fill(buffer);
    }
}

/// OpenSSL's generator, seeded by the kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

/// So many bytes are drawn at once for [`Random::fill_open`]: a draw costs OpenSSL 3.0 more than a microsecond, whatever its size.
const AHEAD: usize = 1024;

thread_local! {
    /// What was drawn ahead, and how much of it is used.
    static DRAWN: RefCell<([u8; AHEAD], usize)> = const { RefCell::new(([0; AHEAD], AHEAD)) };
}

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws from the system")]
    #[expect(clippy::expect_used, reason = "without randomness nothing here may go on")]
    fn fill(&self, buffer: &mut [u8]) {
        openssl::rand::rand_bytes(buffer).expect("the system's random generator answers");
    }

    fn fill_open(&self, buffer: &mut [u8]) {
        DRAWN.with_borrow_mut(|(drawn, used)| {
            if buffer.len() > AHEAD {
                return self.fill(buffer);
            }
            if AHEAD - *used < buffer.len() {
                self.fill(drawn);
                *used = 0;
            }
            let taken = &mut drawn[*used..*used + buffer.len()];
            buffer.copy_from_slice(taken);
            // Nothing is given out twice.
            taken.fill(0);
            *used += buffer.len();
        });
    }
}

/// A source as the crate `keycard` takes it.
pub struct Drawn<'a>(pub &'a dyn Random);

impl rand_core::RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(bytes(self.0))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(bytes(self.0))
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl rand_core::CryptoRng for Drawn<'_> {}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut buffer = [0; N];
    random.fill(&mut buffer);
    buffer
}

/// `N` random bytes that everybody may see once they are used: see [`Random::fill_open`].
pub fn open_bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut buffer = [0; N];
    random.fill_open(&mut buffer);
    buffer
}

/// A fresh 128-bit token in 22 URL-safe characters.
pub fn token(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>(random))
}

/// 32 signs that nobody mistakes, without 0, 1, I and O: five bits each.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A code to be read aloud and typed: groups of four signs, 20 random bits each, as `7KQ2-MX4B`.
pub fn code(random: &dyn Random, groups: usize) -> String {
    let group = || -> String { bytes::<4>(random).iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect() };
    (0..groups).map(|_| group()).collect::<Vec<_>>().join("-")
}

/// The signs of a typed code, whatever its case and whatever stands between them.
pub fn bare_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect()
}

/// Whether a bare code has so many groups of our signs.
pub fn is_code(bare: &str, groups: usize) -> bool {
    bare.len() == groups * 4 && bare.bytes().all(|sign| SIGNS.contains(&sign))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_ahead_is_given_out_once_and_in_any_size() {
        let mut given = std::collections::HashSet::new();
        for size in (16..=48).cycle().take(500) {
            let mut buffer = vec![0; size];
            SystemRandom.fill_open(&mut buffer);
            assert!(buffer.windows(8).all(|octets| octets != [0; 8]), "nothing is used up: {buffer:?}");
            assert!(given.insert(buffer[..16].to_vec()), "given out twice");
        }
        let mut large = vec![0; 4 * AHEAD];
        SystemRandom.fill_open(&mut large);
        assert!(large[4 * AHEAD - 16..] != [0; 16]);
    }

    #[test]
    fn a_code_has_signs_that_cannot_be_mistaken_and_may_be_typed_loosely() {
        let drawn = code(&SystemRandom, 4);
        assert_eq!(drawn.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        let bare = bare_code(&format!(" {} ", drawn.to_lowercase().replace('-', " ")));
        assert_eq!(bare, drawn.replace('-', ""));
        assert!(is_code(&bare, 4) && !is_code(&bare, 3));
        assert!(!is_code("0123456789ABCDEF", 4), "0 and 1 are no signs of ours");
    }
}
