//! The service's randomness, as the crate `keycard` takes it.

use rand_core::{CryptoRng, Error, RngCore};

use crate::platform::random::{self, Random};

/// A source over the ground's randomness.
pub(super) struct Drawn<'a>(pub &'a dyn Random);

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(random::bytes(self.0))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(random::bytes(self.0))
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl CryptoRng for Drawn<'_> {}
