//! The keystore's randomness as the trait of the crate that seals.

use crate::keystore::sealed::fill_random;

/// OpenSSL's generator.
pub(super) struct System;

impl System {
    #[expect(clippy::expect_used, reason = "without randomness nothing here may go on")]
    fn fill(octets: &mut [u8]) {
        fill_random(octets).expect("the system's random generator answers");
    }
}

impl rand_core::RngCore for System {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, octets: &mut [u8]) {
        Self::fill(octets);
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), rand_core::Error> {
        Self::fill(octets);
        Ok(())
    }
}

impl rand_core::CryptoRng for System {}
