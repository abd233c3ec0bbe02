//! The one secret behind a card. It is wiped when it is dropped and cannot be printed or compared by accident.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// The 32 random bytes that a whole card follows from.
///
/// It cannot be printed:
///
/// ```compile_fail,E0277
/// println!("{:?}", keycard::CardSecret::new([7; 32]));
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct CardSecret([u8; 32]);

impl CardSecret {
    /// Takes 32 bytes that the caller drew from a cryptographic random source, or opened from where they lay sealed.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for sealing them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}
