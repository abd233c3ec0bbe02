//! Foreign tools and servers, one file each. A missing one is a failure that says what installs it.

pub mod gnutls;
pub mod nss;
pub mod oathtool;
pub mod openssl;
pub mod pkilint;
pub mod poppler;
pub mod postgres;
pub mod pyhanko;
pub mod readers;
pub mod softhsm;
pub mod terminal;
pub mod tools;
