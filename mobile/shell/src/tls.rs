//! What TLS trusts: the system's roots, or the one authority that was given at pairing.
//!
//! Built with neither `native-tls` nor `rustls` there is no TLS, and nothing is reached: that build is for checking types alone.

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

use crate::error::AppError;

/// An authority's certificates, in PEM, are not longer.
const AUTHORITY_BYTES: usize = 32 * 1024;

/// The beginning of an agent that speaks HTTPS alone and trusts this authority, in PEM, or else the system's roots.
///
/// # Errors
/// [`AppError::BadAuthority`].
#[cfg(any(feature = "native-tls", feature = "rustls"))]
pub fn trusting(authority: Option<&str>) -> Result<ConfigBuilder<AgentScope>, AppError> {
    use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
    let roots = match authority {
        Some(pem) => RootCerts::new_with_certs(&certificates(pem)?),
        None => RootCerts::PlatformVerifier,
    };
    let provider = if cfg!(feature = "rustls") { TlsProvider::Rustls } else { TlsProvider::NativeTls };
    let tls = TlsConfig::builder().provider(provider).root_certs(roots).build();
    Ok(Agent::config_builder().tls_config(tls).https_only(true))
}

/// An agent that speaks HTTPS alone, and cannot.
///
/// # Errors
/// [`AppError::BadAuthority`].
#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
pub fn trusting(authority: Option<&str>) -> Result<ConfigBuilder<AgentScope>, AppError> {
    match authority {
        Some(pem) if pem.len() > AUTHORITY_BYTES => Err(AppError::BadAuthority),
        Some(_) | None => Ok(Agent::config_builder().https_only(true)),
    }
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
fn certificates(pem: &str) -> Result<Vec<ureq::tls::Certificate<'static>>, AppError> {
    use ureq::tls::{PemItem, parse_pem};
    if pem.len() > AUTHORITY_BYTES {
        return Err(AppError::BadAuthority);
    }
    let mut found = Vec::new();
    for item in parse_pem(pem.as_bytes()) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) | Err(_) => return Err(AppError::BadAuthority),
        }
    }
    if found.is_empty() { Err(AppError::BadAuthority) } else { Ok(found) }
}
